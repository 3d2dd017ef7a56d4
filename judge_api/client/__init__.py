"""Deprecated name of :mod:`gavel_client`, kept for one release. Importing it warns."""

from __future__ import annotations

import warnings

from gavel_client import *  # noqa: F403
from gavel_client import __all__ as __all__

warnings.warn(
    "judge_api.client is now gavel_client: change the import to `from gavel_client import Gavel`",
    DeprecationWarning,
    stacklevel=2,
)
