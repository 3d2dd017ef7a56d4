"""Programs of several files are compiled and run in the real sandbox."""

from __future__ import annotations

import pytest

from judge_core.messages import CustomRun
from judge_core.model.program_files import ProgramFile, ProgramFiles
from judge_core.model.submission import Verdict
from tests.golden.conftest import JudgeFixture

RUN = CustomRun((("20 22\n", "42\n"),))
PROGRAMS: dict[str, tuple[str, str, dict[str, str]]] = {
    "python3": (
        "python3",
        "app/start.py",
        {
            "app/start.py": "import sums\nprint(sums.of(input()))\n",
            "app/sums.py": "def of(line):\n    return sum(map(int, line.split()))\n",
        },
    ),
    "c17": (
        "c17",
        "",
        {
            "main.c": '#include <stdio.h>\n#include "sum.h"\n'
            'int main(void) { int a, b; scanf("%d %d", &a, &b); printf("%d\\n", sum(a, b)); }\n',
            "sum.h": "int sum(int a, int b);\n",
            "sum.c": '#include "sum.h"\nint sum(int a, int b) { return a + b; }\n',
        },
    ),
    "java": (
        "java",
        "app.Start",
        {
            "app/Start.java": "package app;\nimport java.util.Scanner;\npublic class Start {\n"
            "    public static void main(String[] args) {\n        Scanner in = new Scanner(System.in);\n"
            "        System.out.println(Sums.of(in.nextInt(), in.nextInt()));\n    }\n}\n",
            "app/Sums.java": "package app;\nclass Sums {\n    static int of(int a, int b) { return a + b; }\n"
            "    public static void main(String[] args) { System.out.println(0); }\n}\n",
        },
    ),
    "javascript": (
        "javascript",
        "start.js",
        {
            "start.js": "const sums = require('./sums.js');\n"
            "console.log(sums(require('fs').readFileSync(0, 'utf8')));\n",
            "sums.js": "module.exports = (line) => line.split(' ').reduce((a, b) => a + Number(b), 0);\n",
        },
    ),
    "bash": (
        "bash",
        "start.sh",
        {
            "start.sh": 'source "$(dirname "$0")/sums.sh"\nread -r a b\nsum "$a" "$b"\n',
            "sums.sh": "sum() { echo $(($1 + $2)); }\n",
        },
    ),
}


def _files(contents: dict[str, bytes], entry_point: str = "") -> ProgramFiles:
    return ProgramFiles(
        tuple(ProgramFile.of(name, content) for name, content in contents.items()), entry_point
    )


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_program_of_several_files_starts_at_its_entry_point(judging: JudgeFixture, name: str) -> None:
    language, entry_point, contents = PROGRAMS[name]
    files = _files({path: content.encode() for path, content in contents.items()}, entry_point)
    outcome = judging.run_files(files, RUN, language)
    assert outcome.verdict is Verdict.AC, outcome.compile_output or outcome.tests


@pytest.mark.parametrize(
    ("language", "source"),
    [
        ("python3", "print(open('data/odd.bin', 'rb').read() == bytes(range(256)))"),
        (
            "c17",
            '#include <stdio.h>\nint main(void) { puts(fopen("data/odd.bin", "r") ? "True" : "No"); }',
        ),
    ],
)
def test_the_other_files_of_a_run_are_in_its_work_folder(
    judging: JudgeFixture, language: str, source: str
) -> None:
    extension = {"python3": "py", "c17": "c"}[language]
    files = _files({f"main.{extension}": source.encode(), "data/odd.bin": bytes(range(256))})
    outcome = judging.run_files(files, CustomRun((("", "True\n"), ("", "True\n"))), language)
    assert outcome.verdict is Verdict.AC, outcome


def test_a_compile_error_in_a_program_of_several_files_names_the_file(judging: JudgeFixture) -> None:
    files = _files({"main.c": b"int f(void);\nint main(void) { return f(); }\n", "part.c": b"int f(void) {"})
    outcome = judging.run_files(files, RUN, "c17")
    assert outcome.verdict is Verdict.CE
    assert "part.c:1" in (outcome.compile_output or "")
