"""The same application as in tests/web."""

from tests.web.conftest import app, packages_are_read_here, served

__all__ = ["app", "packages_are_read_here", "served"]
