"""Makes output validators of the package format from checkers of other judges.

A checker that keeps testlib's own rules needs no change: the judge runs it by them. Every other checker is
compiled by the script ``build`` in its folder and called by the script ``run``. That script puts the
arguments into the order of the other judge, and turns the checker's answer into exit codes of the format.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from judge_core.packages.formats.record import Content, ForeignProgram

USES_TESTLIB = re.compile(rb'#\s*include\s*[<"](?:[\w./-]*/)?testlib\.h[">]')


class CheckerKind(StrEnum):
    """The rules of a checker: the order of its arguments, and the meaning of its exit codes and output."""

    EXIT_CODE = "exit code"
    """The arguments are input, output and answer. 0 accepts, and 1 refuses (DMOJ's default)."""
    HUSTOJ = "hustoj"
    """The arguments are input, answer and output. 0 accepts, and every other exit code below 128 refuses."""
    QDUOJ = "qduoj"
    """The arguments are input and output. 0 accepts, and 1 refuses."""
    HOJ = "hoj"
    """The arguments are input, output and answer. 0 and 100 accept. 1, 2, 4, 8, 101 and 102 refuse. 7 and 99
    give partial points in per cent."""
    CMS = "cms"
    """The arguments are input, answer and output. The first line of stdout is a share from 0 to 1."""
    COCI = "coci"
    """The arguments and exit codes of testlib, with partial points as ``partial X/Y``."""
    SHARE = "share"
    """The arguments and exit codes of testlib. The points are a share from 0 to 1 of the test's points
    (Hydro)."""
    SYZOJ = "syzoj"
    """The checker reads files with fixed names. Its stdout is a score from 0 to 100."""
    LEMON = "lemon"
    """The arguments are input, output, answer, 100, score file and message file."""


_BUILD = {
    "c": "gcc -O2 -std=gnu17 -o checker {name} -lm",
    "cpp": "g++ -O2 -std=gnu++17 -o checker {name}",
    "python": "{{ echo '#!/usr/bin/python3'; cat {name}; }} > checker; chmod +x checker",
    "pascal": "fpc -O2 -ochecker {name}",
}
_ENDINGS = {
    ".c": "c",
    **dict.fromkeys((".cpp", ".cc", ".cxx", ".c++"), "cpp"),
    ".py": "python",
    ".py3": "python",
    **dict.fromkeys((".pas", ".pp", ".dpr"), "pascal"),
}
_ARGUMENTS = {
    CheckerKind.HUSTOJ: '"$input" "$answer" "$output"',
    CheckerKind.CMS: '"$input" "$answer" "$output"',
    CheckerKind.QDUOJ: '"$input" "$output"',
    CheckerKind.SYZOJ: "",
    CheckerKind.LEMON: '"$input" "$output" "$answer" 100 /tmp/score /tmp/message',
}
_PERCENT = "awk -v p=\"$points\" 'BEGIN { p /= 100; print (p > 1 ? 1 : p < 0 ? 0 : p) }'"
_SHARE = "awk -v p=\"$points\" 'BEGIN { print (p > 1 ? 1 : p < 0 ? 0 : p) }'"
_ANSWERS = {
    CheckerKind.EXIT_CODE: "case $code in 0) exit 42;; 1) exit 43;; esac",
    CheckerKind.QDUOJ: "case $code in 0) exit 42;; 1) exit 43;; esac",
    CheckerKind.HUSTOJ: "[ $code -eq 0 ] && exit 42\n[ $code -lt 128 ] && exit 43",
    CheckerKind.HOJ: f"""points=$(sed -n 's/.*points *\\([0-9.][0-9.]*\\).*/\\1/p' /tmp/err | head -n 1)
case $code in
0|100) exit 42;;
1|2|4|8|101|102) exit 43;;
7|99) part "$({_PERCENT})";;
esac""",
    CheckerKind.CMS: f"""points=$(head -n 1 /tmp/out | tr -d ' \\r')
[ $code -eq 0 ] && [ -n "$points" ] && part "$({_SHARE})\"""",
    CheckerKind.COCI: """case $code in 0) exit 42;; 1|2) exit 43;; esac
parts=$(sed -n 's/^partial *\\([0-9]*\\)\\/\\([0-9]*\\).*/\\1 \\2/p' /tmp/err | head -n 1)
[ $code -eq 7 ] && part "$(echo "$parts" | awk '$2 > 0 { print $1 / $2 }')\"""",
    CheckerKind.SHARE: f"""points=$(sed -n 's/^points *\\([0-9.][0-9.]*\\).*/\\1/p' /tmp/err | head -n 1)
case $code in 0) exit 42;; 1|2|4|8) exit 43;; esac
[ $code -eq 7 ] && [ -n "$points" ] && part "$({_SHARE})\"""",
    CheckerKind.SYZOJ: f"""points=$(tr -cd '0-9.' < /tmp/out)
[ $code -eq 0 ] && [ -n "$points" ] && part "$({_PERCENT})\"""",
    CheckerKind.LEMON: f"""points=$(tr -cd '0-9.' < /tmp/score)
cat /tmp/message >> "$feedback/judgemessage.txt" 2> /dev/null
[ $code -eq 0 ] && [ -n "$points" ] && part "$({_PERCENT})\"""",
}
_RUN = """#!/bin/sh
# Calls the checker by the rules of {kind}, and answers by those of the package format.
here=$(cd "$(dirname "$0")" && pwd)
input=$1 answer=$2 feedback=$3 output=/tmp/output scoring={scoring}
cat > "$output"

# part SHARE: accepts with that share of the test's points. In a problem
# without points only the share 1 is right.
part() {{
    case $1 in ''|0|0.0) exit 43;; 1) exit 42;; esac
    [ "$scoring" = no ] && exit 43
    echo "$1" > "$feedback/score_multiplier.txt"
    exit 42
}}

{before}"$here/checker" {arguments} > /tmp/out 2> /tmp/err
code=$?
cat /tmp/out /tmp/err | head -c 8000 > "$feedback/judgemessage.txt"
{answers}
echo "the checker ended with exit code $code" >&2
cat /tmp/err >&2
exit 1
"""
_SYZOJ_FILES = 'cd /tmp && cp "$input" in && cp "$output" user_out && cp "$answer" answer\n'


@dataclass(frozen=True, slots=True)
class ForeignChecker:
    """The source of a checker: its main file, the files beside it, and the kind of its rules."""

    name: str
    files: Mapping[str, Content]
    kind: CheckerKind
    scoring: bool = False

    @property
    def language(self) -> str | None:
        """The language of the main file. ``None`` if no ``build`` can compile it."""
        dot = self.name.rfind(".")
        return _ENDINGS.get(self.name[dot:].lower()) if dot >= 0 else None


def wrapped(checker: ForeignChecker) -> ForeignProgram:
    """The checker with its ``build`` and ``run``. The checker's language must be known."""
    build = f"#!/bin/sh\nset -e\n{_BUILD[checker.language or ''].format(name=_quoted(checker.name))}\n"
    run = _RUN.format(
        kind=checker.kind.value,
        scoring="yes" if checker.scoring else "no",
        before=_SYZOJ_FILES if checker.kind is CheckerKind.SYZOJ else "",
        arguments=_ARGUMENTS.get(checker.kind, '"$input" "$output" "$answer"'),
        answers=_ANSWERS[checker.kind],
    )
    return ForeignProgram({**checker.files, "build": build.encode(), "run": run.encode()})


def _quoted(name: str) -> str:
    """The name of a file as a word of the shell that no program reads as an option."""
    return shlex.quote(f"./{name}" if name.startswith("-") else name)


_INTERACTOR_RUN = """#!/bin/sh
# testlib's interactor talks to the submission. What it writes into its output file goes to the checker.
here=$(cd "$(dirname "$0")" && pwd)
input=$1 answer=$2 feedback=$3
: > /tmp/tout
"$here/interactor" "$input" /tmp/tout "$answer" 2> /tmp/err
code=$?
if [ $code -eq 0 ] && [ -x "$here/checker" ]; then
    "$here/checker" "$input" /tmp/tout "$answer" 2> /tmp/err > /dev/null
    code=$?
fi
head -c 8000 /tmp/err > "$feedback/judgemessage.txt"
case $code in 0) exit 42;; 1|2|4|5|8) exit 43;; esac
{points}echo "interactor or checker ended with exit code $code" >&2
cat /tmp/err >&2
exit 1
"""
_INTERACTOR_POINTS = """if [ $code -eq 7 ]; then
    sed -n 's/^points *\\([0-9.]*\\).*/\\1/p' /tmp/err | head -n 1 > "$feedback/score.txt"
    exit 42
fi
"""


def wrapped_interactor(
    interactor: str, checker: str | None, files: Mapping[str, Content], scoring: bool
) -> ForeignProgram:
    """An interactor in C++ with testlib, and the checker of the interactor's output."""
    flags = "g++ -O2 -std=gnu++17 -o"
    lines = [f"{flags} interactor {_quoted(interactor)}"]
    lines += [f"{flags} checker {_quoted(checker)}"] if checker else []
    build = "\n".join(["#!/bin/sh", "set -e", *lines, ""])
    run = _INTERACTOR_RUN.format(points=_INTERACTOR_POINTS if scoring else "")
    return ForeignProgram({**files, "build": build.encode(), "run": run.encode()})


_COMPARE = """import sys
from pathlib import Path

answer, output = Path(sys.argv[2]).read_bytes(), sys.stdin.buffer.read()


def right():
    {body}


sys.exit(42 if right() else 43)
"""
_COMPARISONS = {
    "sorted": "lines = lambda text: sorted(line.split() for line in text.splitlines() if line.strip())\n"
    "    return lines(answer) == lines(output)",
    "unordered": "return sorted(answer.split()) == sorted(output.split())",
    "easy": "letters = lambda text: sorted(b''.join(text.lower().split()))\n"
    "    return letters(answer) == letters(output)",
    "rstripped": "lines = lambda text: [line.rstrip() for line in text.rstrip().split(b'\\n')]\n"
    "    return lines(answer) == lines(output)",
    "nyesno": "return answer.upper().split() == output.upper().split()",
}


def comparison(name: str) -> ForeignProgram | None:
    """A comparison for which the format's default validator has no flag. ``None`` if no comparison has this
    name."""
    body = _COMPARISONS.get(name)
    return None if body is None else ForeignProgram({"compare.py": _COMPARE.format(body=body).encode()})
