"""Reads and changes the YAML files of a package for a form. Unknown keys stay as they are.

A value that is not changed keeps its formatting. The lines of a changed key are written again. Comments stay,
apart from that of a removed key.
"""

from __future__ import annotations

import io
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from judge_core.model.numbers import NumberFault
from judge_core.packages.form_fields import FIELDS, FieldKind, FormField, SettingsFile, settings_file

MOST_CHARACTERS = 64 * 1024
"""A longer file has no form, since it takes long to write a long file with its comments."""
_MOST_ENTRIES = 200

Value = str | bool | list[str] | dict[str, str]


@dataclass(frozen=True, slots=True)
class FormValue:
    """A field with its value in the file. ``is_complex`` means that the form cannot show the value as the
    file has it."""

    field: FormField
    value: Value | None
    is_complex: bool = False


@dataclass(frozen=True, slots=True)
class KeyFault:
    """A key whose new value is wrong."""

    key: str
    message: str


@dataclass(frozen=True, slots=True)
class SettingsForm:
    """The form of one file: its text, the known keys in the form's order, and the other keys, which the form
    does not change."""

    file: SettingsFile
    text: str
    values: tuple[FormValue, ...]
    others: tuple[str, ...]
    faults: tuple[KeyFault, ...] = ()


class NoForm(Exception):
    """The file has no form, or cannot be shown in it. The message says why, and what to do."""


def open_form(path: str, text: str, changes: Mapping[str, Value | None]) -> SettingsForm:
    """The form of a file after some changes by key. ``None`` removes a key. Raises ``NoForm``.

    A wrong change is not made, and ``faults`` names it.
    """
    file, root = _opened(path, text)
    known = {field.key: field for field in FIELDS[file]}
    faults, values = [], {}
    for key, value in changes.items():
        fault = "is not a key of this form" if key not in known else fault_of(known[key], value)
        if fault is None:
            values[key] = value
        else:
            faults.append(KeyFault(key, fault))
    before = {key: _read(known[key], root) for key in values}
    changed = {key: value for key, value in values.items() if before[key].value != value}
    if changed:
        text = _written(text, {known[key]: value for key, value in changed.items()})
        file, root = _opened(path, text)
    shown = tuple(_read(field, root) for field in FIELDS[file])
    return SettingsForm(file, text, shown, _others(file, root), tuple(faults))


def fault_of(field: FormField, value: Value | None) -> str | None:
    """The fault of a new value. ``None`` if the value is valid, or if there is none."""
    if value is None:
        return None
    if field.kind is FieldKind.FLAG:
        return None if isinstance(value, bool) else "must be true or false"
    if field.kind in (FieldKind.TEXTS, FieldKind.NUMBERS):
        return _fault_of_map(field, value)
    if field.kind in (FieldKind.LIST, FieldKind.PEOPLE):
        return _fault_of_list(field, value)
    return _fault_of_text(field, value)


def _fault_of_text(field: FormField, value: Value) -> str | None:
    if not isinstance(value, str):
        return "must be a text"
    if field.kind is FieldKind.CHOICE and value not in field.choices:
        return f"must be one of {', '.join(field.choices)}"
    if field.kind is FieldKind.NUMBER and not (field.key.endswith("score") and value == "unbounded"):
        return _fault_of_number(field, value)
    if field.kind is FieldKind.ARGUMENTS:
        try:
            shlex.split(value)
        except ValueError as error:
            return f"cannot be split into arguments: {error}"
    return None


def _fault_of_number(field: FormField, value: str) -> str | None:
    try:
        number = field.bounds.parse(value) if field.bounds else float(value)
    except NumberFault as fault:
        return str(fault)
    whole = field.path[0] == "limits" and not field.path[-1].startswith(("time", "ac_to"))
    return "must be a whole number" if whole and number != int(number) else None


def _fault_of_list(field: FormField, value: Value) -> str | None:
    if not isinstance(value, list):
        return "must be a list of texts"
    if len(value) > _MOST_ENTRIES or not all(entry.strip() for entry in value):
        return f"must have at most {_MOST_ENTRIES} entries, and none of them empty"
    odd = [entry for entry in value if field.choices and entry not in field.choices]
    return f"must be some of {', '.join(field.choices)}, not {odd[0][:40]!r}" if odd else None


