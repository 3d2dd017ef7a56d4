"""Makes, distinguishes and hashes secrets. If a secret is shown only once, only its hash is stored."""

from __future__ import annotations

import hashlib
import secrets

KEY_PREFIX = "gvl_"
SESSION_PREFIX = "gvs_"
INVITATION_PREFIX = "gvi_"
LINK_PREFIX = "gvo_"
EVENT_INVITATION_PREFIX = "gve_"
SHARE_PREFIX = "gvp_"
"""The prefix of the secret in a submission's public link. This is the only secret here that is stored
unhashed, because the owner can see the link again."""


def new_secret(prefix: str) -> str:
    """A random secret of 256 bits."""
    return prefix + secrets.token_urlsafe(32)


def hash_secret(secret: str) -> str:
    """The hash of a secret, to be stored. It has no salt, because the secrets are random."""
    return hashlib.sha256(secret.encode()).hexdigest()
