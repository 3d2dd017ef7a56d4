"""The same application as the web's tests have."""

from tests.web.conftest import app, served

__all__ = ["app", "served"]
