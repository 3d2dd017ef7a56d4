"""Each alert has a section in the runbook and a test for promtool. The commands in the runbook exist."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

from judge_api.__main__ import COMMANDS

ROOT = Path(__file__).parents[2]
RUNBOOK = ROOT / "docs/how-to/answer-alerts.md"


def alerts() -> dict[str, dict[str, Any]]:
    (group,) = yaml.safe_load((ROOT / "deploy/prometheus/alerts.yml").read_text())["groups"]
    return {rule["alert"]: rule for rule in group["rules"]}


def test_each_alert_links_to_its_own_section_of_the_runbook() -> None:
    headings = re.findall(r"^## (\S+)$", RUNBOOK.read_text(), re.MULTILINE)
    for name, rule in alerts().items():
        page, _, anchor = rule["annotations"]["runbook"].partition("#")
        assert (ROOT / page) == RUNBOOK
        assert anchor == name.lower()
    assert sorted(headings) == sorted(alerts())


def test_each_alert_has_a_promtool_test_in_which_the_alert_fires() -> None:
    tests = yaml.safe_load((ROOT / "deploy/prometheus/alerts_test.yml").read_text())["tests"]
    fired = {rule["alertname"] for test in tests for rule in test["alert_rule_test"] if rule["exp_alerts"]}
    assert fired == alerts().keys()


def test_each_metric_in_the_expression_of_an_alert_is_in_the_reference() -> None:
    reference = (ROOT / "docs/reference/metrics.md").read_text()
    for name, rule in alerts().items():
        for metric in re.findall(r"gavel_\w+", rule["expr"]):
            base = re.sub(r"_(bucket|count|sum)$", "", metric)
            assert f"`{base}`" in reference, f"{name}: {metric}"


def test_the_runbook_names_commands_that_exist() -> None:
    named = set(re.findall(r"(?<!-n )gavel ([a-z][a-z-]+)(?= |`|$)", RUNBOOK.read_text(), re.MULTILINE))
    assert named <= COMMANDS.keys()
