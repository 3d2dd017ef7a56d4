"""A worker's memory, as the kernel counts it, does not grow with inputs, outputs and answers of 100 MB."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.golden.conftest import JudgeFixture

MIB = 1 << 20
MOST_KIB = 30 * 1024
ECHO = """#include <unistd.h>
int main(void) {
    static char block[1 << 16];
    ssize_t got;
    while ((got = read(0, block, sizeof block)) > 0)
        for (ssize_t done = 0, put; done < got; done += put)
            if ((put = write(1, block + done, got - done)) <= 0) return 1;
    return 0;
}
"""
TALKER = """#include <cstdio>
#include <cstdlib>
#include <string>
int main(int argc, char **argv) {
    FILE *in = fopen(argv[1], "r");
    static char one[1 << 16], other[1 << 16];
    bool interactive = argc > 4;
    size_t got;
    while ((got = fread(one, 1, sizeof one, in)) > 0) {
        if (interactive) { fwrite(one, 1, got, stdout); fflush(stdout); }
        if (fread(other, 1, got, stdin) != got) return 43;
    }
    return 42;
}
"""
AGAIN = """#include <cstdio>
#include <string>
static void copy(FILE *in, FILE *out) {
    static char block[1 << 16];
    for (size_t got; (got = fread(block, 1, sizeof block, in)) > 0;)
        if (out) fwrite(block, 1, got, out);
}
int main(int, char **argv) {
    std::string feedback = argv[3];
    FILE *mark = fopen((feedback + "mark").c_str(), "r");
    copy(stdin, nullptr);
    if (mark) return 42;
    FILE *next = fopen((feedback + "nextpass.in").c_str(), "w"), *in = fopen(argv[1], "r");
    copy(in, next);
    fclose(next);
    fclose(fopen((feedback + "mark").c_str(), "w"));
    return 42;
}
"""
TESTLIB = """#include "testlib.h"
#include <cstdio>
int main(int, char **argv) { return fopen(argv[2], "r") ? 0 : 1; }
"""
KINDS = {
    "same": ("", {}),
    "spaced": ("", {}),
    "one-token": ("", {}),
    "validator": ("validation: custom\n", {"output_validators/v.cpp": TALKER}),
    "multi-pass": (
        "problem_format_version: 2023-07-draft\ntype: multi-pass\nallow_file_writing: true\n",
        {"output_validator/v.cpp": AGAIN},
    ),
    "testlib": (
        "validation: custom\n",
        {"output_validators/v/v.cpp": TESTLIB, "output_validators/v/testlib.h": "#define OK_EXIT_CODE 0\n"},
    ),
    "side-file": ("", {}),
    "interactive": (
        "validation: custom interactive\nvalidator_flags: --talk\n",
        {"output_validators/v.cpp": TALKER},
    ),
}


def content(kind: str, size: int) -> tuple[bytes, bytes]:
    """An input and its answer, each of about ``size`` bytes."""
    if kind == "one-token":
        return b"x" * size, b"x" * (size - 1) + b"X"
    line = b"1000000007 12 some words\n"
    text = line * (size // len(line))
    return text, text.replace(b" ", b"  ", 1) if kind == "spaced" else text


@pytest.fixture
def place(judging: JudgeFixture) -> Iterator[Path]:
    folder = judging.root / "memory"
    folder.mkdir()
    yield folder
    shutil.rmtree(folder)


def write(folder: Path, kind: str, size: int) -> Path:
    yaml, files = KINDS[kind]
    limits = "limits: {time_limit: 10, memory: 512, output: 300, validation_output: 300}\n"
    (folder / "data/secret").mkdir(parents=True)
    given, answer = content(kind, size)
    (folder / "data/secret/1.in").write_bytes(given)
    (folder / "data/secret/1.ans").write_bytes(answer)
    if kind == "side-file":
        (folder / "data/secret/1.files").mkdir()
        (folder / "data/secret/1.files/table").write_bytes(given)
    for name, text in {"problem.yaml": f"name: X\n{yaml}{limits}", **files}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


@pytest.mark.slow_on("multi", "one", "spaced")
@pytest.mark.parametrize("kind", KINDS)
def test_large_tests_do_not_increase_the_worker_s_memory(
    judging: JudgeFixture, place: Path, kind: str
) -> None:
    small, large = write(place / "small", kind, 1000), write(place / "large", kind, 100 * MIB)
    (place / "echo.c").write_text(ECHO)
    command = [sys.executable, "-m", "tests.golden.memory_probe", str(judging.root), str(judging.caches)]
    done = subprocess.run(
        [*command, str(small), str(large), "c17", str(place / "echo.c")],
        check=True,
        capture_output=True,
        text=True,
        timeout=110,
    )
    found = json.loads(done.stdout)
    assert found["verdicts"] == ["AC", "AC"]
    assert found["grown_kib"] < MOST_KIB, found
