"""Compares outputs line by line, as Judge0 does: spaces count, except at the ends of lines."""

from __future__ import annotations

from workers.checkers.checker import CheckResult

_SPACES = b" \t\n\v\f\r\0"
_SHOWN = 80


def compare_lines(expected: bytes, output: bytes) -> CheckResult:
    """Whether both outputs have the same lines. The message shows the first line that differs. If only the
    numbers of lines differ, the message gives both numbers."""
    wanted, found = _lines(expected), _lines(output)
    if wanted == found:
        return CheckResult(True)
    for number, (line, other) in enumerate(zip(wanted, found, strict=False), 1):
        if line != other:
            return CheckResult(False, f"line {number}: expected {_shown(line)}, found {_shown(other)}")
    return CheckResult(False, f"expected {len(wanted)} lines, found {len(found)}")


def _lines(content: bytes) -> list[bytes]:
    lines = [line.rstrip(_SPACES) for line in content.split(b"\n")]
    while lines and not lines[-1]:
        lines.pop()
    return lines


def _shown(line: bytes) -> str:
    return repr(line[:_SHOWN].decode("utf-8", errors="replace"))
