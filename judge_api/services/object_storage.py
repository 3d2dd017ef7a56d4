"""Objects in a bucket, by the S3 protocol. boto3 is imported only if a bucket is configured."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit

from judge_api.settings import Settings, SettingsError
from judge_core.model.errors import StoreUnavailable
from judge_core.packages.package_store import FETCHING

CONNECT_SECONDS, READ_SECONDS = 5, 30
_NOT_THERE = ("404", "NoSuchKey", "NotFound")


class ObjectStorage(Protocol):
    """Named objects. Every method may raise ``StoreUnavailable``."""

    def upload(self, source: Path, name: str) -> None:
        """Store the file under this name. An object of that name is replaced."""

    def download(self, name: str, target: Path) -> bool:
        """Write the object to the file, completely or not at all. ``False`` if there is no such object."""

    def delete(self, name: str) -> None:
        """Delete the object, if there is one."""

    def names(self, prefix: str) -> list[str]:
        """The names that begin with this text, sorted."""


@dataclass(frozen=True, slots=True)
class BucketPlace:
    """A bucket, and the prefix of all names in it."""

    bucket: str
    prefix: str


def parse_bucket_url(url: str) -> BucketPlace:
    """The bucket and prefix in ``s3://bucket/prefix``. Raises ``ValueError``."""
    parts = urlsplit(url)
    if parts.scheme != "s3" or not parts.netloc or "@" in parts.netloc or ":" in parts.netloc:
        raise ValueError("must be s3://bucket or s3://bucket/prefix")
    prefix = parts.path.strip("/")
    return BucketPlace(parts.netloc, f"{prefix}/" if prefix else "")


def open_object_storage(settings: Settings, url: str) -> ObjectStorage:
    """The bucket of this URL, with the endpoint and credentials of the settings. Raises ``SettingsError``."""
    try:
        place = parse_bucket_url(url)
    except ValueError as error:
        raise SettingsError(f"{url!r} is wrong: it {error}.") from error
    return S3Storage(_client(settings), place)


def _client(settings: Settings) -> Any:
    """boto3's client for S3.

    Without a key in the settings, boto3 looks for credentials itself: in AWS_ACCESS_KEY_ID, in a profile, or
    in the host's role.
    """
    try:
        import boto3
        from botocore.config import Config
    except ImportError as error:
        raise SettingsError(
            "a bucket needs the package boto3: pip install 'gavel-judge[s3]', or build the image with "
            "OBJECT_STORAGE=yes."
        ) from error
    endpoint = settings.object_storage_endpoint or None
    config = Config(
        connect_timeout=CONNECT_SECONDS,
        read_timeout=READ_SECONDS,
        retries={"total_max_attempts": 3, "mode": "standard"},
        signature_version="s3v4",
        s3={"addressing_style": "path" if endpoint else "auto"},
        # Some servers refuse boto3's newer checksums. Packages need none, because their names are SHA-256
        # hashes.
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
    )
    return boto3.client(
        "s3",
        endpoint_url=endpoint,
        region_name=settings.object_storage_region,
        aws_access_key_id=settings.object_storage_key or None,
        aws_secret_access_key=settings.object_storage_secret or None,
        config=config,
    )


class S3Storage:
    """An :class:`ObjectStorage` in a bucket."""

    def __init__(self, client: Any, place: BucketPlace) -> None:
        from boto3.s3.transfer import TransferConfig

        self._client = client
        self._place = place
        self._transfer = TransferConfig(use_threads=False)

    def upload(self, source: Path, name: str) -> None:
        with self._errors("stored", name):
            self._client.upload_file(str(source), self._place.bucket, self._key(name), Config=self._transfer)

    def download(self, name: str, target: Path) -> bool:
        descriptor, temporary_name = tempfile.mkstemp(dir=target.parent, prefix=FETCHING)
        temporary = Path(temporary_name)
        try:
            with self._errors("read", name), os.fdopen(descriptor, "w+b") as out:
                if not self._read_into(name, out):
                    return False
                out.flush()
                os.fsync(out.fileno())
            temporary.replace(target)
            return True
        finally:
            temporary.unlink(missing_ok=True)

    def _read_into(self, name: str, out: Any) -> bool:
        from botocore.exceptions import ClientError

        where = (self._place.bucket, self._key(name))
        try:
            self._client.download_fileobj(*where, out, Config=self._transfer)
        except ClientError as error:
            if error.response["Error"]["Code"] in _NOT_THERE:
                return False
            raise
        return True

    def delete(self, name: str) -> None:
        with self._errors("deleted", name):
            self._client.delete_object(Bucket=self._place.bucket, Key=self._key(name))

    def names(self, prefix: str) -> list[str]:
        pages = self._client.get_paginator("list_objects_v2")
        with self._errors("listed", prefix):
            found = [
                each["Key"].removeprefix(self._place.prefix)
                for page in pages.paginate(Bucket=self._place.bucket, Prefix=self._key(prefix))
                for each in page.get("Contents", ())
            ]
        return sorted(found)

    def _key(self, name: str) -> str:
        return self._place.prefix + name

    @contextmanager
    def _errors(self, act: str, name: str) -> Iterator[None]:
        from boto3.exceptions import Boto3Error
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            yield
        except (Boto3Error, BotoCoreError, ClientError) as error:
            where = f"s3://{self._place.bucket}/{self._key(name)}"
            raise StoreUnavailable(f"{where} cannot be {act}: {error}") from error
