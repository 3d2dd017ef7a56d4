"""An event follows a contest of another system. Gavel judges its submissions too, and lists the
differences."""

from __future__ import annotations

import io
import json
import threading
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_network
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import text
from werkzeug.serving import make_server

from judge_api.dispatch.shadow_follower import (
    ClaimLost,
    ShadowFollower,
    ShadowLimits,
    ShadowStores,
    ShadowThreads,
)
from judge_api.store.engine import read_connection, write_transaction
from judge_api.store.shadows import CLAIM, ShadowStore, Theirs
from judge_api.store.verdicts import VerdictStore
from judge_api.webhooks.http_reader import CannotRead, HttpReader
from judge_api.webhooks.url_policy import UrlPolicy
from judge_core.clock import Jitter, utc_now
from judge_core.model.submission import Verdict, rfc3339
from tests.support.records import finished
from tests.web.app_fixture import SUM, AppFixture, build_app
from tests.web.event_fixture import EventClient, make_event

LOOPBACK = (ip_network("127.0.0.0/8"),)
TYPES = [
    {"id": "AC", "name": "correct", "penalty": False, "solved": True},
    {"id": "WA", "name": "wrong answer", "penalty": True, "solved": False},
    {"id": "NO", "name": "no output", "penalty": True, "solved": False},
    {"id": "CE", "name": "compiler error", "penalty": False, "solved": False},
]


class NoPause(Jitter):
    """A pause of zero seconds, so that the follower reconnects at once."""

    def apply(self, seconds: float) -> float:
        return 0.0


def _zip(**files: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, text in files.items():
            archive.writestr(name.replace("__", "."), text)
    return out.getvalue()


@dataclass
class OtherSystem:
    """A contest of another system: its feed, its files, and plans for its next connections.

    A plan is a status, or the number of lines after which the connection is lost. Without a plan the feed
    stays open and sends what is added.
    """

    url: str = ""
    lines: list[str] = field(default_factory=list)
    files: dict[str, Any] = field(default_factory=dict)
    plans: list[int] = field(default_factory=list)
    asked: list[tuple[str, str | None]] = field(default_factory=list)
    has_tokens: bool = True
    changed: threading.Condition = field(default_factory=threading.Condition)
    is_over: bool = False

    def say(self, kind: str, data: Any, **more: Any) -> None:
        id = more.pop("id", data.get("id") if isinstance(data, dict) else None)
        event = {"type": kind, "id": id, "data": data, **more}
        with self.changed:
            if self.has_tokens:
                event["token"] = f"t{len(self.lines) + 1}"
            self.lines.append(json.dumps(event))
            self.changed.notify_all()

    def begin(self) -> None:
        """Add the first objects of DOMjudge, with its usual violations of the specification's schema."""
        self.say("contest", {"id": "1", "start_time": None, "duration": "5:00:00.000"})
        for each in TYPES:
            self.say("judgement-types", each)
        self.say("problems", {"id": "hello", "label": "A", "short_name": "A", "ordinal": "x", "rgb": "red"})
        self.say("organizations", {"id": "7", "name": "KTH", "formal_name": None})
        self.say("teams", {"id": "11", "name": "Ada\x00", "display_name": None, "organization_id": "7"})
        self.say("teams", {"id": "12", "name": "Grace", "group_ids": "3"})
        with self.changed:
            self.lines.append("{no JSON")
            self.lines.append("[1, 2]")
            self.lines.append("")

    def submit(self, id: str, team: str = "11", minutes: int = 5, text: str = SUM, **more: Any) -> None:
        self.files.setdefault(id, _zip(main__py=text))
        body = {"id": id, "team_id": team, "problem_id": "hello", "language_id": "python3"}
        self.say("submissions", {**body, "contest_time": f"0:{minutes:02}:00.000", **more})

    def judge(self, id: str, submission: str, verdict: str | None, **more: Any) -> None:
        body = {"id": id, "submission_id": submission, "judgement_type_id": verdict}
        self.say("judgements", {**body, "end_time": utc_now().isoformat(), **more})

    def after(self, query: dict[str, list[str]]) -> int:
        """The number of lines that a client has already read, by the token in its request."""
        token = (query.get("since_token") or ["t0"])[0]
        return next((n + 1 for n, line in enumerate(self.lines) if f'"token": "{token}"' in line), 0)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.0"
    other: OtherSystem

    def log_message(self, format: str, *args: Any) -> None:
        pass

    def do_GET(self) -> None:
        other, parts = self.other, urlsplit(self.path)
        other.asked.append((self.path, self.headers.get("Authorization")))
        if parts.path.endswith("/files"):
            self._send(other.files.get(parts.path.split("/")[-2], 404))
            return
        plan = other.plans.pop(0) if other.plans else None
        if plan is not None and plan >= 400:
            self._send(plan)
            return
        self._stream(other, other.after(parse_qs(parts.query)), plan)

    def _send(self, answer: Any) -> None:
        if isinstance(answer, threading.Event):  # the server does not answer
            answer.wait(60)
            return
        self.send_response(answer if isinstance(answer, int) else 200)
        if isinstance(answer, tuple):  # the connection is lost after a part of the answer
            answer, length = answer
            self.send_header("Content-Length", str(length))
        self.end_headers()
        if not isinstance(answer, int):
            self.wfile.write(answer)

    def _stream(self, other: OtherSystem, at: int, most: int | None) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "application/x-ndjson")
        self.end_headers()
        end = None if most is None else at + most
        while end is None or at < end:
            with other.changed:
                while len(other.lines) <= at and not other.is_over:
                    other.changed.wait(60)
                if other.is_over:
                    return
                line = other.lines[at]
            at += 1
            self.wfile.write(line.encode() + b"\n")
            self.wfile.flush()


