"""Signatures as https://www.standardwebhooks.com has them, so that its libraries check ours unchanged."""

from __future__ import annotations

import base64
import hashlib
import hmac

SECRET_MARK = "whsec_"


def signed_headers(secret: str, id: str, at: int, body: bytes) -> dict[str, str]:
    """The three headers; the time is signed as well, so that an old message cannot be played again."""
    key = base64.b64decode(secret.removeprefix(SECRET_MARK))
    content = b".".join((id.encode(), str(at).encode(), body))
    signature = base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode()
    return {"webhook-id": id, "webhook-timestamp": str(at), "webhook-signature": f"v1,{signature}"}
