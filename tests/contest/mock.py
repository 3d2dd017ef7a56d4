"""Runs a mock contest on a whole stack: teams submit by a script, while Redis, a worker and the API are
killed.

python -m tests.contest.mock [--minutes 10] [--teams 24] [--browsers 6] [--submissions 240] [--seed 29]

Some teams use real browsers, the others the API. One more browser shows the public scoreboard. Then the same
script is sent to a second event, while nothing is killed. Ends with status 1 unless

- each submission that was answered is recorded once, and each has the verdict of its program,
- the standings of jury and public equal a second computation from the recorded submissions,
- the scoreboard in the browser shows the same as the API, and
- every team's solved problems and tries equal those of the quiet run.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import requests
from playwright.sync_api import Browser, Error, Page, Request, sync_playwright

from judge_api.store.engine import open_engine
from judge_api.store.event_results import EventResultStore
from judge_api.store.events import EventStore
from judge_core.model.submission import Verdict
from tests.browser.conftest import CHROMIUM, FLAGS
from tests.browser.person import PASTE
from tests.chaos.database import SqliteFile
from tests.chaos.stack import PROGRAMS, Stack, stack_up
from tests.contest.made_log import LoggedTry, made_log
from tests.events.full_computation import compute

LABELS = "ABCD"
PROBLEMS = ("contest-a", "contest-b", "contest-c", "contest-d")
_PROGRAM_OF = {Verdict.AC: "AC", Verdict.WA: "WA", Verdict.RTE: "RTE", Verdict.CE: "CE", Verdict.TLE: "WA"}
_ANSWER_SECONDS = 20
_RETRY_SECONDS = 0.5
_JUDGED_SECONDS = 300.0
_FOLLOW_SECONDS = 30.0
_SIGN_IN_SECONDS = 45.0
"""The teams at browsers sign in before the script begins."""
_FAULTS = (
    (0.25, "Redis", "redis"),
    (0.5, "a worker and all that it started", "worker:normal:1"),
    (0.75, "the API", "api"),
)
_BOARD = """() => [...document.querySelectorAll("table.standings tbody tr")].map(row =>
    [row.cells[0].innerText, row.cells[1].childNodes[0].textContent, row.cells[2].innerText,
     row.cells[3].innerText])"""
_FREEZE = 0.8


@dataclass(slots=True)
class Mock:
    """A mock contest, with the answers and faults so far."""

    stack: Stack
    keys: dict[str, str]
    began: float = 0.0
    answered: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    late: list[float] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)
    settled: threading.Event = field(default_factory=threading.Event)
    """Set once every submission is judged."""

    def fault(self, text: str) -> None:
        with self.lock:
            self.faults.append(text)

    def wait_for(self, at: float) -> None:
        time.sleep(max(0.0, self.began + at - time.monotonic()))

    def call(self, method: str, path: str, who: str = "admin", **asked: Any) -> Any:
        headers = {"Authorization": f"Bearer {self.keys[who]}"}
        answer = requests.request(
            method, f"{self.stack.url}{path}", headers=headers, timeout=_ANSWER_SECONDS, **asked
        )
        if not answer.ok:
            raise AssertionError(f"{method} {path}: {answer.status_code} {answer.text[:300]}")
        return answer.json()

    def post(self, event: str, team: str, number: int, each: LoggedTry) -> None:
        """Post a submission again and again until the answer is 202. All requests have the same idempotency
        key, so they make one submission."""
        language, source = _program(number, each)
        body = {"event": event, "problem": LABELS[each.problem], "language": language, "source": source}
        headers = {"Authorization": f"Bearer {self.keys[team]}", "Idempotency-Key": f"{event}-{number}"}
        began = time.monotonic()
        while time.monotonic() - began < _JUDGED_SECONDS:
            try:
                url = f"{self.stack.url}/submissions"
                answer = requests.post(url, json=body, headers=headers, timeout=_ANSWER_SECONDS)
                if answer.status_code == 202:
                    break
                self.refused[str(answer.status_code)] += 1
            except requests.RequestException as away:
                self.refused[type(away).__name__] += 1
            time.sleep(_RETRY_SECONDS)
        else:
            self.fault(f"{team}: submission {number} was never taken")
            return
        self.note_answer(team, time.monotonic() - began)

    def note_answer(self, team: str, seconds: float) -> None:
        with self.lock:
            self.answered[team] += 1
            self.late.append(seconds)

    def standings(self, event: str, public: bool) -> Any:
        return self.call("GET", f"/events/{event}/standings?public={str(public).lower()}")

    def submissions(self, event: str) -> list[Any]:
        """All submissions of an event, as its jury sees them."""
        found: list[Any] = []
        cursor = ""
        while True:
            page = self.call("GET", f"/events/{event}/submissions?limit=500{cursor}")
            found += page["submissions"]
            if page["cursor"] is None:
                return found
            cursor = f"&cursor={page['cursor']}"


def _program(number: int, each: LoggedTry) -> tuple[str, str]:
    """The program of a submission. A comment makes it different from all others."""
    language, source = PROGRAMS[_PROGRAM_OF[each.verdict]]
    comment = "#" if language == "python3" else "//"
    return language, f"{source}\n{comment} {number}\n"


def _play_by_api(mock: Mock, event: str, team: str, tries: list[tuple[int, LoggedTry]], paced: bool) -> None:
    for number, each in tries:
        if paced:
            mock.wait_for(each.at)
        mock.post(event, team, number, each)


class BrowserTeams:
    """Teams with real browsers. Each team has its own browser context. One thread acts for all teams, in the
    order of the script."""

    def __init__(self, mock: Mock, event: str, tries: list[tuple[int, str, LoggedTry]]) -> None:
        self._mock = mock
        self._event = event
        self._tries = tries

    def play(self) -> None:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
            try:
                self._play(browser)
            except Error as broken:
                self._mock.fault(f"the browsers' script ended: {broken}")
            finally:
                browser.close()

    def _play(self, browser: Browser) -> None:
        board = browser.new_context().new_page()
        _open(board, f"{self._mock.stack.url}/events/{self._event}/scoreboard")
        pages = {team: self._sign_in(browser, team) for team in sorted({team for _, team, _ in self._tries})}
        for number, team, each in self._tries:
            self._mock.wait_for(each.at)
            self._submit(pages[team], team, number, each)
        for page in pages.values():
            page.close()
        self._mock.settled.wait()
        self._compare(board)

    def _sign_in(self, browser: Browser, team: str) -> Page:
        page = browser.new_context(viewport={"width": 1280, "height": 800}).new_page()
        _open(page, f"{self._mock.stack.url}/sign-in")
        page.get_by_role("tab", name="API key").click()
        page.get_by_label("API key", exact=True).last.fill(self._mock.keys[team])
        page.get_by_role("main").get_by_role("button", name="Sign in").click()
        page.get_by_role("heading", name="Problems").wait_for()
        return page

    def _submit(self, page: Page, team: str, number: int, each: LoggedTry) -> None:
        """Submit by clicks. Click again if the page says that it failed."""
        language, source = _program(number, each)
        label, began = LABELS[each.problem], time.monotonic()
        if not page.url.endswith(f"/problems/{label}"):
            _open(page, f"{self._mock.stack.url}/events/{self._event}/problems/{label}")
        page.get_by_label("Language", exact=True).select_option(language)
        page.locator(".editor-plain, .cm-content").first.wait_for()
        # The plain text field gets the focus, and then the whole editor replaces it.
        page.evaluate("document.querySelector('.editor-plain')?.focus()")
        editor = page.locator(".cm-content")
        editor.click()
        page.keyboard.press("Control+a")
        editor.evaluate(PASTE, source)
        while time.monotonic() - began < _JUDGED_SECONDS:
            if (outcome := _click_submit(page)) == "202":
                self._mock.note_answer(team, time.monotonic() - began)
                return
            self._mock.refused[f"page: {outcome}"] += 1
            time.sleep(_RETRY_SECONDS)
        self._mock.fault(f"{team}: submission {number} was never taken from the page")

    def _compare(self, board: Page) -> None:
        """Compare the rows of the scoreboard in the browser with those of the API. The browser has some time
        to show the last changes."""
        wanted = [
            [str(row["rank"]), row["name"], f"{row['points']:g}", str(row["penalty_seconds"] // 60)]
            for row in self._mock.standings(self._event, public=True)["rows"]
        ]
        deadline, shown = time.monotonic() + _FOLLOW_SECONDS, None
        while time.monotonic() < deadline and shown != wanted:
            shown = board.evaluate(_BOARD)
            time.sleep(_RETRY_SECONDS)
        if shown != wanted:
            self._mock.fault(f"the browser's scoreboard shows {shown}, the API {wanted}")


def _open(page: Page, url: str) -> None:
    """Open a page. Try again while the API does not answer."""
    deadline = time.monotonic() + _JUDGED_SECONDS
    while True:
        try:
            answer = page.goto(url)
            if answer is not None and answer.ok:
                return
        except Error:
            if time.monotonic() > deadline:
                raise
        time.sleep(_RETRY_SECONDS)


def _click_submit(page: Page) -> str:
    """Click on Submit. Returns the status of the answer, or the reason why no answer came."""
    try:
        with page.expect_request(_is_submission, timeout=_ANSWER_SECONDS * 1000) as sent:
            page.get_by_role("button", name="Submit").click()
        answer = sent.value.response()
        return str(answer.status) if answer else "no answer"
    except Error:
        return "no request"


def _is_submission(request: Request) -> bool:
    return request.method == "POST" and request.url.endswith("/submissions")


def _kill(stack: Stack, name: str) -> None:
    """Kill a process and all its descendants by SIGKILL."""
    root = stack.processes[name]
    for pid in [root, *_children(root)]:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue


def _children(pid: int) -> list[int]:
    found = []
    for path in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in map(int, path.read_text().split()):
            found += [child, *_children(child)]
    return found


def _inject(mock: Mock, seconds: float, write: Callable[[str], None]) -> None:
    for share, what, process in _FAULTS:
        mock.wait_for(share * seconds)
        _kill(mock.stack, process)
        write(f"{time.monotonic() - mock.began:5.0f} s: killed {what}")


def _prepare(stack: Stack, teams: list[str]) -> Mock:
    credentials = json.loads((stack.data / "credentials.json").read_text())
    mock = Mock(stack, {"admin": credentials["accounts"]["admin"]["key"]})
    for slug in PROBLEMS:
        stack.add_problem(slug)
    for team in teams:
        made = mock.call("POST", "/admin/accounts", json={"name": team, "tier": "normal"})
        mock.keys[team] = made["key"]
    return mock


def _make_event(mock: Mock, slug: str, teams: list[str], seconds: float) -> None:
    now = datetime.now(UTC)
    freeze = max(1, round(seconds * (1 - _FREEZE) / 60))
    body = {
        "slug": slug,
        "title": slug.title(),
        "starts_at": now.isoformat(),
        "ends_at": (now + timedelta(seconds=seconds) + timedelta(minutes=15)).isoformat(),
        "visibility": "public",
        "rules": {"icpc": {"penalty_time": "seconds"}, "freeze_minutes": freeze + 15},
        "problems": [{"slug": each} for each in PROBLEMS],
    }
    mock.call("POST", "/events", json=body)
    members = {"members": [{"accounts": [team]} for team in teams]}
    mock.call("POST", f"/events/{slug}/members", json=members)


def _settle(mock: Mock, event: str, count: int) -> None:
    """Wait until each submission of the event is judged."""
    deadline, found = time.monotonic() + _JUDGED_SECONDS, []
    while time.monotonic() < deadline:
        found = mock.submissions(event)
        if len(found) >= count and all(each["state"] == "judged" for each in found):
            break
        time.sleep(1.0)
    states = Counter(each["state"] for each in found)
    if len(found) != count or set(states) != {"judged"}:
        mock.fault(f"{event}: {count} submissions were sent, recorded are {dict(states)}")


def _check_standings(mock: Mock, slug: str) -> None:
    """Compare the standings that the API shows with a second computation from the recorded submissions."""
    engine = open_engine(mock.stack.database.url)
    try:
        event = EventStore(engine).get(slug)
        assert event is not None
        setup = EventStore(engine).setup(event)
        changes = EventResultStore(engine).changes_since(event.id, 0, {})
        assert changes is not None
    finally:
        engine.dispose()
    for public in (False, True):
        body = mock.standings(slug, public)
        shown = [(row["member"], row["rank"], row["points"], row["penalty_seconds"]) for row in body["rows"]]
        wanted = [
            (row["member"], row["rank"], row["points"], row["penalty"])
            for row in compute(setup, list(changes.tries), public)
        ]
        if shown != wanted:
            mock.fault(f"{slug}, {'public' if public else 'jury'}: other standings than by computation")


def _cells(mock: Mock, slug: str) -> dict[tuple[str, str], tuple[int, bool]]:
    body = mock.standings(slug, public=False)
    return {
        (row["name"], problem["label"]): (cell["tries"], cell["solved"])
        for row in body["rows"]
        for problem, cell in zip(body["problems"], row["cells"], strict=True)
    }


def _check_verdicts(mock: Mock, slug: str, log: list[LoggedTry], teams: list[str]) -> None:
    wanted = Counter((teams[each.member], LABELS[each.problem], _verdict_of(each)) for each in log)
    found = Counter(
        (each["member_name"], each["problem"], each["verdict"]) for each in mock.submissions(slug)
    )
    if found != wanted:
        mock.fault(f"{slug}: other verdicts than of the programs: {found - wanted} for {wanted - found}")


def _verdict_of(each: LoggedTry) -> str:
    return _PROGRAM_OF[each.verdict]


def run(options: argparse.Namespace, stack: Stack, write: Callable[[str], None] = print) -> int:
    teams = [f"team-{number:02}" for number in range(options.teams)]
    mock, seconds = _prepare(stack, teams), options.minutes * 60
    log = made_log(options.seed, options.teams, len(PROBLEMS), options.submissions, seconds)
    by_team = {
        team: [(n, each) for n, each in enumerate(log) if teams[each.member] == team] for team in teams
    }
    at_pages = teams[: options.browsers]
    _make_event(mock, "loud", teams, seconds)
    mock.began = time.monotonic() + _SIGN_IN_SECONDS
    threads = [
        threading.Thread(target=_play_by_api, args=(mock, "loud", team, by_team[team], True))
        for team in teams[options.browsers :]
    ]
    tries = [(n, teams[each.member], each) for n, each in enumerate(log) if teams[each.member] in at_pages]
    browsers = threading.Thread(target=BrowserTeams(mock, "loud", tries).play)
    faults = threading.Thread(target=_inject, args=(mock, seconds, write))
    for thread in (*threads, browsers, faults):
        thread.start()
    for thread in (*threads, faults):
        thread.join()
    _settle(mock, "loud", len(log))
    _check_standings(mock, "loud")
    mock.settled.set()
    browsers.join()
    late = sorted(mock.late)
    write(
        f"{sum(mock.answered.values())} submissions of {len(teams)} teams, {len(tries)} of them from pages; "
        f"taken after {late[len(late) // 2]:.2f} s (median), {late[-1]:.1f} s (longest); "
        f"tried again: {dict(mock.refused) or 'none'}"
    )
    _check_verdicts(mock, "loud", log, teams)
    _play_quietly(mock, teams, by_team, len(log))
    differing = {key for key, cell in _cells(mock, "loud").items() if _cells(mock, "quiet")[key] != cell}
    if differing:
        mock.fault(f"other tries or solved problems than in the quiet run: {sorted(differing)[:10]}")
    for fault in mock.faults:
        write(f"  {fault}")
    write(f"{len(mock.faults)} faults")
    return 1 if mock.faults else 0


def _play_quietly(
    mock: Mock, teams: list[str], by_team: dict[str, list[tuple[int, LoggedTry]]], count: int
) -> None:
    """Send the same script to another event, as fast as the API takes it, while nothing is killed."""
    _make_event(mock, "quiet", teams, 3600)
    threads = [
        threading.Thread(target=_play_by_api, args=(mock, "quiet", team, by_team[team], False))
        for team in teams
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    _settle(mock, "quiet", count)
    _check_standings(mock, "quiet")


@contextmanager
def _stack() -> Iterator[Stack]:
    with tempfile.TemporaryDirectory(prefix="gavel-mock-") as folder:
        data = Path(folder) / "data"
        data.mkdir()
        with stack_up(Stack(data, SqliteFile(data / "gavel.db"), workers="normal=2,premium=1")) as stack:
            yield stack


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--teams", type=int, default=24)
    parser.add_argument("--browsers", type=int, default=6, help="teams at real browsers")
    parser.add_argument("--submissions", type=int, default=240)
    parser.add_argument("--seed", type=int, default=29)
    with _stack() as stack:
        return run(parser.parse_args(), stack)


if __name__ == "__main__":
    sys.exit(main())