def _fault_of_map(field: FormField, value: Value) -> str | None:
    if not isinstance(value, dict):
        return "must be a map of names to values"
    if len(value) > _MOST_ENTRIES or not all(name.strip() for name in value):
        return f"must have at most {_MOST_ENTRIES} entries, each with a name"
    if field.kind is FieldKind.TEXTS:
        return None
    for name, number in value.items():
        if fault := _fault_of_number(field, number):
            return f"{name[:40]}: {fault}"
    return None


def _opened(path: str, text: str) -> tuple[SettingsFile, yaml.MappingNode]:
    if len(text) > MOST_CHARACTERS:
        raise NoForm(f"is longer than {MOST_CHARACTERS // 1024} KiB: change it as a file")
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except (yaml.YAMLError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        line = f" (line {mark.line + 1})" if mark else ""
        raise NoForm(f"is not YAML{line}: change it as a file") from error
    node = node or yaml.MappingNode("tag:yaml.org,2002:map", [])
    if not isinstance(node, yaml.MappingNode):
        raise NoForm("is no map of keys: change it as a file")
    version = _scalar(_node(node, ("problem_format_version",)))
    file = settings_file(path, version)
    if file is None:
        raise NoForm("has no form: change it as a file")
    return file, node


def _node(root: yaml.Node | None, path: tuple[str, ...]) -> yaml.Node | None:
    """The node under a path of keys, or ``None``. A null in the file counts as missing."""
    for name in path:
        if not isinstance(root, yaml.MappingNode):
            return None
        root = next((value for key, value in root.value if _scalar(key) == name), None)
    return None if isinstance(root, yaml.ScalarNode) and root.tag.endswith(":null") else root


def _scalar(node: yaml.Node | None) -> str | None:
    return str(node.value) if isinstance(node, yaml.ScalarNode) else None


def _read(field: FormField, root: yaml.MappingNode) -> FormValue:
    node = _node(root, field.path)
    if node is None and field.key == "credits.authors":
        node = _credits_without_map(root)
    if node is None:
        return FormValue(field, None)
    value = _value(field, node)
    return FormValue(field, value, is_complex=value is None)


def _credits_without_map(root: yaml.MappingNode) -> yaml.Node | None:
    """The authors if ``credits`` is no map: then it is a name or a sequence of names."""
    node = _node(root, ("credits",))
    return None if isinstance(node, yaml.MappingNode) else node


def _value(field: FormField, node: yaml.Node) -> Value | None:
    text = _scalar(node)
    if field.kind is FieldKind.FLAG:
        return {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}.get(
            (text or "").lower()
        )
    if field.kind is FieldKind.ARGUMENTS:
        texts = _texts(node)
        return text if text is not None else None if texts is None else shlex.join(texts)
    if field.kind is FieldKind.LIST:
        words = text.replace(",", " ").split() if text is not None else _texts(node)
        return [text] if text is not None and field.key.endswith("require_pass") else words
    if field.kind is FieldKind.PEOPLE:
        return _people(node)
    if field.kind in (FieldKind.TEXTS, FieldKind.NUMBERS):
        return {"en": text} if text is not None and field.key == "name" else _map(node)
    return text


def _texts(node: yaml.Node) -> list[str] | None:
    if not isinstance(node, yaml.SequenceNode):
        return None
    found = [_scalar(each) for each in node.value]
    return [text for text in found if text is not None] if None not in found else None


def _people(node: yaml.Node) -> list[str] | None:
    nodes = node.value if isinstance(node, yaml.SequenceNode) else [node]
    found = [_scalar(each) or _scalar(_node(each, ("name",))) for each in nodes]
    return [name for name in found if name is not None] if None not in found else None


def _map(node: yaml.Node) -> dict[str, str] | None:
    if not isinstance(node, yaml.MappingNode):
        return None
    found = {_scalar(key): _scalar(value) for key, value in node.value}
    if None in found or None in found.values():
        return None
    return {str(key): str(value) for key, value in found.items()}


def _others(file: SettingsFile, root: yaml.MappingNode) -> tuple[str, ...]:
    """The keys that the form does not show, at the top and beside the keys that it knows."""
    paths = {field.path for field in FIELDS[file]}
    parents = {path[:end] for path in paths for end in range(1, len(path))}
    return tuple(".".join(path) for path in _paths_beside(root, (), paths, parents))


def _paths_beside(
    node: yaml.Node, above: tuple[str, ...], known: set[tuple[str, ...]], parents: set[tuple[str, ...]]
) -> list[tuple[str, ...]]:
    found: list[tuple[str, ...]] = []
    for key, value in node.value if isinstance(node, yaml.MappingNode) else ():
        path = (*above, _scalar(key) or "?")
        if path in parents:
            found += _paths_beside(value, path, known, parents)
        elif path not in known:
            found.append(path)
    return found


def _written(text: str, changes: Mapping[FormField, Value | None]) -> str:
    """The text with these keys changed. Raises ``NoForm`` if it cannot be written."""
    from ruamel.yaml import YAML
    from ruamel.yaml.comments import CommentedMap
    from ruamel.yaml.error import YAMLError
    from ruamel.yaml.util import load_yaml_guess_indent

    writer = YAML()
    writer.preserve_quotes = True
    writer.width = 1 << 16
    try:
        _, indent, offset = load_yaml_guess_indent(text)
        root = writer.load(text)
        root = CommentedMap() if root is None else root
        if indent:
            writer.indent(mapping=2, sequence=indent, offset=offset or 0)
        for field, value in changes.items():
            _set(root, field, value)
        out = io.StringIO()
        writer.dump(root, out)
    except (YAMLError, ValueError, TypeError, AttributeError, RecursionError) as error:
        raise NoForm("is written in a way that the form cannot change: change it as a file") from error
    return out.getvalue() if root else ""


def _set(root: Any, field: FormField, value: Value | None) -> None:
    from ruamel.yaml.comments import CommentedMap

    *above, name = field.path
    holders = [root]
    for key in above:
        if not isinstance(holders[-1].get(key), dict):
            if value is None and key not in holders[-1]:
                return
            old = holders[-1].get(key)
            holders[-1][key] = CommentedMap()
            if old is not None and field.path[0] == "credits":
                holders[-1][key]["authors"] = old
        holders.append(holders[-1][key])
    if value is None:
        holders[-1].pop(name, None)
        for key, holder in zip(reversed(above), reversed(holders[:-1]), strict=True):
            if not holder[key]:
                del holder[key]
        return
    holders[-1][name] = _plain(field, value, holders[-1].get(name))


def _plain(field: FormField, value: Value, old: Any) -> Any:
    """The value as YAML has it. Entries that are not changed keep their formatting."""
    if field.kind is FieldKind.NUMBER and isinstance(value, str):
        return _number(value)
    if field.kind in (FieldKind.LIST, FieldKind.PEOPLE) and isinstance(value, list):
        kept = {_name_of(each): each for each in (old if isinstance(old, list) else [old])}
        return [kept.get(entry, entry) for entry in value]
    if isinstance(value, dict):
        if isinstance(old, dict):
            return _updated(field, old, value)
        if field.key == "name" and list(value) == ["en"]:
            return value["en"]
        return {name: _entry(field, text) for name, text in value.items()}
    return value


def _updated(field: FormField, old: Any, value: dict[str, str]) -> Any:
    for name in [each for each in old if str(each) not in value]:
        del old[name]
    names = {str(each): each for each in old}
    for name, text in value.items():
        if name not in names or str(old[names[name]]) != text:
            old[names.get(name, name)] = _entry(field, text)
    return old


def _entry(field: FormField, text: str) -> Any:
    return _number(text) if field.kind is FieldKind.NUMBERS else text


def _name_of(person: Any) -> str:
    return str(person.get("name")) if isinstance(person, dict) else str(person)


def _number(text: str) -> Any:
    if text == "unbounded":
        return text
    number = float(text.replace("_", ""))
    return int(number) if number == int(number) and abs(number) < 1e15 else number


def dump_form(form: SettingsForm) -> dict[str, Any]:
    """The form as JSON, for another process."""
    values = [[each.field.key, each.value, each.is_complex] for each in form.values]
    faults = [[fault.key, fault.message] for fault in form.faults]
    return {
        "file": form.file.value,
        "text": form.text,
        "values": values,
        "others": form.others,
        "faults": faults,
    }


def load_form(data: Mapping[str, Any]) -> SettingsForm:
    """The inverse of :func:`dump_form`."""
    file = SettingsFile(data["file"])
    fields = {field.key: field for field in FIELDS[file]}
    return SettingsForm(
        file,
        data["text"],
        tuple(FormValue(fields[key], value, is_complex) for key, value, is_complex in data["values"]),
        tuple(data["others"]),
        tuple(KeyFault(*fault) for fault in data["faults"]),
    )
