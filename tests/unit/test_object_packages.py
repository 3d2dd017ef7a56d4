"""Packages can be stored in a bucket. Here the bucket is in memory. `make test-s3` uses a server."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from judge_api.services.object_packages import ObjectPackageStore
from judge_api.services.object_storage import BucketPlace, open_object_storage, parse_bucket_url
from judge_api.settings import Settings, SettingsError
from judge_core.model.errors import StoreUnavailable
from judge_core.packages import PackageStore

PROBLEMS = Path(__file__).parents[2] / "problems"


class MemoryStorage:
    """An ``ObjectStorage`` in memory. If ``away`` is true, every call fails."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}
        self.away = False
        self.after_download: Callable[[], object] = lambda: None

    def _check(self) -> None:
        if self.away:
            raise StoreUnavailable("the bucket is away")

    def upload(self, source: Path, name: str) -> None:
        self._check()
        self.objects[name] = source.read_bytes()

    def download(self, name: str, target: Path) -> bool:
        self._check()
        if name in self.objects:
            target.write_bytes(self.objects[name])
            after, self.after_download = self.after_download, lambda: None
            after()
        return name in self.objects

    def delete(self, name: str) -> None:
        self._check()
        self.objects.pop(name, None)

    def names(self, prefix: str) -> list[str]:
        self._check()
        return sorted(name for name in self.objects if name.startswith(prefix))


@pytest.fixture
def bucket() -> MemoryStorage:
    return MemoryStorage()


def host(folder: Path, bucket: MemoryStorage) -> ObjectPackageStore:
    return ObjectPackageStore(folder / "packages", None, bucket)


def test_a_package_that_one_host_adds_can_be_read_on_a_second_host(
    tmp_path: Path, bucket: MemoryStorage
) -> None:
    first, second = host(tmp_path / "first", bucket), host(tmp_path / "second", bucket)
    hash = first.add_folder(PROBLEMS / "aplusb").hash
    (tmp_path / "upload").write_bytes(b"as it was uploaded")
    with (tmp_path / "upload").open("rb") as upload:
        first.keep_upload(hash, upload)
    path, uploaded = second.path(hash), second.uploaded(hash)
    assert path and uploaded
    assert path.read_bytes() == bucket.objects[f"{hash}.zip"]
    assert uploaded.read_bytes() == b"as it was uploaded"
    assert len(second.bundled_submissions(hash)) > 0
    bucket.away = True
    assert second.path(hash) == path, "a package that this host has must not be fetched again"


def test_a_host_that_has_a_package_finds_the_upload_that_a_second_host_stores_later(
    tmp_path: Path, bucket: MemoryStorage
) -> None:
    first, second = host(tmp_path / "first", bucket), host(tmp_path / "second", bucket)
    hash = first.add_folder(PROBLEMS / "aplusb").hash
    assert second.uploaded(hash) == second.path(hash), "so far the package itself is the upload"
    first.keep_upload(hash, io.BytesIO(b"as it was uploaded"))
    uploaded = second.uploaded(hash)
    assert uploaded and uploaded.read_bytes() == b"as it was uploaded"
    bucket.away = True
    assert second.uploaded(hash) == uploaded, "an upload that this host has must not be fetched again"


def test_an_upload_that_could_not_be_put_into_the_bucket_is_put_there_later(
    tmp_path: Path, bucket: MemoryStorage
) -> None:
    store = host(tmp_path, bucket)
    hash = store.add_folder(PROBLEMS / "aplusb").hash
    bucket.away = True
    with pytest.raises(StoreUnavailable):
        store.keep_upload(hash, io.BytesIO(b"as it was uploaded"))
    bucket.away = False
    assert (store.upload_missing(), store.upload_missing()) == (1, 0)
    assert bucket.objects[f"{hash}.uploaded.zip"] == b"as it was uploaded"


def test_a_package_that_is_deleted_during_the_upload_of_other_packages_is_left_out(
    tmp_path: Path, bucket: MemoryStorage, monkeypatch: pytest.MonkeyPatch
) -> None:
    for problem in ("aplusb", "change"):
        PackageStore(tmp_path / "packages").add_folder(PROBLEMS / problem)
    upload = bucket.upload

    def upload_and_delete_the_others(source: Path, name: str) -> None:
        upload(source, name)
        for path in source.parent.iterdir():
            if path.name[:64] != name[:64]:
                path.unlink()

    monkeypatch.setattr(bucket, "upload", upload_and_delete_the_others)
    assert host(tmp_path, bucket).upload_missing() == 1
    assert len({name[:64] for name in bucket.objects}) == 1


