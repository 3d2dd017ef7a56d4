"""The ``judge0`` package from PyPI works unchanged against the whole stack."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import httpx
import judge0
import pytest
from judge0 import LanguageAlias, Status, TestCase
from judge0.clients import Judge0Cloud
from judge0.filesystem import File, Filesystem

from tests.acceptance.app_fixture import RunningStack, clean_environment

ENDS = {
    Status.ACCEPTED: "print(input())",
    Status.WRONG_ANSWER: "print('no')",
    Status.TIME_LIMIT_EXCEEDED: "while True: pass",
    Status.COMPILATION_ERROR: "print(",
    Status.RUNTIME_ERROR_NZEC: "raise SystemExit(3)",
    Status.RUNTIME_ERROR_SIGSEGV: "import os; os.kill(os.getpid(), 11)",
    Status.RUNTIME_ERROR_SIGABRT: "import os; os.abort()",
    Status.RUNTIME_ERROR_SIGFPE: "import os; os.kill(os.getpid(), 8)",
    Status.RUNTIME_ERROR_SIGXFSZ: "while True: print('x' * 10000)",
}


def _headers(stack: RunningStack) -> dict[str, str]:
    return {"X-Auth-Token": stack.credentials.accounts["premium"].key}


@pytest.fixture
def client(stack: RunningStack) -> Judge0Cloud:
    return Judge0Cloud(f"{stack.credentials.url}/judge0", _headers(stack))


@pytest.fixture
def extra(stack: RunningStack) -> Judge0Cloud:
    return Judge0Cloud(f"{stack.credentials.url}/judge0/extra", _headers(stack))


def _run(client: Judge0Cloud, **changes: Any) -> Any:
    asked = {"language": LanguageAlias.PYTHON, "cpu_time_limit": 1.0, **changes}
    return judge0.run(client=client, **asked)


def test_a_run_with_only_a_source_returns_its_output(extra: Judge0Cloud) -> None:
    result = judge0.run(client=extra, source_code="print('hello, Judge0 ✓')")
    assert (result.status, result.stdout) == (Status.ACCEPTED, "hello, Judge0 ✓\n")
    assert result.time is not None
    assert result.memory > 0


def test_a_run_without_a_client_object_works_by_environment_variables(stack: RunningStack) -> None:
    """`judge0.run(source_code=...)` needs no client object: the package's own variables give both base
    paths."""
    url, headers = f"{stack.credentials.url}/judge0", json.dumps(_headers(stack))
    environment = clean_environment(
        JUDGE0_CE_ENDPOINT=url,
        JUDGE0_CE_AUTH_HEADERS=headers,
        JUDGE0_EXTRA_CE_ENDPOINT=f"{url}/extra",
        JUDGE0_EXTRA_CE_AUTH_HEADERS=headers,
    )
    program = "import judge0; print(judge0.run(source_code='print(6 * 7)').stdout, end='')"
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=100)
    assert (done.returncode, done.stdout) == (0, "42\n"), done.stderr


@pytest.mark.parametrize("end", ENDS, ids=lambda end: end.name)
def test_the_client_gets_the_status_of_each_ending(client: Judge0Cloud, end: Status) -> None:
    result = _run(client, source_code=ENDS[end], stdin="yes", expected_output="yes")
    assert result.status is end, (result.message, result.stderr)


def test_a_run_over_its_memory_limit_ends_with_error_status_137(client: Judge0Cloud) -> None:
    result = _run(client, source_code="x = bytearray(300 << 20)\nprint(len(x))", memory_limit=64000)
    assert result.status is Status.RUNTIME_ERROR_NZEC
    assert result.message == "Exited with error status 137"


@pytest.mark.parametrize(
    ("language", "source"),
    [
        (LanguageAlias.C, '#include <stdio.h>\nint main(void) { puts("42"); }'),
        (LanguageAlias.CPP, "#include <iostream>\nint main() { std::cout << 42 << '\\n'; }"),
        (LanguageAlias.BASH, "echo 42"),
        (71, "print(42)"),
    ],
)
def test_programs_in_languages_of_both_judge0_releases_run(
    client: Judge0Cloud, language: LanguageAlias | int, source: str
) -> None:
    result = _run(client, language=language, source_code=source)
    assert (result.status, result.stdout) == (Status.ACCEPTED, "42\n"), result.compile_output


def test_the_client_gets_a_result_for_each_test_case_of_a_batch(client: Judge0Cloud) -> None:
    cases = [TestCase("1", "1"), TestCase("2", "2"), TestCase("3", "4")]
    results = _run(client, source_code="print(input())", test_cases=cases)
    assert [one.status for one in results] == [Status.ACCEPTED, Status.ACCEPTED, Status.WRONG_ANSWER]


def test_a_request_with_wait_is_answered_with_the_verdict(stack: RunningStack) -> None:
    body = {"source_code": "print(1)", "language_id": 71}
    with httpx.Client(base_url=f"{stack.credentials.url}/judge0", headers=_headers(stack)) as http:
        answer = http.post("/submissions", params={"wait": "true"}, json=body, timeout=30)
    assert answer.status_code == 201
    assert (answer.json()["status"]["id"], answer.json()["stdout"]) == (3, "1\n")


def test_refusals_have_the_bodies_of_judge0(stack: RunningStack) -> None:
    with httpx.Client(base_url=f"{stack.credentials.url}/judge0", headers=_headers(stack)) as http:
        answer = http.post("/submissions", json={"language_id": 71})
        assert (answer.status_code, answer.json()) == (422, {"source_code": ["can't be blank"]})
        refused = http.post("/submissions", json={}, headers={"X-Auth-Token": "wrong"})
        assert (refused.status_code, refused.content) == (401, b"")


def test_a_program_reads_its_additional_files(client: Judge0Cloud) -> None:
    files = Filesystem(content=[File(name="helper.py", content="x = 6"), File(name="data.txt", content="7")])
    source = "import helper\nprint(helper.x * int(open('data.txt').read()))"
    result = _run(client, source_code=source, additional_files=files)
    assert (result.status, result.stdout) == (Status.ACCEPTED, "42\n"), result.stderr


@pytest.mark.parametrize(
    ("main", "status"),
    [
        ('int main(void) { int n; scanf("%d", &n); printf("%d\\n", twice(n)); return 0; }', Status.ACCEPTED),
        ("int main(void) { return x; }", Status.COMPILATION_ERROR),
    ],
)
def test_a_multi_file_program_is_compiled_and_run(client: Judge0Cloud, main: str, status: Status) -> None:
    files = Filesystem(
        content=[
            File(name="compile", content="gcc -o program main.c twice.c"),
            File(name="run", content="./program"),
            File(name="main.c", content=f"#include <stdio.h>\nint twice(int);\n{main}"),
            File(name="twice.c", content="int twice(int n) { return 2 * n; }"),
        ]
    )
    asked = {"language": LanguageAlias.MULTI_FILE, "stdin": "21", "cpu_time_limit": 5.0}
    result = _run(client, source_code="", additional_files=files, **asked)
    assert result.status is status, (result.stderr, result.message)
    if status is Status.ACCEPTED:
        assert result.stdout == "42\n"
    else:
        assert "main.c" in result.compile_output
