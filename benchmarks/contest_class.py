"""Measures whether submissions of a contest wait behind a class at its deadline, and premium behind a
contest.

The members of a class all submit at once, one submission each, so the queue's turns by account do not help a
submission behind them. Then a member of a contest submits one by one, in the same tier. One more submission
to the class's event, posted right behind the class, shows how long the contest would wait without a class of
service. The programs sleep, so a submission waits for the queue and not for a processor.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import Any

import requests

from benchmarks.one_test_problem import SLUG, add_problem
from benchmarks.posting import wait
from benchmarks.result import Result, Row, spread
from benchmarks.stack import Stack, started

_SLEEP_SECONDS = 0.1
_SLEEPER = (
    "#include <unistd.h>\n#include <cstdio>\n"
    f'int main() {{ usleep({int(_SLEEP_SECONDS * 1e6)}); puts("3"); }}\n'
)
_QUICK = '#include <cstdio>\nint main() { puts("3"); }\n'


def measure(short: bool = False) -> Result:
    members, samples = (100, 15) if short else (300, 60)
    with started() as stack:
        add_problem(stack)
        students = [_account(stack, f"class-{number}") for number in range(members)]
        team, late = _account(stack, "team"), _account(stack, "late")
        _event(stack, "homework", [f"class-{number}" for number in range(members)] + ["late"])
        _event(stack, "finals", ["team"], service_class="contest")
        premium = stack.session("premium")
        for session, event in ((team, "finals"), (late, "homework"), (premium, None)):
            for source in (_QUICK, _SLEEPER):
                wait(session, stack.url, _post(stack, session, event, source))
        quiet = _waits(stack, team, "finals", samples)
        premium_quiet = _waits(stack, premium, None, samples)
        for session in students:
            _post(stack, session, "homework", _SLEEPER)
        behind = _post(stack, late, "homework", _QUICK)
        contest = _waits(stack, team, "finals", samples)
        left = _unstarted(stack, late, behind)
        wait(late, stack.url, behind)
        lone = stack.waited_ms([behind])[0]
        for _ in range(members):
            _post(stack, team, "finals", _SLEEPER)
        beside = _waits(stack, premium, None, samples)
    return Result(
        "Wait of a contest behind a class at its deadline",
        (
            _row("contest p99, nothing else waits", quiet),
            _row(f"contest p99, behind a class of {members}", contest, 2 * _SLEEP_SECONDS * 1000),
            Row(
                f"without a class of service, behind the class of {members}",
                lone,
                note=f"{lone / spread(contest).p50:.0f} times the contest's median; {left}",
            ),
            _row("premium p99, nothing else waits", premium_quiet),
            _row(f"premium p99, beside a contest with {members} waiting", beside),
        ),
    )


def _row(name: str, samples: list[float], target: float | None = None) -> Row:
    found = spread(samples)
    return Row(name, found.p99, target=target, note=f"p50 {found.p50:.2f}, {found.n} of them")


def _unstarted(stack: Stack, session: requests.Session, id: str) -> str:
    answer = session.get(f"{stack.url}/status/{id}")
    answer.raise_for_status()
    begun = answer.json().get("started_at")
    return (
        "the class was still waiting after the contest's last sample" if not begun else "the class was over"
    )


def _waits(stack: Stack, session: requests.Session, event: str | None, samples: int) -> list[float]:
    sent = []
    for _ in range(samples):
        sent.append(_post(stack, session, event, _QUICK))
        wait(session, stack.url, sent[-1])
    return stack.waited_ms(sent)


def _post(stack: Stack, session: requests.Session, event: str | None, source: str) -> str:
    body: dict[str, Any] = {"problem": SLUG, "language": "cpp20", "source": source}
    answer = session.post(f"{stack.url}/submissions", json=body | ({"event": event} if event else {}))
    answer.raise_for_status()
    return str(answer.json()["id"])


def _account(stack: Stack, name: str) -> requests.Session:
    made = stack.session("admin").post(f"{stack.url}/admin/accounts", json={"name": name, "tier": "normal"})
    made.raise_for_status()
    session = stack.session()
    session.headers["Authorization"] = f"Bearer {made.json()['key']}"
    return session


def _event(stack: Stack, slug: str, accounts: list[str], **changes: Any) -> None:
    now = datetime.now(UTC)
    body = {
        "slug": slug,
        "title": slug,
        "starts_at": now.isoformat(),
        "ends_at": (now + timedelta(hours=2)).isoformat(),
        "problems": [{"slug": SLUG}],
        **changes,
    }
    admin = stack.session("admin")
    admin.post(f"{stack.url}/events", json=body).raise_for_status()
    members = {"members": [{"accounts": [name]} for name in accounts]}
    admin.post(f"{stack.url}/events/{slug}/members", json=members).raise_for_status()
    # An API process caches the members of an event for a second.
    time.sleep(1.1)
