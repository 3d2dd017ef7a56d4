"""A worker whose disk refuses writes leaves the queue, gives the reason, and comes back by itself."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from judge_core.messages import ReportKind
from judge_core.redis.keys import worker_key
from tests.integration.test_workers import WorkerFixture, eventually
from tests.support.redis_server import RedisServer
from workers.disk_probe import DiskProbe

HUGE = 1 << 60


@pytest.fixture
def fixture(redis_server: RedisServer) -> WorkerFixture:
    return WorkerFixture(redis_server)


def replace_by_file(folder: Path) -> Callable[[], None]:
    """Replace the folder by a file, so that no write below it succeeds, as on a read-only disk. Returns the
    undo function."""
    shutil.rmtree(folder)
    folder.write_text("")
    return folder.unlink


@pytest.mark.parametrize("words", ["takes no writes", "nearly full"])
def test_a_worker_without_disk_space_takes_no_jobs_until_there_is_space(
    fixture: WorkerFixture, tmp_path: Path, words: str
) -> None:
    folder = tmp_path / "disk"
    folder.mkdir()
    with fixture.worker() as (worker, judging):
        worker.worker_heartbeat.on_beat = worker.on_beat
        worker.disk_probe = DiskProbe((folder,), 1)
        first = fixture.send()
        fixture.reports(1)
        repair = replace_by_file(folder) if words == "takes no writes" else None
        if repair is None:
            worker.disk_probe = DiskProbe((folder,), HUGE)
        eventually(lambda: worker.disk_fault is not None)
        eventually(lambda: _state(fixture) == "lost")
        record = json.loads(fixture.client.get(worker_key("w")) or b"{}")
        assert words in record["reason"]
        second = fixture.send()
        eventually(lambda: fixture.client.llen("rq:queue:normal") == 1)
        assert judging.judged == [first.submission]
        if repair is None:
            worker.disk_probe = DiskProbe((folder,), 1)
        else:
            repair()
        [_, last] = fixture.reports(2)
        assert (last.submission, last.kind) == (second.submission, ReportKind.FINISHED)
        eventually(lambda: _state(fixture) == "idle")


def _state(fixture: WorkerFixture) -> str:
    return str(json.loads(fixture.client.get(worker_key("w")) or b'{"state": ""}')["state"])


def test_the_disk_probe_names_the_folder_and_leaves_no_file(tmp_path: Path) -> None:
    assert DiskProbe((tmp_path / "new",), 0).fault() is None
    assert list((tmp_path / "new").iterdir()) == []
    assert f"{tmp_path}" in str(DiskProbe((tmp_path,), HUGE).fault())
