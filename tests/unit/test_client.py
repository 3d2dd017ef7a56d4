"""The client library works with a real HTTP server that misbehaves in various ways."""

from __future__ import annotations

import asyncio
import json
import threading
from pathlib import Path
from typing import Any

import pytest

from gavel_client import (
    AsyncGavel,
    Gavel,
    NotSignedIn,
    RefusedByServer,
    ServerUnreachable,
    TooManyRequests,
)
from gavel_client.errors import WatchTimeout
from gavel_client.follow import StatusFollower
from gavel_client.results import TestRow
from gavel_client.transport import Transport, seconds_until_free
from judge_api.cli.submit import read_programs
from tests.unit.scripted_server import Answer, Script, body


def status_of(stage: str, state: str, done: int = 0, **more: Any) -> dict[str, Any]:
    return {"id": "s1", "state": state, "stage": stage, "tests_done": done, "tests_total": 3, **more}


QUEUED = status_of("QUEUED", "PENDING")
RUNNING = status_of("RUNNING", "STARTED", 1)
DONE = status_of("DONE", "SUCCESS", 3, verdict="AC", status_code=10, status_msg="Accepted")


def test_after_a_server_error_a_submission_is_sent_again_with_the_same_idempotency_key(
    gavel: Gavel, script: Script
) -> None:
    script.answers = [body({}, 503), body({}, 502), body({"id": "s1", "queue": "normal", "new": 1}, 202)]
    assert gavel.submit("p", "c17", "").id == "s1"
    keys = {headers["Idempotency-Key"] for _, _, headers in script.asked}
    assert len(script.asked) == 3 and len(keys) == 1
    assert script.asked[0][2]["Authorization"] == "Bearer key"


def test_two_submissions_of_a_client_have_different_idempotency_keys(gavel: Gavel, script: Script) -> None:
    script.default = lambda path: body({"id": "s1", "queue": "normal"}, 202)
    gavel.submit("p", "c17", "")
    gavel.submit("p", "c17", "")
    assert script.asked[0][2]["Idempotency-Key"] != script.asked[1][2]["Idempotency-Key"]


def test_a_request_without_an_idempotency_key_is_not_sent_again_after_an_error(
    gavel: Gavel, script: Script
) -> None:
    script.answers = [body({"title": "down"}, 503)]
    with pytest.raises(RefusedByServer):
        gavel.send("POST", "/admin/something")
    assert len(script.asked) == 1


def test_the_client_s_error_shows_the_title_the_status_and_the_field_of_the_refusal(
    gavel: Gavel, script: Script
) -> None:
    problem = {"title": "Invalid", "detail": "bad", "errors": [{"field": "language", "message": "unknown"}]}
    script.answers = [body(problem, 422)]
    with pytest.raises(RefusedByServer, match=r"Invalid \(422\)\n  language: unknown"):
        gavel.submit("p", "klingon", "")


@pytest.mark.parametrize(
    ("status", "kind"), [(401, NotSignedIn), (429, TooManyRequests), (404, RefusedByServer)]
)
def test_each_refusal_raises_the_error_class_of_its_status_code(
    gavel: Gavel, script: Script, status: int, kind: type[Exception]
) -> None:
    script.answers = [body({"title": "no"}, status, **{"Retry-After": "7"})]
    with pytest.raises(kind) as caught:
        gavel.status("s1")
    assert getattr(caught.value, "retry_after", 7.0) == 7.0


def test_the_client_s_error_shows_an_answer_that_is_not_json(gavel: Gavel, script: Script) -> None:
    script.answers = [(400, {}, b"<h1>proxy says no</h1>")]
    with pytest.raises(RefusedByServer, match="proxy says no"):
        gavel.status("s1")


def test_a_refused_connection_raises_server_unreachable_with_the_reason() -> None:
    with pytest.raises(ServerUnreachable, match="Connection refused"), Gavel("http://127.0.0.1:9") as gavel:
        gavel.send("POST", "/x")


@pytest.mark.parametrize("scheme", ["http_proxy", "all_proxy"])
def test_requests_to_this_host_ignore_the_proxy_variables(
    gavel: Gavel, script: Script, monkeypatch: pytest.MonkeyPatch, scheme: str
) -> None:
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv(scheme, "http://127.0.0.1:1")
    script.answers.append(body({"languages": []}))
    gavel.languages()
    assert script.asked[0][1] == "/languages"


