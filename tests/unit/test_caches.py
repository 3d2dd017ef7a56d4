"""In the caches of a worker host an entry is complete or missing, many workers fetch it once, and the size is
bounded."""

from __future__ import annotations

import hashlib
import http.server
import os
import shutil
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from judge_core.messages import PackageRef
from tests.support.sample_problem import store_sum
from workers.judging.compile_cache import CompileCache, CompileInputs
from workers.judging.errors import PackageLost, PackageUnavailable, TransientError
from workers.package_cache import PackageCache


def recipe(name: str) -> CompileInputs:
    return CompileInputs("gcc 12", ("gcc", name), (), ((name, "0" * 64),))


def test_the_compile_cache_finds_programs_and_compile_errors_again(tmp_path: Path) -> None:
    cache = CompileCache(tmp_path)
    cache.put(recipe("good"), {"program": b"x", "sub/data": b"y"}, "warning")
    cache.put(recipe("bad"), None, "error")
    good, bad = cache.get(recipe("good")), cache.get(recipe("bad"))
    assert good is not None and good.folder is not None and bad is not None
    assert ((good.folder / "sub/data").read_bytes(), good.output) == (b"y", "warning")
    assert (bad.folder, bad.output) == (None, "error")
    assert cache.get(recipe("other")) is None


@pytest.mark.parametrize("damage", ["shorter", "gone", "all gone", "other recipe", "no record"])
def test_a_damaged_entry_of_the_compile_cache_counts_as_missing(tmp_path: Path, damage: str) -> None:
    cache = CompileCache(tmp_path)
    made = cache.put(recipe("a"), {"program": b"xyz"}, "")
    assert made.folder is not None
    entry = made.folder.parent
    if damage == "shorter":
        (made.folder / "program").write_bytes(b"x")
    elif damage == "gone":
        (made.folder / "program").unlink()
    elif damage == "all gone":
        shutil.rmtree(made.folder)
    elif damage == "other recipe":
        text = (entry / "entry.json").read_text()
        (entry / "entry.json").write_text(text.replace("gcc 12", "gcc 13"))
    else:
        (entry / "entry.json").write_text("{")
    assert cache.get(recipe("a")) is None
    assert cache.put(recipe("a"), {"program": b"xyz"}, "").folder is not None
    assert cache.get(recipe("a")) is not None


def test_concurrent_writers_of_the_same_cache_entry_get_the_same_folder(tmp_path: Path) -> None:
    cache = CompileCache(tmp_path)
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda _: cache.put(recipe("a"), {"program": b"x" * 1000}, ""), range(40)))
    assert len({each.folder for each in made}) == 1
    assert cache.get(recipe("a")) is not None
    assert list(tmp_path.glob(".draft-*")) == []


def test_a_file_name_that_leads_out_of_the_cache_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="not a path inside"):
        CompileCache(tmp_path).put(recipe("a"), {"../x": b""}, "")


def test_a_sweep_removes_the_entry_that_was_unused_longest_first(tmp_path: Path) -> None:
    cache = CompileCache(tmp_path, max_bytes=250_000)
    for name in ("old", "older", "fresh"):
        made = cache.put(recipe(name), {"program": b"x" * 100_000}, "")
        assert made.folder is not None
        age = {"old": 2000, "older": 3000, "fresh": 0}[name]
        os.utime(made.folder.parent / "entry.json", (time.time() - age,) * 2)
        del made  # while the object exists, the sweep keeps its entry
    cache.sweep()
    assert [cache.get(recipe(name)) is not None for name in ("old", "older", "fresh")] == [True, False, True]


@dataclass
class Server:
    """A server with the zip of one package. It records the Authorization header of each request."""

    content: bytes
    answer: int = 200
    asked: list[str] = field(default_factory=list)
    url: str = ""


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    stored = store_sum(tmp_path / "library")
    served = Server((tmp_path / "library" / f"{stored.hash}.zip").read_bytes())

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            served.asked.append(self.headers.get("Authorization", ""))
            self.send_response(served.answer)
            self.end_headers()
            self.wfile.write(served.content)

        def log_message(self, format: str, *args: object) -> None:
            """Log nothing."""

    web = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    served.url = f"http://127.0.0.1:{web.server_port}"
    thread = threading.Thread(target=web.serve_forever)
    thread.start()
    yield served
    web.shutdown()
    thread.join()
    web.server_close()


