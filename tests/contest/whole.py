"""Runs a whole contest over HTTP: 300 members, 10 problems, and 3,000 submissions at 60 times the normal
speed.

python -m tests.contest.whole [--members 300] [--submissions 3000] [--seconds 300]

A random log decides the submissions and their verdicts. Members post to an API that gunicorn serves. Verdicts
are recorded as the dispatcher does. Every five seconds posting and judging stop for a moment, and the
scoreboards of the jury and of the public are compared with a second computation from the recorded
submissions. Ends with status 1 if a scoreboard differs.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from queue import Empty, PriorityQueue
from typing import Any

import requests

from judge_api.events.standings import EventSetup
from judge_api.store.attempts import AttemptStore
from judge_api.store.verdicts import VerdictStore
from judge_core.model.account import Role, Tier
from judge_core.model.submission import Outcome, Verdict
from tests.contest.made_log import LoggedTry, made_log
from tests.events.full_computation import compute
from tests.support.records import finished
from tests.support.redis_server import RedisServer
from tests.web.app_fixture import AppFixture, build_app
from tests.web.served import Served, end, serve

PROBLEMS = 10
SLUG = "whole"
_POSTERS = 4
_SETTLED_SECONDS = 10.0
_CHECK_SECONDS = 5.0


@dataclass(slots=True)
class Contest:
    """A running contest, with the counts and faults so far."""

    served: Served
    keys: list[str]
    began: float
    seconds: float
    gate: threading.RLock = field(default_factory=threading.RLock)
    waiting: PriorityQueue[tuple[float, int, str, LoggedTry, Verdict | None]] = field(
        default_factory=PriorityQueue
    )
    posted: int = 0
    recorded: int = 0
    checks: int = 0
    faults: list[str] = field(default_factory=list)
    lags: list[float] = field(default_factory=list)

    @property
    def app(self) -> AppFixture:
        return self.served.app

    def wait_for(self, at: float) -> None:
        time.sleep(max(0.0, self.began + at - time.monotonic()))

    def post(self, number: int, each: LoggedTry) -> None:
        """Post one submission at its time."""
        self.wait_for(each.at)
        body = {
            "event": SLUG,
            "problem": f"p{each.problem}",
            "language": "python3",
            "source": f"print({number})",
        }
        headers = {"Authorization": f"Bearer {self.keys[each.member]}"}
        with self.gate:
            answer = requests.post(f"{self.served.url}/submissions", json=body, headers=headers, timeout=30)
            if answer.status_code != 202:
                self.faults.append(f"POST {number}: {answer.status_code} {answer.text[:200]}")
                return
            self.posted += 1
        judged = min(each.at + each.judged_after / 60, self.seconds)
        self.waiting.put((judged, number, answer.json()["id"], each, None))

    def judge(self, posting: threading.Event) -> None:
        """Record verdicts at their times until all are recorded."""
        while not (posting.is_set() and self.waiting.empty()):
            try:
                at, number, id, each, again = self.waiting.get(timeout=0.2)
            except Empty:
                continue
            self.wait_for(at)
            with self.gate:
                self._record(id, again or each.verdict, again is not None)
            if again is None and each.rejudged is not None:
                self.waiting.put((at + 60, number, id, each, each.rejudged))

    def _record(self, id: str, verdict: Verdict, again: bool) -> None:
        engine, attempt = self.app.services.engine, 1
        if again:
            status = AttemptStore(engine).rejudge(id)
            attempt = status.attempt if status else 0
        if VerdictStore(engine).record(finished(id, attempt=attempt, outcome=Outcome(verdict))) is None:
            self.faults.append(f"the verdict of {id} was not recorded")
        self.recorded += 1

    def check(self) -> None:
        """Compare what the API shows with a second computation."""
        event = self.app.services.events.get(SLUG)
        assert event is not None
        with self.gate:
            setup = self.app.services.events.setup(event)
            changes = self.app.services.event_results.changes_since(event.id, 0, {})
            assert changes is not None
            version = f"{changes.setup_revision}.{changes.revision}"
            for public in (False, True):
                shown = self._shown(public, version)
                if shown is not None and shown != _wanted(setup, changes.tries, public):
                    self.faults.append(f"{version} {'public' if public else 'jury'}: another scoreboard")
        self.checks += 1

    def _shown(self, public: bool, version: str) -> list[Any] | None:
        headers = {} if public else self.app.headers("author")
        began = time.monotonic()
        while time.monotonic() - began < _SETTLED_SECONDS:
            answer = requests.get(f"{self.served.url}/events/{SLUG}/standings", headers=headers, timeout=30)
            body = answer.json()
            if body["version"] == version:
                self.lags.append(time.monotonic() - began)
                names = ("member", "rank", "points", "penalty_seconds")
                return [
                    (*(row[name] for name in names), _firsts(body, row), _cells(body, row))
                    for row in body["rows"]
                ]
            time.sleep(0.02)
        self.faults.append(f"{version} was not shown within {_SETTLED_SECONDS:.0f} s")
        return None


def _firsts(body: Any, row: Any) -> set[str]:
    pairs = zip(body["problems"], row["cells"], strict=True)
    return {problem["slug"] for problem, cell in pairs if cell["first"]}


def _cells(body: Any, row: Any) -> dict[str, tuple[int, int, float]]:
    pairs = zip(body["problems"], row["cells"], strict=True)
    return {each["label"]: (cell["tries"], cell["pending"], cell["points"]) for each, cell in pairs}


def _wanted(setup: EventSetup, tries: Any, public: bool) -> list[Any]:
    return [
        (row["member"], row["rank"], row["points"], row["penalty"], row["firsts"], row["cells"])
        for row in compute(setup, list(tries), public)
    ]


def main() -> int:
    options = _parser().parse_args()
    with tempfile.TemporaryDirectory() as folder, _contest(Path(folder), options) as contest:
        log = made_log(29, options.members, PROBLEMS, options.submissions, options.seconds - 1)
        _run(contest, log)
        for _ in range(2):
            contest.check()
    lags = sorted(contest.lags)
    print(
        f"{contest.posted} submissions, {contest.recorded} verdicts, {contest.checks} checks of two "
        f"scoreboards; shown after {lags[len(lags) // 2]:.2f} s (median), {lags[-1]:.2f} s (longest); "
        f"{len(contest.faults)} faults"
    )
    for fault in contest.faults[:20]:
        print(f"  {fault}")
    return 1 if contest.faults or contest.posted != options.submissions else 0


def _run(contest: Contest, log: list[LoggedTry]) -> None:
    posted = threading.Event()
    judge = threading.Thread(target=contest.judge, args=(posted,))
    judge.start()
    checker = threading.Thread(target=_check_again_and_again, args=(contest, posted))
    checker.start()
    with ThreadPoolExecutor(_POSTERS) as pool:
        for done in [pool.submit(contest.post, number, each) for number, each in enumerate(log)]:
            done.result()
    posted.set()
    judge.join()
    checker.join()


def _check_again_and_again(contest: Contest, posted: threading.Event) -> None:
    while not posted.wait(_CHECK_SECONDS):
        contest.check()


@contextmanager
def _contest(folder: Path, options: argparse.Namespace) -> Iterator[Contest]:
    (folder / "redis").mkdir()
    redis = RedisServer(folder / "redis")
    redis.start()
    app = build_app(folder / "data", redis, GAVEL_MAX_UNFINISHED="100000")
    keys = _fill(app, options.members, options.seconds)
    served = serve(app, folder / "api.log")
    try:
        yield Contest(served, keys, time.monotonic(), options.seconds)
    finally:
        end(served)
        app.services.status_subscriptions.close()
        app.services.engine.dispose()
        redis.stop()


def _fill(app: AppFixture, members: int, seconds: float) -> list[str]:
    """Add ten problems, the members with their API keys, and the event, which starts now."""
    row = app.services.problems.get("aplusb")
    assert row is not None
    for number in range(PROBLEMS):
        slug = f"p{number}"
        app.services.problems.put(replace(row, slug=slug, spec={**row.spec, "slug": slug}))
    names, keys = [f"team-{number:03}" for number in range(members)], []
    for name in names:
        account = app.services.accounts.add(name, Tier.NORMAL, Role.USER)
        keys.append(app.services.accounts.issue_key(account.id, "contest")[1])
    now = datetime.now(UTC)
    body = {
        "slug": SLUG,
        "title": "Whole",
        "starts_at": now.isoformat(),
        "ends_at": (now + timedelta(seconds=seconds + 60)).isoformat(),
        "visibility": "public",
        "rules": {"icpc": {"penalty_time": "seconds"}, "freeze_minutes": 2},
        "problems": [{"slug": f"p{number}"} for number in range(PROBLEMS)],
    }
    made = app.client.post("/events", json=body, headers=app.headers("author"))
    assert made.status_code == 201, made.get_json()
    added = {"members": [{"accounts": [name]} for name in names]}
    answer = app.client.post(f"/events/{SLUG}/members", json=added, headers=app.headers("author"))
    assert answer.get_json()["added"] == members, answer.get_json()
    return keys


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--members", type=int, default=300)
    parser.add_argument("--submissions", type=int, default=3000)
    parser.add_argument("--seconds", type=float, default=300.0, help="of five hours at 60 times their speed")
    return parser


if __name__ == "__main__":
    sys.exit(main())
