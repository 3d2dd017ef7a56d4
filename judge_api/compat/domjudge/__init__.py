"""The routes that DOMjudge's API v4 adds to the Contest API: for submissions, versions, languages and the
account."""
