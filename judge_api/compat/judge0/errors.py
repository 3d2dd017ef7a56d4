"""Errors of requests to Judge0's API."""

from __future__ import annotations


class MalformedRequest(Exception):
    """Judge0's 400: the request itself is wrong, and not a field of the submission."""
