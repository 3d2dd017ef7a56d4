"""The table of hostile programs in the README lists every program, and no other."""

from __future__ import annotations

import re
from pathlib import Path

HOSTILE = Path("tests/hostile")


def test_the_readme_lists_every_hostile_program_and_no_other() -> None:
    listed = re.findall(r"`([a-z]+/[\w.]+)`", (HOSTILE / "README.md").read_text())
    there = [f"{path.parent.name}/{path.name}" for path in (HOSTILE / "programs").glob("*/*.*")]
    assert sorted(listed) == sorted(there)


def test_the_threat_model_names_only_programs_that_exist() -> None:
    page = Path("docs/explanation/threat-model.md").read_text()
    named = re.findall(r"`([a-z]+/[\w.]+\.(?:c|cpp|py|sh|js|java))`", page)
    assert len(named) > 50
    assert [name for name in named if not (HOSTILE / "programs" / name).is_file()] == []
