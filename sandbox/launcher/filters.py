"""Turns the system-call lists of ``needs/`` into the seccomp programs that the launcher carries.

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

NEEDS = Path(__file__).parent / "needs"

LOAD, JUMP_EQUAL, JUMP_GREATER, JUMP_SET, RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
AND, JUMP = 0x54, 0x05
ALLOW, KILL, EPERM, ENOSYS = 0x7FFF0000, 0x80000000, 0x00050001, 0x00050026
ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
NUMBER, ARCHITECTURE, FIRST_ARGUMENT = 0, 4, 16
FILE_TYPE, FIFO = 0o170000, 0o010000
X32 = 0x40000000

Instruction = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class Filter:
    """The allow list of one need: call name to rule (empty: always allowed)."""

    name: str
    calls: dict[str, str] = field(default_factory=dict)
    unknown: tuple[str, ...] = ()


@cache
def known_needs() -> tuple[str, ...]:
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
    match = re.fullmatch(r"(cmd|mode3|mode)?(=|!|none=)(.+)", rule)
    if not match:
        raise ValueError(f"unreadable rule {rule!r}")
    where, how, text = match.groups()
    place = {None: 0, "cmd": 1, "mode": 1, "mode3": 2}[where]
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


def _leaf(rules: list[tuple[int, str]]) -> list[Instruction]:
    """A few neighbouring calls, tried one after another (the number is in the accumulator)."""
    code: list[Instruction] = []
    for number, rule in rules:
        body = _argument_check(rule) if rule else [(RETURN, 0, 0, ALLOW)]
        code += [(JUMP_EQUAL, 0, len(body), number), *body]
    return [*code, (RETURN, 0, 0, ENOSYS)]


def _tree(spans: list[tuple[int, int]], ruled: list[tuple[int, str]]) -> list[Instruction]:
    """A binary search over spans of numbers that are always allowed, and single ruled calls."""
    entries = [(low, high, "") for low, high in spans] + [(number, number, rule) for number, rule in ruled]
    return _search(sorted(entries))


def _search(entries: list[tuple[int, int, str]]) -> list[Instruction]:
    if len(entries) == 1:
        low, high, rule = entries[0]
        if rule:
            return _leaf([(low, rule)])
        return [
            (JUMP_GREATER, 0, 2, low),
            (JUMP_GREATER, 1, 0, high + 1),
            (RETURN, 0, 0, ALLOW),
            (RETURN, 0, 0, ENOSYS),
        ]
    middle = len(entries) // 2
    left, right = _search(entries[:middle]), _search(entries[middle:])
    if len(left) > 255:
        # A conditional jump reaches 255 instructions; an unconditional one any distance.
        return [(JUMP_GREATER, 0, 1, entries[middle][0]), (JUMP, 0, 0, len(left)), *left, *right]
    return [(JUMP_GREATER, len(left), 0, entries[middle][0]), *left, *right]


def _spans(numbers: list[int]) -> list[tuple[int, int]]:
    spans: list[tuple[int, int]] = []
    for number in sorted(numbers):
        if spans and number == spans[-1][1] + 1:
            spans[-1] = (spans[-1][0], number)
        else:
            spans.append((number, number))
    return spans


def compile_filter(calls: dict[str, str], numbers: dict[str, int], machine: str) -> list[Instruction]:
    """The seccomp program of one list: another architecture's calls kill, the rest is searched."""
    free = [numbers[call] for call, rule in calls.items() if not rule and call in numbers]
    ruled = [(numbers[call], rule) for call, rule in calls.items() if rule and call in numbers]
    head: list[Instruction] = [
        (LOAD, 0, 0, ARCHITECTURE),
        (JUMP_EQUAL, 1, 0, ARCHITECTURES[machine]),
        (RETURN, 0, 0, KILL),
        (LOAD, 0, 0, NUMBER),
        (JUMP_GREATER, 0, 1, X32),
        (RETURN, 0, 0, KILL),
    ]
    return head + _tree(_spans(free), ruled)


def read_filter(name: str, numbers: dict[str, int]) -> Filter:
    """One need as it will be in force here."""
    calls = read_calls(name)
    return Filter(name, calls, tuple(sorted(call for call in calls if call not in numbers)))


def render_header(compiler: str = "gcc") -> str:
    """``filters.h``: every need's program as a C table."""
    numbers, machine = call_numbers(compiler), platform.machine()
    parts = ["/* Generated from needs/ by filters.py: do not edit. */"]
    rows = []
    for name in known_needs():
        code = compile_filter(read_calls(name), numbers, machine)
        body = ",".join(f"{{{op:#x},{yes},{no},{value:#x}u}}" for op, yes, no, value in code)
        parts.append(f"static const struct sock_filter filter_{name}[] = {{{body}}};")
        rows.append(f'{{"{name}", filter_{name}, {len(code)}}}')
    parts.append(
        "struct filter { const char *name; const struct sock_filter *code; unsigned short length; };"
    )
    parts.append("static const struct filter filters[] = {" + ",".join(rows) + "};")
    return "\n".join(parts) + "\n"
