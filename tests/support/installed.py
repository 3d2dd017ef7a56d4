"""Skips tests of languages for which this host has no compiler. `.ci/compilers` installs
all compilers."""

from __future__ import annotations

import pytest

from judge_core.languages import load_languages
from workers.judging.toolchains import Toolchains, required_programs


def skip_unless_installed(language: str) -> None:
    """Skip the calling test, with the language's name, if a program that the language needs is missing."""
    toolchains = Toolchains()
    if any(toolchains.find(name) is None for name in required_programs(load_languages()[language])):
        pytest.skip(f"{language} is not installed here")
