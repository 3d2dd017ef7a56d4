"""A learning platform for tests. It is a small Flask application on loopback that signs launches, gives
access tokens, lists a course's members and takes grades."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

from flask import Flask, Response, request
from joserfc import jws, jwt
from joserfc.jwk import KeySet, RSAKey
from werkzeug.serving import make_server

CLAIM = "https://purl.imsglobal.org/spec/lti/claim/"
LEARNER = "http://purl.imsglobal.org/vocab/lis/v2/membership#Learner"
TEST_USER = "http://purl.imsglobal.org/vocab/lti/system/person#TestUser"
INSTRUCTOR = "http://purl.imsglobal.org/vocab/lis/v2/membership#Instructor"
SCORE = "https://purl.imsglobal.org/spec/lti-ags/scope/score"
CLIENT_ID, DEPLOYMENT = "gavel-client", "deployment-1"


@dataclass(slots=True)
class FakePlatform:
    """The state of the platform. ``scores`` are the grades that it has received. ``faults`` are the statuses
    of its next answers."""

    url: str = ""
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, auto_kid=True))
    tool_keys: Any = None
    members: list[Any] = field(default_factory=list)
    scores: list[dict[str, Any]] = field(default_factory=list)
    faults: list[int] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)
    keys_asked: int = 0
    odd_keys: list[Any] = field(default_factory=list)

    @property
    def registration(self) -> dict[str, Any]:
        return {
            "title": "Campus",
            "issuer": self.url,
            "client_id": CLIENT_ID,
            "auth_url": f"{self.url}/auth",
            "token_url": f"{self.url}/token",
            "jwks_url": f"{self.url}/keys",
            "deployments": [DEPLOYMENT],
        }

    def claims(self, nonce: str, sub: str = "student-1", **changes: Any) -> dict[str, Any]:
        """The claims of a launch of a resource link by a learner."""
        now = int(time.time())
        return {
            "iss": self.url,
            "aud": CLIENT_ID,
            "sub": sub,
            "iat": now,
            "exp": now + 300,
            "nonce": nonce,
            "name": f"Name of {sub}",
            f"{CLAIM}version": "1.3.0",
            f"{CLAIM}message_type": "LtiResourceLinkRequest",
            f"{CLAIM}deployment_id": DEPLOYMENT,
            f"{CLAIM}roles": [LEARNER],
            f"{CLAIM}resource_link": {"id": "link-1", "title": "Homework"},
            f"{CLAIM}context": {"id": "course-1", "title": "Algorithms"},
            "https://purl.imsglobal.org/spec/lti-ags/claim/endpoint": {
                "scope": [SCORE],
                "lineitem": f"{self.url}/lineitems/1?type=quiz",
            },
            "https://purl.imsglobal.org/spec/lti-nrps/claim/namesroleservice": {
                "context_memberships_url": f"{self.url}/members",
                "service_versions": ["2.0"],
            },
            **changes,
        }

    def sign(self, claims: dict[str, Any], key: RSAKey | None = None, **header: Any) -> str:
        key = key or self.key
        head = {"alg": "RS256", "typ": "JWT", "kid": key.kid, **header}
        return jws.serialize_compact(head, json.dumps(claims), key, algorithms=["RS256"])


def asked_of(location: str) -> dict[str, str]:
    """The parameters in the address to which Gavel sends the browser."""
    return {name: values[0] for name, values in parse_qs(urlsplit(location).query).items()}


@contextmanager
def running_platform() -> Iterator[FakePlatform]:
    platform = FakePlatform()
    server = make_server("127.0.0.1", 0, _app(platform), threaded=True)
    platform.url = f"http://127.0.0.1:{server.port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield platform
    finally:
        server.shutdown()
        thread.join()


def _app(platform: FakePlatform) -> Flask:
    app = Flask(__name__)

    @app.get("/keys")
    def keys() -> Any:
        platform.keys_asked += 1
        return {"keys": [*platform.odd_keys, *KeySet([platform.key]).as_dict(private=False)["keys"]]}

    @app.post("/token")
    def token() -> Any:
        keys = KeySet.import_key_set(platform.tool_keys)
        claims = jwt.decode(request.form["client_assertion"], keys, algorithms=["RS256"]).claims
        if (claims["iss"], claims["sub"], claims["aud"]) != (CLIENT_ID, CLIENT_ID, f"{platform.url}/token"):
            return {"error": "invalid_client"}, 401
        platform.tokens.append(request.form["scope"])
        return {"access_token": f"token-{request.form['scope']}", "expires_in": 3600, "token_type": "Bearer"}

    @app.get("/members")
    def members() -> Any:
        page = int(request.args.get("page", "0"))
        if not request.headers["Authorization"].endswith("/contextmembership.readonly"):
            return {}, 403
        body = json.dumps({"id": "members", "members": platform.members[page * 2 : page * 2 + 2]})
        answer = Response(body, content_type="application/vnd.ims.lti-nrps.v2.membershipcontainer+json")
        if len(platform.members) > page * 2 + 2:
            answer.headers["Link"] = f'<{platform.url}/members?page={page + 1}>; rel="next"'
        return answer

    @app.post("/lineitems/1/scores")
    def scores() -> Any:
        if platform.faults:
            return {}, platform.faults.pop(0)
        if request.headers["Content-Type"] != "application/vnd.ims.lis.v1.score+json":
            return {}, 415
        if request.headers["Authorization"] != f"Bearer token-{SCORE}" or request.args["type"] != "quiz":
            return {}, 403
        platform.scores.append(json.loads(request.data))
        return "", 204

    return app
