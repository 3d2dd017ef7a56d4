"""GitHub's workflows call only commands that people can also run. Jobs that judge may make boxes."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
PREPARES = ("apt-get update ", "git config --global --add safe.directory ")
JUDGES = {"bash .ci/run", "make test-dist"}


def commands_of(job: dict[str, Any]) -> list[str]:
    return [step["run"] for step in job["steps"] if "run" in step]


@pytest.fixture(params=WORKFLOWS, ids=lambda path: path.name)
def jobs(request: pytest.FixtureRequest) -> dict[str, dict[str, Any]]:
    return dict(yaml.safe_load(request.param.read_text())["jobs"])


def test_a_workflow_runs_only_the_check_script_and_make_targets(jobs: dict[str, dict[str, Any]]) -> None:
    targets = set(re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    called = {
        command
        for job in jobs.values()
        for command in commands_of(job)
        if not command.startswith(PREPARES) and command != "bash .ci/run"
    }
    assert called <= {f"make {target}" for target in targets}


def test_a_job_of_a_workflow_that_judges_programs_has_the_rights_to_make_boxes(
    jobs: dict[str, dict[str, Any]],
) -> None:
    judging = [job for job in jobs.values() if JUDGES & set(commands_of(job))]
    assert judging
    for job in judging:
        assert "--privileged" in job["container"]["options"].split()
