"""Warns of files of a package that nothing reads, that belong to no test, or that contradict each other.

Otherwise a misspelt name could remove a test without any message.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from judge_core.languages import guess_language, languages_named
from judge_core.packages.diagnostics import Diagnostics
from judge_core.packages.expected_verdicts import VERDICTS_BY_FOLDER
from judge_core.packages.public_files import STATEMENT_NAME, STATEMENTS_AT_THE_TOP

_TOP_FILES = ("problem.yaml", ".timelimit", "domjudge-problem.ini", *STATEMENTS_AT_THE_TOP)
_DOCUMENTS = re.compile(
    r"(?:readme|license|licence|changelog|makefile|cmakelists)(?:\..*)?|.*\.md", re.IGNORECASE
)
_USED_FOLDERS = (
    "data",
    "submissions",
    "problem_statement",
    "statement",
    "output_validators",
    "output_validator",
    "input_validators",
    "input_format_validators",
    "input_validator",
    "answer_validators",
    "answer_validator",
    "static_validator",
    "static_validators",
    "graders",
    "include",
    "attachments",
)
_KNOWN_FOLDERS = (
    "generators",
    "generator",
    "solution",
    "solutions",
    "input_visualizer",
    "input_visualizers",
    "output_visualizer",
    "output_visualizers",
    "answer_visualizer",
)
"""Folders of the format or of its tools that judging does not read. Authors get no warning about them."""
_DATA_FOLDERS = ("sample", "secret", "invalid_input", "invalid_output", "valid_output")
_GROUP_FILES = ("testdata.yaml", "test_group.yaml")
_TEST_ENDINGS = (".in", ".ans", ".yaml", ".hint", ".desc", ".args", ".png", ".jpg", ".jpeg", ".svg", ".gif")
_SAMPLE_ENDINGS = (
    ".out",
    ".interaction",
    ".in.statement",
    ".ans.statement",
    ".out.statement",
    ".in.download",
    ".ans.download",
)
_SIDE_FILE_ENDINGS = (".ans", ".hint", ".desc", ".args", ".files")
_EXCLUSIVE_ENDINGS = (
    (".out", ".ans.statement"),
    *((".interaction", each) for each in (".in.statement", ".out")),
)
_HINTS = {
    ".out": "answers end in .ans",
    ".a": "answers end in .ans",
    ".ok": "answers end in .ans",
    ".sol": "answers end in .ans",
    ".in.txt": "tests end in .in",
    ".ans.txt": "answers end in .ans",
    ".inp": "tests end in .in",
    ".dat": "tests end in .in",
    ".txt": "tests end in .in, answers in .ans",
}
_EXPECTED_FOLDERS = (*VERDICTS_BY_FOLDER, "mixed", "rejected", "other")
_MEANT = {
    "ac": "accepted",
    "correct": "accepted",
    "wa": "wrong_answer",
    "wrong": "wrong_answer",
    "tle": "time_limit_exceeded",
    "timelimit": "time_limit_exceeded",
    "slow": "time_limit_exceeded",
    "rte": "run_time_error",
    "runtime_error": "run_time_error",
    "mle": "memory_limit_exceeded",
    "ole": "output_limit_exceeded",
    "ce": "compile_error",
    "compilation_error": "compile_error",
}
_MOST = 30


@dataclass(frozen=True, slots=True)
class _UnusedFile:
    name: str
    why: str


def check_unused_files(names: Iterable[str], answers_only: bool, faults: Diagnostics) -> None:
    """Warn of files that are not used, by their names below the package. After ``_MOST`` names, one warning
    says how many more there are.

    With ``answers_only`` the submissions are answers, which have no language.
    """
    known = tuple(names)
    found = [*_unused_files(known), *_unused_submissions(known, answers_only)]
    for each in found[:_MOST]:
        faults.warn(each.name, each.why)
    if len(found) > _MOST:
        faults.warn("package", f"{len(found) - _MOST} more files are not used")


def _unused_files(names: tuple[str, ...]) -> Iterator[_UnusedFile]:
    seen: set[str] = set()
    for name in names:
        top, *below = name.split("/")
        if not below:
            yield from _top_file(name)
        elif top == "data":
            yield from _data_file(name, below)
        elif top in ("statement", "problem_statement"):
            yield from _statement_file(name, below)
        elif top == "include" and below[0] not in seen:
            seen.add(below[0])
            yield from _include_folder(below)
        elif top not in (*_USED_FOLDERS, *_KNOWN_FOLDERS) and top not in seen:
            seen.add(top)
            yield _UnusedFile(top, f"is not used{_meant(top, (*_USED_FOLDERS, *_KNOWN_FOLDERS))}")


def _top_file(name: str) -> Iterator[_UnusedFile]:
    if name not in _TOP_FILES and not _DOCUMENTS.fullmatch(name):
        yield _UnusedFile(name, f"is not used{_meant(name, _TOP_FILES)}")


def _meant(name: str, known: tuple[str, ...]) -> str:
    plain = re.sub(r"[ -]", "_", name.lower())
    close = next((each for each in known if plain in (each, f"{each}s", each.removesuffix("s"))), None)
    if plain == "problem.yml":
        close = "problem.yaml"
    return f": the format calls it {close}" if close else ""


def _data_file(name: str, below: list[str]) -> Iterator[_UnusedFile]:
    folder, file = below[0], below[-1]
    if len(below) == 1:
        if file not in _GROUP_FILES:
            yield _UnusedFile(name, "is not used: tests must be in data/sample or data/secret")
        return
    if folder not in _DATA_FOLDERS:
        yield _UnusedFile(name, "is not used: tests must be in data/sample or data/secret")
    elif not any(part.endswith(".files") for part in below[:-1]) and not _is_test_file(folder, file):
        yield _UnusedFile(name, f"is not used{_ending_hint(file)}")


def _is_test_file(folder: str, file: str) -> bool:
    endings = _TEST_ENDINGS if folder == "secret" else (*_TEST_ENDINGS, *_SAMPLE_ENDINGS)
    return file.endswith(endings)


def _ending_hint(file: str) -> str:
    lower = file.lower()
    if lower != file and lower.endswith((*_TEST_ENDINGS, *_SAMPLE_ENDINGS)):
        return ": the ending must be in lower case"
    hint = next((hint for ending, hint in _HINTS.items() if lower.endswith(ending)), None)
    if hint is None and re.fullmatch(r"(?:.*[._-])?(?:in|input|out|output|ans|answer)[\d_]*", lower):
        hint = "tests end in .in, answers in .ans"
    return f": {hint}" if hint else ""


def _statement_file(name: str, below: list[str]) -> Iterator[_UnusedFile]:
    file = below[-1]
    is_text = file.lower().endswith((".tex", ".md", ".html", ".htm"))
    looks_so = len(below) == 1 and STATEMENT_NAME.fullmatch(file.lower()) is not None
    if looks_so and not STATEMENT_NAME.fullmatch(file):
        yield _UnusedFile(name, f"is not used as a statement: its name must be {file.lower()}, in lower case")
    elif is_text and len(below) == 1 and not STATEMENT_NAME.fullmatch(file) and not file.endswith(".tex"):
        yield _UnusedFile(
            name, "is not used: a statement is called problem.<language>.md, .tex, .html or .pdf"
        )


def _include_folder(below: list[str]) -> Iterator[_UnusedFile]:
    if len(below) == 1:
        yield _UnusedFile(f"include/{below[0]}", "is not used: files must be in include/<language>")
        return
    code = below[0]
    if code != "default" and not languages_named(code):
        yield _UnusedFile(f"include/{code}", "is not used: it names no language here")


def _unused_submissions(names: tuple[str, ...], answers_only: bool) -> Iterator[_UnusedFile]:
    programs: dict[str, list[str]] = {}
    for name in names:
        top, *below = name.split("/")
        if top != "submissions":
            continue
        if len(below) == 1:
            if below[0] != "submissions.yaml" and not _DOCUMENTS.fullmatch(below[0]):
                why = "is not used: submissions must be in folders such as submissions/accepted"
                yield _UnusedFile(name, why)
            continue
        programs.setdefault("/".join(below[:2]), []).append(below[-1])
    for folder in sorted({program.split("/")[0] for program in programs} - set(_EXPECTED_FOLDERS)):
        plain = re.sub(r"[ -]", "_", folder.lower())
        meant = _MEANT.get(plain) or (plain if plain in _EXPECTED_FOLDERS else None)
        if meant:
            yield _UnusedFile(
                f"submissions/{folder}", f"is no folder with expected verdicts: the format calls it {meant}"
            )
    for program, files in programs.items() if not answers_only else ():
        if not any(guess_language(file) for file in files):
            yield _UnusedFile(f"submissions/{program}", "is not judged: no language has its files' extension")


def check_side_files(package: Path, faults: Diagnostics) -> None:
    """Warn of files that belong to no test.

    If a sample has two files that replace each other, that is an error.
    """
    data = package / "data"
    for name in ("sample", "secret"):
        for path in sorted((data / name).rglob("*")) if (data / name).is_dir() else ():
            if path.suffix in _SIDE_FILE_ENDINGS and not _has_test(path):
                faults.warn(_place(package, path), "belongs to no test: there is no .in file of its name")
    for path in sorted((data / "sample").glob("*")) if (data / "sample").is_dir() else ():
        for other in _conflicting_files(path):
            faults.error(_place(package, path), f"cannot be beside {other.name}: keep one of them")


def _place(package: Path, path: Path) -> str:
    return path.relative_to(package).as_posix()


def _has_test(path: Path) -> bool:
    stem = path.name.removesuffix(path.suffix)
    inside = any(parent.suffix == ".files" for parent in path.parents)
    stands_in = path.with_name(f"{stem}.in.statement").is_file()
    return inside or stands_in or path.with_name(f"{stem}.in").is_file()


def _conflicting_files(path: Path) -> Iterator[Path]:
    for ending, other in _EXCLUSIVE_ENDINGS:
        if path.name.endswith(ending):
            conflicting = path.with_name(path.name.removesuffix(ending) + other)
            if conflicting.is_file():
                yield conflicting
