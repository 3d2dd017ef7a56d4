"""If an address or a key is wrong, or the server is not Gavel, the client raises its own error and a command
prints a message."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from gavel_client import (
    ClientError,
    Gavel,
    InvalidSetting,
    ServerUnreachable,
    TooManyRequests,
    UnexpectedAnswer,
)
from judge_api.__main__ import main as command
from judge_api.cli import saved_login
from tests.unit.scripted_server import Script, body

PAGE = (200, {"Content-Type": "text/html"}, b"<h1>Sign in to the guest network</h1>")
WRONG_URLS = ("judge.example.org", "localhost:9", "http://", "ftp://judge.example.org", "http://[::1", " ")
WRONG_KEYS = ("gvl_abc\u2026", "gvl abc\ndef", "gvl_\u00e4")
RECEIPT = {"id": "s1", "queue": "normal"}


@pytest.mark.parametrize("url", WRONG_URLS)
def test_a_server_address_that_cannot_be_used_is_refused_with_an_example(url: str) -> None:
    with pytest.raises(InvalidSetting, match="is no address of a server"):
        Gavel(url)
    done = CliRunner().invoke(command, ["languages", "--url", url, "--key", "k"])
    assert (done.exit_code, "write it like https://judge.example.org" in done.output) == (2, True)


@pytest.mark.parametrize("key", WRONG_KEYS)
def test_an_api_key_that_cannot_be_sent_is_refused_and_not_shown(key: str) -> None:
    done = CliRunner().invoke(command, ["languages", "--url", "http://127.0.0.1:9", "--key", key])
    assert (done.exit_code, "copy it again" in done.output, key in done.output) == (2, True, False)


def test_spaces_around_a_key_and_an_address_are_ignored(gavel: Gavel, script: Script) -> None:
    script.answers = [body([])]
    with Gavel(f" {gavel.url}/ ", "key\n") as other:
        assert other.languages() == []
    assert script.asked[0][2]["Authorization"] == "Bearer key"


@pytest.mark.parametrize(
    "call",
    [
        lambda gavel: gavel.submit("p", "c17", ""),
        lambda gavel: gavel.status("s1"),
        lambda gavel: gavel.wait("s1", 5),
        lambda gavel: gavel.submit_batch([{}]),
        lambda gavel: gavel.send("POST", "/x", {}),
        lambda gavel: gavel.send_file("/x", "a", b""),
        lambda gavel: gavel.me(),
    ],
)
def test_an_html_page_instead_of_json_raises_unexpected_answer(
    gavel: Gavel, script: Script, call: Callable[[Gavel], object]
) -> None:
    script.default = lambda path: PAGE
    with pytest.raises(UnexpectedAnswer, match="without JSON"):
        call(gavel)


@pytest.mark.parametrize("found", [[], "s1", {"title": "not Gavel"}, None])
def test_json_that_is_not_gavel_s_raises_unexpected_answer(
    gavel: Gavel, script: Script, found: object
) -> None:
    script.default = lambda path: body(found)
    with pytest.raises(UnexpectedAnswer, match="of Gavel"):
        gavel.status("s1")
    with pytest.raises(UnexpectedAnswer, match="of Gavel"):
        gavel.submit("p", "c17", "")


def test_the_client_s_error_shows_the_title_of_a_refusal_with_unreadable_details(
    gavel: Gavel, script: Script
) -> None:
    script.answers = [body({"title": "no", "errors": 7}, 400)]
    with pytest.raises(ClientError, match=r"no \(400\)"):
        gavel.submit("p", "c17", "")


def test_the_client_does_not_follow_a_redirect_that_would_drop_the_submission(
    gavel: Gavel, script: Script
) -> None:
    script.answers = [(301, {"Location": "/elsewhere"}, b""), body([RECEIPT])]
    with pytest.raises(UnexpectedAnswer, match="/elsewhere: use the address of that server"):
        gavel.submit("p", "c17", "print(1)")


def test_a_redirect_that_keeps_the_body_is_followed(gavel: Gavel, script: Script) -> None:
    script.answers = [(308, {"Location": "/elsewhere"}, b""), body(RECEIPT, 202)]
    assert gavel.submit("p", "c17", "print(1)").id == "s1"
    assert script.bodies[0] == script.bodies[1] != b""


def test_endless_redirects_raise_unexpected_answer(gavel: Gavel, script: Script) -> None:
    script.default = lambda path: (302, {"Location": "/again"}, b"")
    with pytest.raises(UnexpectedAnswer, match="redirects"):
        gavel.status("s1")


def test_a_submission_is_sent_again_if_the_answer_breaks_off(gavel: Gavel, script: Script) -> None:
    broken = (202, {"Transfer-Encoding": "chunked", "Content-Length": ""}, b"ff\r\n{")
    script.answers = [broken, body(RECEIPT, 202)]
    assert gavel.submit("p", "c17", "").id == "s1"
    script.answers = [broken]
    with pytest.raises(ServerUnreachable):
        gavel.send("POST", "/admin/something")


def test_a_patient_client_waits_for_the_rate_limit_of_reads(
    gavel: Gavel, script: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    pauses: list[float] = []
    monkeypatch.setattr("gavel_client.transport.time.sleep", pauses.append)
    gavel._transport.patience = 60
    refusal = body({}, 429, **{"Retry-After": "7"})
    script.answers = [refusal, refusal, body([])]
    assert gavel.languages() == []
    assert pauses == [7.0, 7.0]
    script.answers = [body({}, 429, **{"Retry-After": "61"})]
    with pytest.raises(TooManyRequests):
        gavel.languages()


@pytest.mark.parametrize("saved", ["[]", '{"url": 7, "key": "k"}', '{"url": "http://x"}', "{"])
def test_a_damaged_file_of_a_saved_login_is_ignored(
    saved: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(saved_login, "login_file", lambda: tmp_path / "login.json")
    (tmp_path / "login.json").write_text(saved)
    assert saved_login.read_login() is None


def test_a_saved_login_that_this_user_may_not_read_is_ignored(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> str:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_text", refuse)
    monkeypatch.setattr(saved_login, "login_file", lambda: tmp_path / "login.json")
    assert saved_login.read_login() is None


def test_gavel_login_names_the_file_that_cannot_be_written(
    gavel: Gavel, script: Script, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "file"))
    script.answers = [body({"name": "ann", "tier": "normal"})]
    done = CliRunner().invoke(command, ["login", "--url", gavel.url, "--key", "k"])
    assert done.exit_code == 1
    assert f"{tmp_path}/file/gavel/login.json cannot be written" in done.output.replace("\n", " ")


@pytest.mark.parametrize("watching", [(), ("--watch",)])
def test_an_interrupted_gavel_submit_lists_the_submissions_that_were_accepted(
    script: Script, gavel: Gavel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, watching: tuple[str, ...]
) -> None:
    def interrupt(_: float) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("judge_api.cli.submit.time.sleep", interrupt)
    for name in ("first.py", "second.py"):
        (tmp_path / name).write_text("print(1)")
    script.answers = [body({"id": "s1", "queue": "normal"}, 202), body({}, 429, **{"Retry-After": "7"})]
    files = [str(tmp_path / name) for name in ("first.py", "second.py")]
    words = ["submit", "-p", "p", *watching, "--url", gavel.url, "--key", "k", *files]
    done = CliRunner().invoke(command, words)
    assert "first.py  submission s1" in done.output
    assert "second.py is not submitted" in done.output


def test_gavel_submit_shows_the_submission_s_id_if_waiting_for_the_verdict_fails(
    script: Script, gavel: Gavel, tmp_path: Path
) -> None:
    (tmp_path / "first.py").write_text("print(1)")
    script.answers = [body({"id": "s1", "queue": "normal"}, 202)]
    script.default = lambda path: (403, {}, b"{}")
    words = ["submit", "-w", "-p", "p", "--url", gavel.url, "--key", "k", str(tmp_path / "first.py")]
    done = CliRunner().invoke(command, words)
    assert (done.exit_code, "first.py  submission s1" in done.output) == (1, True)
