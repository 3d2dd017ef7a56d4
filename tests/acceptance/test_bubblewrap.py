"""`GAVEL_SANDBOX=bubblewrap gavel up` starts and judges, also as root if the tests run as root.

Then the boxes of the stack have a user of their own, and the data folder is closed to other users.
"""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from tests.acceptance.app_fixture import small_stack
from tests.acceptance.programs import RIGHT


@pytest.mark.slow
def test_a_stack_with_bubblewrap_starts_and_judges(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    stack = small_stack(closed / "data", GAVEL_SANDBOX="bubblewrap")
    stack.start()
    try:
        assert stat.S_IMODE(stack.data.stat().st_mode) == 0o700
        for account in ("normal", "premium"):
            judged = stack.judge("python3", RIGHT["python3"], account)
            assert judged.verdict == "AC"
            assert judged.sandbox is not None and judged.sandbox["backend"] == "bubblewrap"
        assert stack.judge("python3", "print(-1)").verdict == "WA"
        with stack.gavel("admin") as gavel:
            workers = gavel.fetch("/admin/workers")["workers"]
        assert {worker["sandbox"]["backend"] for worker in workers} == {"bubblewrap"}
    finally:
        assert stack.stop() == 0, stack.printed
