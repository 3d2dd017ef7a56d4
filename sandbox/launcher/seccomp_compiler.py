"""Turns the system-call lists of ``seccomp/`` into the seccomp programs that the launcher carries.

Run at build time. Numbers come from the kernel headers through the C preprocessor, so that a list names
calls and never numbers; a name that this machine's headers do not know is left out (and told by
``Filter.unknown``): what is not named is refused anyway.
"""

from __future__ import annotations

import platform
import re
import subprocess
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

NEEDS = Path(__file__).parent / "seccomp"

LOAD, JUMP_EQUAL, JUMP_GREATER, JUMP_SET, RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
AND, JUMP = 0x54, 0x05
ALLOW, KILL, EPERM, ENOSYS = 0x7FFF0000, 0x80000000, 0x00050001, 0x00050026
ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
NUMBER, ARCHITECTURE, FIRST_ARGUMENT = 0, 4, 16
FILE_TYPE, FIFO = 0o170000, 0o010000
X32 = 0x40000000
_REACH = 250

Instruction = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class Filter:
    """The allow list of one need: call name to rule (empty: always allowed)."""

    name: str
    calls: dict[str, str] = field(default_factory=dict)
    unknown: tuple[str, ...] = ()


@cache
def profile_names() -> tuple[str, ...]:
    """The needs that have a list, by name."""
    return tuple(sorted(path.stem for path in NEEDS.glob("*.list")))


def read_calls(name: str) -> dict[str, str]:
    """One list with everything it builds on; a later rule for a call replaces an earlier one."""
    calls: dict[str, str] = {}
    for line in (NEEDS / f"{name}.list").read_text().splitlines():
        entry = line.split("#")[0].strip()
        if entry.startswith("+"):
            calls.update(read_calls(entry[1:]))
        elif entry:
            call, _, rule = entry.partition(":")
            calls[call.strip()] = rule.strip()
    return calls


def call_numbers(compiler: str = "gcc") -> dict[str, int]:
    """Every system call that the kernel headers here know, with its number."""
    done = subprocess.run(
        [compiler, "-E", "-dM", "-include", "asm/unistd.h", "-x", "c", "/dev/null"],
        check=True,
        capture_output=True,
        text=True,
    )
    found = re.findall(r"^#define __NR_(\w+) (\d+)$", done.stdout, re.MULTILINE)
    return {name: int(number) for name, number in found}


def _argument_check(rule: str) -> list[Instruction]:
    """Instructions that return ALLOW or EPERM by looking at one argument's low half."""
    match = re.fullmatch(r"(cmd|mode3|mode|third|fourth)? ?(=|!|none=)(.+)", rule)
    if not match:
        raise ValueError(f"unreadable rule {rule!r}")
    where, how, text = match.groups()
    place = {None: 0, "cmd": 1, "mode": 1, "mode3": 2, "third": 2, "fourth": 3}[where]
    load: Instruction = (LOAD, 0, 0, FIRST_ARGUMENT + 8 * place)
    if where in ("mode", "mode3"):
        return [
            load,
            (AND, 0, 0, FILE_TYPE),
            (JUMP_EQUAL, 0, 1, FIFO),
            (RETURN, 0, 0, ALLOW),
            (RETURN, 0, 0, EPERM),
        ]
    values = [int(value, 0) for value in text.split("|")]
    if how == "none=":
        return [load, (JUMP_SET, 0, 1, values[0]), (RETURN, 0, 0, EPERM), (RETURN, 0, 0, ALLOW)]
    verdicts = (ALLOW, EPERM) if how == "=" else (EPERM, ALLOW)
    tests: list[Instruction] = [
        (JUMP_EQUAL, len(values) - place_in_row, 0, value) for place_in_row, value in enumerate(values)
    ]
    return [load, *tests, (RETURN, 0, 0, verdicts[1]), (RETURN, 0, 0, verdicts[0])]