@contextmanager
def _other_system() -> Iterator[OtherSystem]:
    system = OtherSystem()
    handler = type("Handler", (_Handler,), {"other": system})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    system.url = f"http://127.0.0.1:{server.server_port}/api/contests/1"
    yield system
    with system.changed:
        system.is_over = True
        system.changed.notify_all()
    server.shutdown()
    server.server_close()


@pytest.fixture
def other() -> Iterator[OtherSystem]:
    with _other_system() as system:
        yield system


@pytest.fixture
def shadow_app(tmp_path: Any, redis_server: Any) -> Iterator[AppFixture]:
    built = build_app(tmp_path, redis_server, GAVEL_WEBHOOK_NETWORKS="127.0.0.0/8")
    yield built
    built.services.status_subscriptions.close()
    built.services.engine.dispose()


def _follower(app: AppFixture, **limits: Any) -> ShadowFollower:
    services = app.services
    stores = ShadowStores(
        services.shadows, services.events, services.event_results, services.problems, services.submissions
    )
    reader = HttpReader(UrlPolicy(LOOPBACK), 60.0)
    return ShadowFollower(stores, services.languages, reader, ShadowLimits(65536), jitter=NoPause(), **limits)


def _event(app: AppFixture, other: OtherSystem, slug: str = "shadow", **body: Any) -> EventClient:
    event = make_event(app, slug, visibility="jury")
    sent = {"url": other.url, "user": "jury", "secret": "s3cret", **body}
    event.call("admin", "PUT", "/shadow", sent, expect=200)
    return event


@contextmanager
def _following(app: AppFixture, event: EventClient) -> Iterator[None]:
    """Follows the contest in a thread during the block, as the dispatcher does."""
    threads = ShadowThreads(app.services.shadows, _follower(app), "one")
    assert threads.begin()
    try:
        yield
    finally:
        threads.end(30)


def _shown(event: EventClient) -> dict[str, Any]:
    body = event.call("author", "GET", "/shadow", expect=200)
    return {each["id"]: each for each in body["submissions"]}


