"""The command line of ``gavel problems verify``: reads packages, verifies each, prints a report.

Exit status: 0 when everything is as the packages promise, 1 when something is not, 2 when a package cannot be
read, the file of ``--record`` cannot be read or written, or this host cannot isolate programs.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from judge_core.languages import load_languages
from judge_core.messages import PackageRef
from judge_core.packages import BrokenPackage, Package, inspect_package, slug_for
from judge_core.packages.diagnostics import Diagnostics
from judge_core.packages.file_list import copy_files, list_files, repository_around
from judge_core.packages.package import SLUG, propose_slug
from judge_core.packages.upload import unpack
from judge_core.terminal_markup import visible
from sandbox import CannotIsolate
from sandbox.factory import open_sandbox
from sandbox.slot import SlotConfig
from workers.judging.compile_cache import CompileCache
from workers.judging.errors import JudgingFault, PackageUnavailable, sandbox_errors_as_faults
from workers.judging.judge import Judge
from workers.judging.settings import FALLBACK_SECONDS, JudgingSettings
from workers.judging.shared_cache_folder import VerifiedFolder
from workers.judging.time_limit_calibration import FoundLimit, with_time_limit
from workers.judging.toolchains import folders_there, search_path_with, with_search_path
from workers.verify.limits_report import language_margins, limits_table, measured_again
from workers.verify.report import FAULTS_OF_PACKAGE, has_accepted, print_findings, result_table
from workers.verify.submissions import Match, SubmissionVerifier, VerifiedSubmission
from workers.verify.verdict_record import (
    Record,
    RecordedVerdict,
    UnreadableRecord,
    changed_verdicts,
    read_record,
    recorded,
    write_record,
)

_DESCRIPTION = """Judge every bundled submission as the judge would, run the input validators on every test,
and try the output validator. Ends with 1 if a check fails, with 2 if a package cannot be read or this host
cannot isolate programs. Needs no running server."""
_ZIP_ENDINGS = (".zip", ".kpp")


class NoPackageSource:
    """Verification reads packages from folders and never asks the server."""

    def fetch(self, ref: PackageRef) -> VerifiedFolder:
        raise PackageUnavailable(f"{ref.slug} is read from a folder here, never from a server")


def main(arguments: list[str] | None = None, toolchains: tuple[Path, ...] = ()) -> int:
    """Verify the packages named on the command line. Returns the exit status.

    ``toolchains`` are folders of toolchains outside /usr.
    """
    parser = _parser()
    options = parser.parse_args(arguments)
    console = Console(width=None if sys.stdout.isatty() else 140)
    if options.all and not options.folders:
        parser.error(
            "--all works only in `gavel problems verify` on the main server's host: leave PACKAGE out there"
        )
    if not options.folders:
        parser.error("name a PACKAGE, or --all for the published problems of this host")
    if options.name and len(options.folders) > 1:
        parser.error("--name is for one package: name one PACKAGE, or leave --name out")
    try:
        with tempfile.TemporaryDirectory(prefix="gavel-verify-") as folder:
            root = Path(folder)
            root.chmod(0o755)
            reader = PackageReader(root / "packages", console, options.name)
            packages, unreadable = reader.read(options.folders)
            if not packages and not unreadable:
                parser.error("none of these is a package: a package has a problem.yaml in its top folder")
            if options.record and (doubled := _doubled_slug(packages)):
                parser.error(
                    f"two packages have the slug {doubled}, by which --record keeps verdicts: "
                    "verify them one at a time, each with its own FILE"
                )
            with open_judge(root, options.cache, toolchains) as judge, sandbox_errors_as_faults():
                before = read_record(options.record) if options.record else {}
                bad, now = _verify_all(judge, packages, options, console)
        if options.record:
            bad += _show_changes(before, now, console)
            write_record(options.record, before, now)
    except UnreadableRecord as error:
        console.print(f"[red]{visible(str(error))}[/]")
        return 2
    except JudgingFault as error:
        console.print(f"[bold red]{visible(error.reason)}[/]")
        return 1
    except CannotIsolate as error:
        console.print(f"[red]This host cannot isolate programs:[/] {visible(str(error))}")
        return 2
    return 2 if unreadable else int(bad > 0)


def _doubled_slug(packages: list[Package]) -> str | None:
    """A slug that several of these packages have."""
    counts = Counter(package.slug for package in packages)
    return next((slug for slug, count in counts.items() if count > 1), None)


def _verify_all(
    judge: Judge, packages: list[Package], options: argparse.Namespace, console: Console
) -> tuple[int, dict[str, Mapping[str, RecordedVerdict]]]:
    """Verify each package. Returns the number of faults, and the verdicts by slug. A package whose own
    programs fail does not stop the others."""
    bad = 0
    now: dict[str, Mapping[str, RecordedVerdict]] = {}
    for package in packages:
        try:
            with sandbox_errors_as_faults():
                results = verify_package(judge, package, console, options.all_tests, options.limits)
        except FAULTS_OF_PACKAGE as fault:
            console.print(f"[bold red]{visible(package.slug)}: {visible(fault.reason)}[/]")
            bad += 1
        else:
            bad += results.faults
            now[package.slug] = recorded(results.submissions)
    return bad, now


def help_text(width: int) -> str:
    """The text of ``gavel problems verify --help`` in lines of this width."""

    class Formatter(argparse.HelpFormatter):
        def __init__(self, prog: str) -> None:
            super().__init__(prog, width=width)

    parser = _parser()
    parser.formatter_class = Formatter
    return parser.format_help()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="gavel problems verify", description=_DESCRIPTION)
    parser.add_argument("folders", nargs="*", type=Path, metavar="PACKAGE", help="a package's folder or zip")
    parser.add_argument("--cache", type=Path, help="keep compiled programs and headers here")
    parser.add_argument(
        "--all",
        action="store_true",
        help="all published problems of the data folder (--data DIR, GAVEL_DATA), with --record "
        "verdicts.json in it: after an upgrade it lists the verdicts that would change",
    )
    parser.add_argument(
        "--record",
        type=Path,
        metavar="FILE",
        help="keep the verdicts in FILE, and list those that differ from the run before, with both compilers",
    )
    parser.add_argument("--name", help="the slug of one package, instead of its folder's or zip's name")
    parser.add_argument(
        "--limits", action="store_true", help="show the margins around the time limit, by language"
    )
    parser.add_argument("--all-tests", action="store_true", help="go on after a submission's first failure")
    return parser


@dataclass(frozen=True, slots=True)
class VerifiedPackage:
    """The number of faults of a package, and its submissions with their verdicts."""

    faults: int
    submissions: tuple[VerifiedSubmission, ...]


@dataclass(frozen=True, slots=True)
class PackageReader:
    """Copies packages below ``root``, where the sandbox may mount them, and reads the copies."""

    root: Path
    console: Console
    name: str | None

    def read(self, folders: list[Path]) -> tuple[list[Package], int]:
        """The packages, and how many cannot be read. Files that are no package (a README) are skipped."""
        packages, unreadable = [], 0
        for number, folder in enumerate(folders):
            is_zip = folder.is_file() and folder.suffix.lower() in _ZIP_ENDINGS
            if folder.is_file() and not is_zip:
                name = visible(str(folder))
                self.console.print(f"[yellow]{name} is skipped: it is no folder and no zip[/]")
                continue
            try:
                packages.append(self._read(folder, self.root / str(number), is_zip))
            except BrokenPackage as error:
                unreadable += 1
                self.console.print(f"[bold red]{visible(str(folder))} cannot be used:[/]")
                for fault in error.faults:
                    self.console.print(f"  {visible(str(fault))}")
        return packages, unreadable

    def read_one(self, path: Path) -> Package:
        """The package in a folder or zip. Raises BrokenPackage with every fault."""
        is_zip = path.is_file() and path.suffix.lower() in _ZIP_ENDINGS
        return self._read(path, self.root / "0", is_zip)

    def _read(self, path: Path, place: Path, is_zip: bool) -> Package:
        """The package in a folder. Raises BrokenPackage with every fault."""
        faults = Diagnostics()
        if not path.exists():
            faults.error(str(path), "there is no such file or folder")
            faults.raise_errors()
        if is_zip:
            default = self.name or _slug_of_file(path)
            folder = unpack(path, place / "unpacked", default_slug=default, faults=faults)
        else:
            folder = path
        slug = self.name or slug_for(folder)
        if slug != folder.resolve().name and self.name is None:
            faults.warn(folder.resolve().name, f"is no slug: read as {slug}; --name chooses another")
        files = list_files(folder, faults, None if is_zip else repository_around(folder))
        files.warn(faults)
        faults.raise_errors()
        copy_files(files, place / "package" / slug)
        package, found = inspect_package(place / "package" / slug, slug)
        faults.extend(found)
        faults.raise_errors()
        return replace(package, warnings=faults.warnings)


def _slug_of_file(path: Path) -> str:
    """The slug of a zip that has no top folder: its own name, made a slug."""
    return path.stem if SLUG.fullmatch(path.stem) else propose_slug(path.stem)


@contextmanager
def open_judge(root: Path, cache: Path | None, toolchains: tuple[Path, ...]) -> Iterator[Judge]:
    """A judge with its own sandbox slot, which may mount what lies below ``root``."""
    caches = (cache or root).resolve()
    caches.mkdir(parents=True, exist_ok=True)
    slot = SlotConfig(64, (root, caches), root / "slot", extra_roots=folders_there(toolchains))
    settings = JudgingSettings(
        root / "scratch",
        caches / "prepared",
        search_path=search_path_with(toolchains),
        limits=root / "limits",
    )
    languages = with_search_path(load_languages(), settings.search_path)
    compiled = CompileCache(caches / "compiled")
    sandbox = open_sandbox(slot)
    try:
        yield Judge(sandbox, NoPackageSource(), languages, compiled, settings)
    finally:
        sandbox.close()


def verify_package(
    judge: Judge, package: Package, console: Console, all_tests: bool = False, limits: bool = False
) -> VerifiedPackage:
    """Verify one package and print its report.

    ``limits`` adds the margins around the time limit by language.
    """
    calibrated = None
    if package.metadata.limits.time is None and not package.metadata.type.submit_answer:
        calibrated = _find_limit(judge, package, console)
        package = with_time_limit(package, calibrated.seconds or FALLBACK_SECONDS)
    results = _judge_submissions(judge, package, console, all_tests)
    console.print(result_table(package, results, calibrated))
    if limits:
        again = measured_again(judge, package, results)
        console.print(limits_table(tuple(language_margins(package, results, again))))
    bad = sum(1 for result in results if result.match is Match.BAD)
    bad += print_findings(judge, package, calibrated, results, console)
    if not has_accepted(results):
        console.print("  [bold red]no submission in accepted/ got its expected verdict; at least one must[/]")
        bad += 1
    return VerifiedPackage(bad, tuple(results))


def _show_changes(before: Record, now: Record, console: Console) -> int:
    """Print the verdicts that have changed since the record was written. Returns how many there are."""
    if not before:
        console.print("The file has no verdicts yet. These are written to it, for the next time.")
        return 0
    changes = list(changed_verdicts(before, now))
    for line in changes:
        console.print(f"[bold red]changed[/] {visible(line)}")
    if not changes:
        console.print("No verdict has changed since the file was written.")
    return len(changes)


@dataclass(frozen=True, slots=True)
class _ShownProgress:
    """Shows how far one submission is, while a time limit is being found."""

    progress: Progress
    task: TaskID

    def compiling(self) -> None:
        """Show nothing."""

    def running(self, tests_total: int) -> None:
        self.progress.update(self.task, completed=0, total=tests_total)

    def tested(self, tests_done: int, tests_total: int) -> None:
        self.progress.update(self.task, completed=tests_done, total=tests_total)


def _find_limit(judge: Judge, package: Package, console: Console) -> FoundLimit:
    """Find a time limit from the accepted submissions, and show progress. It takes about two minutes at
    most."""
    if not console.is_terminal:
        console.print(f"{package.slug}: names no time limit; it is found from the accepted submissions ...")
    with _progress_bar(console) as progress:
        task = progress.add_task(package.slug)

        def listener_for(name: str) -> _ShownProgress:
            progress.update(task, description=f"{package.slug}: finding the time limit by {name}")
            return _ShownProgress(progress, task)

        return judge.calibration.find(package, listener_for)


def _progress_bar(console: Console) -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    return Progress(*columns, console=console, transient=True)


def _judge_submissions(
    judge: Judge, package: Package, console: Console, all_tests: bool
) -> list[VerifiedSubmission]:
    with _progress_bar(console) as progress:
        task = progress.add_task(package.slug, total=len(package.submissions))

        def show(result: VerifiedSubmission) -> None:
            progress.update(task, advance=1, description=f"{package.slug}: {result.submission}")

        return SubmissionVerifier(judge, judge.context.languages, show, all_tests).verify(package)
