"""Compiles the seccomp profiles of ``seccomp/`` into the filter programs that the launcher contains.

For the launcher this runs at build time, for bubblewrap when a profile is first used. A profile names calls
and never numbers: the numbers come from the kernel headers through the C preprocessor. A name that this
machine's headers do not know is omitted. That is safe, since the filter refuses every call that is not
listed.
"""

from __future__ import annotations

import errno
import re
import subprocess
from functools import cache
from pathlib import Path

PROFILES = Path(__file__).parent / "seccomp"
"""One file for each profile; native.list explains the format."""

LOAD, JUMP_EQUAL, JUMP_GREATER, JUMP_SET, RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
AND, JUMP = 0x54, 0x05
ALLOW, KILL, ERRNO = 0x7FFF0000, 0x80000000, 0x00050000
EPERM, ENOSYS, NO_TERMINAL, NOTHING = (ERRNO | e for e in (errno.EPERM, errno.ENOSYS, errno.ENOTTY, 0))
"""The answers of a rule. With NOTHING, the call returns 0 and does nothing."""
_WHEN = {"nothing when ": NOTHING, "ENOTTY when ": NO_TERMINAL}
"""The answers of rules that begin so, if all their conditions hold."""
O_DIRECT = {"x86_64": "0x4000", "aarch64": "0x10000"}
ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
NUMBER, ARCHITECTURE, FIRST_ARGUMENT = 0, 4, 16
FILE_TYPE, FIFO = 0o170000, 0o010000
X32 = 0x40000000
_REACH = 250

Instruction = tuple[int, int, int, int]


@cache
def profile_names() -> tuple[str, ...]:
    """The names of all profiles, in order."""
    return tuple(sorted(path.stem for path in PROFILES.glob("*.list")))


def read_profile(name: str) -> dict[str, str]:
    """The rule of every call that a profile allows (empty: always allowed), included profiles first.

    A later rule for a call replaces an earlier one.
    """
    calls: dict[str, str] = {}
    for line in (PROFILES / f"{name}.list").read_text().splitlines():
        entry = line.split("#")[0].strip()
        if entry.startswith("+"):
            calls.update(read_profile(entry[1:]))
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
    # arm64's headers define some calls by another name, such as __NR_mmap by __NR3264_mmap.
    lines: list[tuple[str, str]] = re.findall(
        r"^#define __NR(\w+) (?:__NR)?(\w+)$", done.stdout, re.MULTILINE
    )
    defined = dict(lines)
    found = {name: defined.get(value, value) for name, value in defined.items() if name.startswith("_")}
    return {name.removeprefix("_"): int(value) for name, value in found.items() if value.isdigit()}


def target_machine(compiler: str = "gcc") -> str:
    """The machine for which a compiler builds. A cross compiler builds for another machine than this one."""
    done = subprocess.run([compiler, "-dumpmachine"], check=True, capture_output=True, text=True)
    return done.stdout.partition("-")[0]


def _both(first: list[Instruction], then: list[Instruction]) -> list[Instruction]:
    """Combine two checks: the second decides about the calls that the first allows."""
    end = len(first) - 1
    allow: Instruction = (RETURN, 0, 0, ALLOW)
    jumps = [(JUMP, 0, 0, end - at) if each == allow else each for at, each in enumerate(first)]
    return [*jumps, *then]


_ARGUMENTS = {None: 0, "cmd": 1, "mode": 1, "mode3": 2, "third": 2, "fourth": 3}


def _load(argument: str | None) -> Instruction:
    return (LOAD, 0, 0, FIRST_ARGUMENT + 8 * _ARGUMENTS[argument])


def _answer_when(conditions: str, answer: int) -> list[Instruction]:
    """Instructions that return ``answer`` if every condition holds, else ALLOW."""
    code: list[Instruction] = []
    for condition in conditions.split(" and "):
        match = re.fullmatch(r"(cmd|third|fourth)? ?(=|any=)(.+)", condition)
        if not match:
            raise ValueError(f"unreadable condition {condition!r}")
        argument, operator, text = match.groups()
        values = [int(value, 0) for value in text.split("|")]
        test = JUMP_EQUAL if operator == "=" else JUMP_SET
        tests = [(test, len(values) - place, 0, value) for place, value in enumerate(values)]
        code += [_load(argument), *tests, (RETURN, 0, 0, ALLOW)]
    return [*code, (RETURN, 0, 0, answer)]


def _argument_check(rule: str) -> list[Instruction]:
    """Instructions that return the answer of a rule, by looking at the low half of its arguments."""
    first, both, rest = rule.partition(" & ")
    if both:
        return _both(_argument_check(first), _argument_check(rest))
    if rule == "nothing":
        return [(RETURN, 0, 0, NOTHING)]
    if rule == "refuse":
        return [(RETURN, 0, 0, EPERM)]
    for start, answer in _WHEN.items():
        if rule.startswith(start):
            return _answer_when(rule.removeprefix(start), answer)
    match = re.fullmatch(r"(cmd|mode3|mode|third|fourth)? ?(=|!|none=|nothing=)(.+)", rule)
    if not match:
        raise ValueError(f"unreadable rule {rule!r}")
    argument, operator, text = match.groups()
    load = _load(argument)
    if argument in ("mode", "mode3"):
        return [
            load,
            (AND, 0, 0, FILE_TYPE),
            (JUMP_EQUAL, 0, 1, FIFO),
            (RETURN, 0, 0, ALLOW),
            (RETURN, 0, 0, EPERM),
        ]
    values = [int(value, 0) for value in text.split("|")]
    if operator in ("none=", "nothing="):
        if_set = EPERM if operator == "none=" else NOTHING
        return [load, (JUMP_SET, 0, 1, values[0]), (RETURN, 0, 0, if_set), (RETURN, 0, 0, ALLOW)]
    if_listed, otherwise = (ALLOW, EPERM) if operator == "=" else (EPERM, ALLOW)
    tests: list[Instruction] = [
        (JUMP_EQUAL, len(values) - place, 0, value) for place, value in enumerate(values)
    ]
    return [load, *tests, (RETURN, 0, 0, otherwise), (RETURN, 0, 0, if_listed)]


