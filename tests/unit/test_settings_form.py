"""The form for a package's YAML files knows every key, and changes only what the author changes."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from judge_core.packages.form_fields import FIELDS, SettingsFile
from judge_core.packages.settings_form import NoForm, SettingsForm, open_form

REFERENCE = Path(__file__).parents[2] / "docs" / "reference" / "package-keys.md"
YAML = """\
# The sum of two numbers.
problem_format_version: 2023-07
name:
  en: A plus B   # as on the contest
  sv: 'Ett tal'
credits:
  authors:
    - name: Ada Lovelace
      email: ada@example.org
    - Bob
  translators: {sv: [Eve]}
limits:
  time_limit: 1.50  # seconds
  # twice what Java needs
  memory: 512
unknown_key: {a: [1, 2]}
"""


def keys_of(title: str) -> list[str]:
    """The keys of a table in the reference."""
    part = REFERENCE.read_text().split(f"## {title}\n")[1].split("\n## ")[0]
    return re.findall(r"^\| `([a-z_.]+)` \|", part, re.MULTILINE)


@pytest.mark.parametrize(
    ("title", "files"),
    [
        ("problem.yaml, legacy", [SettingsFile.LEGACY_PROBLEM]),
        ("problem.yaml, 2023-07 and 2025-09", [SettingsFile.PROBLEM]),
        ("testdata.yaml, legacy", [SettingsFile.LEGACY_GROUP]),
        (
            "test_group.yaml and a test's .yaml, 2023-07 and 2025-09",
            [SettingsFile.GROUP, SettingsFile.TEST],
        ),
    ],
)
def test_the_form_of_package_settings_has_every_key_of_the_reference(
    title: str, files: list[SettingsFile]
) -> None:
    shown = {field.key for file in files for field in FIELDS[file]}
    parts = {key.split(".")[0] for key in shown}
    missing = [key for key in keys_of(title) if key not in shown and key not in parts]
    assert missing == []


def values(form: SettingsForm) -> dict[str, Any]:
    return {each.field.key: each.value for each in form.values if each.value is not None}


def change(text: str, path: str = "problem.yaml", **changes: Any) -> SettingsForm:
    return open_form(path, text, {key.replace("__", "."): value for key, value in changes.items()})


def test_a_form_shows_the_values_of_the_file_and_lists_keys_that_have_no_field() -> None:
    form = change(YAML)
    assert values(form) == {
        "problem_format_version": "2023-07",
        "name": {"en": "A plus B", "sv": "Ett tal"},
        "credits.authors": ["Ada Lovelace", "Bob"],
        "limits.time_limit": "1.50",
        "limits.memory": "512",
    }
    assert form.others == ("credits.translators", "unknown_key")
    assert form.text == YAML


def test_a_change_in_the_form_keeps_comments_order_quotes_and_unknown_keys() -> None:
    form = change(YAML, limits__memory="1024", credits__authors=["Ada Lovelace", "Eve"])
    assert form.text == YAML.replace("memory: 512", "memory: 1024").replace("- Bob", "- Eve")
    assert form.faults == ()


@pytest.mark.parametrize(
    ("key", "value", "line"),
    [
        ("limits.time_limit", "2", "  time_limit: 2     # seconds"),
        ("limits.output", "8", "  output: 8"),
        ("allow_file_writing", True, "allow_file_writing: true"),
        ("license", "cc by-sa", "license: cc by-sa"),
        ("embargo_until", "2026-01-31T12:00:00Z", "embargo_until: '2026-01-31T12:00:00Z'"),
        ("rights_owner", "yes: no", "rights_owner: 'yes: no'"),
        ("limits.time_factors", {"java": "1.5"}, "    java: 1.5"),
        ("type", ["scoring", "interactive"], "  - scoring"),
        ("name", {"en": "Sum", "sv": "Ett tal"}, "  en: Sum        # as on the contest"),
    ],
)
def test_a_changed_value_is_written_into_its_line_and_comments_stay(key: str, value: Any, line: str) -> None:
    form = open_form("problem.yaml", YAML, {key: value})
    assert form.faults == ()
    assert line in form.text.splitlines()
    assert values(form)[key] == value
    assert "# twice what Java needs" in form.text


def test_a_key_whose_value_was_cleared_is_removed_together_with_an_empty_map() -> None:
    text = "name: Sum\nlimits:\n  memory: 512\nlicense: cc0\n"
    assert change(text, limits__memory=None).text == "name: Sum\nlicense: cc0\n"
    assert change("", license=None).text == ""


def test_credits_with_a_single_author_become_a_list_when_a_tester_is_added() -> None:
    form = change("problem_format_version: 2023-07\ncredits: Ada\n", credits__testers=["Bob"])
    assert values(form)["credits.authors"] is not None
    assert (values(form)["credits.authors"], values(form)["credits.testers"]) == (["Ada"], ["Bob"])


@pytest.mark.parametrize(
    ("key", "value", "fault"),
    [
        ("limits.memory", "0", "must be from 1 to 1048576 MiB, not '0'"),
        ("limits.memory", "1.5", "must be a whole number"),
        ("limits.time_limit", "fast", "must be a number from 0.001 to 3600 s, not 'fast'"),
        ("limits.time_limit", ["1"], "must be a text"),
        ("limits.time_factors", {"java": "0"}, "java: must be from 0.1 to 100, not '0'"),
        ("limits.time_factors", {"": "1"}, "must have at most 200 entries, each with a name"),
        (
            "type",
            ["fast"],
            "must be some of pass-fail, scoring, interactive, multi-pass, submit-answer, not 'fast'",
        ),
        ("license", "mine", "must be one of unknown, public domain"),
        ("allow_file_writing", "yes", "must be true or false"),
        ("keywords", ["a", " "], "must have at most 200 entries, and none of them empty"),
        ("colour", "red", "is not a key of this form"),
    ],
)
def test_a_wrong_value_is_named_by_its_key_and_changes_nothing(key: str, value: Any, fault: str) -> None:
    form = open_form("problem.yaml", YAML, {key: value, "uuid": "x"})
    assert [(each.key, each.message.startswith(fault)) for each in form.faults] == [(key, True)]
    assert form.text == YAML + "uuid: x\n"


def test_the_settings_of_groups_and_tests_have_their_own_forms() -> None:
    group = change(
        "", "data/secret/group1/test_group.yaml", scoring__score="30", scoring__require_pass=["sample"]
    )
    assert group.text == "scoring:\n  score: 30\n  require_pass:\n  - sample\n"
    legacy = change("", "data/secret/testdata.yaml", range="0 30", grader_flags="min first_error")
    assert legacy.text == "range: 0 30\ngrader_flags: min first_error\n"
    test = change("hint: read the limits\n", "data/secret/1.yaml", full_feedback=True)
    assert test.text == "hint: read the limits\nfull_feedback: true\n"


def test_a_value_that_the_form_cannot_show_is_not_changed() -> None:
    text = "problem_format_version: 2023-07\nconstants:\n  n: {value: 3, latex: three}\n"
    form = change(text, uuid="x")
    assert [each.field.key for each in form.values if each.is_complex] == ["constants"]
    assert form.text == text + "uuid: x\n"


@pytest.mark.parametrize(
    ("path", "text", "why"),
    [
        ("problem.yaml", "a: [", "is not YAML"),
        ("problem.yaml", "- a", "is no map of keys"),
        ("problem.yaml", "a" * 70_000, "is longer than 64 KiB"),
        ("statement/problem.en.md", "", "has no form"),
        ("problem.yaml", "[" * 5000, "is not YAML"),
    ],
)
def test_for_a_file_without_a_form_the_reason_is_given(path: str, text: str, why: str) -> None:
    with pytest.raises(NoForm, match=why):
        open_form(path, text, {})


def test_a_file_with_a_duplicate_key_is_not_changed() -> None:
    with pytest.raises(NoForm, match="in a way that the form cannot change"):
        change("name: a\nname: b\n", uuid="x")
