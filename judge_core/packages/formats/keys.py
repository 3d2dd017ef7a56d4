"""Reads maps of JSON and YAML key by key. A wrong type is an error that names file and key."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import yaml

from judge_core.model.numbers import Bounds, NumberFault
from judge_core.packages.diagnostics import BrokenPackage, Diagnostic
from judge_core.packages.yaml_reader import MOST_YAML_BYTES

MOST_ITEMS = 20_000
_HALF_PAIR = re.compile("[\ud800-\udfff]")
_TAG = "tag:yaml.org,2002:"
_MOST_TEXT = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Keys:
    """One map of a file. The methods that read a key return their default if it is missing or null."""

    data: Mapping[str, object]
    file: str
    prefix: str = ""

    def __contains__(self, key: str) -> bool:
        return self.data.get(key) is not None

    def text(self, key: str, default: str = "") -> str:
        value = self.data.get(key)
        if value is None:
            return default
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            raise self.fault(key, "must be a text")
        try:
            return str(value)[:_MOST_TEXT]
        except ValueError as error:  # a whole number of thousands of digits
            raise self.fault(key, "is a number of too many digits") from error

    def number(self, key: str, bounds: Bounds) -> float | None:
        """The number under a key, within its bounds. A text that is a number is accepted, too."""
        if key not in self:
            return None
        try:
            return bounds.parse(self.text(key))
        except NumberFault as fault:
            raise self.fault(key, str(fault)) from fault

    def flag(self, key: str) -> bool:
        value = self.data.get(key)
        return value == 1 or (isinstance(value, str) and value.lower() in ("true", "yes", "on", "y", "1"))

    def map(self, key: str) -> Keys:
        value = self.data.get(key)
        if value is not None and not isinstance(value, dict):
            raise self.fault(key, "must be a map")
        return Keys(_by_name(value or {}), self.file, f"{self.prefix}{key}.")

    def integers(self, key: str, most: int) -> dict[int, None]:
        """The whole numbers among the first ``most`` items of a list, each once and in their order."""
        found = self.list(key)[:most]
        return dict.fromkeys(each for each in found if isinstance(each, int) and abs(each) < 10**9)

    def list(self, key: str) -> tuple[object, ...]:
        value = self.data.get(key)
        if value is None:
            return ()
        if not isinstance(value, list):
            raise self.fault(key, "must be a list")
        if len(value) > MOST_ITEMS:
            raise self.fault(key, f"has {len(value)} items; at most {MOST_ITEMS} are allowed")
        return tuple(value)

    def maps(self, key: str) -> Iterator[Keys]:
        """The maps of a list."""
        for at, each in enumerate(self.list(key)):
            if not isinstance(each, dict):
                raise self.fault(f"{key}[{at}]", "must be a map")
            yield Keys(_by_name(each), self.file, f"{self.prefix}{key}[{at}].")

    def texts(self, key: str) -> tuple[str, ...]:
        """The texts of a list, or a single text."""
        if isinstance(self.data.get(key), str):
            return (self.text(key),)
        return tuple(str(each) for each in self.list(key) if isinstance(each, str | int | float))

    def fault(self, key: str, message: str) -> BrokenPackage:
        return BrokenPackage((Diagnostic(self.file, message, self.prefix + key),))


class _PlainLoader(yaml.SafeLoader):
    """YAML without merge keys: merged lists of aliases grow without bound.

    Dates, and words such as ``no``, are texts. Otherwise a title could be a date or ``False``.
    """

    def flatten_mapping(self, node: yaml.MappingNode) -> None:
        for key, _ in node.value:
            if key.tag == f"{_TAG}merge":
                raise yaml.constructor.ConstructorError(
                    None, None, "merge keys (<<) are not read: write the keys themselves", key.start_mark
                )


_PlainLoader.yaml_implicit_resolvers = {
    first: [
        (tag, pattern)
        for tag, pattern in found
        if tag != f"{_TAG}timestamp" and (tag != f"{_TAG}bool" or first in "tTfF")
    ]
    for first, found in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def yaml_keys(text: str, file: str) -> Keys:
    """The map in a YAML file. Raises ``BrokenPackage``."""
    if len(text) > MOST_YAML_BYTES:
        raise _broken(file, f"is longer than {MOST_YAML_BYTES // 1024} KiB")
    try:
        return _as_keys(yaml.load(text, Loader=_PlainLoader), file)
    except (yaml.YAMLError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else None
        raise _broken(file, f"is not YAML: {getattr(error, 'problem', None) or error}", line) from error
    except RecursionError as error:
        raise _broken(file, "is nested too deep") from error


def json_keys(text: str, file: str) -> Keys:
    """The map in a JSON file. Raises ``BrokenPackage``."""
    try:
        return _as_keys(json.loads(text), file)
    except json.JSONDecodeError as error:
        raise _broken(file, f"is not JSON: {error.msg}", error.lineno) from error
    except (RecursionError, ValueError) as error:
        raise _broken(file, "is not JSON: nested too deep, or a number of too many digits") from error


def _as_keys(value: object, file: str) -> Keys:
    if not isinstance(value, dict):
        raise _broken(file, "must be a map of keys")
    if has_half_pair(value):
        raise _broken(
            file, "a text has half a surrogate pair, which is no character: write the character itself"
        )
    return Keys(_by_name(value), file)


def has_half_pair(value: object) -> bool:
    """Whether a text below a value of JSON or YAML cannot be encoded. Escapes can make such a text."""
    waiting, seen = [value], {id(value)}
    while waiting:
        each = waiting.pop()
        if isinstance(each, str) and _HALF_PAIR.search(each):
            return True
        inner = [*each.keys(), *each.values()] if isinstance(each, dict) else each
        new = [one for one in inner if id(one) not in seen] if isinstance(inner, list) else []
        seen.update(map(id, new))
        waiting += new
    return False


def _by_name(value: dict[object, object]) -> dict[str, object]:
    """The map with texts as its keys, since keys in YAML may be numbers."""
    return {str(key): each for key, each in value.items()}


def _broken(file: str, message: str, line: int | None = None) -> BrokenPackage:
    return BrokenPackage((Diagnostic(file, message, line=line),))
