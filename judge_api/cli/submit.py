"""`gavel submit`: submits solutions, and shows their progress and verdicts."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from gavel_client import ClientError, Gavel, Receipt, Status, TooManyRequests
from judge_api.cli.connection import ServerOptions, server_options
from judge_api.cli.output import (
    EXIT_CODES_HELP,
    exit_code,
    follow,
    print_line,
    show_json,
    show_status,
    show_table,
    with_progress,
)
from judge_api.services.program_archive import UnusableArchive, read_program_archive
from judge_core.languages import BrokenLanguage, guess_language, use_own_languages


@click.command(name="submit", epilog=EXIT_CODES_HELP)
@click.argument(
    "files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
@click.option("--problem", "-p", required=True, help="Slug of the problem.")
@click.option("--language", "-l", help="Language; guessed from the file's extension if left out.")
@click.option("--together", is_flag=True, help="Submit FILES as one program of several files.")
@click.option("--entry-point", help="With --together or a zip: the file, or the class, to start.")
@click.option("--watch", "-w", is_flag=True, help="Wait for the verdict and show live progress.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@server_options
def command(
    server: ServerOptions,
    files: tuple[Path, ...],
    problem: str,
    watch: bool,
    as_json: bool,
    **how: Any,
) -> None:
    """Submit FILES as solutions of a problem; a zip is one program of all files in it.

    With --watch, the exit code is the largest of the programs' exit codes."""
    programs = read_programs(files, how["language"], how["together"], how["entry_point"])
    with server.connect() as gavel:
        submitted = _submit_all(gavel, programs, problem, as_json)
        if not watch:
            _show_receipts(submitted, as_json)
            return
        finals = _wait_for_all(gavel, submitted, as_json)
    _show_finals(finals, as_json)
    raise SystemExit(max(exit_code(status) for _, status in finals))


def _submit_all(
    gavel: Gavel, programs: Sequence[Program], problem: str, as_json: bool
) -> list[tuple[Path, Receipt]]:
    """Submit the programs. If a file is refused, the receipts of the files before it are shown, since these
    are judged."""
    submitted: list[tuple[Path, Receipt]] = []
    try:
        for program in with_progress(programs, "submitting"):
            submitted.append((program.path, _submit(gavel, program, problem)))
    except (ClientError, click.ClickException, KeyboardInterrupt):
        if submitted:
            _show_receipts(submitted, as_json)
        if len(programs) > 1:
            refused = programs[len(submitted)].path.name
            print_line(f"{refused} is not submitted, nor is any file after it:", err=True)
        raise
    return submitted


def _wait_for_all(
    gavel: Gavel, submitted: Sequence[tuple[Path, Receipt]], as_json: bool
) -> list[tuple[Path, Status]]:
    """The final statuses. If the wait is interrupted, the receipts are shown, since the submissions are still
    judged."""
    alone = len(submitted) == 1
    try:
        return [
            (file, _wait_for_final(gavel, file, receipt, alone))
            for file, receipt in with_progress(submitted, "judging")
        ]
    except (ClientError, KeyboardInterrupt):
        _show_receipts(submitted, as_json)
        raise


def _wait_for_final(gavel: Gavel, file: Path, receipt: Receipt, alone: bool) -> Status:
    """The final status. For a single file the progress is shown test by test."""
    if alone:
        return follow(gavel.watch(receipt.id), file.name)
    *_, status = gavel.watch(receipt.id)
    return status


@dataclass(frozen=True, slots=True)
class Program:
    """A program to submit. If it has several files, ``files`` has all of them."""

    path: Path
    language: str
    files: Mapping[str, bytes] | None = None
    entry_point: str | None = None


