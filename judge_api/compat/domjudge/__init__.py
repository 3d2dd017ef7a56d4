"""The routes that DOMjudge's API v4 has beyond the Contest API: submissions, versions, languages, the
account, files and the jury."""
