"""Names for what is stored: UUIDv7, so that the order of ids is the order of arrival."""

from __future__ import annotations

import hashlib
import secrets
import time
import uuid
from datetime import UTC, datetime


def new_id() -> str:
    """A UUIDv7 (RFC 9562): 48 bits of milliseconds, then chance."""
    milliseconds = time.time_ns() // 1_000_000
    value = (milliseconds & 0xFFFF_FFFF_FFFF) << 80 | secrets.randbits(80)
    value = value & ~(0xF << 76) | 0x7 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    return str(uuid.UUID(int=value))


def utc_now() -> datetime:
    return datetime.now(UTC)


def hash_key(secret: str) -> str:
    """What is kept of a secret that has enough chance in it to need no salt."""
    return hashlib.sha256(secret.encode()).hexdigest()