def read_programs(
    files: Sequence[Path], language: str | None, together: bool, entry_point: str | None
) -> list[Program]:
    """Read a program from each of these files, or one program from all of them."""
    if not together:
        if entry_point and not all(_is_archive(file) for file in files):
            raise click.UsageError("--entry-point goes with --together, or with a zip.")
        return [_read_program(file, language, entry_point) for file in files]
    # ``..`` is left out of the paths, or ``../lib.py`` would not be below the folder that all files share.
    places = [Path(os.path.abspath(file)) for file in files]  # noqa: PTH100 (``resolve`` would follow links)
    above = Path(os.path.commonpath([place.parent for place in places]))
    contents = {place.relative_to(above).as_posix(): place.read_bytes() for place in places}
    return [Program(files[0], language or guess_file_language(files[0]), contents, entry_point)]


def _is_archive(file: Path) -> bool:
    return file.suffix.lower() == ".zip"


def _read_program(file: Path, language: str | None, entry_point: str | None) -> Program:
    """The program of one file, or of all files in a zip."""
    if not _is_archive(file):
        return Program(file, language or guess_file_language(file))
    try:
        found = read_program_archive(file.read_bytes())
    except UnusableArchive as error:
        raise click.UsageError(f"{file}: {error}.") from error
    contents = {each.name: each.content for each in found}
    return Program(
        file, language or _guess_of_all([entry_point or "", *contents], file), contents, entry_point
    )


def _guess_of_all(names: Sequence[str], archive: Path) -> str:
    """The language of the first file with a known extension. Raises ``UsageError`` if there is no such
    file."""
    _use_own_languages()
    guesses = (guess_language(name) for name in names)
    found = next((each for each in guesses if each is not None), None)
    if found is None:
        raise click.UsageError(f"{archive}: no file in it has a known extension; choose one with --language.")
    return found.id


def _submit(gavel: Gavel, program: Program, problem: str) -> Receipt:
    """Submit a program. Wait and retry while a quota or rate limit is used up."""
    source = "" if program.files else read_source(program.path)
    while True:
        try:
            return gavel.submit(
                problem, program.language, source, files=program.files, entry_point=program.entry_point
            )
        except TooManyRequests as error:
            print_line(
                f"{program.path.name}: too many submissions for now, retrying in {error.retry_after:.0f} s",
                err=True,
            )
            time.sleep(error.retry_after)


def guess_file_language(file: Path) -> str:
    """The language by the file's extension. Raises ``UsageError`` if no language has this extension."""
    _use_own_languages()
    guess = guess_language(file.name)
    if guess is None:
        raise click.UsageError(f"{file.name}: no language has this extension; choose one with --language.")
    return guess.id


def _use_own_languages() -> None:
    """Add the languages in GAVEL_LANGUAGES_DIR. Usually only the server's machine has this setting."""
    folder = os.environ.get("GAVEL_LANGUAGES_DIR")
    try:
        use_own_languages(Path(folder).absolute() if folder else None)
    except BrokenLanguage as error:
        raise click.UsageError(f"GAVEL_LANGUAGES_DIR={folder!r} is wrong: {error}") from error


def read_source(file: Path) -> str:
    try:
        return file.read_bytes().decode()
    except UnicodeDecodeError as error:
        raise click.UsageError(
            f"{file}: not UTF-8 text ({error.reason} at byte {error.start}). Save it as UTF-8."
        ) from error


def _show_receipts(submitted: Sequence[tuple[Path, Receipt]], as_json: bool) -> None:
    if as_json:
        show_json(
            [{"file": str(f), "id": r.id, "queue": r.queue, "status_url": r.status_url} for f, r in submitted]
        )
        return
    for file, receipt in submitted:
        print_line(f"{file.name}  submission {receipt.id}  queue {receipt.queue}")


def _show_finals(finals: list[tuple[Path, Status]], as_json: bool) -> None:
    if as_json:
        show_json([{"file": str(file), **status.raw} for file, status in finals])
    elif len(finals) == 1:
        show_status(finals[0][1])
    else:
        rows = [
            (f.name, s.verdict or s.stage, s.cpu_ms, f"{s.tests_done}/{s.tests_total}", s.id)
            for f, s in finals
        ]
        show_table("verdicts", ("file", "verdict", "ms CPU", "tests", "submission"), rows)
