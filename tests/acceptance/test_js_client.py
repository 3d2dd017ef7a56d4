"""The JavaScript client in ``clients/js`` passes its tests, some of which need a whole stack."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tests.acceptance.app_fixture import RunningStack

CLIENT = Path(__file__).parents[2] / "clients" / "js"


def run_tests(stack: RunningStack) -> str:
    """Run the client's own tests by Node's test runner. Returns its output."""
    account = stack.credentials.accounts["premium"]
    variables = {"GAVEL_URL": stack.credentials.url, "GAVEL_KEY": account.key}
    done = subprocess.run(
        ["node", "--test", "--test-reporter=tap", "test/"],
        cwd=CLIENT,
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        timeout=110,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.clients
def test_the_javascript_client_passes_its_own_tests_against_a_running_stack(stack: RunningStack) -> None:
    assert "a submission is judged" in run_tests(stack)