class _Tape:
    """A program written from its end, so that whatever is jumped to stands already.

    Places are counted from the end. A conditional jump reaches 255 instructions: what lies farther gets a
    copy nearby, or an unconditional jump, which reaches any distance.
    """

    def __init__(self) -> None:
        self._backwards: list[Instruction] = []
        self._places: dict[tuple[Instruction, ...], int] = {}

    def write(self, *body: Instruction) -> int:
        self._backwards += reversed(body)
        return len(self._backwards) - 1

    def share(self, *body: Instruction) -> int:
        """The place of these instructions, written anew only where no copy is within reach."""
        if body not in self._places or self.distance(self._places[body]) >= _REACH:
            self._places[body] = self.write(*body)
        return self._places[body]

    def branch(self, number: int, beyond: int, below: int) -> int:
        """Go on at ``beyond`` for numbers from this one on, else at ``below``."""
        beyond, below = self._approach(beyond), self._approach(below)
        return self.write((JUMP_GREATER, self.distance(beyond), self.distance(below), number))

    def distance(self, place: int) -> int:
        return len(self._backwards) - 1 - place

    def _approach(self, place: int) -> int:
        return self.write((JUMP, 0, 0, self.distance(place))) if self.distance(place) >= _REACH else place

    def read(self) -> list[Instruction]:
        return self._backwards[::-1]


def _edges(rules: dict[int, str]) -> list[tuple[int, str | None]]:
    """The numbers at which the answer changes, each with the rule from there on; None: not named."""
    found: dict[int, str | None] = {0: None}
    for number in sorted(rules):
        found[number] = rules[number]
        found[number + 1] = None
    edges: list[tuple[int, str | None]] = []
    for number, rule in found.items():
        if not edges or rule != edges[-1][1]:
            edges.append((number, rule))
    return edges


def _search(tape: _Tape, edges: list[tuple[int, str | None]]) -> int:
    """A binary search among the edges, one instruction a step (the number is in the accumulator)."""
    if len(edges) == 1:
        rule = edges[0][1]
        if rule:
            return tape.share(*_argument_check(rule))
        return tape.share((RETURN, 0, 0, ENOSYS if rule is None else ALLOW))
    middle = len(edges) // 2
    beyond = _search(tape, edges[middle:])
    return tape.branch(edges[middle][0], beyond, _search(tape, edges[:middle]))


def compile_filter(calls: dict[str, str], numbers: dict[str, int], machine: str) -> list[Instruction]:
    """The seccomp program of one list: another architecture's calls kill, the rest is searched.

    Short on purpose: it is checked, translated and run once for each call there is whenever a run begins.
    """
    tape = _Tape()
    first = _search(tape, _edges({numbers[call]: rule for call, rule in calls.items() if call in numbers}))
    tape.write((JUMP, 0, 0, tape.distance(first)))
    tape.write(
        (LOAD, 0, 0, ARCHITECTURE),
        (JUMP_EQUAL, 1, 0, ARCHITECTURES[machine]),
        (RETURN, 0, 0, KILL),
        (LOAD, 0, 0, NUMBER),
        (JUMP_GREATER, 0, 1, X32),
        (RETURN, 0, 0, KILL),
    )
    return tape.read()


def read_filter(name: str, numbers: dict[str, int]) -> Filter:
    """One need as it will be in force here."""
    calls = read_calls(name)
    return Filter(name, calls, tuple(sorted(call for call in calls if call not in numbers)))


def render_header(compiler: str = "gcc") -> str:
    """``filters.h``: every need's program as a C table."""
    numbers, machine = call_numbers(compiler), platform.machine()
    parts = ["/* Generated from seccomp/ by seccomp_compiler.py: do not edit. */"]
    rows = []
    for name in profile_names():
        code = compile_filter(read_calls(name), numbers, machine)
        body = ",".join(f"{{{op:#x},{yes},{no},{value:#x}u}}" for op, yes, no, value in code)
        parts.append(f"static const struct sock_filter filter_{name}[] = {{{body}}};")
        rows.append(f'{{"{name}", filter_{name}, {len(code)}}}')
    parts.append(
        "struct filter { const char *name; const struct sock_filter *code; unsigned short length; };"
    )
    parts.append("static const struct filter filters[] = {" + ",".join(rows) + "};")
    return "\n".join(parts) + "\n"
