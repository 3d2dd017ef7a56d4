"""The format's default output validator. It compares token by token, and never has a whole file in memory.

Files are first compared byte by byte, which decides nearly every accepted test.
"""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import Protocol

from judge_core.packages import TestCase
from judge_core.packages.token_rules import FlagFault, TokenRules, parse_float
from workers.checkers.checker import CheckResult
from workers.judging.errors import PackageBroken

_BLOCK = 1 << 18
_SPACES = re.compile(rb"([ \t\n\r\x0b\x0c]+)")
_SHOWN = 80
_BATCH = 1024
_MAX_TOKEN = 4096
"""Longer tokens are compared by the digests of their parts, so that no output fills the memory."""
_DIGEST_BYTES = 16


class Readable(Protocol):
    """An open file, or bytes in memory."""

    def read(self, size: int, /) -> bytes | None: ...

    def seek(self, offset: int, /) -> int: ...


@dataclass(frozen=True, slots=True)
class TokenChecker:
    """Compares an output with the test's answer, by the flags of the test."""

    def check(self, case: TestCase, output: Path) -> CheckResult:
        if case.answer is None:
            raise PackageBroken(f"{case.name} has no answer to compare with")
        try:
            rules = _rules(case.settings.validator_flags)
        except FlagFault as fault:
            raise PackageBroken(f"{case.name}: {fault}") from fault
        return compare(case.answer, output, rules)


_rules = lru_cache(maxsize=64)(TokenRules.from_flags)
"""The rules of a test's flags. They are cached, since most tests of a package have the same flags."""


def compare(answer: Path, output: Path, rules: TokenRules) -> CheckResult:
    """Whether the output in one file equals the answer in the other, by these rules."""
    with io.FileIO(answer) as right, io.FileIO(output) as given:
        return _compare(right, given, rules)


def compare_texts(answer: bytes, output: bytes, rules: TokenRules) -> CheckResult:
    """Compare texts in memory, as :meth:`compare` compares files."""
    return _compare(io.BytesIO(answer), io.BytesIO(output), rules)


def _compare(right: Readable, given: Readable, rules: TokenRules) -> CheckResult:
    if _same_bytes(right, given):
        return CheckResult(True)
    right.seek(0)
    given.seek(0)
    number = _first_difference(_pieces(right, rules), _pieces(given, rules), rules)
    return (
        CheckResult(True) if number is None else CheckResult(False, _difference(right, given, rules, number))
    )


def _difference(right: Readable, given: Readable, rules: TokenRules, number: int) -> str:
    """The difference at a token. The tokens are quoted as they were printed, not as they were compared."""
    right.seek(0)
    given.seek(0)
    as_printed = replace(rules, case_sensitive=True)
    wanted, found = (next(islice(_pieces(f, as_printed), number - 1, None), None) for f in (right, given))
    if found is None:
        return f"token {number}: the output ends where {_shown(wanted or b'')} is expected"
    if wanted is None:
        return f"token {number}: {_shown(found)} comes after the end of the expected output"
    return f"token {number}: expected {_shown(wanted)}, found {_shown(found)}"


def _same_bytes(right: Readable, given: Readable) -> bool:
    while True:
        one, other = right.read(_BLOCK), given.read(_BLOCK)
        if one != other:
            return False
        if not one:
            return True


def _pieces(file: Readable, rules: TokenRules) -> Iterator[bytes]:
    """The tokens of a file. With the flag ``space_change_sensitive`` also the spaces between them."""
    rest = b""
    while block := file.read(_BLOCK):
        block = rest + (block if rules.case_sensitive else block.lower())
        pieces = _split(block, rules)
        is_open = rules.space_sensitive or not block[-1:].isspace()
        rest = pieces.pop() if pieces and is_open else b""
        for piece in pieces:
            if len(piece) > _MAX_TOKEN:
                yield from _parts(piece)
            else:
                yield piece
        while len(rest) > _MAX_TOKEN:
            yield _digest(rest[:_MAX_TOKEN])
            rest = rest[_MAX_TOKEN:]
    if rest:
        yield rest


def _parts(token: bytes) -> Iterator[bytes]:
    """A long token in parts of a fixed length, so that both sides are cut at the same places."""
    last = (len(token) - 1) // _MAX_TOKEN * _MAX_TOKEN
    for at in range(0, last, _MAX_TOKEN):
        yield _digest(token[at : at + _MAX_TOKEN])
    yield token[last:]


def _digest(part: bytes) -> bytes:
    """The digest that replaces a part of a long token. It begins with a space, so it equals no token. With
    ``space_change_sensitive``, it equals no run of spaces, since a digest does not consist of spaces only."""
    return b" " + hashlib.blake2b(part, digest_size=_DIGEST_BYTES).digest()


def _split(block: bytes, rules: TokenRules) -> list[bytes]:
    if not rules.space_sensitive:
        return block.split()
    return [piece for piece in _SPACES.split(block) if piece]


def _first_difference(right: Iterator[bytes], given: Iterator[bytes], rules: TokenRules) -> int | None:
    """The number of the first token that differs from the answer, or ``None``."""
    done = 0
    while True:
        wanted, found = list(islice(right, _BATCH)), list(islice(given, _BATCH))
        if wanted != found:
            for number, (one, other) in enumerate(zip(wanted, found, strict=False), done + 1):
                if one != other and not _is_close(one, other, rules):
                    return number
            if len(wanted) != len(found):
                return done + min(len(wanted), len(found)) + 1
        if not wanted:
            return None
        done += len(wanted)


def _is_close(wanted: bytes, found: bytes, rules: TokenRules) -> bool:
    if not rules.has_floats:
        return False
    right = parse_float(wanted)
    given = parse_float(found) if right is not None else None
    if right is None or given is None:
        return False
    error = abs(given - right)
    return (rules.absolute is not None and error <= rules.absolute) or (
        rules.relative is not None and error <= rules.relative * abs(right)
    )


def _shown(token: bytes) -> str:
    is_digest = token[:1] == b" " and len(token) == _DIGEST_BYTES + 1 and not token.isspace()
    if is_digest:
        return "a very long token"
    text = token[:_SHOWN].decode("utf-8", errors="replace")
    return repr(text) + ("…" if len(token) > _SHOWN else "")
