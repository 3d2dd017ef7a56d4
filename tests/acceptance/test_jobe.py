"""The requests of Moodle's CodeRunner (jobesandbox.php) work against the whole stack."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Mapping
from typing import Any

import httpx
import pytest

from tests.acceptance.app_fixture import RunningStack


class CodeRunner:
    """Does what ``qtype_coderunner_jobesandbox`` does: it sends a run, and after a 404 the files and the run
    again."""

    def __init__(self, url: str, key: str) -> None:
        headers = {"User-Agent": "CodeRunner", "Accept-Charset": "utf-8", "X-API-KEY": key}
        self._http = httpx.Client(base_url=f"{url}/jobe/index.php/restapi", headers=headers, timeout=60)
        self.calls: list[str] = []

    def languages(self) -> list[str]:
        return [name for name, _ in self._send("GET", "/languages").json()]

    def execute(
        self, source: str, language: str, stdin: str = "", files: Mapping[str, bytes] = {}, **parameters: Any
    ) -> dict[str, Any]:
        listed = [[_md5(content), name] for name, content in files.items()]
        run = {
            "language_id": language,
            "sourcecode": source,
            "sourcefilename": _program_name(source, language),
            "input": f"{stdin}\n" if stdin and not stdin.endswith("\n") else stdin,
            "file_list": listed,
            "parameters": parameters,
        }
        answer = self._send("POST", "/runs", {"run_spec": run})
        if answer.status_code == 404:
            for content in files.values():
                body = {"file_contents": base64.b64encode(content).decode()}
                assert self._send("PUT", f"/files/{_md5(content)}", body).status_code == 204
            answer = self._send("POST", "/runs", {"run_spec": run})
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def _send(self, method: str, path: str, body: Any = None) -> httpx.Response:
        answer = self._http.request(method, path, json=body)
        self.calls.append(f"{method} {path} → {answer.status_code}")
        return answer


def _md5(content: bytes) -> str:
    return hashlib.md5(content, usedforsecurity=False).hexdigest()


def _program_name(source: str, language: str) -> str:
    if language != "java":
        return f"__tester__.{language}"
    found = re.search(r"public\s(\w*\s)*class\s*(\w+)\W", source)
    return f"{found[2]}.java" if found else "NO_PUBLIC_CLASS_FOUND.java"


@pytest.fixture
def moodle(stack: RunningStack) -> CodeRunner:
    return CodeRunner(stack.credentials.url, stack.credentials.accounts["premium"].key)


PROGRAMS: dict[str, tuple[str, str, dict[str, Any], int]] = {
    "success": ("python3", "print(sum(map(int, input().split())))", {}, 15),
    "syntax error": ("python3", "print(", {}, 11),
    "warning": ("c", "int main(void) { int unused; return 0; }", {}, 11),
    "no warning": ("c", "int main(void) { int unused; return 0; }", {"compileargs": ["-w"]}, 15),
    "exception": ("python3", "raise ValueError('broken')", {}, 12),
    "signal": ("c", "#include <stdlib.h>\nint main(void) { abort(); }", {}, 12),
    "time": ("python3", "while True: pass", {"cputime": 1}, 13),
    "memory": ("python3", "x = bytearray(300 << 20)", {"memorylimit": 60}, 17),
    "class": (
        "java",
        "public class Hello { public static void main(String[] a) { System.out.println(42); } }",
        {"cputime": 10},
        15,
    ),
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_moodle_gets_the_outcome_of_each_ending(moodle: CodeRunner, name: str) -> None:
    language, source, parameters, outcome = PROGRAMS[name]
    result = moodle.execute(source, language, "20 22", **parameters)
    assert result["outcome"] == outcome, result
    assert result["stdout"] == ("42\n" if name in ("success", "class") else "")


def test_a_program_from_moodle_reads_its_support_files(moodle: CodeRunner) -> None:
    source = "import helper\nprint(helper.read('data.txt') + open('odd.bin', 'rb').read().hex())"
    files = {
        "helper.py": b"def read(name):\n    return open(name).read()\n",
        "data.txt": b"from a file ",
        "odd.bin": b"\xff\x00",
    }
    assert moodle.execute(source, "python3", files=files)["stdout"] == "from a file ff00\n"
    assert moodle.execute(source, "python3", files=files)["stdout"] == "from a file ff00\n"
    assert [call.split(" ")[0] for call in moodle.calls] == ["POST", "PUT", "PUT", "PUT", "POST", "POST"]


def test_moodle_gets_the_language_names_of_jobe(moodle: CodeRunner) -> None:
    assert {"c", "cpp", "java", "python3"} <= set(moodle.languages())
