"""The language catalog finds languages by name and extension, and names broken files."""

from pathlib import Path

import pytest

from judge_core.languages import (
    BrokenLanguage,
    find_language,
    guess_language,
    load_languages,
    read_language,
)


def test_the_catalog_has_c_cpp_python_java_and_javascript() -> None:
    assert {"c17", "cpp20", "python3", "java", "javascript"} <= set(load_languages())


@pytest.mark.parametrize(
    ("name", "id"),
    [
        ("c", "c17"),
        ("cpp", "cpp20"),
        ("C++", "cpp20"),
        ("python", "python3"),
        ("py", "python3"),
        ("js", "javascript"),
    ],
)
def test_an_alias_finds_its_language(name: str, id: str) -> None:
    language = find_language(name)
    assert language is not None
    assert language.id == id


def test_an_unknown_name_finds_no_language() -> None:
    assert find_language("klingon") is None


@pytest.mark.parametrize(
    ("file", "id"), [("a.cc", "cpp20"), ("a.c", "c17"), ("A.java", "java"), ("x.PY", "python3")]
)
def test_an_extension_finds_the_highest_ranked_language(file: str, id: str) -> None:
    language = guess_language(file)
    assert language is not None
    assert language.id == id


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ("colour = 'red'", "unknown key colour"),
        ("rank = 'high'", "rank must be a whole number"),
        ("compile = 'gcc'", "compile"),
    ],
)
def test_an_invalid_language_file_in_the_catalog_is_named_with_its_key(
    tmp_path: Path, change: str, named: str
) -> None:
    key = change.split(" ")[0]
    text = (Path("judge_core/languages/lua.toml")).read_text()
    kept = "\n".join(line for line in text.splitlines() if not line.startswith(f"{key} ="))
    path = tmp_path / "lua.toml"
    path.write_text(f"{change}\n{kept}")
    with pytest.raises(BrokenLanguage, match=f"lua.toml: .*{named}"):
        read_language(path)
