"""Reads a package folder: metadata, tests, programs. All faults are collected before any is raised."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from judge_core.packages.diagnostics import Diagnostic, Diagnostics
from judge_core.packages.file_check import (
    check_side_files,
    check_unused_files,
)
from judge_core.packages.file_list import FileList, list_files
from judge_core.packages.metadata import Format, Metadata, read_metadata
from judge_core.packages.package import SLUG, Package, Program, propose_slug
from judge_core.packages.program_folders import read_programs
from judge_core.packages.public_files import STATEMENT_NAME, STATEMENTS_AT_THE_TOP
from judge_core.packages.score_check import check_scores
from judge_core.packages.statement_check import check_statement
from judge_core.packages.testdata import TestDataReader
from judge_core.packages.token_rules import FlagFault, TokenRules


def read_package(folder: Path, slug: str | None = None) -> Package:
    """The package in a folder. Its slug is the folder's name unless ``slug`` is given.

    Raises ``BrokenPackage`` with all faults at once. Faults that do not prevent judging become warnings.
    """
    package, faults = inspect_package(folder, slug)
    faults.raise_errors()
    return package


def inspect_package(folder: Path, slug: str | None = None) -> tuple[Package, Diagnostics]:
    """A package as far as it can be read, and all its errors and warnings."""
    faults = Diagnostics()
    slug = slug or folder.resolve().name
    if not SLUG.fullmatch(slug):
        rule = "use letters, digits, - and _, beginning with a letter or digit"
        faults.error(slug, f"cannot be a slug: {rule}. Give a name, such as {propose_slug(slug)}")
    files = list_files(folder, faults)
    files.warn(faults)
    metadata = read_metadata(folder, faults)
    output_validators = read_programs(folder, faults, "output_validators", "output_validator")
    package = _read(folder, slug, metadata, output_validators, faults)
    _check_validators(metadata, output_validators, faults)
    _check(package, files, faults)
    return _with_warnings(package, faults), faults


def _read(
    folder: Path, slug: str, metadata: Metadata, output_validators: tuple[Program, ...], faults: Diagnostics
) -> Package:
    needs_answers = not (output_validators and metadata.custom_validator is not False)
    tests = TestDataReader(folder, metadata, faults, needs_answers)
    return Package(
        slug=slug,
        folder=folder,
        metadata=metadata,
        data=tests.read(),
        validator_tests=tests.read_validator_tests(),
        output_validators=() if metadata.custom_validator is False else output_validators,
        input_validators=read_programs(
            folder, faults, "input_validators", "input_format_validators", "input_validator"
        ),
        grader=next(iter(read_programs(folder, faults, "graders")), None),
        static_validator=next(
            iter(read_programs(folder, faults, "static_validator", "static_validators")), None
        ),
        answer_validators=read_programs(folder, faults, "answer_validators", "answer_validator"),
        input_visualizer=_visualizer(folder, "input_visualizer"),
        output_visualizer=_visualizer(folder, "output_visualizer"),
    )


def _visualizer(folder: Path, name: str) -> Program | None:
    """The visualizer. Other files in its folder, such as documents, cause no warning."""
    return next(iter(read_programs(folder, Diagnostics(), name, f"{name}s")), None)


def _check(package: Package, files: FileList, faults: Diagnostics) -> None:
    """Check that the parts of a package fit each other."""
    metadata, folder = package.metadata, package.folder
    if package.data.wants_grader and package.grader is None:
        faults.error("graders", "is missing or empty, but a testdata.yaml asks for grading: custom")
    _check_static(package, faults)
    _check_default_flags(package, faults)
    check_side_files(folder, faults)
    check_unused_files((name for name, _ in files.files), metadata.type.submit_answer, faults)
    if metadata.type.scoring and metadata.declared.startswith("2023-07") and not metadata.is_graded_as_legacy:
        check_scores(package.data, faults)
    _check_statements(folder, metadata, faults)
    check_statement(package, faults)
    for program in (*package.input_validators, *package.answer_validators):
        if program.path.suffix == ".viva":
            faults.warn(program.name, "is not run here: it has no effect on judging")


def slug_for(folder: Path) -> str:
    """The folder's name if it is a valid slug, else a slug made from the name in ``problem.yaml``."""
    name = folder.resolve().name
    if SLUG.fullmatch(name):
        return name
    names = read_metadata(folder, Diagnostics()).names
    return propose_slug(names.get("en") or next(iter(names.values()), name))


def _with_warnings(package: Package, faults: Diagnostics) -> Package:
    return replace(package, warnings=faults.warnings)


def _check_validators(metadata: Metadata, validators: tuple[Program, ...], faults: Diagnostics) -> None:
    if metadata.custom_validator and not validators:
        faults.error("output_validators", "is missing or empty, but problem.yaml asks for custom validation")
    if metadata.custom_validator is False and validators:
        faults.warn("output_validators", "has no effect: problem.yaml asks for the default validation")
    kind = metadata.type
    if (kind.interactive or kind.multi_pass) and not validators:
        faults.error(
            "problem.yaml", "an interactive or multi-pass problem needs an output validator of its own"
        )


def _check_default_flags(package: Package, faults: Diagnostics) -> None:
    """Check the flags of the default validator, each set of flags once."""
    if package.output_validators:
        return
    tests = [case for case in package.cases if not case.static]
    places = {case.settings.validator_flags: case.name for case in reversed(tests)}
    for flags, name in reversed(places.items()):
        try:
            TokenRules.from_flags(flags)
        except FlagFault as fault:
            faults.add(Diagnostic(f"data/{name}", str(fault), "output_validator_flags"))


def _check_static(package: Package, faults: Diagnostics) -> None:
    asked = [case for case in package.cases if case.static]
    if asked and package.static_validator is None:
        faults.error("static_validator", f"is missing or empty, but {asked[0].name} asks for it")
    if package.static_validator is not None and package.metadata.type.submit_answer:
        faults.error("static_validator", "cannot be used: a submit-answer problem has no source to look at")
    elif package.static_validator is not None and not asked:
        faults.warn("static_validator", "has no effect: no test_group.yaml has static_validation")


def _check_statements(folder: Path, metadata: Metadata, faults: Diagnostics) -> None:
    wanted = "problem_statement" if metadata.format is Format.LEGACY else "statement"
    if metadata.format is not Format.LEGACY:
        for key, value in (("name", metadata.names), ("uuid", metadata.uuid)):
            if not value:
                faults.warn("problem.yaml", f"has no {key}, which this version of the format requires")
        _check_names(folder / "statement", metadata, faults)
    if not any((folder / name).is_file() for name in STATEMENTS_AT_THE_TOP) and not any(
        STATEMENT_NAME.fullmatch(path.name)
        for name in ("problem_statement", "statement")
        for path in (folder / name).glob("problem*")
    ):
        faults.warn(wanted, "is missing, or has no problem.<language>.tex, .md, .html or .pdf: no statement")


def _check_names(statements: Path, metadata: Metadata, faults: Diagnostics) -> None:
    """Warn of missing and unneeded names. 2023-07 requires a name in each language of the statement, and in
    no others."""
    found = {path.name.split(".")[1] for path in statements.glob("problem.*.*")}
    for language in sorted(found - set(metadata.names) if metadata.names else ()):
        faults.warn("problem.yaml", f"has no name in {language}, in which there is a statement")
    for language in sorted(set(metadata.names) - found if found else ()):
        faults.warn("problem.yaml", f"has a name in {language}, in which there is no statement")
