"""Prints statuses, tables, progress bars and JSON, and maps a verdict to the exit code."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

import click
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
)
from rich.table import Table

from gavel_client import Status, TestRow
from judge_core.model.numbers import readable
from judge_core.terminal_markup import visible
from judge_core.terminal_text import written_out

EXIT_CODES_HELP = (
    "The exit code is 0 for Accepted, otherwise the verdict's number: 11 wrong answer, 12 memory, 13 output, "
    "14 time, 15 runtime error, 16 internal error, 20 compile error, 21 cancelled. "
    "1 means that the server refused, 2 a wrong command line, 3 no answer."
)
ACCEPTED, INTERNAL_ERROR = 10, 16
SHOWN_LINES = 20
_IN_JSON = {code: f"\\u{code:04x}" for code in range(127, 160)}
_BAR = (TextColumn("{task.description}"), BarColumn())
T = TypeVar("T")


def exit_code(status: Status) -> int:
    """0 for an accepted submission, otherwise LeetCode's number of the verdict."""
    code = status.status_code if status.status_code is not None else INTERNAL_ERROR
    return 0 if code == ACCEPTED else code


def show_json(body: object) -> None:
    click.echo(json.dumps(body, ensure_ascii=False, indent=2, allow_nan=False).translate(_IN_JSON))


def print_line(text: str = "", *, err: bool = False) -> None:
    """Print a text and a line break. Control characters are written out, since parts of the text may come
    from programs, packages, workers or other accounts."""
    click.echo(written_out(text), err=err)


def print_content(content: bytes) -> None:
    """Print a program's output or a file. A pipe gets every byte. A terminal gets control characters written
    out, since it would obey them."""
    if sys.stdout.isatty():
        click.echo(written_out(content.decode(errors="replace")), nl=False)
    else:
        click.echo(content, nl=False)


def with_progress(items: Sequence[T], description: str) -> Iterator[T]:
    """Return the items one by one. If there are several and stderr is a terminal, show a progress bar."""
    if len(items) < 2 or not sys.stderr.isatty():
        yield from items
        return
    columns = (*_BAR, MofNCompleteColumn(), TextColumn("files"), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        yield from progress.track(items, description=description)


@contextmanager
def progress_of(description: str, total: int | None = None) -> Iterator[Callable[[int], None]]:
    """Yield a function that shows how many submissions are done. It shows nothing if stderr is no
    terminal."""
    if not sys.stderr.isatty():
        yield lambda _done: None
        return
    columns = (*_BAR, MofNCompleteColumn(), TextColumn("submissions"), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(description, total=total)
        yield lambda done: progress.update(task, completed=done)


def follow(changes: Iterable[Status], name: str) -> Status:
    """Show the progress of a submission. Returns its final status without showing it."""
    return _follow_live(changes, name) if sys.stderr.isatty() else _follow_plainly(changes, name)


def _follow_live(changes: Iterable[Status], name: str) -> Status:
    columns = (SpinnerColumn(), *_BAR, TextColumn("{task.completed}/{task.total} tests"), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(f"{name}  waiting", total=None)
        for status in changes:
            total = status.tests_total or None
            description = f"{visible(name)}  {status.stage.lower()}"
            progress.update(task, description=description, completed=status.tests_done, total=total)
    return status


def _follow_plainly(changes: Iterable[Status], name: str) -> Status:
    shown = ""
    for status in changes:
        if not status.is_final and status.stage != shown:
            shown = status.stage
            print_line(f"{name}  {status.state}  {status.stage}", err=True)
    return status


def show_status(status: Status) -> None:
    """Print verdict, figures, compiler output and the first failing test."""
    console = Console(highlight=False)
    colour = "green" if status.is_accepted else "yellow" if not status.is_final else "red"
    words = status.status_msg or status.stage.capitalize()
    console.print(f"[bold {colour}]{visible(words)}[/]  {visible(_figures(status))}")
    console.print(
        f"  submission {status.id}  {status.problem or 'run'}  {status.language}  queue {status.queue}"
    )
    texts = {
        "compiler": status.compile_output,
        "reason": status.reason,
        "waits for": _missing_worker(status),
    }
    for title, text in texts.items():
        if text:
            _show_text(console, title, text)
    _show_first_failure(console, status.tests)


def _missing_worker(status: Status) -> str | None:
    if status.no_worker is None:
        return None
    since = status.no_worker.get("since")
    return f"a worker that has {status.no_worker.get('language')}{f', none since {since}' if since else ''}"


def _figures(status: Status) -> str:
    parts = [f"{status.verdict}"] if status.verdict else []
    if status.tests_total:
        parts.append(f"{status.tests_done}/{status.tests_total} tests")
    if status.cpu_ms is not None:
        parts.append(f"{status.cpu_ms} ms CPU")
    if status.memory_kb is not None:
        parts.append(f"{status.memory_kb / 1024:.1f} MiB")
    if status.score is not None:
        parts.append(f"score {readable(status.score)}")
    return "  ".join(parts)


def _show_first_failure(console: Console, rows: Iterable[TestRow]) -> None:
    row = next((row for row in rows if row.verdict != "AC"), None)
    if row is None:
        return
    console.print(f"  first failing test: {visible(row.name)}  {row.verdict}  {row.cpu_ms} ms CPU")
    for title in ("input", "output", "expected", "stderr", "message"):
        if text := getattr(row, title):
            _show_text(console, title, text)


def _show_text(console: Console, title: str, text: str) -> None:
    lines = text.rstrip("\n").split("\n")
    more = [f"… {len(lines) - SHOWN_LINES} more lines"] if len(lines) > SHOWN_LINES else []
    for number, line in enumerate([*lines[:SHOWN_LINES], *more]):
        console.print(f"  {title if number == 0 else '':>10} | {visible(line)}", overflow="fold")


def show_table(title: str, heads: Iterable[str], rows: Iterable[Iterable[object]]) -> None:
    """Print a plain table, or 'none' when it is empty."""
    table = Table(*heads, title=title, title_justify="left", box=None, pad_edge=False)
    for row in rows:
        table.add_row(*(visible("" if cell is None else str(cell)) for cell in row))
    # A pipe gets a wide table, since a shortened id is of no use.
    console = Console(highlight=False, width=None if sys.stdout.isatty() else 250)
    console.print(table if table.row_count else f"{title}: none")
