"""``make reference`` writes the parts of the reference about commands, settings and routes from the code.

It also writes the API schemas that the web pages use, and the alert rules for Kubernetes. Tests compare these
files with what this module makes, so the files cannot fall behind the code.
"""

from __future__ import annotations

import importlib
import json
import re
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import click

from judge_api.__main__ import COMMANDS
from judge_api.settings import SettingDescription, describe_settings
from tests.docs.command_blocks import ROOT
from tests.support.redis_server import RedisServer
from tests.web.app_fixture import build_app
from workers.verify.command import help_text

REFERENCE = ROOT / "docs" / "reference"
_WIDTH = 100
_GENERATED = re.compile(r"(<!-- generated: begin -->\n).*?(<!-- generated: end -->)", re.DOTALL)
ALERTS = ROOT / "deploy" / "prometheus" / "alerts.yml"
PROMETHEUS_RULE = ROOT / "deploy" / "kubernetes" / "monitoring" / "prometheus-rule.yaml"
PAGE_SCHEMAS = ROOT / "frontend" / "openapi.json"
_FRONTEND = ROOT / "frontend" / "src"
_NAMED_SCHEMA = re.compile(r'Schemas\["([\w.]+)"\]')
_REFERENCE = re.compile(r'"#/components/schemas/([\w.]+)"')
_NO_TYPE = ("title", "examples", "default", "example", "properties")
_METHODS = ("get", "post", "put", "patch", "delete")


def commands_text() -> str:
    """The help of every command, in the order of ``gavel --help``."""
    parts = []
    for name in COMMANDS:
        command: click.Command = importlib.import_module(f"judge_api.cli.{name.replace('-', '_')}").command
        parts += [_command(f"gavel {name}", command)]
        for child in sorted(getattr(command, "commands", {})):
            parts.append(_command(f"gavel {name} {child}", command.commands[child]))  # type: ignore[attr-defined]
    return "\n".join(parts)


def _command(name: str, command: click.Command) -> str:
    level = "##" if name.count(" ") == 1 else "###"
    if name == "gavel problems verify":
        text = help_text(_WIDTH)
    else:
        context = click.Context(
            command,
            info_name=name,
            max_content_width=_WIDTH,
            terminal_width=_WIDTH,
            help_option_names=["-h", "--help"],  # `gavel` sets these names for all its commands
        )
        text = command.get_help(context)
    return f"{level} {name}\n\n```text\n{text.rstrip()}\n```\n"


def settings_text() -> str:
    """The table of the main server's settings."""
    rows = [_setting_row(setting) for setting in describe_settings({"HOME": "/home/gavel"})]
    return "| variable | default | meaning |\n|---|---|---|\n" + "".join(rows)


def _setting_row(setting: SettingDescription) -> str:
    home = str(Path(next(iter(_default_folders()))))
    default = setting.default.replace(home, "DATA")
    default = {"GAVEL_DATA": "`gavel` in your data directory"}.get(setting.variable) or (
        f"`{default}`" if default and default != "None" else ""
    )
    anchor = f'<a id="{setting.variable.lower()}"></a>'  # so that other pages can link to one setting
    return f"| {anchor}`{setting.variable}` | {default} | {setting.meaning} |\n"


def _default_folders() -> Iterator[str]:
    yield next(each.default for each in describe_settings({}) if each.variable == "GAVEL_DATA")


def api_text(spec: Mapping[str, Any]) -> str:
    """The routes of the native API by group, each with its summary."""
    groups: dict[str, list[str]] = defaultdict(list)
    for path, operations in spec["paths"].items():
        for method in _METHODS:
            if operation := operations.get(method):
                [group] = operation["tags"]
                groups[group].append(f"| `{method.upper()} {path}` | {operation['summary']} |\n")
    head = "| call | what it does |\n|---|---|\n"
    return "\n".join(f"### {group}\n\n{head}{''.join(rows)}" for group, rows in groups.items())


def page_schemas_text(spec: Mapping[str, Any]) -> str:
    """An OpenAPI document with the schemas that the pages' ``types.ts`` name, and all schemas to which they
    refer. ``npm run types`` makes TypeScript from it."""
    wanted = [
        name for path in _FRONTEND.rglob("types.ts") for name in _NAMED_SCHEMA.findall(path.read_text())
    ]
    found: dict[str, Any] = {}
    while wanted:
        name = wanted.pop()
        if name not in found:
            found[name] = _for_types(spec["components"]["schemas"][name])
            wanted += _REFERENCE.findall(json.dumps(found[name]))
    document = {
        "openapi": spec["openapi"],
        "info": {"title": "What the pages use of the API", "version": "1"},
        "paths": {},
        "components": {"schemas": dict(sorted(found.items()))},
    }
    return json.dumps(document, indent=1) + "\n"


def _for_types(schema: Any) -> Any:
    """A schema without the keys that do not change its TypeScript type."""
    if isinstance(schema, list):
        return [_for_types(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    named = {"properties": {name: _for_types(each) for name, each in schema.get("properties", {}).items()}}
    kept = {key: _for_types(each) for key, each in schema.items() if key not in _NO_TYPE}
    return kept | (named if "properties" in schema else {})


def generated_part(page: Path) -> str:
    """The text between the two marks of a page."""
    found = re.search(r"<!-- generated: begin -->\n(.*?)<!-- generated: end -->", page.read_text(), re.DOTALL)
    assert found is not None, f"{page} has no marks around its generated part"
    return found[1]


def _write(page: Path, text: str) -> None:
    page.write_text(_GENERATED.sub(lambda marks: marks[1] + text + marks[2], page.read_text()))


def _openapi(folder: Path) -> dict[str, Any]:
    """The OpenAPI document of an application, which needs a Redis of its own."""
    redis = RedisServer(folder)
    redis.start()
    try:
        app = build_app(folder, redis)
        document: dict[str, Any] = app.client.get("/openapi.json").get_json()
        app.services.status_subscriptions.close()
        app.services.engine.dispose()
        return document
    finally:
        redis.stop()


def prometheus_rule_text() -> str:
    """The alert rules as an object of the Prometheus operator."""
    lines = (f"  {line}".rstrip() for line in ALERTS.read_text().splitlines())
    head = (
        "# Written from deploy/prometheus/alerts.yml by `make reference`.\n"
        "apiVersion: monitoring.coreos.com/v1\nkind: PrometheusRule\n"
        "metadata: { name: gavel, namespace: gavel }\nspec:\n"
    )
    return head + "\n".join(lines) + "\n"


def main() -> None:
    """Write the three pages, the alert rules for Kubernetes, and the schemas for the web pages."""
    PROMETHEUS_RULE.write_text(prometheus_rule_text())
    _write(REFERENCE / "commands.md", commands_text())
    _write(REFERENCE / "settings.md", settings_text())
    with tempfile.TemporaryDirectory() as folder:
        spec = _openapi(Path(folder))
    _write(REFERENCE / "api.md", api_text(spec))
    PAGE_SCHEMAS.write_text(page_schemas_text(spec))


if __name__ == "__main__":
    main()
