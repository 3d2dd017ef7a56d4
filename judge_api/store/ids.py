"""Ids and hashed secrets. Ids are UUIDv7, so that their order is the order of creation."""

from __future__ import annotations

import hashlib
import secrets
import time
import uuid


def new_id() -> str:
    """A UUIDv7 (RFC 9562): 48 bits of milliseconds, then random bits."""
    milliseconds = time.time_ns() // 1_000_000
    value = (milliseconds & 0xFFFF_FFFF_FFFF) << 80 | secrets.randbits(80)
    value = value & ~(0xF << 76) | 0x7 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    return str(uuid.UUID(int=value))


def hash_secret(secret: str) -> str:
    """The hash that is stored of a key, invitation or session. They are random enough to need no salt."""
    return hashlib.sha256(secret.encode()).hexdigest()
