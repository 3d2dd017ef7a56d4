"""`gavel logs`: prints the logs of a local `gavel up`, of one process or of all, and follows them."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterator
from pathlib import Path

import click

from judge_api.cli.connection import default_data_dir
from judge_api.cli.output import print_line
from judge_core.logging import ROTATED, rotated_log

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
    """The logs of these processes, or the current logs of all. A rotated log is printed only if it is named
    (``api.old``), since its lines are older than those of the current log."""
    known = {file.stem: file for file in sorted(folder.glob("*.log"))}
    if not known:
        raise click.ClickException(
            f"there are no logs in {folder}. Name the data folder of a `gavel up` with --data (GAVEL_DATA); "
            "processes that were started one by one log to their own output."
        )
    for process in processes:
        if process not in known:
            raise click.UsageError(f"there is no log of {process!r}. Choose from: {', '.join(known)}.")
    current = [file for stem, file in known.items() if not stem.endswith(ROTATED)]
    return [known[process] for process in dict.fromkeys(processes)] or current


def last_lines(file: Path, count: int, wanted: str = "") -> list[str]:
    """The last lines with this text. In a very large log, the first line that is read may be cut."""
    with file.open("rb") as log:
        log.seek(max(0, log.seek(0, 2) - _MOST_BYTES))
        lines = (line.decode(errors="replace").rstrip("\n") for line in log)
        return list(deque((line for line in lines if wanted in line), maxlen=count))


def new_lines(files: list[Path]) -> Iterator[tuple[Path, str]]:
    """Every line that is written after this call. When a log is rotated, the rest of the old log is read
    first, and then the new log from its beginning."""
    # The sizes are taken now, not when the first line is asked for.
    return _lines_after([FollowedLog(file) for file in files])


def _lines_after(logs: list[FollowedLog]) -> Iterator[tuple[Path, str]]:
    while True:
        for log in logs:
            yield from ((log.file, line) for line in log.new_lines())
        time.sleep(POLL_SECONDS)


class FollowedLog:
    """A log and the position up to which it was read."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self._position = _size(file)
        self._rotated = rotated_log(file)
        self._rotated_at = self._rotation_time()

    def new_lines(self) -> list[str]:
        """The complete lines that were written since the last call."""
        rest: list[str] = []
        if _size(self.file) < self._position:
            before, self._rotated_at = self._rotated_at, self._rotation_time()
            # If a log was emptied and not rotated, there are no earlier lines left to read.
            if self._rotated_at != before:
                rest, _ = _whole_lines(self._rotated, self._position)
            self._position = 0
        lines, self._position = _whole_lines(self.file, self._position)
        return rest + lines

    def _rotation_time(self) -> int:
        """When the log was last rotated. 0 if it never was."""
        return self._rotated.stat().st_mtime_ns if self._rotated.exists() else 0


def _whole_lines(file: Path, start: int) -> tuple[list[str], int]:
    """The complete lines after a position, and the position after them."""
    if _size(file) <= start:
        return [], start
    with file.open("rb") as log:
        log.seek(start)
        whole, newline, _ = log.read().rpartition(b"\n")
    if not newline:
        return [], start
    return whole.decode(errors="replace").split("\n"), start + len(whole) + 1


def _size(file: Path) -> int:
    return file.stat().st_size if file.exists() else 0


def _show(file: Path, line: str, count: int) -> None:
    print_line(f"{file.stem}: {line}" if count > 1 else line)
