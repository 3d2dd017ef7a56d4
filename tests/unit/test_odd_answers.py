"""A mistake in an address or a key, and a server that is not Gavel, lead to an error of the client and to a
message of a command."""

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
def test_an_address_that_cannot_be_used_is_named(url: str) -> None:
    with pytest.raises(InvalidSetting, match="is no address of a server"):
        Gavel(url)
    done = CliRunner().invoke(command, ["languages", "--url", url, "--key", "k"])
    assert (done.exit_code, "write it like https://judge.example.org" in done.output) == (2, True)


@pytest.mark.parametrize("key", WRONG_KEYS)
def test_a_key_that_cannot_be_sent_is_refused_without_being_shown(key: str) -> None:
    done = CliRunner().invoke(command, ["languages", "--url", "http://127.0.0.1:9", "--key", key])
    assert (done.exit_code, "copy it again" in done.output, key in done.output) == (2, True, False)


def test_spaces_around_a_key_and_an_address_are_left_out(gavel: Gavel, script: Script) -> None:
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
def test_a_page_instead_of_an_answer_is_an_error_of_the_client(
    gavel: Gavel, script: Script, call: Callable[[Gavel], object]
) -> None:
    script.default = lambda path: PAGE
    with pytest.raises(UnexpectedAnswer, match="without JSON"):
        call(gavel)


@pytest.mark.parametrize("found", [[], "s1", {"title": "not Gavel"}, None])
def test_json_of_another_program_is_an_error_of_the_client(
    gavel: Gavel, script: Script, found: object
) -> None:
    script.default = lambda path: body(found)
    with pytest.raises(UnexpectedAnswer, match="of Gavel"):
        gavel.status("s1")
    with pytest.raises(UnexpectedAnswer, match="of Gavel"):
        gavel.submit("p", "c17", "")


def test_errors_in_another_form_are_shown_as_far_as_they_can_be(gavel: Gavel, script: Script) -> None:
    script.answers = [body({"title": "no", "errors": 7}, 400)]
    with pytest.raises(ClientError, match=r"no \(400\)"):
        gavel.submit("p", "c17", "")


def test_a_submission_is_not_sent_on_without_its_body(gavel: Gavel, script: Script) -> None:
    script.answers = [(301, {"Location": "/elsewhere"}, b""), body([RECEIPT])]
    with pytest.raises(UnexpectedAnswer, match="/elsewhere: use the address of that server"):
        gavel.submit("p", "c17", "print(1)")


def test_a_redirect_that_keeps_the_body_is_followed(gavel: Gavel, script: Script) -> None:
    script.answers = [(308, {"Location": "/elsewhere"}, b""), body(RECEIPT, 202)]
    assert gavel.submit("p", "c17", "print(1)").id == "s1"
    assert script.bodies[0] == script.bodies[1] != b""


def test_redirects_without_end_are_an_error_of_the_client(gavel: Gavel, script: Script) -> None:
    script.default = lambda path: (302, {"Location": "/again"}, b"")
    with pytest.raises(UnexpectedAnswer, match="redirects"):
        gavel.status("s1")


def test_an_answer_that_breaks_off_is_asked_for_again(gavel: Gavel, script: Script) -> None:
    broken = (202, {"Transfer-Encoding": "chunked", "Content-Length": ""}, b"ff\r\n{")
    script.answers = [broken, body(RECEIPT, 202)]
    assert gavel.submit("p", "c17", "").id == "s1"
    script.answers = [broken]
    with pytest.raises(ServerUnreachable):
        gavel.send("POST", "/admin/something")


def test_a_patient_client_waits_before_it_reads_again(
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
def test_a_saved_login_that_cannot_be_read_counts_as_none(
    saved: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(saved_login, "login_file", lambda: tmp_path / "login.json")
    (tmp_path / "login.json").write_text(saved)
    assert saved_login.read_login() is None


def test_a_saved_login_of_another_user_counts_as_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> str:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_text", refuse)
    monkeypatch.setattr(saved_login, "login_file", lambda: tmp_path / "login.json")
    assert saved_login.read_login() is None


def test_a_login_that_cannot_be_saved_says_where(
    gavel: Gavel, script: Script, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "file"))
    script.answers = [body({"name": "ann", "tier": "normal"})]
    done = CliRunner().invoke(command, ["login", "--url", gavel.url, "--key", "k"])
    assert done.exit_code == 1
    assert f"{tmp_path}/file/gavel/login.json cannot be written" in done.output.replace("\n", " ")


@pytest.mark.parametrize("watching", [(), ("--watch",)])
def test_submit_names_what_was_accepted_before_it_was_interrupted(
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


def test_submit_names_what_is_judged_when_waiting_breaks_off(
    script: Script, gavel: Gavel, tmp_path: Path
) -> None:
    (tmp_path / "first.py").write_text("print(1)")
    script.answers = [body({"id": "s1", "queue": "normal"}, 202)]
    script.default = lambda path: (403, {}, b"{}")
    words = ["submit", "-w", "-p", "p", "--url", gavel.url, "--key", "k", str(tmp_path / "first.py")]
    done = CliRunner().invoke(command, words)
    assert (done.exit_code, "first.py  submission s1" in done.output) == (1, True)
