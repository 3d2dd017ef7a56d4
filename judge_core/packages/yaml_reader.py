"""Reads the YAML files of a package key by key, and keeps each key's line for error messages."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Sequence
from pathlib import Path

import yaml

from judge_core.model.numbers import Bounds, NumberFault
from judge_core.packages.constants import TooLong, substitute
from judge_core.packages.diagnostics import Diagnostic, Diagnostics

MOST_YAML_BYTES = 1024 * 1024
"""The longest YAML file. It takes long to read a longer one, and the files of real packages have a few
kilobytes."""
_SCALAR = "tag:yaml.org,2002:"
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_TRUE, _FALSE = {"true", "yes", "on"}, {"false", "no", "off"}


class YamlMap:
    """One YAML map. Each method reads one key. If the value has a wrong type, it adds a fault and returns the
    default.

    ``close`` warns of the keys that were not read.
    """

    def __init__(
        self, node: yaml.MappingNode | None, file: str, faults: Diagnostics, prefix: str = ""
    ) -> None:
        self._file, self._faults, self._prefix = file, faults, prefix
        self._nodes: dict[str, tuple[yaml.Node, int]] = {}
        self._read: set[str] = set()
        for key, value in node.value if node else ():
            self._take(key, value)

    def _take(self, key: yaml.Node, value: yaml.Node) -> None:
        name = str(key.value)
        line = key.start_mark.line + 1
        if name in self._nodes:
            self._faults.add(Diagnostic(self._file, "given twice", self._prefix + name, line))
        self._nodes[name] = (value, line)

    def __contains__(self, key: str) -> bool:
        return key in self._nodes and not _is_null(self._nodes[key][0])

    def __iter__(self) -> Iterator[str]:
        return iter(self._nodes)

    def fault(self, key: str, message: str, warning: bool = False) -> None:
        line = self._nodes[key][1] if key in self._nodes else None
        self._faults.add(Diagnostic(self._file, message, self._prefix + key, line, warning))

    def _get(self, key: str) -> yaml.Node | None:
        self._read.add(key)
        return self._nodes[key][0] if key in self else None

    def text(self, key: str, default: str | None = None) -> str | None:
        node = self._get(key)
        if isinstance(node, yaml.ScalarNode):
            return str(node.value)
        if node is not None:
            self.fault(key, "must be a text")
        return default

    def number(self, key: str, default: float, bounds: Bounds) -> float:
        value = self.optional_number(key, bounds)
        return default if value is None else value

    def optional_number(self, key: str, bounds: Bounds) -> float | None:
        """The number under a key. A value that is no finite number within its bounds is a fault."""
        node = self._get(key)
        if node is None:
            return None
        try:
            return bounds.parse(str(node.value) if isinstance(node, yaml.ScalarNode) else "a map or list")
        except NumberFault as fault:
            self.fault(key, str(fault))
            return None

    def integer(self, key: str, default: int, bounds: Bounds) -> int:
        value = self.number(key, default, bounds)
        if value != int(value):
            self.fault(key, "must be a whole number")
            return default
        return int(value)

    def flag(self, key: str, default: bool) -> bool:
        node = self._get(key)
        if node is None:
            return default
        word = str(node.value).lower() if isinstance(node, yaml.ScalarNode) else ""
        if word not in _TRUE | _FALSE:
            self.fault(key, "must be true or false")
            return default
        return word in _TRUE

    def choice(self, key: str, options: Sequence[str], default: str) -> str:
        value = self.text(key, default) or default
        if value not in options:
            self.fault(key, f"must be one of {', '.join(options)}, not {value!r}")
            return default
        return value

    def texts(self, key: str) -> tuple[str, ...] | None:
        """A sequence of texts, or a single text."""
        node = self._get(key)
        if node is None:
            return None
        if isinstance(node, yaml.ScalarNode):
            return (str(node.value),)
        if isinstance(node, yaml.SequenceNode) and all(isinstance(n, yaml.ScalarNode) for n in node.value):
            return tuple(str(item.value) for item in node.value)
        self.fault(key, "must be a text or a sequence of texts")
        return None

    def people(self, key: str) -> tuple[str, ...] | None:
        """The names under a key, one or a sequence. Each is a text or a map with a ``name``."""
        node = self._get(key)
        if node is None:
            return None
        nodes = node.value if isinstance(node, yaml.SequenceNode) else [node]
        return tuple(name for each in nodes if (name := self._person(key, each)))

    def _person(self, key: str, node: yaml.Node) -> str | None:
        if isinstance(node, yaml.ScalarNode):
            return str(node.value)
        if isinstance(node, yaml.MappingNode):
            return YamlMap(node, self._file, self._faults, f"{self._prefix}{key}.").text("name")
        self.fault(key, "must be a name, or a map with a name")
        return None

    def arguments(self, key: str) -> tuple[str, ...] | None:
        """The arguments under a key: a sequence of texts, or one text that is split as a shell splits it."""
        node = self._get(key)
        if isinstance(node, yaml.ScalarNode):
            try:
                return tuple(shlex.split(str(node.value)))
            except ValueError as error:
                self.fault(key, f"cannot be split into arguments: {error}")
                return None
        return self.texts(key)

    def map(self, key: str) -> YamlMap:
        """The map under a key. It is empty if the key is missing."""
        node = self._get(key)
        if node is not None and not isinstance(node, yaml.MappingNode):
            self.fault(key, "must be a map")
            node = None
        return YamlMap(node, self._file, self._faults, f"{self._prefix}{key}.")

    def is_map(self, key: str) -> bool:
        return key in self and isinstance(self._nodes[key][0], yaml.MappingNode)

    def scalars(self) -> dict[str, str]:
        """Every key of this map with its text. A value that is not a scalar is a fault."""
        found = {key: self.text(key) for key in tuple(self._nodes)}
        return {key: value for key, value in found.items() if value is not None}

    def constants(self) -> dict[str, str]:
        """The constants by name. If a constant is a map (2025-09), its key ``value`` is named like the
        constant, and each other key is named ``name.key``."""
        found: dict[str, str] = {}
        for key in tuple(self._nodes):
            inner = self.map(key).scalars() if self.is_map(key) else {"value": self.text(key) or ""}
            found |= {key if name == "value" else f"{key}.{name}": text for name, text in inner.items()}
        return found

    def ignore(self, *keys: str) -> None:
        """Mark keys that have no effect on judging as known."""
        self._read.update(keys)

    def close(self) -> None:
        for key in self._nodes:
            if key not in self._read:
                self.fault(key, "is not a key of this format and has no effect", warning=True)


def _is_null(node: yaml.Node) -> bool:
    return isinstance(node, yaml.ScalarNode) and node.tag == f"{_SCALAR}null"


def _unstorable_text(root: yaml.Node) -> yaml.ScalarNode | None:
    """The first text that a database cannot store. Escapes in YAML can produce such a text in a file that is
    valid UTF-8."""
    waiting, seen = [root], {id(root)}
    while waiting:
        node = waiting.pop()
        if isinstance(node, yaml.ScalarNode):
            if _UNSTORABLE.search(str(node.value)):
                return node
            continue
        inner = (
            node.value if isinstance(node, yaml.SequenceNode) else [n for pair in node.value for n in pair]
        )
        new = [each for each in inner if id(each) not in seen]
        seen.update(map(id, new))
        waiting += new
    return None


def _read_bytes(path: Path) -> bytes:
    with path.open("rb") as file:
        content = file.read(MOST_YAML_BYTES + 1)
    if len(content) > MOST_YAML_BYTES:
        raise TooLong(f"is longer than {MOST_YAML_BYTES // 1024} KiB: keep only settings in it")
    return content


def open_yaml_map(
    path: Path, file: str, faults: Diagnostics, constants: dict[str, str] | None = None
) -> YamlMap:
    """The map in a YAML file. It is empty if there is no file. Everything that cannot be read is a fault."""
    if not path.is_file():
        return YamlMap(None, file, faults)
    try:
        text = substitute(_read_bytes(path).decode("utf-8-sig"), constants or {})
        if len(text) > MOST_YAML_BYTES:
            raise TooLong(f"is longer than {MOST_YAML_BYTES} characters with its constants")
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except TooLong as error:
        faults.error(file, str(error))
        return YamlMap(None, file, faults)
    except UnicodeDecodeError as error:
        faults.error(file, f"is not UTF-8: {error.reason} at byte {error.start}")
        return YamlMap(None, file, faults)
    except RecursionError:
        faults.error(file, "is nested too deep")
        return YamlMap(None, file, faults)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else None
        faults.add(Diagnostic(file, f"is not YAML: {getattr(error, 'problem', None) or error}", line=line))
        return YamlMap(None, file, faults)
    if node is not None and (odd := _unstorable_text(node)) is not None:
        what = "a text holds NUL or half a surrogate pair, which cannot be stored: write the character itself"
        faults.add(Diagnostic(file, what, line=odd.start_mark.line + 1))
        node = None
    if node is not None and not isinstance(node, yaml.MappingNode):
        faults.error(file, "must be a map of keys")
        node = None
    return YamlMap(node, file, faults)
