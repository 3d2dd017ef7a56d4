"""Every route supports CORS, gzip, security headers and OPTIONS. A route with GET supports HEAD, and packages
support Range."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Iterator

import pytest

from judge_api.store.write_check import WriteCheck
from judge_core.model.errors import StoreUnavailable
from tests.support.redis_server import RedisServer
from tests.web.app_fixture import WORKER_TOKEN, AppFixture, build_app

FRIEND = "https://friend.example"
STRANGER = "https://stranger.example"
WORKER = {"Authorization": f"Bearer {WORKER_TOKEN}"}
ALLOW_ORIGIN = "Access-Control-Allow-Origin"


@pytest.fixture(scope="module")
def friendly(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AppFixture]:
    """An application that allows calls from the pages of one other origin."""
    server = RedisServer(tmp_path_factory.mktemp("redis"))
    server.start()
    built = build_app(
        tmp_path_factory.mktemp("friendly"),
        server,
        GAVEL_CORS_ORIGINS=FRIEND,
        GAVEL_JUDGE0_AUTH_HEADER="X-Judge-Key",
    )
    yield built
    built.services.status_subscriptions.close()
    built.services.engine.dispose()
    server.stop()


def _preflight(app: AppFixture, origin: str) -> dict[str, str]:
    headers = {"Origin": origin, "Access-Control-Request-Method": "POST"}
    answer = app.client.options("/submissions", headers=headers)
    return {"status": str(answer.status_code), **dict(answer.headers)}


def test_an_allowed_origin_may_call_and_other_origins_may_not(friendly: AppFixture) -> None:
    allowed = _preflight(friendly, FRIEND)
    assert (allowed["status"], allowed[ALLOW_ORIGIN]) == ("204", FRIEND)
    assert "POST" in allowed["Access-Control-Allow-Methods"]
    assert "Authorization" in allowed["Access-Control-Allow-Headers"]
    # Judge0's clients send these headers. The settings of this application choose the name of the first.
    assert {"X-Judge-Key", "X-Auth-User"} <= set(allowed["Access-Control-Allow-Headers"].split(", "))
    assert ALLOW_ORIGIN not in _preflight(friendly, STRANGER)
    for origin, expected in ((FRIEND, FRIEND), (STRANGER, None)):
        answer = friendly.client.get("/languages", headers={"Origin": origin})
        assert answer.headers.get(ALLOW_ORIGIN) == expected
        assert "Origin" in answer.headers.getlist("Vary")


def test_an_allowed_origin_may_read_errors_and_may_not_send_cookies(friendly: AppFixture) -> None:
    answer = friendly.client.get("/me", headers={"Origin": FRIEND})
    assert (answer.status_code, answer.headers[ALLOW_ORIGIN]) == (401, FRIEND)
    assert "X-Request-Id" in answer.headers["Access-Control-Expose-Headers"]
    assert "Access-Control-Allow-Credentials" not in answer.headers


def test_other_origins_may_not_call_by_default(app: AppFixture) -> None:
    assert ALLOW_ORIGIN not in _preflight(app, FRIEND)
    assert ALLOW_ORIGIN not in app.client.get("/languages", headers={"Origin": FRIEND}).headers


def test_a_long_response_is_compressed_if_the_client_accepts_gzip(app: AppFixture) -> None:
    plain = app.client.get("/languages")
    packed = app.client.get("/languages", headers={"Accept-Encoding": "gzip"})
    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.data) == plain.data
    assert len(packed.data) == int(packed.headers["Content-Length"]) < len(plain.data) / 2
    for answer in (plain, packed):
        assert "Accept-Encoding" in answer.headers.get("Vary", "")
    refused = app.client.get("/languages", headers={"Accept-Encoding": "gzip;q=0"})
    assert "Content-Encoding" not in refused.headers
    short = app.client.get("/healthz", headers={"Accept-Encoding": "gzip"})
    assert "Content-Encoding" not in short.headers


@pytest.mark.parametrize("path", ["/healthz", "/languages", "/problems/aplusb", "/nowhere", "/docs", "/me"])
def test_a_head_request_returns_the_headers_of_get_without_the_body(app: AppFixture, path: str) -> None:
    got, asked = app.client.get(path), app.client.head(path)
    assert asked.data == b""
    assert asked.status_code == got.status_code
    assert asked.headers["Content-Type"] == got.headers["Content-Type"]
    assert asked.headers["Content-Length"] == got.headers["Content-Length"]


@pytest.mark.parametrize(
    ("path", "methods"),
    [
        ("/submissions", {"GET", "HEAD", "POST", "OPTIONS"}),
        ("/me/keys/x", {"DELETE", "OPTIONS"}),
        ("/admin/queues/normal", {"PATCH", "OPTIONS"}),
        ("/healthz", {"GET", "HEAD", "OPTIONS"}),
    ],
)
def test_an_options_request_without_a_key_returns_the_methods(
    app: AppFixture, path: str, methods: set[str]
) -> None:
    answer = app.client.options(path)
    assert answer.status_code == 200
    assert set(answer.headers["Allow"].split(", ")) == methods
    refused = app.client.open(path, method="PUT", headers=app.headers("admin"))
    assert refused.status_code == 405
    assert set(refused.headers["Allow"].split(", ")) == methods


@pytest.mark.parametrize("path", ["/healthz", "/nowhere", "/docs", "/me"])
def test_answers_have_the_security_headers(app: AppFixture, path: str) -> None:
    headers = app.client.get(path).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert "script-src 'self'" in headers["Content-Security-Policy"]
    assert "unsafe" not in headers["Content-Security-Policy"]


def test_a_harmless_request_id_is_returned_and_an_odd_request_id_is_replaced(app: AppFixture) -> None:
    given = app.client.get("/nowhere", headers={"X-Request-Id": "from-the-proxy-1"})
    assert given.headers["X-Request-Id"] == given.get_json()["request_id"] == "from-the-proxy-1"
    odd = app.client.get("/nowhere", headers={"X-Request-Id": "a b<script>"})
    assert odd.headers["X-Request-Id"] != "a b<script>"


@pytest.fixture(scope="module")
def package(app: AppFixture) -> str:
    return "/internal/packages/" + app.services.problems.list()[0].version


def test_a_package_is_sent_under_its_hash(app: AppFixture, package: str) -> None:
    answer = app.client.get(package, headers=WORKER)
    assert (answer.status_code, answer.mimetype) == (200, "application/zip")
    assert answer.headers["Accept-Ranges"] == "bytes"
    assert hashlib.sha256(answer.data).hexdigest() == package.rsplit("/", 1)[1]


def test_a_broken_download_can_be_continued_by_a_range(app: AppFixture, package: str) -> None:
    whole = app.client.get(package, headers=WORKER)
    size = len(whole.data)
    rest = app.client.get(package, headers={**WORKER, "Range": "bytes=100-"})
    assert (rest.status_code, rest.data) == (206, whole.data[100:])
    assert rest.headers["Content-Range"] == f"bytes 100-{size - 1}/{size}"
    tag = whole.headers["ETag"]
    same = app.client.get(package, headers={**WORKER, "Range": "bytes=0-9", "If-Range": tag})
    assert (same.status_code, same.data) == (206, whole.data[:10])
    other = app.client.get(package, headers={**WORKER, "Range": "bytes=0-9", "If-Range": '"other"'})
    assert (other.status_code, other.data) == (200, whole.data)
    assert app.client.get(package, headers={**WORKER, "If-None-Match": tag}).status_code == 304


def test_a_range_beyond_the_end_is_refused_with_the_size(app: AppFixture, package: str) -> None:
    size = len(app.client.get(package, headers=WORKER).data)
    answer = app.client.get(package, headers={**WORKER, "Range": f"bytes={size}-"})
    assert (answer.status_code, answer.get_json()["type"]) == (416, "/errors/range-not-satisfiable")
    assert answer.headers["Content-Range"] == f"bytes */{size}"


@pytest.mark.parametrize("name", ["0" * 64, "..%2f..%2fgavel.db", "x"])
def test_an_unknown_package_gets_404(app: AppFixture, name: str) -> None:
    assert app.client.get(f"/internal/packages/{name}", headers=WORKER).status_code == 404


@pytest.mark.parametrize("path", ["/me", "/me/keys", "/me/sessions", "/session"])
def test_caches_may_not_store_answers_about_an_account(app: AppFixture, path: str) -> None:
    for headers in (app.headers(), {}):  # without a key the answer is a refusal
        assert app.client.get(path, headers=headers).headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("path", ["//me", "/me//keys?x=1", "//evil.example//me", "/problems//x"])
def test_a_redirect_does_not_name_a_host(app: AppFixture, path: str) -> None:
    raw = {"PATH_INFO": path.partition("?")[0], "QUERY_STRING": path.partition("?")[2]}
    answer = app.client.get("/", headers={"Host": "evil.example"}, environ_overrides=raw)
    location = answer.headers.get("Location", "/")
    assert location.startswith("/") and not location.startswith("//")
    assert answer.status_code in (308, 401, 404)


def test_readiness_does_not_show_the_error_text_of_the_database(
    app: AppFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_check: WriteCheck) -> None:
        raise StoreUnavailable('connection to "10.0.0.5" failed for user "gavel": /var/run/.s.PGSQL.5432')

    monkeypatch.setattr(WriteCheck, "write", refuse)
    answer = app.client.get("/readyz")
    assert (answer.status_code, answer.get_json()["checks"]["database"]) == (503, False)
    text = answer.get_data(as_text=True)
    assert "10.0.0.5" not in text and 'gavel"' not in text and "/var/run" not in text
