"""Server and worker read the user's own languages from GAVEL_LANGUAGES_DIR, and name those that they
refuse."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from judge_api.settings import Settings, SettingsError
from judge_core.languages import (
    BrokenLanguage,
    find_language,
    guess_language,
    languages_named,
    load_languages,
    use_own_languages,
)
from workers.settings import WorkerSettings, WorkerSettingsError

MINE = """
id = "mine"
name = "Mine"
aliases = ["my"]
extensions = [".mine"]
source_name = "solution.mine"
version_command = ["cat", "--version"]
compile = ["cat", "{main}"]
keep_sources = true
run = ["cat", "{program}/{main}"]

[self_test]
stdin = ""
stdout = "42"
source = "42"
"""


@pytest.fixture(autouse=True)
def _built_in_languages_again() -> Iterator[None]:
    yield
    use_own_languages(None)


def _folder(tmp_path: Path, **files: str) -> Path:
    for name, text in files.items():
        (tmp_path / f"{name}.toml").write_text(text)
    return tmp_path


def test_a_language_of_the_user_s_own_is_found_by_id_alias_and_extension(tmp_path: Path) -> None:
    use_own_languages(_folder(tmp_path, mine=MINE))
    assert load_languages()["mine"].name == "Mine"
    assert find_language("MY") is load_languages()["mine"]
    assert guess_language("a.mine") is load_languages()["mine"]
    assert languages_named("my") == ("mine",)
    assert "cpp20" in load_languages()


def test_a_language_of_the_user_s_own_replaces_the_built_in_language_with_the_same_id(tmp_path: Path) -> None:
    text = MINE.replace('"mine"', '"lua"').replace('"Mine"', '"Our Lua"').replace('"my"', '"lua5"')
    use_own_languages(_folder(tmp_path, lua=text))
    assert load_languages()["lua"].name == "Our Lua"


def test_without_a_folder_of_languages_the_built_in_languages_are_available(tmp_path: Path) -> None:
    use_own_languages(_folder(tmp_path, mine=MINE))
    use_own_languages(None)
    assert "mine" not in load_languages()


BROKEN = [
    (MINE.replace("aliases", "alias"), "mine.toml: unknown key alias; did you mean aliases"),
    (MINE.replace('run = ["cat", "{program}/{main}"]', ""), "mine.toml: missing key run"),
    (MINE.replace('["my"]', '"my"'), r"mine.toml: aliases must be a list of texts"),
    (MINE.replace('["my"]', '["C++"]'), "mine.toml: aliases: 'C\\+\\+' must be in small letters"),
    (MINE.replace('["my"]', '["c++"]'), "mine.toml: the name c\\+\\+ already means cpp20; take it out"),
    (MINE.replace('"mine"', '"other"', 1), "mine.toml: id must be 'mine', as the file is named"),
    (MINE.replace('"mine"', '"Mine!"', 1), "mine.toml: id = 'Mine!' must be small letters"),
    (MINE.replace('"{main}"', '"{file}"'), "mine.toml: compile: {file} is not known; .*{main}"),
    (
        MINE.replace("[self_test]", "processes = 0\n[self_test]"),
        "mine.toml: processes must be from 1 to 1024",
    ),
    (
        MINE.replace("[self_test]", "compile_seconds = inf\n[self_test]"),
        "mine.toml: compile_seconds must be from",
    ),
    (MINE.replace("[self_test]", "rank = true\n[self_test]"), "mine.toml: rank must be a whole number"),
    (MINE.replace('stdin = ""', ""), "mine.toml: \\[self_test\\] needs exactly source, stdin and stdout"),
    (MINE.replace('stdin = ""', "stdin = 3"), "mine.toml: \\[self_test\\] needs exactly .*, all texts"),
    (MINE + "[environment]\nX = 1\n", "mine.toml: \\[environment\\] must hold texts"),
    (MINE.replace('[".mine"]', '["mine"]'), "mine.toml: extensions: 'mine' must begin with a dot"),
    (MINE.replace('"solution.mine"', '"a/b.mine"'), "mine.toml: source_name must be a file's name"),
    ("id = ", "mine.toml: Invalid value"),
]


@pytest.mark.parametrize(("text", "words"), BROKEN, ids=[words.split(": ")[1][:40] for _, words in BROKEN])
def test_an_invalid_language_file_is_refused_with_its_name_the_key_and_the_fix(
    tmp_path: Path, text: str, words: str
) -> None:
    folder = _folder(tmp_path, mine=text)
    with pytest.raises(BrokenLanguage, match=words):
        use_own_languages(folder)
    with pytest.raises(SettingsError, match=f"GAVEL_LANGUAGES_DIR=.*{words}"):
        Settings.from_env({"GAVEL_LANGUAGES_DIR": str(folder)})
    with pytest.raises(WorkerSettingsError, match=f"GAVEL_LANGUAGES_DIR=.*{words}"):
        _worker_settings(folder)
    assert "mine" not in load_languages()


def test_server_and_worker_refuse_a_missing_folder_of_languages(tmp_path: Path) -> None:
    missing = tmp_path / "no"
    with pytest.raises(SettingsError, match="no is not a folder"):
        Settings.from_env({"GAVEL_LANGUAGES_DIR": str(missing)})
    with pytest.raises(WorkerSettingsError, match="no is not a folder"):
        _worker_settings(missing)


def test_a_worker_refuses_a_language_with_an_unknown_seccomp_profile(tmp_path: Path) -> None:
    folder = _folder(tmp_path, mine=MINE.replace("[self_test]", 'needs = "all"\n[self_test]'))
    with pytest.raises(WorkerSettingsError, match=r"mine.toml: needs = 'all' is no profile .* native"):
        _worker_settings(folder)


def test_server_and_worker_accept_a_valid_folder_of_languages(tmp_path: Path) -> None:
    folder = _folder(tmp_path, mine=MINE)
    assert Settings.from_env({"GAVEL_LANGUAGES_DIR": str(folder)}).languages_dir == folder
    assert _worker_settings(folder).languages_dir == folder


def test_an_empty_languages_variable_means_no_folder() -> None:
    assert Settings.from_env({"GAVEL_LANGUAGES_DIR": ""}).languages_dir is None


def _worker_settings(folder: Path) -> WorkerSettings:
    env = {"GAVEL_REDIS_URL": "redis://127.0.0.1", "GAVEL_LANGUAGES_DIR": str(folder)}
    return WorkerSettings.from_env(env, "normal")
