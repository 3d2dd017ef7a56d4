"""Makes, distinguishes and hashes secrets. Of those that are shown once only the hashes are stored."""

from __future__ import annotations

import hashlib
import secrets

KEY_PREFIX = "gvl_"
SESSION_PREFIX = "gvs_"
INVITATION_PREFIX = "gvi_"
LINK_PREFIX = "gvo_"
EVENT_INVITATION_PREFIX = "gve_"
SHARE_PREFIX = "gvp_"
"""The prefix of the secret in a submission's public link. Its owner can see the link again, so this secret
alone is stored unhashed."""


def new_secret(prefix: str) -> str:
    """A random secret of 256 bits."""
    return prefix + secrets.token_urlsafe(32)


def hash_secret(secret: str) -> str:
    """The hash that is stored. A secret is random enough to need no salt."""
    return hashlib.sha256(secret.encode()).hexdigest()
