"""The places of backups: a file, a folder or a bucket. In a folder or bucket a backup's name has its time."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from judge_api.services.object_storage import ObjectStorage, open_object_storage
from judge_api.settings import Settings
from judge_api.supervisor.backup import BackupError
from judge_core.leftovers import remove_leftovers

_NAME = re.compile(r"gavel-\d{8}T\d{6}Z\.zip")
_COPY = ".backup-"
"""The beginning of the name of a temporary folder with a copy of a backup in a bucket."""


class BackupPlace(Protocol):
    """Where a new backup is written: a file, or an object of a bucket."""

    @property
    def shown(self) -> str:
        """The backup's name for messages."""

    @contextmanager
    def writing(self) -> Iterator[Path]:
        """The file to write. The end of the block puts it in its place."""

    def prune(self, keep: int) -> list[str]:
        """Delete all but the newest ``keep`` of the backups whose name has their time. Returns the names of
        the deleted ones."""


@dataclass(frozen=True, slots=True)
class FilePlace:
    """One file of a folder."""

    file: Path

    @property
    def shown(self) -> str:
        return str(self.file)

    @contextmanager
    def writing(self) -> Iterator[Path]:
        yield self.file.absolute()

    def prune(self, keep: int) -> list[str]:
        names = [path.name for path in self.file.parent.iterdir() if _NAME.fullmatch(path.name)]
        old = sorted(names)[:-keep]
        for name in old:
            (self.file.parent / name).unlink(missing_ok=True)  # another backup may have deleted it
        return old


@dataclass(frozen=True, slots=True)
class BucketBackup:
    """An object of a bucket. The backup is first written into a temporary folder of the data folder."""

    objects: ObjectStorage
    url: str
    name: str
    data: Path

    @property
    def shown(self) -> str:
        return f"{self.url.rstrip('/')}/{self.name}"

    @contextmanager
    def writing(self) -> Iterator[Path]:
        remove_leftovers(self.data, [_COPY])
        with tempfile.TemporaryDirectory(dir=self.data, prefix=_COPY) as folder:
            yield Path(folder) / self.name
            self.objects.upload(Path(folder) / self.name, self.name)

    def prune(self, keep: int) -> list[str]:
        old = [name for name in self.objects.names("gavel-") if _NAME.fullmatch(name)][:-keep]
        for name in old:
            self.objects.delete(name)
        return old


def choose_place(settings: Settings, target: str, now: datetime | None = None) -> BackupPlace:
    """The place of a new backup. ``target`` is ``s3://bucket/prefix/``, an existing folder, or a file."""
    name = f"gavel-{(now or datetime.now(UTC)).strftime('%Y%m%dT%H%M%SZ')}.zip"
    if target.startswith("s3://"):
        if not target.endswith("/"):
            raise BackupError(
                f"{target} must end with a slash, since the backup itself is named by its time."
            )
        return BucketBackup(open_object_storage(settings, target), target, name, settings.data)
    return FilePlace(Path(target) / name if Path(target).is_dir() else Path(target))


@contextmanager
def reading(settings: Settings, source: str) -> Iterator[Path]:
    """The backup as a file. A backup in a bucket (``s3://bucket/prefix/NAME``) is fetched into the data
    folder."""
    if not source.startswith("s3://"):
        if not Path(source).is_file():
            raise BackupError(f"there is no file {source}.")
        yield Path(source)
        return
    url, _, name = source.rpartition("/")
    settings.data.mkdir(parents=True, exist_ok=True)
    remove_leftovers(settings.data, [_COPY])
    with tempfile.TemporaryDirectory(dir=settings.data, prefix=_COPY) as folder:
        fetched = Path(folder) / "backup.zip"
        if not open_object_storage(settings, url).download(name, fetched):
            raise BackupError(f"there is no object {source}.")
        yield fetched