def ref(content: bytes) -> PackageRef:
    return PackageRef("aplusb", hashlib.sha256(content).hexdigest())


def test_eight_workers_that_need_a_package_at_once_send_a_single_request(
    server: Server, tmp_path: Path
) -> None:
    caches = [PackageCache(tmp_path / "cache", server.url, "token") for _ in range(8)]
    with ThreadPoolExecutor(8) as pool:
        found = set(pool.map(lambda cache: cache.fetch(ref(server.content)).folder, caches))
    assert server.asked == ["Bearer token"]
    assert [(path / "problem.yaml").is_file() for path in found] == [True]


@pytest.mark.parametrize(
    ("answer", "passes"), [(500, True), (503, True), (429, True), (403, True), (404, False), (410, False)]
)
def test_an_error_of_the_server_is_transient_and_its_404_or_410_is_not(
    server: Server, tmp_path: Path, answer: int, passes: bool
) -> None:
    server.answer = answer
    with pytest.raises(PackageUnavailable) as refused:
        PackageCache(tmp_path / "cache", server.url, "token").fetch(ref(server.content))
    assert isinstance(refused.value, TransientError) == passes


def test_a_package_that_the_main_server_has_lost_counts_as_unusable(server: Server, tmp_path: Path) -> None:
    asked, server.answer = server.content, 404
    server.content = b'{"type": "/errors/not-found", "detail": "there is no package with this hash"}'
    with pytest.raises(
        PackageLost, match=r"aplusb .* is not on the main server any more: add the problem again"
    ) as lost:
        PackageCache(tmp_path / "cache", server.url, "token").fetch(ref(asked))
    assert lost.value.is_unusable
    assert not isinstance(lost.value, TransientError)


@pytest.mark.parametrize("body", [b"<h1>no such page</h1>", b"[]", b'{"type": "about:blank"}'])
def test_a_404_that_gavel_did_not_send_does_not_mean_that_the_package_is_lost(
    server: Server, tmp_path: Path, body: bytes
) -> None:
    asked, server.answer, server.content = server.content, 404, body
    with pytest.raises(PackageUnavailable) as refused:
        PackageCache(tmp_path / "cache", server.url, "token").fetch(ref(asked))
    assert not isinstance(refused.value, TransientError)


def test_a_refused_connection_is_a_transient_error(tmp_path: Path) -> None:
    with pytest.raises(TransientError):
        PackageCache(tmp_path / "cache", "http://127.0.0.1:9", "token").fetch(ref(b"x"))


def test_a_package_with_another_hash_is_refused(server: Server, tmp_path: Path) -> None:
    cache = PackageCache(tmp_path / "cache", server.url, "token")
    with pytest.raises(PackageUnavailable, match="another hash"):
        cache.fetch(ref(b"something else"))
    assert [path.name for path in (tmp_path / "cache").iterdir() if not path.name.startswith(".")] == []


def test_the_error_of_an_unreachable_server_names_the_package(tmp_path: Path) -> None:
    cache = PackageCache(tmp_path / "cache", "http://127.0.0.1:9", "token")
    with pytest.raises(PackageUnavailable, match="aplusb cannot be fetched"):
        cache.fetch(ref(b"x"))


@pytest.mark.slow
def test_a_fetch_works_while_other_workers_make_drafts_and_remove_packages(
    server: Server, tmp_path: Path
) -> None:
    folder, ended = tmp_path / "cache", threading.Event()
    folder.mkdir()

    def come_and_go(number: int) -> None:
        """Do what other workers do in the same cache: make drafts, and remove packages."""
        rounds = 0
        while not ended.is_set():
            rounds += 1
            for name in (f".draft-{number}-{rounds}", f"{number}{rounds:063}"):
                (folder / name).mkdir()
                (folder / name / "a").write_text("x")
                shutil.rmtree(folder / name, ignore_errors=True)

    cache = PackageCache(folder, server.url, "token", max_bytes=1)
    with ThreadPoolExecutor(2) as pool:
        others = [pool.submit(come_and_go, number) for number in (1, 2)]
        try:
            for _ in range(60):
                cache.fetch(ref(server.content))
                shutil.rmtree(folder / ref(server.content).hash)
        finally:
            ended.set()
    assert [other.exception() for other in others] == [None, None]