def test_a_netrc_file_does_not_replace_the_api_key(
    gavel: Gavel, script: Script, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    netrc = tmp_path / ".netrc"
    netrc.write_text("machine 127.0.0.1 login ada password secret\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    script.answers.append(body({"languages": []}))
    gavel.languages()
    assert script.asked[0][2]["Authorization"].startswith("Bearer ")


def events(*statuses: dict[str, Any]) -> Answer:
    text = ": hello\n\n" + "".join(
        f"id: {n}\nevent: status\ndata: {json.dumps(s)}\n\n" for n, s in enumerate(statuses)
    )
    return 200, {"Content-Type": "text/event-stream"}, text.encode()


def stages(gavel: Gavel) -> list[str]:
    return [f"{s.stage}{s.tests_done}" for s in gavel.watch("s1", 20)]


def test_the_client_follows_the_events_of_a_submission_to_its_verdict(gavel: Gavel, script: Script) -> None:
    script.answers = [events(QUEUED, RUNNING, RUNNING, DONE)]
    assert stages(gavel) == ["QUEUED0", "RUNNING1", "DONE3"]
    assert [path for _, path, _ in script.asked] == ["/events/s1"]


def test_the_client_changes_to_long_polls_if_the_events_break_off(gavel: Gavel, script: Script) -> None:
    script.answers = [events(QUEUED), body(RUNNING), body(DONE)]
    assert stages(gavel) == ["QUEUED0", "RUNNING1", "DONE3"]
    assert script.asked[1][1].startswith("/status/s1?wait=")


def test_the_client_changes_to_long_polls_if_the_events_hang(gavel: Gavel, script: Script) -> None:
    over = threading.Event()

    def hang(path: str) -> Answer:
        over.wait(20)
        return body({}, 404)

    script.default = lambda path: hang(path) if "events" in path else body(DONE)
    seen = [status.stage for status in StatusFollower(Transport(gavel.url, "key"), "s1", 20, silence=0.2)]
    over.set()
    assert seen == ["DONE"]
    assert [path for _, path, _ in script.asked] == ["/events/s1", "/status/s1"]


def test_the_client_follows_by_polls_if_the_server_has_no_events_and_answers_at_once(
    gavel: Gavel, script: Script
) -> None:
    script.answers = [body({}, 404), body(QUEUED), body(QUEUED), body(QUEUED), body(RUNNING), body(DONE)]
    assert stages(gavel) == ["QUEUED0", "RUNNING1", "DONE3"]
    assert script.asked[-1][1] == "/status/s1"


def test_waiting_for_a_verdict_raises_watch_timeout_after_the_given_time(
    gavel: Gavel, script: Script
) -> None:
    script.default = lambda path: body(QUEUED) if "status" in path else body({}, 404)
    with pytest.raises(WatchTimeout):
        gavel.wait("s1", 0.5)


def test_a_status_that_the_account_may_not_see_ends_the_watch(gavel: Gavel, script: Script) -> None:
    script.default = lambda path: body({"title": "Not found"}, 404)
    with pytest.raises(RefusedByServer):
        gavel.wait("s1", 5)


@pytest.mark.parametrize(
    ("stdin", "sent"),
    [
        ("1\r\n", {"stdin": "1\r\n"}),
        (b"1\r\n", {"stdin": "1\r\n"}),
        ("ä".encode(), {"stdin": "ä"}),
        (b"\xe9\n", {"stdin_base64": "6Qo="}),
        ("a\x00", {"stdin_base64": "YQA="}),
        (b"", {"stdin": ""}),
    ],
)
def test_the_input_of_a_run_is_sent_as_text_or_as_base64_if_it_is_not_plain_text(
    gavel: Gavel, script: Script, stdin: str | bytes, sent: dict[str, str]
) -> None:
    script.answers.append(body({"id": "s1", "queue": "normal"}, 202))
    gavel.run("python3", "x", stdin, b"\xff")
    assert json.loads(script.bodies[-1]) == {
        "language": "python3",
        "source": "x",
        "expected_output_base64": "/w==",
        **sent,
    }


def test_the_output_of_a_test_can_be_read_as_bytes() -> None:
    assert TestRow("1", "AC", output="ä").output_bytes == "ä".encode()
    assert TestRow("1", "AC", output="\ufffd", output_base64="/w==").output_bytes == b"\xff"


UNKNOWN = {"field": "run_all", "message": "is not known here", "code": "unknown-field"}


def test_an_optional_field_that_an_older_server_does_not_know_is_left_out(
    gavel: Gavel, script: Script
) -> None:
    script.answers = [body({"errors": [UNKNOWN]}, 422), body({"id": "s1", "queue": "normal"}, 202)]
    with pytest.warns(UserWarning, match="does not know run_all"):
        assert gavel.submit("p", "c17", "x", run_all=True).id == "s1"
    first, second = (json.loads(sent) for sent in script.bodies)
    assert first == {**second, "run_all": True}
    assert len({headers["Idempotency-Key"] for _, _, headers in script.asked}) == 1


@pytest.mark.parametrize("fault", [{"field": "source"}, {"code": None}], ids=["needed", "another fault"])
def test_a_refusal_of_a_required_field_or_with_a_further_fault_is_raised(
    gavel: Gavel, script: Script, fault: dict[str, Any]
) -> None:
    script.answers = [body({"errors": [UNKNOWN, {**UNKNOWN, **fault}]}, 422)]
    with pytest.raises(RefusedByServer):
        gavel.submit("p", "c17", "x", run_all=True)
    assert len(script.asked) == 1


def test_the_receipt_of_a_repeated_submission_says_that_it_is_a_replay(gavel: Gavel, script: Script) -> None:
    script.answers = [body({"id": "s1", "queue": "normal", "replayed": True}, 202)]
    assert gavel.submit("p", "c17", "", "key").replayed


def _batch(count: int) -> Answer:
    accepted = {"id": "s1", "queue": "normal", "replayed": False}
    refused = {"title": "A limit is used up", "retry_after": 7}
    results = [{"status": 202, "accepted": accepted, "error": None}] * (count - 1)
    return body({"results": [*results, {"status": 429, "accepted": None, "error": refused}]})


def test_a_large_batch_is_sent_in_calls_of_a_hundred(gavel: Gavel, script: Script) -> None:
    script.answers = [body({}, 503), _batch(100), _batch(50)]
    results = gavel.submit_batch([{"problem": "p", "language": "c17", "source": str(n)} for n in range(150)])
    assert len(results) == 150
    assert [type(one).__name__ for one in results[98:100]] == ["Receipt", "TooManyRequests"]
    assert isinstance(results[99], TooManyRequests)
    assert results[99].retry_after == 7
    sizes = [len(json.loads(sent)["submissions"]) for sent in script.bodies]
    assert sizes == [100, 100, 50]
    keys = [headers["Idempotency-Key"] for _, _, headers in script.asked]
    assert (keys[0] == keys[1], keys[1] == keys[2]) == (True, False)


def test_the_statuses_of_many_submissions_are_read_in_calls_of_a_hundred(
    gavel: Gavel, script: Script
) -> None:
    script.default = lambda path: body(
        {"statuses": [DONE if id == "a" else None for id in path.split("%2C")]}
    )
    assert len(gavel.statuses(["b"] * 150)) == 150
    assert [len(path.split("%2C")) for _, path, _ in script.asked] == [100, 50]


def test_the_bytes_of_all_files_of_a_program_are_sent(gavel: Gavel, script: Script) -> None:
    script.default = lambda path: body({"id": "s1", "queue": "normal"}, 202)
    files: dict[str, str | bytes] = {"main.py": "import a", "odd.bin": b"\xff"}
    gavel.submit("p", "python3", files=files, entry_point="main.py")
    gavel.run("python3", files=files)
    submitted, ran = (json.loads(sent) for sent in script.bodies)
    wanted = [{"name": "main.py", "content": "import a"}, {"name": "odd.bin", "content_base64": "/w=="}]
    assert (submitted["files"], submitted["entry_point"], "source" in submitted) == (wanted, "main.py", False)
    assert (ran["files"], "entry_point" in ran) == (wanted, False)


def test_files_of_a_submission_are_named_relative_to_their_common_folder(tmp_path: Path) -> None:
    (tmp_path / "app").mkdir()
    paths = [tmp_path / "start.py", tmp_path / "app" / "part.py"]
    for path in paths:
        path.write_text("pass")
    (program,) = read_programs(paths, None, True, "start.py")
    assert (program.language, program.entry_point) == ("python3", "start.py")
    assert set(program.files or ()) == {"start.py", "app/part.py"}
    assert [one.files for one in read_programs(paths, None, False, None)] == [None, None]


ACCEPTED = {"id": "s1", "queue": "normal"}


@pytest.fixture
def slept(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The pauses of the client. They take no time in tests."""
    pauses: list[float] = []
    clock = [100.0]

    def sleep(seconds: float) -> None:
        pauses.append(seconds)
        clock[0] += seconds

    monkeypatch.setattr("gavel_client.transport.time.sleep", sleep)
    monkeypatch.setattr("gavel_client.transport.time.monotonic", lambda: clock[0])
    return pauses


def test_a_patient_client_waits_for_a_rate_limit_that_ends_within_its_patience(
    gavel: Gavel, script: Script, slept: list[float]
) -> None:
    gavel._transport.patience = 60
    refusal = body({}, 429, **{"Retry-After": "7"})
    script.answers = [refusal, body(ACCEPTED, 202)]
    assert gavel.submit("p", "c17", "").id == "s1"
    assert slept == [7.0]
    script.answers = [body({}, 429, **{"Retry-After": "61"})]
    with pytest.raises(TooManyRequests):
        gavel.submit("p", "c17", "")


def test_a_patient_client_waits_before_a_submission_that_the_rate_limit_would_refuse(
    gavel: Gavel, script: Script, slept: list[float]
) -> None:
    gavel._transport.patience = 60
    used_up = {"RateLimit": '"minute";r=0;t=12, "unfinished";r=3'}
    script.answers = [body(ACCEPTED, 202, **used_up), body(DONE), body(ACCEPTED, 202), body(ACCEPTED, 202)]
    gavel.submit("p", "c17", "")
    gavel.status("s1")
    assert slept == []
    gavel.submit("p", "c17", "")
    gavel.submit("p", "c17", "")
    assert slept == [12.0]


def test_a_patient_client_sends_the_refused_submissions_of_a_batch_again(
    gavel: Gavel, script: Script, slept: list[float]
) -> None:
    gavel._transport.patience = 60
    refused = {"status": 429, "accepted": None, "error": {"retry_after": 5}}
    done = {"status": 202, "accepted": ACCEPTED, "error": None}
    script.answers = [body({"results": [done, refused]}), body({"results": [done, done]})]
    results = gavel.submit_batch([{}, {}])
    assert [type(one).__name__ for one in results] == ["Receipt", "Receipt"]
    assert slept == [5.0]


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("", 0),
        ('"minute";r=1;t=12', 0),
        ('"minute";r=0;t=12', 12),
        ('"minute";r=0;t=12, "day";r=0;t=900', 900),
        ('"unfinished";r=0', 0),
        ("nonsense;r=0;t=3", 0),
    ],
)
def test_the_client_computes_the_time_to_wait_from_the_ratelimit_header(header: str, seconds: float) -> None:
    assert seconds_until_free(header) == seconds


def test_the_client_for_asyncio_has_every_call_of_the_synchronous_client() -> None:
    def calls(of: type) -> set[str]:
        return {name for name, value in vars(of).items() if callable(value) and not name.startswith("_")}

    assert calls(AsyncGavel) - calls(Gavel) == {"in_thread"}
    assert calls(Gavel) <= calls(AsyncGavel)


def test_calls_of_the_asyncio_client_run_at_the_same_time(gavel: Gavel, script: Script) -> None:
    together = threading.Barrier(3, timeout=60)

    def answer(path: str) -> Answer:
        together.wait()  # raises unless three requests arrive at the same time
        return body({**DONE, "id": path.rpartition("/")[2]})

    async def ask() -> list[str]:
        async with AsyncGavel(gavel.url, "key") as client:
            return [each.id for each in await asyncio.gather(*map(client.status, ("a", "b", "c")))]

    script.default = answer
    assert asyncio.run(ask()) == ["a", "b", "c"]
    assert {headers["Authorization"] for _, _, headers in script.asked} == {"Bearer key"}


def test_the_asyncio_client_follows_to_the_verdict_and_raises_the_same_errors(
    gavel: Gavel, script: Script
) -> None:
    async def watch() -> list[str]:
        async with AsyncGavel(gavel.url, "key", threads=1) as client:
            seen = [status.stage async for status in client.watch("s1", 20)]
            with pytest.raises(RefusedByServer):
                await client.submit("aplusb", "python3", "print(3)")
            return seen

    script.answers = [events(QUEUED, RUNNING, DONE)]
    assert asyncio.run(watch()) == ["QUEUED", "RUNNING", "DONE"]
