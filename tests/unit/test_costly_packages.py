"""A package is read with bounded time and memory. A child process reads the packages that are uploaded."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from judge_core.packages import BrokenPackage, PackageStore, inspect_package
from judge_core.packages.bounded_store import LIMITS, BoundedPackageStore
from judge_core.packages.diagnostics import MOST_FAULTS, Diagnostic, Diagnostics
from judge_core.packages.yaml_reader import MOST_YAML_BYTES

BASE = {
    "problem.yaml": "name: X\n",
    "data/secret/1.in": "1\n",
    "data/secret/1.ans": "1\n",
    "submissions/accepted/a.py": "print(1)\n",
}
PROBLEMS = Path(__file__).parents[2] / "problems"


def _zip(files: Mapping[str, str]) -> io.BytesIO:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in {**BASE, **files}.items():
            archive.writestr(f"x/{name}", text)
    out.seek(0)
    return out


def _write(folder: Path, files: Mapping[str, str]) -> Path:
    for name, text in {**BASE, **files}.items():
        path = folder / "x" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder / "x"


def test_warnings_about_unknown_keys_are_limited_in_number(tmp_path: Path) -> None:
    keys = "".join(f"k{number}: 1\n" for number in range(15_000))
    _, faults = inspect_package(_write(tmp_path, {"problem.yaml": f"name: X\n{keys}"}))
    assert len(faults.warnings) == MOST_FAULTS + 1
    assert faults.warnings[-1].message == "there are more faults than are listed here: change these first"


@pytest.mark.parametrize("place", ["problem.yaml", "data/testdata.yaml", "data/secret/testdata.yaml"])
def test_a_huge_yaml_file_is_refused_before_it_is_parsed(tmp_path: Path, place: str) -> None:
    folder = _write(tmp_path, {place: "# " + "x" * MOST_YAML_BYTES})
    _, faults = inspect_package(folder)
    assert any(each.file == place and "longer than 1024 KiB" in each.message for each in faults.errors)


def test_constants_cannot_make_a_small_yaml_file_huge(tmp_path: Path) -> None:
    constant = f"constants: {{c: {'x' * 50_000}}}\n"
    yaml = f"problem_format_version: 2023-07\nname: X\nuuid: 1\n{constant}"
    folder = _write(tmp_path, {"problem.yaml": yaml, "data/secret/test_group.yaml": "# {{c}}\n" * 100})
    _, faults = inspect_package(folder)
    assert any("with its constants" in each.message for each in faults.errors)


def test_an_error_is_listed_even_after_the_limit_of_warnings() -> None:
    faults = Diagnostics()
    for number in range(3 * MOST_FAULTS):
        faults.warn("a", f"warning {number}")
    faults.error("a", "is wrong")
    assert faults.errors == (Diagnostic("a", "is wrong"),)


@pytest.mark.slow_on("courier", "polygonarea")
@pytest.mark.parametrize("name", ["aplusb", "polygonarea", "courier"])
def test_a_package_read_in_a_child_process_is_stored_like_one_read_in_this_process(
    tmp_path: Path, name: str
) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for path in sorted((PROBLEMS / name).rglob("*")):
            if path.is_file():
                archive.write(path, path.relative_to(PROBLEMS))
    bounded, plain = BoundedPackageStore(tmp_path / "a"), PackageStore(tmp_path / "b")
    stored = bounded.add_zip(packed, "some")
    assert stored == plain.add_zip(packed, "some")
    assert bounded.bundled_submissions(stored.hash) == plain.bundled_submissions(stored.hash)
    assert bounded.bundled_submissions("0" * 64) == []


def test_faults_that_the_child_process_finds_are_raised_with_file_and_key(tmp_path: Path) -> None:
    with pytest.raises(BrokenPackage) as refused:
        BoundedPackageStore(tmp_path).add_zip(_zip({"problem.yaml": "name: X\nlimits: {memory: x}\n"}))
    assert [(fault.file, fault.key) for fault in refused.value.faults] == [("problem.yaml", "limits.memory")]


def test_the_child_process_knows_the_user_s_own_languages(tmp_path: Path) -> None:
    text = (Path(__file__).parents[2] / "judge_core" / "languages" / "python3.toml").read_text()
    (tmp_path / "own").mkdir()
    own = text.replace('id = "python3"', 'id = "mine"').replace('[".py", ".py3"]', '[".mine"]')
    own = own.replace('["python", "py", "py3", "cpython"]', "[]")
    (tmp_path / "own" / "mine.toml").write_text(own)
    store = BoundedPackageStore(tmp_path / "store", tmp_path / "own")
    stored = store.add_zip(_zip({"submissions/accepted/b.mine": "print(1)\n"}))
    assert {each.language for each in stored.reference_solutions} == {"python3", "mine"}


@pytest.mark.parametrize(
    "limits", [replace(LIMITS, seconds=0.05), replace(LIMITS, memory_bytes=32 << 20)], ids=["time", "memory"]
)
def test_a_package_that_exceeds_time_or_memory_is_refused_and_leaves_no_file(
    tmp_path: Path, limits: object
) -> None:
    store = BoundedPackageStore(tmp_path / "store", limits=limits)  # type: ignore[arg-type]
    with pytest.raises(BrokenPackage, match="cannot be read within bounded time and memory"):
        store.add_zip(_zip({}))
    assert list(tmp_path.glob("store/*")) == []


@pytest.mark.parametrize(
    "text", [r'"\ud800"', r'"\0"', r'"\ud800\udc00"', r'{en: "\udfff"}', r'&a ["\0", *a]']
)
@pytest.mark.parametrize("key", ["name", "author", "source", "keywords", "k"])
def test_a_text_that_no_database_can_store_is_refused_with_its_line(
    tmp_path: Path, key: str, text: str
) -> None:
    head = "" if key == "name" else "name: X\n"
    _, faults = inspect_package(_write(tmp_path, {"problem.yaml": f"{head}{key}: {text}\n"}))
    assert [each.line for each in faults.errors if "cannot be stored" in each.message] == [1 + bool(head)]