class _ReverseAssembler:
    """Writes a program from its end, so that every jump target exists before the jump.

    Addresses count from the end. A conditional jump reaches 255 instructions. For a target farther away, a
    copy of the target is written nearby, or an unconditional jump, which reaches any distance.
    """

    def __init__(self) -> None:
        self._backwards: list[Instruction] = []
        self._addresses: dict[tuple[Instruction, ...], int] = {}

    def write(self, *body: Instruction) -> int:
        """Put these instructions before the program. Returns their address."""
        self._backwards += reversed(body)
        return len(self._backwards) - 1

    def write_shared(self, *body: Instruction) -> int:
        """The address of these instructions. They are written only if no copy is within reach."""
        if body not in self._addresses or self.distance(self._addresses[body]) >= _REACH:
            self._addresses[body] = self.write(*body)
        return self._addresses[body]

    def write_branch(self, number: int, above: int, below: int) -> int:
        """Jump to ``above`` for this number and greater ones, else to ``below``."""
        above, below = self._within_reach(above), self._within_reach(below)
        return self.write((JUMP_GREATER, self.distance(above), self.distance(below), number))

    def distance(self, address: int) -> int:
        """How many instructions a jump from the next instruction to this address skips."""
        return len(self._backwards) - 1 - address

    def _within_reach(self, address: int) -> int:
        far = self.distance(address) >= _REACH
        return self.write((JUMP, 0, 0, self.distance(address))) if far else address

    def program(self) -> list[Instruction]:
        """The whole program, in order."""
        return self._backwards[::-1]


def _ranges(rules: dict[int, str]) -> list[tuple[int, str | None]]:
    """Ranges of call numbers with one rule, each by its first number. The rule is None for calls not in the
    profile."""
    found: dict[int, str | None] = {0: None}
    for number in sorted(rules):
        found[number] = rules[number]
        found[number + 1] = None
    ranges: list[tuple[int, str | None]] = []
    for number, rule in found.items():
        if not ranges or rule != ranges[-1][1]:
            ranges.append((number, rule))
    return ranges


def _write_search(assembler: _ReverseAssembler, ranges: list[tuple[int, str | None]]) -> int:
    """Write a binary search among the ranges, one instruction for each step. The call's number is in the
    accumulator. Returns the address of the search."""
    if len(ranges) == 1:
        rule = ranges[0][1]
        if rule:
            return assembler.write_shared(*_argument_check(rule))
        return assembler.write_shared((RETURN, 0, 0, ENOSYS if rule is None else ALLOW))
    middle = len(ranges) // 2
    above = _write_search(assembler, ranges[middle:])
    below = _write_search(assembler, ranges[:middle])
    return assembler.write_branch(ranges[middle][0], above, below)


def compile_filter(calls: dict[str, str], numbers: dict[str, int], machine: str) -> list[Instruction]:
    """The seccomp program of one profile. A call of another architecture kills the process.

    The program must be short, since at the start of every run the kernel checks it, translates it and tries
    it for each call.
    """
    assembler = _ReverseAssembler()
    known = {call: rule.replace("O_DIRECT", O_DIRECT[machine]) for call, rule in calls.items()}
    rules = {numbers[call]: rule for call, rule in known.items() if call in numbers}
    search = _write_search(assembler, _ranges(rules))
    assembler.write((JUMP, 0, 0, assembler.distance(search)))
    assembler.write(
        (LOAD, 0, 0, ARCHITECTURE),
        (JUMP_EQUAL, 1, 0, ARCHITECTURES[machine]),
        (RETURN, 0, 0, KILL),
        (LOAD, 0, 0, NUMBER),
        (JUMP_GREATER, 0, 1, X32),
        (RETURN, 0, 0, KILL),
    )
    return assembler.program()


def render_header(compiler: str = "gcc") -> str:
    """``filters.h``: the program of every profile as a C table."""
    numbers, machine = call_numbers(compiler), target_machine(compiler)
    parts = ["/* Generated from seccomp/ by seccomp_compiler.py: do not edit. */"]
    rows = []
    for name in profile_names():
        code = compile_filter(read_profile(name), numbers, machine)
        body = ",".join(f"{{{op:#x},{yes},{no},{value:#x}u}}" for op, yes, no, value in code)
        parts.append(f"static const struct sock_filter filter_{name}[] = {{{body}}};")
        rows.append(f'{{"{name}", filter_{name}, {len(code)}}}')
    parts.append(
        "struct filter { const char *name; const struct sock_filter *code; unsigned short length; };"
    )
    parts.append("static const struct filter filters[] = {" + ",".join(rows) + "};")
    return "\n".join(parts) + "\n"
