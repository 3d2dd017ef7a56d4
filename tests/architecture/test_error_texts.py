"""The pages translate only types of errors that the API or the pages themselves can produce."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from judge_api.http.error_responses import BY_ERROR, BY_STATUS

_TEXTS = Path(__file__).parents[2] / "frontend/src/api/errorTexts.ts"
_OF_THE_PAGES = {"session-ended"}


@pytest.mark.parametrize("table", ["BY_TYPE", "ABOUT"])
def test_each_type_of_error_that_the_pages_translate_exists(table: str) -> None:
    body = _TEXTS.read_text().split(f"const {table}:", 1)[1].split("\n};", 1)[0]
    named = set(re.findall(r'^  "?([a-z-]+)"?: msg', body, re.MULTILINE))
    known = {each.name for each in (*BY_ERROR.values(), *BY_STATUS.values())} | _OF_THE_PAGES
    assert named
    assert named - known == set()
