"""Problems that Competitive Companion posts become packages. All other requests are refused."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import requests
import yaml

from judge_api.cli.companion import serve
from judge_api.cli.editor_tasks import UnreadableTasks, write_tasks

TASK: dict[str, Any] = {
    "name": "A. Theatre Square",
    "group": "Codeforces - Beta Round 1",
    "url": "https://codeforces.com/problemset/problem/1/A",
    "interactive": False,
    "memoryLimit": 256,
    "timeLimit": 1500,
    "tests": [{"id": 1, "input": "6 6 4\n", "output": "4\n"}, {"input": "1 1 1", "output": "1"}],
    "testType": "single",
    "input": {"type": "stdin"},
    "output": {"type": "stdout"},
    "languages": {"java": {"mainClass": "Main", "taskClass": "ATheatreSquare"}},
    "batch": {"id": "123e67c8-03c6-44a4-a3f9-5918533f9fb2", "size": 1},
}


class Listener:
    """Runs the command on its own port. The command ends after the first problem."""

    def __init__(self, into: Path) -> None:
        self.said: list[str] = []
        self._heard = threading.Event()
        self._thread = threading.Thread(target=serve, args=(0, into, self._say, True), daemon=True)
        self._thread.start()
        assert self._heard.wait(60)
        self.url = f"http://127.0.0.1:{self.said[0].partition('port ')[2].split()[0]}/"

    def _say(self, sentence: str) -> None:
        self.said.append(sentence)
        self._heard.set()

    def post(self, body: Any, **headers: str) -> requests.Response:
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        return requests.post(self.url, data=data, headers=headers, timeout=60)

    def ended(self) -> bool:
        self._thread.join(60)
        return not self._thread.is_alive()


@pytest.fixture
def listener(tmp_path: Path) -> Iterator[Listener]:
    made = Listener(tmp_path)
    yield made
    with suppress(requests.ConnectionError):  # the command may have ended already
        made.post({**TASK, "name": "the last one"})
    assert made.ended()


def test_a_posted_problem_becomes_a_package_with_its_samples(listener: Listener, tmp_path: Path) -> None:
    answer = listener.post(TASK, Origin="moz-extension://1b2c")
    assert answer.status_code == 200, answer.text
    (folder,) = tmp_path.iterdir()
    metadata = yaml.safe_load((folder / "problem.yaml").read_text())
    assert (metadata["name"], metadata["source"]) == (TASK["name"], TASK["url"])
    assert metadata["limits"] == {"time_limit": 1.5, "memory": 256}
    samples = {path.name: path.read_text() for path in (folder / "data" / "sample").iterdir()}
    assert samples == {"1.in": "6 6 4\n", "1.ans": "4\n", "2.in": "1 1 1", "2.ans": "1"}


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"{", "not JSON"),
        ([], "no name"),
        ({**TASK, "name": ""}, "no name"),
        ({**TASK, "tests": [{"input": "1"}]}, "no output"),
    ],
)
def test_a_post_that_is_not_a_complete_problem_is_refused(
    listener: Listener, tmp_path: Path, body: Any, words: str
) -> None:
    answer = listener.post(body)
    assert (answer.status_code, words in answer.text) == (400, True)
    assert list(tmp_path.iterdir()) == []


def test_a_web_page_cannot_post_a_problem_to_the_command(listener: Listener, tmp_path: Path) -> None:
    assert listener.post(TASK, Origin="https://evil.example").status_code == 403
    assert list(tmp_path.iterdir()) == []


def test_the_name_of_a_problem_cannot_leave_the_folder_or_replace_an_existing_folder(
    listener: Listener, tmp_path: Path
) -> None:
    (tmp_path / "taken").mkdir()
    answer = listener.post({**TASK, "name": "taken"})
    assert (answer.status_code, "exists already" in answer.text) == (409, True)
    assert listener.post({**TASK, "name": "../../outside"}).status_code == 200
    assert all(path.parent == tmp_path for path in tmp_path.iterdir())
    assert not (tmp_path.parent / "outside").exists()


def test_a_problem_with_a_text_that_cannot_be_stored_is_refused_and_writes_no_file(
    listener: Listener, tmp_path: Path
) -> None:
    answer = listener.post({**TASK, "tests": [{"input": "\ud800", "output": "1"}]})
    assert (answer.status_code, "incomplete character" in answer.text) == (400, True)
    assert list(tmp_path.iterdir()) == []


def test_the_extension_gets_an_error_if_the_folder_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    listener = Listener(tmp_path / "file")
    answer = listener.post(TASK)
    assert (answer.status_code, "cannot be written: Not a directory" in answer.text) == (500, True)
    (tmp_path / "file").unlink()
    assert listener.post(TASK).status_code == 200
    assert listener.ended()


def test_the_tasks_for_vs_code_are_written_beside_the_user_s_own_tasks(tmp_path: Path) -> None:
    path = write_tasks(tmp_path, "aplusb")
    mine = {"label": "mine", "type": "shell", "command": "true"}
    known = json.loads(path.read_text())
    path.write_text(json.dumps({**known, "tasks": [mine, *known["tasks"]]}))
    tasks = json.loads(write_tasks(tmp_path, "hello").read_text())["tasks"]
    assert [task["label"] for task in tasks] == ["mine", "Gavel: submit this file", "Gavel: run this file"]
    assert tasks[1]["args"] == ["submit", "--watch", "--problem", "hello", "${file}"]


@pytest.mark.parametrize("content", ["// a comment\n{}", "[]", '{"tasks": 1}'])
def test_a_tasks_file_that_cannot_be_read_is_not_changed(tmp_path: Path, content: str) -> None:
    path = tmp_path / ".vscode" / "tasks.json"
    path.parent.mkdir()
    path.write_text(content)
    with pytest.raises(UnreadableTasks):
        write_tasks(tmp_path, "aplusb")
    assert path.read_text() == content
