"""DOMjudge's API v4 beside the Contest API: what its ``submit`` client sends, and who and what is asked."""
