"""DOMjudge's API v4 beside the Contest API: submitting, and the versions, languages and account that clients
ask for."""
