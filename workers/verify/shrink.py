"""Makes an input that shows a difference smaller, as long as it stays valid and still shows the difference.

Lines and words are left out, and numbers made smaller. A number that may count the words of a line, or the
lines below it, is lowered together with what it counts."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

_NUMBER = re.compile(r"-?\d{1,18}")
MOST_TRIALS = 400


def shrink(text: str, still_shows: Callable[[str], bool], most_trials: int = MOST_TRIALS) -> str:
    """The smallest input that was found. ``still_shows`` says whether an input is valid and shows the
    difference."""
    trials, improved = 0, True
    while improved:
        improved = False
        for smaller in _smaller(text):
            if trials >= most_trials:
                return text
            trials += 1
            if still_shows(smaller):
                text, improved = smaller, True
                break
    return text


def _smaller(text: str) -> Iterator[str]:
    """Inputs that are one step smaller, the greatest steps first."""
    seen = {text}
    for each in (*_with_fewer_lines(text), *_with_fewer_words(text), *_with_smaller_numbers(text)):
        if each not in seen:
            seen.add(each)
            yield each


def _with_fewer_lines(text: str) -> Iterator[str]:
    lines = text.splitlines(keepends=True)
    size = len(lines) // 2
    while size:
        for at in range(0, len(lines) - size + 1, size):
            rest = lines[:at] + lines[at + size :]
            yield from _recounted(rest, at, size)
            yield "".join(rest)
        size //= 2


def _recounted(lines: list[str], at: int, removed: int) -> Iterator[str]:
    """Copies of the lines, from which ``removed`` lines were taken out at ``at``. In each copy one number
    above that place is lowered by ``removed``, since it may count the lines."""
    for above in range(min(at, len(lines)) - 1, -1, -1):
        for hit in _NUMBER.finditer(lines[above]):
            count = int(hit.group())
            if removed <= count <= len(lines) + removed:
                line = lines[above][: hit.start()] + str(count - removed) + lines[above][hit.end() :]
                yield "".join([*lines[:above], line, *lines[above + 1 :]])


def _with_fewer_words(text: str) -> Iterator[str]:
    lines = text.splitlines(keepends=True)
    for at, line in enumerate(lines):
        words = line.split()
        size = len(words) // 2
        while size:
            for first in range(0, len(words) - size + 1, size):
                kept = " ".join(words[:first] + words[first + size :])
                rest = [*lines[:at], kept + line[len(line.rstrip()) :], *lines[at + 1 :]]
                yield from _counted_down(rest, at, len(words), size)
                yield "".join(rest)
            size //= 2


def _counted_down(lines: list[str], at: int, words: int, removed: int) -> Iterator[str]:
    """Copies of the lines, in each of which one number is lowered by ``removed``. The number is in line
    ``at`` or above it, and equals ``words`` or one less, so it may count the words of line ``at``."""
    for above in range(at, -1, -1):
        for hit in _NUMBER.finditer(lines[above]):
            if int(hit.group()) in (words, words - 1):
                smaller = str(int(hit.group()) - removed)
                line = lines[above][: hit.start()] + smaller + lines[above][hit.end() :]
                yield "".join([*lines[:above], line, *lines[above + 1 :]])


def _with_smaller_numbers(text: str) -> Iterator[str]:
    for hit in _NUMBER.finditer(text):
        number = int(hit.group())
        for smaller in dict.fromkeys((0, 1, number // 2 if number > 0 else -(-number // 2), number - 1)):
            if abs(smaller) < abs(number):
                yield text[: hit.start()] + str(smaller) + text[hit.end() :]
