"""Packages and backups can be stored in a bucket. The tests use boto3 and a local server."""

from __future__ import annotations

import hashlib
import io
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from click.testing import CliRunner

from judge_api.__main__ import main
from judge_api.cli import problems
from judge_api.services.object_packages import ObjectPackageStore, upload_packages
from judge_api.services.object_storage import ObjectStorage, open_object_storage
from judge_api.settings import Settings
from judge_core.model.errors import StoreUnavailable
from tests.s3.servers import KEY, REGION, SECRET, expected_signature, moto_server, recording_server
from tests.support.ports import free_ports
from tests.support.redis_server import RedisServer
from tests.web.app_fixture import PROBLEMS, WORKER_TOKEN, build_app

pytestmark = pytest.mark.s3
URL = "s3://judge/packages"


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with moto_server() as url:
        yield url


@pytest.fixture
def bucket(server: str) -> str:
    """The address of the server, which has an empty bucket."""
    requests.post(f"{server}/moto-api/reset", timeout=10)
    assert requests.put(f"{server}/judge", timeout=10).ok
    return server


def variables(endpoint: str, data: Path) -> dict[str, str]:
    return {
        "GAVEL_DATA": str(data),
        "GAVEL_OBJECT_STORAGE_ENDPOINT": endpoint,
        "GAVEL_OBJECT_STORAGE_KEY": KEY,
        "GAVEL_OBJECT_STORAGE_SECRET": SECRET,
        "GAVEL_OBJECT_STORAGE_REGION": REGION,
    }


def storage(endpoint: str, data: Path) -> ObjectStorage:
    return open_object_storage(Settings.from_env(variables(endpoint, data)), URL)


def test_objects_can_be_stored_in_a_bucket_listed_read_and_deleted(bucket: str, tmp_path: Path) -> None:
    objects = storage(bucket, tmp_path)
    (tmp_path / "one").write_bytes(b"1" * 9_000_000)  # so large that it is uploaded in two parts
    objects.upload(tmp_path / "one", "one.zip")
    objects.upload(tmp_path / "one", "two.zip")
    assert objects.names("") == ["one.zip", "two.zip"]
    assert objects.names("tw") == ["two.zip"]
    assert objects.download("one.zip", tmp_path / "back")
    assert (tmp_path / "back").read_bytes() == (tmp_path / "one").read_bytes()
    objects.delete("one.zip")
    objects.delete("never-there.zip")
    assert not objects.download("one.zip", tmp_path / "none")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["back", "one"]


def test_the_error_for_an_unreachable_or_unknown_bucket_names_the_object(bucket: str, tmp_path: Path) -> None:
    (port,) = free_ports(1)
    (tmp_path / "one").write_bytes(b"1")
    for endpoint, url in ((f"http://127.0.0.1:{port}", URL), (bucket, "s3://no-such-bucket")):
        objects = open_object_storage(Settings.from_env(variables(endpoint, tmp_path)), url)
        with pytest.raises(StoreUnavailable, match=r"s3://.*one\.zip cannot be stored"):
            objects.upload(tmp_path / "one", "one.zip")


def test_every_request_to_a_bucket_is_signed_with_the_secret(tmp_path: Path) -> None:
    (tmp_path / "one").write_bytes(b"content of the package")
    with recording_server() as recorder:
        objects = storage(recorder.url, tmp_path)
        objects.upload(tmp_path / "one", "one+two three.zip")
        objects.delete("one.zip")
        objects.names("a/b")
    assert [request.method for request in recorder.seen] == ["PUT", "DELETE", "GET"]
    for request in recorder.seen:
        header = request.headers["authorization"]
        found = re.fullmatch(
            r"AWS4-HMAC-SHA256 Credential=([^/]+)/([^,]+), SignedHeaders=([^,]+), Signature=(\w+)", header
        )
        assert found, header
        key, scope, signed, signature = found.groups()
        assert key == KEY
        assert scope.endswith(f"/{REGION}/s3/aws4_request")
        assert {"host", "x-amz-date", "x-amz-content-sha256"} <= set(signed.split(";"))
        assert signature == expected_signature(request, signed.split(";"), scope)
        assert SECRET not in str(request)
    sent = recorder.seen[0]
    assert sent.headers["x-amz-content-sha256"] in (hashlib.sha256(sent.body).hexdigest(), "UNSIGNED-PAYLOAD")


