"""Reads the tests of a package: the tree below ``data``, with the YAML files of its folders and tests."""

from __future__ import annotations

import os
import shlex
from dataclasses import dataclass, replace
from pathlib import Path

from judge_core.packages.diagnostics import Diagnostics
from judge_core.packages.file_list import is_foreign
from judge_core.packages.grading import legacy_group_settings, scored_group_settings
from judge_core.packages.group_settings import Aggregation, GroupSettings
from judge_core.packages.metadata import Metadata
from judge_core.packages.number_bounds import SCORES
from judge_core.packages.package import CaseSettings, TestCase, TestGroup
from judge_core.packages.yaml_reader import YamlMap, open_yaml_map

_GROUP_FILES = ("test_group.yaml", "testdata.yaml")
VALIDATOR_TEST_FOLDERS = ("invalid_input", "invalid_output", "valid_output")
"""Folders of tests for validators only."""
STATIC = "static_validation"
STATIC_SCORE = "static_validation_score"
MAX_TESTS = 10_000
MAX_SIDE_FILES = 1000


@dataclass(frozen=True, slots=True)
class _Inherited:
    """The settings that a group's tests and groups inherit. ``static`` is not inherited."""

    case: CaseSettings
    group: GroupSettings
    static: TestCase | None = None


@dataclass(frozen=True, slots=True)
class TestDataReader:
    """Reads the tests of one package. ``faults`` collects all faults."""

    __test__ = False  # for pytest: this is not a test case

    package: Path
    metadata: Metadata
    faults: Diagnostics
    needs_answers: bool

    def read(self) -> TestGroup:
        """The whole tree: samples first, then the secret tests."""
        data = self.package / "data"
        top = self._level(data, self._defaults(""))
        if top.static is not None:
            self.faults.warn(
                "data/test_group.yaml",
                f"{STATIC} has no effect here: put it into data/secret/test_group.yaml",
            )
        parts = []
        for name in ("sample", "secret"):
            if (data / name).is_dir():
                parts.append(self._group(data / name, name, top))
        root = TestGroup("", tuple(parts), top.group)
        self._check_tests(root)
        return root

    def read_validator_tests(self) -> tuple[TestCase, ...]:
        """The tests for validators only, with the settings of their folders."""
        data = self.package / "data"
        reader = replace(self, needs_answers=False)
        top = reader._level(data, self._defaults(""))
        groups = [
            reader._group(data / name, name, top) for name in VALIDATOR_TEST_FOLDERS if (data / name).is_dir()
        ]
        return tuple(case for group in groups for case in group.cases())

    def _defaults(self, name: str) -> _Inherited:
        """The settings that apply without any settings file."""
        top = name.split("/")[0]
        case = CaseSettings(validator_flags=self.metadata.validator_flags, full_feedback=top == "sample")
        return _Inherited(case, self.metadata.default_group_settings)

    def _check_tests(self, root: TestGroup) -> None:
        names = [case.name for case in root.cases()]
        if not names:
            self.faults.error("data", "has no tests: put .in and .ans files into data/secret")
        elif all(name.startswith("sample/") for name in names):
            self.faults.warn("data/secret", "has no tests: submissions are judged by the samples alone")
        if len(names) > MAX_TESTS:
            self.faults.error("data", f"has {len(names)} tests; at most {MAX_TESTS} are allowed")

    def _group(self, folder: Path, name: str, above: _Inherited) -> TestGroup:
        inherited = (
            replace(above, case=replace(above.case, full_feedback=name == "sample"))
            if "/" not in name
            else above
        )
        level = self._level(folder, inherited, name)
        paths = [path for path in folder.iterdir() if not is_foreign(path.name)]
        stems = {
            path.name.removesuffix(".in"): path for path in paths if path.suffix == ".in" and path.is_file()
        }
        folders = {p.name: p for p in paths if p.is_dir() and not _belongs_to_a_test(p, stems)}
        for double in sorted(set(stems) & set(folders)):
            self.faults.error(f"data/{name}/{double}", "is a test and a group at once: rename one of them")
        parts: list[TestCase | TestGroup] = [level.static] if level.static else []
        for key in sorted({*stems, *folders}):
            if key in stems:
                parts.append(self._case(stems[key], f"{name}/{key}", level))
            elif _may_have_tests(folders[key]):
                parts.append(self._group(folders[key], f"{name}/{key}", level))
        return TestGroup(name, tuple(parts), level.group)

    def _level(self, folder: Path, above: _Inherited, name: str = "") -> _Inherited:
        path = next((folder / each for each in _GROUP_FILES if (folder / each).is_file()), None)
        if path is None and self.metadata.is_graded_as_legacy:
            group = replace(above.group, ignore_sample=False)
            return _Inherited(above.case, above.group if not name else group)
        path = path or folder / _GROUP_FILES[0]
        file = str(path.relative_to(self.package))
        keys = open_yaml_map(path, file, self.faults, self.metadata.constants)
        keys.ignore("input_validator_flags", "input_validator_args", "static_validator_args")
        case = self._case_settings(keys, above.case)
        if self.metadata.is_graded_as_legacy:
            group = legacy_group_settings(keys, above.group, is_root=name == "")
        else:
            group = scored_group_settings(keys, name, self.metadata.type.scoring)
        level = _Inherited(case, group, self._static(keys, name, case, group))
        keys.close()
        return level

    def _static(
        self, keys: YamlMap, name: str, settings: CaseSettings, group: GroupSettings
    ) -> TestCase | None:
        """The static test of a group, which checks the source itself."""
        if STATIC_SCORE in keys:  # 2025-09
            args, score = keys.arguments("static_validator_args"), None
            if keys.text(STATIC_SCORE) != "pass-fail":
                score = keys.optional_number(STATIC_SCORE, SCORES["score"])
        elif keys.is_map(STATIC) or keys.flag(STATIC, False):
            inner = keys.map(STATIC) if keys.is_map(STATIC) else YamlMap(None, "", self.faults)
            args, score = inner.arguments("args"), inner.optional_number("score", SCORES["score"])
            inner.close()
        else:
            return None
        if score is not None and group.aggregation is Aggregation.PASS_FAIL:
            key = STATIC_SCORE if STATIC_SCORE in keys else STATIC
            keys.fault(key, "has a score, but its group gives all or nothing (pass-fail aggregation)")
        flags = replace(settings, validator_flags=args or (), hint=None, description=None)
        return TestCase(f"{name or 'data'}/{STATIC}", Path(os.devnull), None, flags, None, True, score)

    def _case(self, path: Path, name: str, level: _Inherited) -> TestCase:
        stem = path.with_name(path.name.removesuffix(".in"))
        answer = stem.with_name(stem.name + ".ans")
        if not answer.is_file() and self.needs_answers:
            self.faults.error(f"data/{name}.in", "has no .ans file beside it: add the answer")
        yaml = stem.with_name(stem.name + ".yaml")
        settings = level.case
        if yaml.is_file():
            keys = open_yaml_map(yaml, f"data/{name}.yaml", self.faults, self.metadata.constants)
            settings = self._case_settings(keys, settings)
            keys.close()
        files = stem.with_name(stem.name + ".files")
        self._check_files(files)
        return TestCase(
            name=name,
            input=path,
            answer=answer if answer.is_file() else None,
            settings=self._with_side_files(stem, settings),
            files=files if files.is_dir() else None,
        )

    def _check_files(self, folder: Path) -> None:
        count = sum(1 for path in folder.rglob("*") if path.is_file()) if folder.is_dir() else 0
        if count > MAX_SIDE_FILES:
            place = str(folder.relative_to(self.package))
            self.faults.error(place, f"has {count} files; at most {MAX_SIDE_FILES} are allowed")

    def _case_settings(self, keys: YamlMap, above: CaseSettings) -> CaseSettings:
        given = _either(keys, "output_validator_args", "output_validator_flags")
        return CaseSettings(
            arguments=above.arguments if (args := keys.texts("args")) is None else args,
            validator_flags=above.validator_flags if given is None else self._flags(given),
            input_validator_flags=_input_flags(keys, above),
            full_feedback=keys.flag("full_feedback", above.full_feedback),
            hint=keys.text("hint", above.hint),
            description=keys.text("description", above.description),
            input_visualizer_args=_given(keys, "input_visualizer_args", above.input_visualizer_args),
            output_visualizer_args=_given(keys, "output_visualizer_args", above.output_visualizer_args),
        )

    def _flags(self, given: tuple[str, ...]) -> tuple[str, ...]:
        """A group's flags, after the flags of the problem. The problem's flags are for every test (legacy
        format).

        The default validator takes only one tolerance. So the group's tolerance replaces the problem's.
        """
        flags = self.metadata.validator_flags
        if self.metadata.custom_validator or not _tolerances(given):
            return (*flags, *given)
        places = {spot for at in _tolerances(flags) for spot in (at, at + 1)}
        return (*(flag for at, flag in enumerate(flags) if at not in places), *given)

    def _with_side_files(self, stem: Path, settings: CaseSettings) -> CaseSettings:
        """The settings of a test, with those in files beside it. Older packages have hint, description and
        arguments in such files."""
        arguments = self._side_arguments(stem)
        return replace(
            settings,
            hint=_side_text(stem, ".hint") or settings.hint,
            description=_side_text(stem, ".desc") or settings.description,
            arguments=settings.arguments if arguments is None else arguments,
        )

    def _side_arguments(self, stem: Path) -> tuple[str, ...] | None:
        """The words of a test's ``.args`` file; ``None`` without the file."""
        text = _side_text(stem, ".args")
        try:
            return None if text is None else tuple(shlex.split(text))
        except ValueError as error:
            place = f"{stem.relative_to(self.package)}.args"
            self.faults.error(place, f"cannot be split into arguments: {error}")
            return None


