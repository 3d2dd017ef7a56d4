"""An OpenID Connect provider on this host. Tests can change its answers."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import ECKey, KeySet

Spoil = Callable[[dict[str, Any]], dict[str, Any] | None]


@dataclass
class FakeProvider:
    """A provider. ``person`` has the claims of the next person who signs in. The functions ``spoil_…`` change
    its answers."""

    issuer: str = ""
    person: dict[str, Any] = field(default_factory=dict)
    spoil_token: Spoil = lambda claims: claims
    spoil_metadata: Spoil = lambda metadata: metadata
    user_info: dict[str, Any] | None = None
    key: ECKey = field(default_factory=lambda: new_key("first"))
    signing_key: ECKey | None = None
    header: dict[str, Any] = field(default_factory=dict)
    odd_keys: list[Any] = field(default_factory=list)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    requests: list[str] = field(default_factory=list)

    def sign_in(self, authorization_url: str) -> str:
        """Let the person sign in. Returns the address to which the browser is sent back."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(authorization_url).query).items()}
        assert asked["response_type"] == "code"
        assert asked["code_challenge_method"] == "S256"
        code = secrets.token_urlsafe(8)
        self.codes[code] = asked
        return f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}"

    def answer(self, path: str, form: dict[str, str]) -> tuple[int, dict[str, Any]]:
        self.requests.append(path)
        if path == "/.well-known/openid-configuration":
            return 200, self._metadata()
        if path == "/keys":
            return 200, {"keys": [*self.odd_keys, *KeySet([self.key]).as_dict(private=False)["keys"]]}
        if path == "/user" and self.user_info is not None:
            return 200, self.user_info
        return self._token(form) if path == "/token" else (404, {})

    def _metadata(self) -> dict[str, Any]:
        found: dict[str, Any] = {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
            "end_session_endpoint": f"{self.issuer}/end",
            "id_token_signing_alg_values_supported": ["ES256", "HS256", "none"],
        }
        if self.user_info is not None:
            found["userinfo_endpoint"] = f"{self.issuer}/user"
        return self.spoil_metadata(found) or {}

    def _token(self, form: dict[str, str]) -> tuple[int, dict[str, Any]]:
        asked = self.codes.pop(form.get("code", ""), None)
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        if asked is None or asked["code_challenge"] != challenge:
            return 400, {"error": "invalid_grant"}
        return 200, {"access_token": "access", "token_type": "Bearer", **self._id_token(asked)}

    def _id_token(self, asked: dict[str, str]) -> dict[str, str]:
        now = int(time.time())
        claims = {
            "iss": self.issuer,
            "aud": asked["client_id"],
            "iat": now,
            "exp": now + 300,
            "nonce": asked["nonce"],
            **self.person,
        }
        spoilt = self.spoil_token(claims)
        if spoilt is None:
            return {}
        key = self.signing_key or self.key
        header = {"alg": "ES256", "kid": key.kid, **self.header}
        return {"id_token": jwt.encode(header, spoilt, key)}

    def logout_token(self, header: dict[str, Any] | None = None, **claims: Any) -> str:
        """A signed token with the message that a person, or a session, has signed out. Claims with the value
        ``None`` are left out."""
        now = int(time.time())
        known = {
            "iss": self.issuer,
            "aud": "gavel",
            "iat": now,
            "exp": now + 120,
            "jti": secrets.token_urlsafe(8),
            "events": {"http://schemas.openid.net/event/backchannel-logout": {}},
            **claims,
        }
        key = self.signing_key or self.key
        head = {"alg": "ES256", "kid": key.kid, "typ": "logout+jwt", **(header or {})}
        return jwt.encode(head, {name: value for name, value in known.items() if value is not None}, key)


def new_key(kid: str) -> ECKey:
    return ECKey.generate_key("P-256", {"kid": kid})


@contextmanager
def open_provider() -> Iterator[FakeProvider]:
    """Runs a provider on a free port of this host."""
    provider = FakeProvider()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._send(provider.answer(urlsplit(self.path).path, {}))

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            form = {name: values[0] for name, values in parse_qs(body).items()}
            self._send(provider.answer(self.path, form))

        def _send(self, answer: tuple[int, dict[str, Any] | bytes]) -> None:
            body = answer[1] if isinstance(answer[1], bytes) else json.dumps(answer[1]).encode()
            self.send_response(answer[0])
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    provider.issuer = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