@pytest.mark.parametrize("writes", ["adds", "fetches"])
def test_incomplete_files_of_processes_that_died_are_removed(
    tmp_path: Path, bucket: MemoryStorage, writes: str
) -> None:
    """Files that another process may still be writing stay."""
    hash = host(tmp_path / "other", bucket).add_folder(PROBLEMS / "aplusb").hash
    store, folder = host(tmp_path, bucket), tmp_path / "packages"
    folder.mkdir()
    for prefix in (".adding-", ".fetching-", ".fetched-"):
        for name, age in (("old", 100_000), ("new", 0)):
            (folder / f"{prefix}{name}").write_bytes(b"a part")
            os.utime(folder / f"{prefix}{name}", (time.time() - age,) * 2)
    store.path(hash) if writes == "fetches" else store.add_folder(PROBLEMS / "aplusb")
    names = sorted(path.name for path in folder.iterdir())
    assert names == [".adding-new", ".fetched-new", ".fetching-new", f"{hash}.zip"]


def test_a_lookup_of_an_unknown_package_version_leaves_no_file(tmp_path: Path, bucket: MemoryStorage) -> None:
    store = host(tmp_path, bucket)
    assert store.path("0" * 64) is None
    assert store.path("../secret_key") is None
    assert list((tmp_path / "packages").iterdir()) == []


def test_a_damaged_package_in_the_bucket_is_refused_and_not_kept(
    tmp_path: Path, bucket: MemoryStorage
) -> None:
    store = host(tmp_path, bucket)
    bucket.objects[f"{'a' * 64}.zip"] = b"something else"
    with pytest.raises(StoreUnavailable, match="content does not match its name"):
        store.path("a" * 64)
    assert list((tmp_path / "packages").iterdir()) == []


def test_a_package_is_not_added_while_the_bucket_is_unreachable(
    tmp_path: Path, bucket: MemoryStorage
) -> None:
    bucket.away = True
    with pytest.raises(StoreUnavailable):
        host(tmp_path, bucket).add_folder(PROBLEMS / "aplusb")


def test_a_deleted_package_version_is_removed_from_the_bucket(tmp_path: Path, bucket: MemoryStorage) -> None:
    store = host(tmp_path, bucket)
    hash = store.add_folder(PROBLEMS / "aplusb").hash
    store.delete(hash)
    assert bucket.objects == {}
    assert host(tmp_path / "other", bucket).path(hash) is None


def test_packages_of_a_folder_are_uploaded_to_a_new_bucket_and_not_uploaded_twice(
    tmp_path: Path, bucket: MemoryStorage
) -> None:
    for problem in ("aplusb", "change"):
        PackageStore(tmp_path / "packages").add_folder(PROBLEMS / problem)
    store = host(tmp_path, bucket)
    assert store.upload_missing() == 2
    assert store.upload_missing() == 0


@pytest.mark.parametrize(
    ("url", "place"),
    [
        ("s3://judge", BucketPlace("judge", "")),
        ("s3://judge/", BucketPlace("judge", "")),
        ("s3://judge/a/b/", BucketPlace("judge", "a/b/")),
    ],
)
def test_a_bucket_and_a_prefix_are_read_from_an_s3_url(url: str, place: BucketPlace) -> None:
    assert parse_bucket_url(url) == place


@pytest.mark.parametrize(
    "url", ["judge", "http://judge", "s3://", "s3://key:secret@judge", "s3://judge:9000/a"]
)
def test_a_bucket_url_in_a_wrong_form_is_refused_with_the_right_form(url: str) -> None:
    with pytest.raises(SettingsError, match=r"must be s3://bucket or s3://bucket/prefix"):
        open_object_storage(Settings.from_env({}), url)


def test_a_bucket_without_boto3_is_refused_with_the_package_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "boto3", None)
    with pytest.raises(SettingsError, match=r"pip install 'gavel-judge\[s3\]'"):
        open_object_storage(Settings.from_env({}), "s3://judge")


def test_boto3_is_not_imported_if_no_bucket_is_set() -> None:
    code = "import sys, judge_api.wsgi, judge_api.cli.backup; print([m for m in sys.modules if 'boto' in m])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_two_processes_of_a_host_may_fetch_a_package_at_the_same_time(
    tmp_path: Path, bucket: MemoryStorage
) -> None:
    stored = host(tmp_path / "one", bucket).add_folder(PROBLEMS / "aplusb")
    bucket.after_download = lambda: host(tmp_path / "two", bucket).path(stored.hash)
    found = host(tmp_path / "two", bucket).path(stored.hash)
    assert found is not None
    assert [each.name for each in found.parent.iterdir() if each.name.startswith(".")] == []
