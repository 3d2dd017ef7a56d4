"""Fixtures of several files of unit tests."""

from tests.unit.scripted_server import gavel, script, server_url  # noqa: F401 (pytest finds its fixtures here)