def _wait(event: EventClient, holds: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    """Wait until a condition is true for the comparison, and return the comparison."""
    pause = threading.Event()
    for _ in range(600):
        shown = _shown(event)
        if holds(shown):
            return shown
        pause.wait(0.1)
    raise AssertionError(f"it never came: {json.dumps(event.call('author', 'GET', '/shadow'), indent=1)}")


def _judge_here(event: EventClient, submission: str, verdict: Verdict) -> None:
    store = VerdictStore(event.app.services.engine)
    assert store.record(finished(submission, verdict=verdict)) is not None


def _submitted(*ids: str) -> Callable[[dict[str, Any]], bool]:
    return lambda shown: all(shown.get(id, {}).get("submission") for id in ids)


def test_gavel_judges_submissions_of_a_followed_contest_and_lists_differences(
    shadow_app: AppFixture, other: OtherSystem
) -> None:
    other.begin()
    other.submit("101")
    event = _event(shadow_app, other)
    with _following(shadow_app, event):
        shown = _wait(event, _submitted("101"))
        one = shown["101"]
        assert (one["member"], one["problem"], one["language"]) == ("Ada", "A", "python3")
        assert (one["theirs"], one["ours"], one["agreement"]) == (None, None, "pending")
        stored = shadow_app.services.submissions.submission(one["submission"])
        assert stored is not None
        assert stored.source == SUM
        other.submit("102", "12", minutes=6, text="print(1)")
        other.judge("j1", "101", "AC")
        other.judge("j2", "102", "NO")
        shown = _wait(event, _submitted("101", "102"))
        _judge_here(event, shown["101"]["submission"], Verdict.AC)
        _judge_here(event, shown["102"]["submission"], Verdict.TLE)
        shown = _wait(event, lambda found: found["102"]["agreement"] == "differ")
    assert shown["101"]["agreement"] == "agree"
    assert (shown["102"]["theirs"], shown["102"]["their_type"], shown["102"]["ours"]) == ("WA", "NO", "TLE")
    assert event.call("author", "GET", "/shadow")["counts"] == {
        "pending": 0, "agree": 1, "differ": 1, "unusable": 0, "deleted": 0
    }  # fmt: skip
    starts_at = event.state("author")["starts_at"]
    at = [shown[id]["at"] for id in ("101", "102")]
    assert at == [_later(starts_at, 5), _later(starts_at, 6)]
    (feed, *_) = [sent for path, sent in other.asked if "event-feed" in path]
    assert feed == "Basic anVyeTpzM2NyZXQ="


def _later(moment: str, minutes: int) -> str:
    return rfc3339(datetime.fromisoformat(moment) + timedelta(minutes=minutes)) or ""


def test_contestants_cannot_see_a_followed_contest(shadow_app: AppFixture, other: OtherSystem) -> None:
    app = shadow_app
    before = app.client.get("/problems/aplusb").get_json()
    other.begin()
    other.submit("101")
    event = _event(app, other)
    with _following(app, event):
        shown = _wait(event, _submitted("101"))
    _judge_here(event, shown["101"]["submission"], Verdict.AC)
    id = shown["101"]["submission"]
    for path in ("/events/shadow/state", "/events/shadow/shadow", f"/status/{id}", f"/submissions/{id}"):
        assert app.client.get(path, headers=app.headers("ada")).status_code in (403, 404)
    assert app.client.get("/events/shadow/standings").status_code == 404
    assert app.client.get("/problems/aplusb").get_json() == before
    # Even if the event is shown, its members are still hidden.
    event.call("author", "PATCH", "", {"visibility": "public"}, expect=200)
    assert event.standings("anonymous")["rows"] == []
    assert [row["name"] for row in event.standings("author")["rows"]] == ["Ada"]


def _damage_titles(app: AppFixture, title: str) -> None:
    with write_transaction(app.services.engine) as connection:
        connection.execute(text(f"UPDATE problems SET title = {title}"))


def test_a_submission_is_sent_when_its_problem_can_be_read_again(
    shadow_app: AppFixture, other: OtherSystem
) -> None:
    other.begin()
    other.submit("101")
    event = _event(shadow_app, other)
    _damage_titles(shadow_app, "CAST(x'ff' AS TEXT)")
    with _following(shadow_app, event):
        _wait_for_fault(shadow_app, event, "a record of it cannot be read")
        _damage_titles(shadow_app, "'Hello'")
        _wait(event, _submitted("101"))


def _wait_for_fault(app: AppFixture, event: EventClient, fault: str) -> None:
    query = text("SELECT fault FROM event_shadow_submissions WHERE fault IS NOT NULL")
    pause = threading.Event()
    for _ in range(600):
        with read_connection(app.services.engine) as connection:
            found = connection.execute(query).scalars().all()
        if any(fault in each for each in found):
            return
        pause.wait(0.1)
    raise AssertionError(f"no fault with {fault!r} was noted: {found}")


def test_following_continues_at_the_last_token_after_a_lost_connection(
    shadow_app: AppFixture, other: OtherSystem
) -> None:
    other.begin()
    other.submit("101")
    other.plans = [3, 500, 2, 503, 1]
    event = _event(shadow_app, other)
    with _following(shadow_app, event):
        other.submit("102", "12")
        _wait(event, _submitted("101", "102"))
    feeds = [path for path, _ in other.asked if "event-feed" in path]
    assert feeds[0].endswith("/event-feed")
    assert [path.partition("?")[2] for path in feeds[1:4]] == [
        "since_token=t3", "since_token=t3", "since_token=t5"
    ]  # fmt: skip
    assert len([path for path, _ in other.asked if path.endswith("/files")]) == 2


def test_a_feed_is_read_from_the_beginning_after_its_token_was_refused(
    shadow_app: AppFixture, other: OtherSystem
) -> None:
    other.begin()
    other.submit("101")
    other.plans = [4, 400]
    event = _event(shadow_app, other)
    with _following(shadow_app, event):
        _wait(event, _submitted("101"))
    feeds = [path.partition("?")[2] for path, _ in other.asked if "event-feed" in path]
    assert feeds[:3] == ["", "since_token=t4", ""]


def test_a_feed_without_tokens_is_read_again_without_submitting_twice(
    shadow_app: AppFixture, other: OtherSystem
) -> None:
    other.has_tokens = False
    other.begin()
    other.submit("101")
    other.judge("j1", "101", "AC")
    other.plans = [len(other.lines), len(other.lines)]
    event = _event(shadow_app, other)
    with _following(shadow_app, event):
        _wait(event, _submitted("101"))
        other.submit("102", "12")
        shown = _wait(event, _submitted("101", "102"))
    assert len(shown) == 2
    listed = event.call("author", "GET", "/submissions")["submissions"]
    assert len(listed) == 2


def test_duplicates_rejudgings_and_deletions_of_the_other_system_are_applied(
    shadow_app: AppFixture, other: OtherSystem
) -> None:
    other.begin()
    for _ in range(3):
        other.submit("101")
    other.judge("j1", "101", "WA")
    other.judge("j2", "101", None)
    event = _event(shadow_app, other)
    with _following(shadow_app, event):
        shown = _wait(event, lambda found: _submitted("101")(found) and found["101"]["theirs"] == "WA")
        _judge_here(event, shown["101"]["submission"], Verdict.AC)
        other.judge("j1", "101", "WA", valid=False)
        other.judge("j2", "101", "AC")
        _wait(event, lambda found: found["101"]["agreement"] == "agree")
        other.say("judgements", None, id="j2")
        _wait(event, lambda found: found["101"]["agreement"] == "pending")
        other.submit("102")
        other.say("submissions", None, id="101", op="delete")
        shown = _wait(event, lambda found: found["101"]["agreement"] == "deleted")
    (tried,) = [
        each for each in event.call("author", "GET", "/submissions")["submissions"] if each["disqualified"]
    ]
    assert tried["id"] == shown["101"]["submission"]


def test_judgements_that_arrive_before_their_submission_are_kept(
    shadow_app: AppFixture, other: OtherSystem
) -> None:
    other.judge("j1", "101", "AC")
    other.submit("101")
    event = _event(shadow_app, other)
    with _following(shadow_app, event):
        shown = _wait(event, lambda found: found.get("101", {}).get("theirs") == "AC")
        assert shown["101"]["agreement"] == "pending"
        other.begin()
        _wait(event, _submitted("101"))


UNUSABLE: dict[str, tuple[dict[str, Any], Any, str]] = {
    "problem": ({"problem_id": "other"}, None, "no problem with the label 'other'"),
    "team": ({"team_id": "99"}, None, "no team '99'"),
    "language": ({"language_id": "brainf"}, _zip(x__bf="+"), "no language 'brainf'"),
    "no-zip": ({}, b"no zip", "no zip"),
    "empty": ({}, _zip(), "no files"),
    "long": ({}, _zip(main__py="x" * 70000), "more than 65536 bytes"),
    "large": ({}, b"x" * (5 << 20), "more than 4194304 bytes"),
    "refused": ({}, 403, "403"),
    "../../admin": ({}, None, "404"),
}


def test_a_submission_that_cannot_be_judged_shows_the_reason_and_delays_no_other_submission(
    shadow_app: AppFixture, other: OtherSystem
) -> None:
    other.begin()
    for id, (change, files, _) in UNUSABLE.items():
        if files is not None:
            other.files[id] = files
        other.submit(id, **change)
    other.submit("101")
    event = _event(shadow_app, other)
    with _following(shadow_app, event):
        _wait(event, _submitted("101"))
        shown = _wait(event, lambda found: all(found.get(id, {}).get("fault") for id in UNUSABLE))
    for id, (_, _, fault) in UNUSABLE.items():
        assert fault in shown[id]["fault"]
        assert shown[id]["submission"] is None
    assert not any("/../" in path for path, _ in other.asked)


def test_the_language_map_of_the_operator_applies_to_submissions_of_several_files(
    shadow_app: AppFixture, other: OtherSystem
) -> None:
    other.begin()
    other.files["101"] = _zip(Main__java="class Main {}", Helper__java="class Helper {}")
    other.submit("101", language_id="kava", entry_point="Main")
    event = _event(shadow_app, other, languages={"kava": "java"})
    with _following(shadow_app, event):
        shown = _wait(event, _submitted("101"))
    stored = shadow_app.services.submissions.submission(shown["101"]["submission"])
    assert stored is not None
    assert stored.files is not None
    assert [file.name for file in stored.files.files] == ["Main.java", "Helper.java"]
    assert shown["101"]["language"] == "java"


def test_a_juror_marks_a_difference_as_reviewed_and_exports_the_list_as_csv(
    shadow_app: AppFixture, other: OtherSystem
) -> None:
    other.begin()
    other.submit("101")
    event = _event(shadow_app, other)
    with _following(shadow_app, event):
        _wait(event, _submitted("101"))
    path = "/shadow/submissions/101/review"
    event.call("author", "PUT", path, {"looked_at": True, "note": "=our checker is stricter"}, expect=200)
    one = _shown(event)["101"]
    assert (one["looked_by"], one["note"]) == ("author", "=our checker is stricter")
    event.call("author", "PUT", "/shadow/submissions/999/review", {"looked_at": True}, expect=404)
    sheet = shadow_app.client.get("/events/shadow/shadow.csv", headers=shadow_app.headers("author"))
    head, line = sheet.get_data(as_text=True).strip().split("\r\n")
    assert head.startswith("id,member,problem,language,at,theirs")
    assert line.startswith("101,Ada,A,python3,")
    assert ",=our" not in line
    event.call("author", "PUT", path, {"looked_at": False}, expect=200)
    assert _shown(event)["101"]["looked_at"] is None


def test_the_password_of_a_followed_contest_is_not_shown_and_is_deleted_at_the_stop(
    shadow_app: AppFixture, other: OtherSystem
) -> None:
    event = _event(shadow_app, other)
    shown = event.call("admin", "GET", "/shadow", expect=200)
    assert "s3cret" not in json.dumps(shown)
    assert shown["contest"]["has_secret"] is True
    body = {"url": other.url, "user": "jury", "languages": {"x": "java"}}
    assert event.call("admin", "PUT", "/shadow", body, expect=200)["contest"]["has_secret"] is True
    event.call("admin", "DELETE", "/shadow", expect=204)
    contest = event.call("admin", "GET", "/shadow")["contest"]
    assert (contest["state"], contest["has_secret"]) == ("stopped", False)
    assert not ShadowThreads(shadow_app.services.shadows, _follower(shadow_app), "one").begin()


def test_a_follower_ends_when_following_is_stopped(shadow_app: AppFixture, other: OtherSystem) -> None:
    other.begin()
    event = _event(shadow_app, other)
    services = shadow_app.services
    shadow = services.shadows.claim("one")
    assert shadow is not None
    services.shadows.stop(shadow.event_id)
    _follower(shadow_app).follow(shadow, "one", threading.Event())
    assert other.asked == []
    assert event.call("admin", "GET", "/shadow")["submissions"] == []


def test_wrong_credentials_for_a_followed_contest_are_reported(
    shadow_app: AppFixture, other: OtherSystem
) -> None:
    other.plans = [401] * 1000
    event = _event(shadow_app, other)
    with _following(shadow_app, event):
        error = _error(event)
    assert "check the user and the password" in error


def test_a_second_dispatcher_follows_a_contest_only_after_the_claim_of_the_first_expired(
    shadow_app: AppFixture, other: OtherSystem
) -> None:
    _event(shadow_app, other)
    now = utc_now()
    engine = shadow_app.services.engine
    assert ShadowStore(engine, lambda: now).claim("one") is not None
    assert ShadowStore(engine, lambda: now).claim("two") is None
    assert ShadowStore(engine, lambda: now + 2 * CLAIM).claim("two") is not None
    assert not ShadowStore(engine, lambda: now).renew(_id(shadow_app), "one")


def test_a_changed_setting_replaces_the_follower_of_the_same_dispatcher(
    shadow_app: AppFixture, other: OtherSystem
) -> None:
    """After a change of the settings, the same dispatcher claims the contest again."""
    other.begin()
    event = _event(shadow_app, other)
    threads = ShadowThreads(shadow_app.services.shadows, _follower(shadow_app), "one")
    assert threads.begin()
    (first,) = threads._threads
    try:
        body = {"url": other.url, "user": "jury", "languages": {"kava": "java"}}
        event.call("admin", "PUT", "/shadow", body, expect=200)
        assert threads.begin()
        first.join(60)
        assert not first.is_alive()
        other.submit("101")
        _wait(event, _submitted("101"))
    finally:
        threads.end(30)


def test_a_follower_that_lost_its_claim_stores_nothing(shadow_app: AppFixture, other: OtherSystem) -> None:
    event = _event(shadow_app, other)
    shadows, follower = shadow_app.services.shadows, _follower(shadow_app)
    before = shadows.claim("one 1")
    assert before is not None
    event.call("admin", "PUT", "/shadow", {"url": f"{other.url}1"}, expect=200)
    assert shadows.claim("one 2") is not None
    other.submit("101")
    with pytest.raises(ClaimLost):
        follower.apply(before, "one 1", [line.encode() for line in other.lines])
    assert shadows.objects(before.event_id, "submissions") == {}
    assert shadows.put_theirs(before.event_id, "one 1", Theirs("101", False, None, None)) is None
    assert shadows.waiting(before.event_id) == []
    assert shadows.put_theirs(before.event_id, "one 2", Theirs("101", False, None, None)) is not None
    with pytest.raises(ClaimLost):
        follower.submit_waiting(before, "one 1")
    assert other.asked == []


def test_contests_at_two_addresses_may_have_the_same_ids(shadow_app: AppFixture, other: OtherSystem) -> None:
    other.begin()
    other.submit("101")
    event = _event(shadow_app, other)
    with _following(shadow_app, event):
        first = _wait(event, _submitted("101"))["101"]["submission"]
    with _other_system() as another:
        another.begin()
        another.submit("101", text="print(2)")
        event.call("admin", "PUT", "/shadow", {"url": another.url}, expect=200)
        with _following(shadow_app, event):
            second = _wait(event, _submitted("101"))["101"]["submission"]
    assert second != first
    stored = shadow_app.services.submissions.submission(second)
    assert stored is not None
    assert stored.source == "print(2)"


def test_odd_lines_of_a_feed_do_not_stop_other_lines(shadow_app: AppFixture, other: OtherSystem) -> None:
    deep = "[" * 700 + "]" * 700
    other.lines.append(f'{{"type": "teams", "id": "9", "data": {{"id": "9", "name": {deep}}}}}')
    other.lines.append('{"type": "teams", "id": "8", "data": {"id": "8", "name": "Odd", "n": [1e999, NaN]}}')
    other.say([], {"id": "7"})  # type: ignore[arg-type]
    other.begin()
    other.submit("101")
    other.judge("j1", "101", ["AC"])  # type: ignore[arg-type]
    other.submit("102")
    event = _event(shadow_app, other)
    with _following(shadow_app, event):
        _wait(event, _submitted("101", "102"))
    teams = shadow_app.services.shadows.objects(_id(shadow_app), "teams")
    assert teams["8"]["n"] == [None, None]


def test_teams_with_the_same_name_get_different_names(shadow_app: AppFixture, other: OtherSystem) -> None:
    other.begin()
    for id, name in (("13", "Ada"), ("14", "Ada (13)")):
        other.say("teams", {"id": id, "name": name})
    for id, team in (("101", "11"), ("102", "14"), ("103", "13")):
        other.submit(id, team)
    event = _event(shadow_app, other)
    with _following(shadow_app, event):
        shown = _wait(event, _submitted("101", "102", "103"))
    names = [shown[id]["member"] for id in ("101", "102", "103")]
    assert names[:2] == ["Ada", "Ada (13)"]
    assert names[2].startswith("Ada (")


def test_a_password_that_cannot_be_sent_is_reported(shadow_app: AppFixture, other: OtherSystem) -> None:
    event = _event(shadow_app, other, user=None, secret="€uro")
    with _following(shadow_app, event):
        error = _error(event)
    assert "cannot be sent" in error
    assert "uro" not in error.replace("user", "")
    assert other.asked == []


def test_files_that_were_cut_off_are_read_again(shadow_app: AppFixture, other: OtherSystem) -> None:
    whole = _zip(main__py=SUM)
    other.begin()
    other.files["101"] = (whole[:50], len(whole))
    other.submit("101")
    event = _event(shadow_app, other)
    with _following(shadow_app, event):
        shown = _wait(event, lambda found: found.get("101", {}).get("fault"))
        assert "the connection was lost" in shown["101"]["fault"]
        other.files["101"] = whole
        _wait(event, _submitted("101"))


def test_reading_files_that_do_not_arrive_ends_at_the_time_limit(other: OtherSystem) -> None:
    other.files["101"] = ended = threading.Event()
    reader = HttpReader(UrlPolicy(LOOPBACK), 60.0)
    with pytest.raises(CannotRead), reader.get(f"{other.url}/submissions/101/files", {}, 0.2) as answer:
        answer.read(1000)
    ended.set()


def test_a_deletion_applies_after_a_crash_and_keeps_the_reason_of_a_juror(
    shadow_app: AppFixture, other: OtherSystem
) -> None:
    other.begin()
    other.submit("101")
    other.submit("102", "12")
    event = _event(shadow_app, other)
    with _following(shadow_app, event):
        shown = _wait(event, _submitted("101", "102"))
    services, follower, at = shadow_app.services, _follower(shadow_app), len(other.lines)
    shadow = services.shadows.claim("two")
    assert shadow is not None
    services.event_results.disqualify(shadow.event_id, shown["102"]["submission"], "copied")
    # The follower noted the first deletion, and then it crashed.
    services.shadows.put_theirs(shadow.event_id, "two", Theirs("101", True, None, None))
    for id in ("101", "102"):
        other.say("submissions", None, id=id, op="delete")
    follower.apply(shadow, "two", [line.encode() for line in other.lines[at:]])
    assert _reasons(event) == {"101": "deleted in the other system", "102": "copied"}
    at = len(other.lines)
    other.submit("101")
    other.submit("102", "12")
    follower.apply(shadow, "two", [line.encode() for line in other.lines[at:]])
    assert _reasons(event) == {"101": None, "102": "copied"}


def _reasons(event: EventClient) -> dict[str, str | None]:
    """The reason why each submission does not count, by its id in the other system."""
    listed = event.call("author", "GET", "/submissions")["submissions"]
    reasons = {each["id"]: each["disqualified"] for each in listed}
    return {id: reasons[each["submission"]] for id, each in _shown(event).items()}


def _error(event: EventClient) -> str:
    pause = threading.Event()
    for _ in range(600):
        error = event.call("author", "GET", "/shadow")["contest"]["error"]
        if error:
            return str(error)
        pause.wait(0.1)
    raise AssertionError("no error was shown")


def _id(app: AppFixture) -> str:
    found = app.services.events.get("shadow")
    assert found is not None
    return found.id


def test_an_address_or_event_that_cannot_be_followed_is_refused(
    own_app: AppFixture, shadow_app: AppFixture
) -> None:
    private = make_event(own_app, "private", visibility="jury")
    for url in ("http://127.0.0.1/api/contests/1", "http://10.0.0.1/x", "ftp://judge.example/", "x"):
        refused = private.call("admin", "PUT", "/shadow", {"url": url}, expect=422)
        assert "url" in str(refused)
    event = make_event(shadow_app, "open", visibility="public")
    body = {"url": "https://judge.example/api/contests/1"}
    assert "visibility" in str(event.call("admin", "PUT", "/shadow", body, expect=409))
    event.call("author", "PATCH", "", {"visibility": "jury"}, expect=200)
    assert "languages.py" in str(
        event.call("admin", "PUT", "/shadow", {**body, "languages": {"py": "nope"}}, expect=422)
    )
    event.add("ada")
    assert "members" in str(event.call("admin", "PUT", "/shadow", body, expect=409))
    event.call("admin", "DELETE", "/shadow", expect=404)
    assert event.call("author", "GET", "/shadow", expect=200)["contest"] is None


@pytest.mark.slow
def test_a_contest_of_another_gavel_can_be_followed(own_app: AppFixture, shadow_app: AppFixture) -> None:
    """The other Gavel serves its whole Contest API, with its own feed, tokens and zips."""
    source = make_event(own_app, "original")
    source.add("ada", affiliation="Here")
    first = source.submit("ada", Verdict.AC)
    event = make_event(shadow_app, "copy", visibility="jury")
    with _served(own_app) as address:
        body = {"url": f"{address}/api/contests/original", "secret": own_app.accounts["author"].key}
        event.call("admin", "PUT", "/shadow", body, expect=200)
        with _following(shadow_app, event):
            shown = _wait(
                event, lambda found: len(found) == 1 and all(each["submission"] for each in found.values())
            )
            (one,) = shown.values()
            assert (one["id"], one["member"], one["theirs"]) == (first, "ada", "AC")
            _judge_here(event, one["submission"], Verdict.WA)
            second = source.submit("ada", Verdict.WA)
            shown = _wait(event, _submitted(second))
            _judge_here(event, shown[second]["submission"], Verdict.WA)
            shown = _wait(event, lambda found: found[second]["agreement"] == "agree")
    assert shown[first]["agreement"] == "differ"


@contextmanager
def _served(app: AppFixture) -> Iterator[str]:
    """Serves the application on loopback in a thread."""
    server = make_server("127.0.0.1", 0, app.flask, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
