"""The generated parts of the reference agree with the code. ``make reference`` writes them."""

from __future__ import annotations

import re
from pathlib import Path

from tests.docs.reference import REFERENCE, commands_text, generated_part, settings_text


def test_the_reference_shows_the_help_of_every_command() -> None:
    page = generated_part(REFERENCE / "commands.md").splitlines()
    assert page == commands_text().splitlines(), "run `make reference`"


def test_the_reference_lists_every_setting_of_the_main_server() -> None:
    assert generated_part(REFERENCE / "settings.md") == settings_text(), "run `make reference`"


def test_the_reference_names_every_setting_of_a_worker() -> None:
    read = set(re.findall(r'"(GAVEL_[A-Z_]+)"', Path("workers/settings.py").read_text()))
    page = (REFERENCE / "settings.md").read_text().split("## Worker", 1)[1]
    assert {name for name in read if f"`{name}`" not in page} == set()