def packed(problem: str) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for path in sorted((PROBLEMS / problem).rglob("*")):
            if path.is_file():
                archive.write(path, path.relative_to(PROBLEMS))
    return content.getvalue()


def test_a_problem_added_at_an_api_host_can_be_read_from_the_bucket_by_a_second_host(
    bucket: str, tmp_path: Path, redis_server: RedisServer
) -> None:
    """The two API hosts share a database and a bucket. Each has a folder of its own."""
    first_data, second_data = tmp_path / "first", tmp_path / "second"
    database = f"sqlite:///{tmp_path}/gavel.db"
    shared = {"GAVEL_OBJECT_STORAGE": URL, "GAVEL_DATABASE_URL": database}
    first = build_app(first_data, redis_server, **{**variables(bucket, first_data), **shared})
    sent = {"package": (io.BytesIO(packed("change")), "change.zip")}
    answer: Any = first.client.post("/admin/problems", data=sent, headers=first.headers("author"))
    assert answer.status_code == 201, answer.text
    version = answer.get_json()["version"]
    settings = Settings.from_env({**variables(bucket, second_data), **shared})
    assert isinstance(first.services.package_store, ObjectPackageStore)
    other = ObjectPackageStore(settings.packages, None, open_object_storage(settings, URL))
    path = other.path(version)
    assert path is not None
    assert hashlib.sha256(path.read_bytes()).hexdigest() == version
    first.services.package_store.path(version).unlink()  # type: ignore[union-attr]
    token = {"Authorization": f"Bearer {WORKER_TOKEN}"}
    served = first.client.get(f"/internal/packages/{version}", headers=token)
    assert served.status_code == 200
    assert hashlib.sha256(served.data).hexdigest() == version


def test_verify_all_fetches_packages_that_are_only_in_the_bucket(
    bucket: str, tmp_path: Path, redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """This host shares the database and the bucket with a second host, but its own folder is empty."""
    first_data, second_data = tmp_path / "first", tmp_path / "second"
    shared = {"GAVEL_OBJECT_STORAGE": URL, "GAVEL_DATABASE_URL": f"sqlite:///{tmp_path}/gavel.db"}
    first = build_app(first_data, redis_server, **{**variables(bucket, first_data), **shared})
    assert upload_packages(first.services.settings) > 0
    second_data.mkdir()
    started: list[tuple[str, ...]] = []
    monkeypatch.setattr(problems, "exec_module", lambda _, words: started.append(words))
    gavel("problems", "verify", "--all", **{**variables(bucket, second_data), **shared})
    published = {row.version for row in first.services.problems.list() if row.is_published}
    fetched = {path for path in map(Path, started[0]) if path.suffix == ".zip"}
    assert fetched == {second_data / "packages" / f"{version}.zip" for version in published}
    assert all(path.is_file() for path in fetched)


def gavel(*words: object, **environment: str) -> str:
    result = CliRunner().invoke(main, [str(word) for word in words], env=environment)
    assert result.exit_code == 0, result.output
    return result.output


def test_backups_can_be_written_to_a_bucket_pruned_and_restored(
    bucket: str, tmp_path: Path, redis_server: RedisServer
) -> None:
    data = tmp_path / "data"
    app = build_app(data, redis_server)
    app.submit()
    environment = variables(bucket, data)
    objects = open_object_storage(Settings.from_env(environment), "s3://judge/backups")
    (tmp_path / "old").write_bytes(b"old")
    for name in ("gavel-20200101T000000Z.zip", "gavel-20200102T000000Z.zip", "a-note.txt"):
        objects.upload(tmp_path / "old", name)
    said = gavel("backup", "--keep", "2", "s3://judge/backups/", **environment)
    assert "Deleted: gavel-20200101T000000Z.zip." in said
    names = objects.names("")
    assert len(names) == 3 and "a-note.txt" in names
    newest = max(name for name in names if name.startswith("gavel-"))
    elsewhere = {**environment, "GAVEL_DATA": str(tmp_path / "elsewhere")}
    gavel("restore", f"s3://judge/backups/{newest}", **elsewhere)
    assert (tmp_path / "elsewhere/gavel.db").stat().st_size > 0
    assert sorted(path.name for path in (tmp_path / "elsewhere/packages").iterdir()) == sorted(
        path.name for path in (data / "packages").iterdir()
    )
    assert not list(data.glob(".backup-*"))
