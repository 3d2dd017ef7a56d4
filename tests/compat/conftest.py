"""The same application as the web's tests have."""

from tests.web.conftest import app, packages_are_read_here, served

__all__ = ["app", "packages_are_read_here", "served"]
