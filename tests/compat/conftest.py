"""The same house as the web's tests have."""

from tests.web.conftest import house

__all__ = ["house"]
