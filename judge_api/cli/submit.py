"""`gavel submit`: hand in solutions, and watch them being judged."""

from __future__ import annotations

import time
from pathlib import Path

import click

from gavel_client import Gavel, Receipt, Status, TooManyRequests
from judge_api.cli.connection import Caller, server_options
from judge_api.cli.output import (
    EXIT_CODES_HELP,
    counted,
    exit_code,
    follow,
    show_json,
    show_status,
    show_table,
)
from judge_core.languages import guess_language


@click.command(name="submit", epilog=EXIT_CODES_HELP)
@click.argument(
    "files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
@click.option("--problem", "-p", required=True, help="Slug of the problem.")
@click.option("--language", "-l", help="Language; by the file's ending if left out.")
@click.option("--watch", "-w", is_flag=True, help="Stay until the verdict, with live progress.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@server_options
def command(
    caller: Caller, files: tuple[Path, ...], problem: str, language: str | None, watch: bool, as_json: bool
) -> None:
    """Hand in FILES as solutions of a problem. With --watch, the worst verdict decides the exit code."""
    with caller.connect() as gavel:
        handed_in = [
            (file, _hand_in(gavel, file, problem, language)) for file in counted(files, "handing in")
        ]
        if not watch:
            _show_receipts(handed_in, as_json)
            return
        alone = len(handed_in) == 1
        finals = [(f, _final(gavel, f, receipt, alone)) for f, receipt in counted(handed_in, "judging")]
    _show_finals(finals, as_json)
    raise SystemExit(max(exit_code(status) for _, status in finals))


def _final(gavel: Gavel, file: Path, receipt: Receipt, alone: bool) -> Status:
    """Of one file the progress is shown test by test; of many, a bar counts the files."""
    if alone:
        return follow(gavel.watch(receipt.id), file.name)
    *_, status = gavel.watch(receipt.id)
    return status


def _hand_in(gavel: Gavel, file: Path, problem: str, language: str | None) -> Receipt:
    """Waits when the account has too many unfinished submissions: many files are handed in patiently."""
    source, chosen = read_source(file), language or language_of(file)
    while True:
        try:
            return gavel.submit(problem, chosen, source)
        except TooManyRequests as error:
            click.echo(f"{file.name}: the server is asking for patience, {error.retry_after:.0f} s", err=True)
            time.sleep(error.retry_after)


def language_of(file: Path) -> str:
    """By the file's ending; says which endings are known when it is none of them."""
    guess = guess_language(file.name)
    if guess is None:
        raise click.UsageError(f"{file.name}: no language has that ending; name one with --language.")
    return guess.id


def read_source(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise click.UsageError(f"{file}: not UTF-8 text ({error.reason} at byte {error.start}).") from error


def _show_receipts(handed_in: list[tuple[Path, Receipt]], as_json: bool) -> None:
    if as_json:
        show_json(
            [{"file": str(f), "id": r.id, "queue": r.queue, "status_url": r.status_url} for f, r in handed_in]
        )
        return
    for file, receipt in handed_in:
        click.echo(f"{file.name}  submission {receipt.id}  queue {receipt.queue}")


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
