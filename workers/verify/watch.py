"""``python -m workers.verify --watch``: verifies the changed parts of a package while its author edits it.

A changed submission is judged alone. After a change of the statement, the attachments or the generators the
statement is read again. Any other change judges the whole package, and so does each change of a package
without a time limit. If a package cannot be read at the moment, its faults are shown, and the watch goes
on."""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console

from judge_core.packages import BrokenPackage, Package
from judge_core.packages.diagnostics import Diagnostics
from judge_core.packages.file_list import list_files, repository_around
from judge_core.packages.statements import render_statements
from judge_core.terminal_markup import visible
from sandbox import CannotIsolate
from workers.judging.errors import JudgingFault, sandbox_errors_as_faults
from workers.judging.judge import Judge
from workers.verify.command import PackageReader, open_judge, verify_package
from workers.verify.report import result_table
from workers.verify.submissions import SubmissionVerifier

Snapshot = Mapping[str, tuple[int, int]]
_NOT_JUDGED = (
    "statement/",
    "problem_statement/",
    "attachments/",
    "generators/",
    "problem.pdf",
    "problem.html",
)
_INTERVAL = 0.5


def snapshot(folder: Path) -> Snapshot:
    """Every file of a package with its time and size."""
    found = {}
    for name, path in list_files(folder, Diagnostics(), repository_around(folder)).files:
        try:
            status = path.stat()
        except OSError:  # The file was deleted since it was listed.
            continue
        found[name] = (status.st_mtime_ns, status.st_size)
    return found


@dataclass(frozen=True, slots=True)
class Changes:
    """The parts of a package to look at again. ``everything`` is set if no part can be checked alone."""

    everything: bool = False
    submissions: frozenset[str] = frozenset()
    statement: bool = False

    @classmethod
    def between(cls, before: Snapshot, after: Snapshot) -> Changes | None:
        """The parts whose files are not the same; ``None`` when nothing changed."""
        names = {name for name in {*before, *after} if before.get(name) != after.get(name)}
        if not names:
            return None
        submissions, statement = set(), False
        for name in names:
            parts = name.split("/")
            if parts[0] == "submissions" and len(parts) > 2:
                submissions.add("/".join(parts[1:3]))
            elif name.startswith(_NOT_JUDGED):
                statement = True
            else:
                return cls(everything=True)
        return cls(False, frozenset(submissions), statement)


@dataclass(slots=True)
class Watcher:
    """Checks a folder again and again. ``wait`` pauses between two checks, and ends the watch by returning
    False."""

    folder: Path
    root: Path
    judge: Judge
    console: Console
    wait: Callable[[], bool]
    rounds: int = field(default=0)

    def run(self) -> None:
        """Verify everything, and then the parts that change, until ``wait`` ends the watch."""
        seen = snapshot(self.folder)
        self._look(Changes(everything=True))
        self.console.print("watching; end with Ctrl-C")
        while self.wait():
            now = snapshot(self.folder)
            changes = Changes.between(seen, now)
            if changes is None or not self._has_settled(now):
                continue
            seen = now
            self._look(changes)

    def _has_settled(self, now: Snapshot) -> bool:
        """Whether an editor has finished writing: two checks in a row found the same files."""
        return self.wait() and snapshot(self.folder) == now

    def _look(self, changes: Changes) -> None:
        shutil.rmtree(self.root / "packages" / str(self.rounds), ignore_errors=True)
        self.rounds += 1
        self.console.rule(time.strftime("%H:%M:%S"))
        try:
            reader = PackageReader(self.root / "packages" / str(self.rounds), self.console, None)
            with sandbox_errors_as_faults():
                self._verify(reader.read_one(self.folder), changes)
        except BrokenPackage as error:
            for fault in error.faults:
                self.console.print(f"  {visible(str(fault))}")
        except JudgingFault as error:
            self.console.print(f"[bold red]{visible(error.reason)}[/]")

    def _verify(self, package: Package, changes: Changes) -> None:
        if changes.everything or package.metadata.limits.time is None:
            verify_package(self.judge, package, self.console)
            return
        if changes.submissions:
            languages = self.judge.context.languages
            verifier = SubmissionVerifier(self.judge, languages, lambda _: None, only=changes.submissions)
            self.console.print(result_table(package, verifier.verify(package), None))
        if changes.statement:
            warnings = (*package.warnings, *render_statements(package).warnings)
            for warning in warnings:
                self.console.print(f"  [yellow]warning[/] {visible(str(warning))}")
            self.console.print("" if warnings else "  the statement is read without a warning")


def main(arguments: list[str] | None = None, toolchains: tuple[Path, ...] = ()) -> int:
    """Watch a package until Ctrl-C; returns the exit status."""
    parser = argparse.ArgumentParser(prog="gavel problems watch")
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args(arguments).folder
    console = Console(width=None if sys.stdout.isatty() else 140)
    try:
        with tempfile.TemporaryDirectory(prefix="gavel-watch-") as place:
            root = Path(place)
            root.chmod(0o755)
            with open_judge(root, None, toolchains) as judge:
                Watcher(folder, root, judge, console, _pause).run()
    except CannotIsolate as error:
        console.print(f"[red]This host cannot isolate programs:[/] {visible(str(error))}")
        return 2
    except KeyboardInterrupt:
        console.print("")
    return 0


def _pause() -> bool:
    time.sleep(_INTERVAL)
    return True
