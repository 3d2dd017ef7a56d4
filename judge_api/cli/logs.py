"""`gavel logs`: prints the logs of a local `gavel up`, of one process or of all, and follows them."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterator
from pathlib import Path

import click

from judge_api.cli.connection import default_data_dir
from judge_api.cli.output import print_line

POLL_SECONDS = 0.3
_MOST_BYTES = 64 * 1024 * 1024
"""The most bytes that are read, from the end of a log. Older lines are not shown."""


@click.command(name="logs")
@click.argument("processes", nargs=-1, metavar="[PROCESS]...")
@click.option(
    "--lines",
    "-n",
    type=click.IntRange(0, 100_000),
    default=20,
    show_default=True,
    help="Number of lines of each process.",
)
@click.option("--follow", "-f", is_flag=True, help="Then print new lines as they are written, until Ctrl+C.")
@click.option("--submission", "-s", metavar="ID", help="Only lines that name this submission.")
@click.option(
    "--data", envvar="GAVEL_DATA", type=click.Path(path_type=Path), help="Data folder of a local `gavel up`."
)
def command(
    processes: tuple[str, ...], lines: int, follow: bool, submission: str | None, data: Path | None
) -> None:
    """Print the last log lines of each PROCESS (api, dispatcher, redis, worker-normal-1, ...) or of all."""
    folder = (data or default_data_dir()) / "logs"
    files = _files(folder, processes)
    wanted = submission or ""
    # The sizes of the logs are taken before the last lines are printed, so lines that are written meanwhile
    # are shown too.
    later = new_lines(files)
    for file in files:
        for line in last_lines(file, lines, wanted):
            _show(file, line, len(files))
    if follow:
        for file, line in later:
            if wanted in line:
                _show(file, line, len(files))


def _files(folder: Path, processes: tuple[str, ...]) -> list[Path]:
    known = {file.stem: file for file in sorted(folder.glob("*.log"))}
    if not known:
        raise click.ClickException(
            f"there are no logs in {folder}. Name the data folder of a `gavel up` with --data (GAVEL_DATA); "
            "processes that were started one by one log to their own output."
        )
    for process in processes:
        if process not in known:
            raise click.UsageError(f"there is no log of {process!r}. There are: {', '.join(known)}.")
    return [known[process] for process in dict.fromkeys(processes)] or [*known.values()]


def last_lines(file: Path, count: int, wanted: str = "") -> list[str]:
    """The last lines with this text. In a very large log, the first line that is read may be cut."""
    with file.open("rb") as log:
        log.seek(max(0, log.seek(0, 2) - _MOST_BYTES))
        lines = (line.decode(errors="replace").rstrip("\n") for line in log)
        return list(deque((line for line in lines if wanted in line), maxlen=count))


def new_lines(files: list[Path]) -> Iterator[tuple[Path, str]]:
    """Every line that is written after this call. A log that was replaced is read from its beginning."""
    # The sizes are taken now, not when the first line is asked for.
    return _lines_after({file: _size(file) for file in files})


def _lines_after(read: dict[Path, int]) -> Iterator[tuple[Path, str]]:
    while True:
        for file, position in read.items():
            size = _size(file)
            start = position if size >= position else 0
            if size == start:
                read[file] = start
                continue
            with file.open("rb") as log:
                log.seek(start)
                whole, _, _ = log.read().rpartition(b"\n")
            if whole:
                yield from ((file, line) for line in whole.decode(errors="replace").split("\n"))
                start += len(whole) + 1
            read[file] = start
        time.sleep(POLL_SECONDS)


def _size(file: Path) -> int:
    return file.stat().st_size if file.exists() else 0


def _show(file: Path, line: str, count: int) -> None:
    print_line(f"{file.stem}: {line}" if count > 1 else line)
