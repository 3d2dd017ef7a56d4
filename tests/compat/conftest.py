"""These tests use the same application as those of tests/web."""

from tests.web.conftest import app, packages_are_read_here, served

__all__ = ["app", "packages_are_read_here", "served"]
