"""Verifies a problem package: bundled submissions, validators and time limits (``gavel problems verify``)."""
