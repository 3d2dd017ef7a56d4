"""Many worker processes download problem packages from the real main server, over connections that break."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import requests

from judge_core.messages import PackageRef
from tests.support.redis_server import RedisServer
from tests.web.app_fixture import PROBLEMS, WORKER_TOKEN, build_app
from tests.web.served import Served, end, serve
from workers.judging.errors import PackageServerUnavailable
from workers.package_cache import PackageCache

LARGE = 6_000_000
FETCH = """
import sys
from pathlib import Path
from judge_core.messages import PackageRef
from workers.package_cache import PackageCache
folder, server, token, hash = sys.argv[1:]
print("ready", flush=True)
sys.stdin.read()
print(PackageCache(Path(folder), server, token).fetch(PackageRef("large", hash)).folder)
"""


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    redis, folder = RedisServer(tmp_path_factory.mktemp("redis")), tmp_path_factory.mktemp("server")
    redis.start()
    app = build_app(folder / "data", redis)
    running = serve(app, folder / "api.log")
    yield running
    end(running)
    app.services.status_subscriptions.close()
    app.services.engine.dispose()
    redis.stop()


@pytest.fixture(scope="module")
def large(served: Served, tmp_path_factory: pytest.TempPathFactory) -> PackageRef:
    """A package whose zip has about 6 MB, because its content is random."""
    folder = tmp_path_factory.mktemp("package") / "large"
    subprocess.run(["cp", "-r", PROBLEMS / "aplusb", folder], check=True)
    (folder / "attachments").mkdir(exist_ok=True)
    (folder / "attachments" / "noise").write_bytes(os.urandom(LARGE))
    return PackageRef("large", served.app.services.package_store.add_folder(folder).hash)


@dataclass
class BadLine:
    """A proxy before the main server. Its connections break after ``break_after`` bytes of an answer.
    ``carried`` counts all bytes."""

    port: int
    break_after: int
    carried: int = 0
    breaks: int = 0
    listener: socket.socket = field(default_factory=lambda: socket.create_server(("127.0.0.1", 0)))

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.listener.getsockname()[1]}"

    def serve(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                threading.Thread(target=self._carry, args=(self.listener.accept()[0],), daemon=True).start()

    def _carry(self, near: socket.socket) -> None:
        with near, socket.create_connection(("127.0.0.1", self.port)) as far:
            far.sendall(near.recv(65536))
            left = self.break_after
            while left > 0 and (part := far.recv(min(65536, left))):
                near.sendall(part)
                left -= len(part)
                self.carried += len(part)
            self.breaks += left <= 0


@pytest.fixture
def bad_line(served: Served) -> Iterator[BadLine]:
    line = BadLine(int(served.url.rpartition(":")[2]), break_after=LARGE // 3)
    threading.Thread(target=line.serve, daemon=True).start()
    yield line
    line.listener.close()


def test_a_broken_download_of_a_package_continues_where_it_stopped(
    bad_line: BadLine, large: PackageRef, tmp_path: Path
) -> None:
    found = PackageCache(tmp_path / "cache", bad_line.url, WORKER_TOKEN).fetch(large).folder
    assert (found / "attachments" / "noise").stat().st_size == LARGE
    assert bad_line.breaks >= 3
    assert bad_line.carried < LARGE * 1.1
    assert list((tmp_path / "cache").glob(".part-*")) == []


def test_a_partial_download_is_kept_for_the_next_worker(
    served: Served, large: PackageRef, tmp_path: Path, bad_line: BadLine
) -> None:
    cache = tmp_path / "cache"
    cache.mkdir()
    whole = served.app.services.package_store.path(large.hash)
    assert whole is not None
    (cache / f".part-{large.hash}").write_bytes(whole.read_bytes()[:-1000])
    PackageCache(cache, bad_line.url, WORKER_TOKEN).fetch(large)
    assert bad_line.carried < 20_000


def test_a_partial_download_with_other_content_is_removed(
    served: Served, large: PackageRef, tmp_path: Path
) -> None:
    cache = PackageCache(tmp_path / "cache", served.url, WORKER_TOKEN)
    part = tmp_path / "cache" / f".part-{large.hash}"
    part.parent.mkdir()
    part.write_bytes(b"x" * (LARGE * 2))
    with pytest.raises(Exception, match="another hash"):
        cache.fetch(large)
    assert not part.exists()
    assert cache.fetch(large).folder.is_dir()


def test_a_download_with_a_wrong_token_names_the_token_s_setting(
    served: Served, large: PackageRef, tmp_path: Path
) -> None:
    with pytest.raises(PackageServerUnavailable, match="refuses this worker's GAVEL_WORKER_TOKEN"):
        PackageCache(tmp_path / "cache", served.url, "wrong").fetch(large)


def test_ten_processes_that_start_together_download_a_package_once(
    served: Served, large: PackageRef, tmp_path: Path
) -> None:
    before = downloads(served)
    argv = [sys.executable, "-c", FETCH, str(tmp_path / "cache"), served.url, WORKER_TOKEN, large.hash]
    workers = [
        subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(10)
    ]
    for worker in workers:
        assert worker.stdout and worker.stdout.readline() == "ready\n"
    for worker in workers:
        assert worker.stdin
        worker.stdin.close()
    found = {worker.stdout.read().strip() for worker in workers if worker.stdout}
    assert [worker.wait(100) for worker in workers] == [0] * 10
    assert len(found) == 1
    assert downloads(served) == before + 1


def downloads(served: Served) -> int:
    text = requests.get(f"{served.url}/metrics", timeout=30).text
    name = 'gavel_http_request_seconds_count{method="GET",route="/internal/packages/<hash>",status="200"}'
    return int(next((float(line.split()[-1]) for line in text.splitlines() if line.startswith(name)), 0.0))


def test_the_least_recently_used_packages_are_removed_above_the_byte_limit(
    served: Served, tmp_path: Path
) -> None:
    library = served.app.services.package_store
    refs = []
    for number in range(4):
        folder = tmp_path / f"p{number}"
        subprocess.run(["cp", "-r", PROBLEMS / "aplusb", folder], check=True)
        (folder / "attachments").mkdir(exist_ok=True)
        (folder / "attachments" / "noise").write_bytes(os.urandom(1_000_000))
        refs.append(PackageRef(f"p{number}", library.add_folder(folder).hash))
    cache = PackageCache(tmp_path / "cache", served.url, WORKER_TOKEN, max_bytes=2_600_000)
    an_hour_ago = time.time() - 3600
    for number, ref in enumerate(refs):
        cache.fetch(ref)
        os.utime(tmp_path / "cache" / ref.hash, (an_hour_ago + number,) * 2)
    cache.fetch(refs[1])  # this package is used again, so the other packages were unused longer
    cache.sweep()
    kept = {path.name for path in (tmp_path / "cache").iterdir() if len(path.name) == 64}
    assert kept == {refs[1].hash, refs[3].hash}
