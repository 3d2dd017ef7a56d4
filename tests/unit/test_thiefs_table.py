"""The thief's table of the threat model leaves out no right of users.acl and no key of Gavel.

``tests/integration/test_redis_users.py`` runs the commands in the table.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

import pytest

from tests.support.redis_keys import key_beginnings
from tests.support.redis_users import render_users, thiefs_table

THIEF = "worker-thief"
ALLOWED = [shlex.split(command) for command, answer in thiefs_table() if answer == "allowed"]


@dataclass(frozen=True)
class Right:
    """A command that a user may call on keys or channels of a pattern. The pattern is ``None`` if the command
    has none."""

    command: str
    pattern: str | None

    def covers(self, words: Sequence[str]) -> bool:
        """Whether a command line uses this right."""
        own = self.command.split("|")
        named = [word.lower() for word in words[: len(own)]] == own
        return named and (self.pattern is None or any(fnmatchcase(w, self.pattern) for w in words[1:]))


def rights(rules: str) -> Iterator[Right]:
    """All rights in a line of users.acl, selector by selector."""
    root, *selectors = rules.replace(")", "").split("(")
    assert "-@all" in root.split(), (
        "the line must begin with -@all, since this test finds only rights that the line names"
    )
    for part in (root, *selectors):
        words = part.split()
        commands = [word[1:] for word in words if word.startswith("+")]
        patterns = [word.lstrip("%RW")[1:] for word in words if word.startswith(("~", "&", "%"))]
        assert not any(command.startswith("@") for command in commands), (
            "the line must name commands, since this test does not know categories"
        )
        for command in commands:
            is_bare = part is root and command != "publish"
            yield from (Right(command, pattern) for pattern in ([None] if is_bare else patterns))


def thiefs_rights() -> list[Right]:
    (line,) = (
        line for line in render_users("p" * 64, {"thief": "premium"}).splitlines() if f" {THIEF} " in line
    )
    return list(rights(line))


def lacking(given: Sequence[Right]) -> list[Right]:
    return [right for right in given if not any(right.covers(words) for words in ALLOWED)]


def test_each_right_of_a_worker_has_a_line_in_the_thief_s_table() -> None:
    given = thiefs_rights()
    assert len(given) > 20
    assert lacking(given) == []


def test_each_allowed_line_of_the_thief_s_table_uses_a_right() -> None:
    given = thiefs_rights()
    assert [words for words in ALLOWED if not any(right.covers(words) for right in given)] == []


@pytest.mark.parametrize(
    "more",
    ["(~gavel:lease:* +getdel)", "(~gavel:new:* +get)", "(%R~rq:job:* +hgetall)", "(~rq:queue:x +blmove)"],
)
def test_the_check_of_the_thief_s_table_finds_a_right_without_a_line(more: str) -> None:
    assert len(lacking(list(rights(f"user {THIEF} on -@all {more}")))) == 1


@pytest.mark.parametrize("beginning", key_beginnings())
def test_each_redis_key_of_gavel_has_a_line_in_the_thief_s_table(beginning: str) -> None:
    words = {word for command, _ in thiefs_table() for word in shlex.split(command)[1:]}
    assert any(word == beginning or (beginning[-1] == ":" and word.startswith(beginning)) for word in words)