def _tolerances(flags: tuple[str, ...]) -> list[int]:
    """The positions of the tolerances among these flags of the default validator. A number follows each
    tolerance."""
    return [at for at, flag in enumerate(flags) if flag.startswith("float_") and flag.endswith("tolerance")]


def _side_text(stem: Path, ending: str) -> str | None:
    side = stem.with_name(stem.name + ending)
    return side.read_text(encoding="utf-8-sig", errors="replace").strip() if side.is_file() else None


def _given(keys: YamlMap, name: str, above: tuple[str, ...]) -> tuple[str, ...]:
    """The arguments of this key. If the key is missing, the arguments of the group above."""
    found = keys.arguments(name)
    return above if found is None else found


def _either(keys: YamlMap, *names: str) -> tuple[str, ...] | None:
    """The arguments of the first of these keys that is present. In a map, they are under ``flags``."""
    for name in names:
        if keys.is_map(name):
            inner = keys.map(name)
            inner.ignore("name")
            return inner.arguments("flags")
        words = keys.arguments(name)
        if words is not None:
            return words
    return None


def _input_flags(keys: YamlMap, above: CaseSettings) -> tuple[str, ...] | dict[str, tuple[str, ...]]:
    for name in ("input_validator_args", "input_validator_flags"):
        if keys.is_map(name):
            inner = keys.map(name)
            if "flags" in inner and "name" in inner:
                return {inner.text("name") or "": inner.arguments("flags") or ()}
            return {key: inner.arguments(key) or () for key in inner}
        words = keys.arguments(name)
        if words is not None:
            return words
    return above.input_validator_flags


def _may_have_tests(folder: Path) -> bool:
    """Whether a folder is a group. One with a static test alone has no ``.in`` file."""
    settings = (path for name in _GROUP_FILES for path in folder.rglob(name) if path.is_file())
    return any(folder.rglob("*.in")) or any(STATIC.encode() in path.read_bytes() for path in settings)


def _belongs_to_a_test(folder: Path, stems: dict[str, Path]) -> bool:
    return folder.name.removesuffix(".files") in stems and folder.name.endswith(".files")
