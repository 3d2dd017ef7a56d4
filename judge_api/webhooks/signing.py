"""Signs webhook messages as https://www.standardwebhooks.com specifies, so that its libraries verify them."""

from __future__ import annotations

import base64
import hashlib
import hmac

SECRET_PREFIX = "whsec_"


def signed_headers(secret: str, id: str, at: int, body: bytes) -> dict[str, str]:
    """The three headers of a message. The time is signed too, so that a receiver can refuse replays of old
    messages."""
    key = base64.b64decode(secret.removeprefix(SECRET_PREFIX))
    content = b".".join((id.encode(), str(at).encode(), body))
    signature = base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode()
    return {"webhook-id": id, "webhook-timestamp": str(at), "webhook-signature": f"v1,{signature}"}
