"""The command line of ``gavel problems verify``: reads packages, verifies each, prints a report.

Exit status: 0 when everything is as the packages promise, 1 when something is not, 2 when a package cannot
be read or this host cannot isolate programs.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from judge_core.languages import load_languages
from judge_core.messages import PackageRef
from judge_core.packages import BrokenPackage, Package, read_package
from judge_core.packages.upload import unpack
from sandbox import CannotIsolate
from sandbox.factory import open_sandbox
from sandbox.slot import SlotConfig
from workers.judging.compile_cache import CompileCache
from workers.judging.errors import JudgingFault, PackageUnavailable
from workers.judging.judge import Judge
from workers.judging.settings import JudgingSettings
from workers.verify.report import has_accepted, print_findings, result_table
from workers.verify.submissions import Match, SubmissionVerifier, VerifiedSubmission

_DESCRIPTION = """Judge every bundled submission as the judge would, run the input validators on every test,
and try the output validator. Ends with 1 when something is not as the package promises, with 2 when a package
cannot be read. Needs no running server."""


class _NoPackageSource:
    """Verification reads packages from folders and never asks the server."""

    def fetch(self, ref: PackageRef) -> Path:
        raise PackageUnavailable(f"{ref.slug} is read from a folder here, never from a server")


def main(arguments: list[str] | None = None) -> int:
    """Verify the packages named on the command line; returns the exit status."""
    parser = _parser()
    options = parser.parse_args(arguments)
    console = Console(width=None if sys.stdout.isatty() else 140)
    try:
        with tempfile.TemporaryDirectory(prefix="gavel-unpacked-") as unpacked:
            packages, unreadable = _read_packages(options.folders, console, Path(unpacked))
            if not packages and not unreadable:
                parser.error("none of these is a package: a package has a problem.yaml in its top folder")
            with _open_judge(packages, options.cache) as (judge, copies):
                bad = sum(_verify(judge, package, console, options.all_tests) for package in copies)
    except JudgingFault as error:
        console.print(f"[bold red]{escape(error.reason)}[/]")
        return 1
    except CannotIsolate as error:
        console.print(f"[red]This host cannot isolate programs:[/] {error}")
        return 2
    return 2 if unreadable else int(bad > 0)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="gavel problems verify", description=_DESCRIPTION)
    parser.add_argument("folders", nargs="+", type=Path, metavar="PACKAGE", help="a package's folder or zip")
    parser.add_argument("--cache", type=Path, help="keep compiled programs and headers here")
    parser.add_argument("--all-tests", action="store_true", help="go on after a submission's first failure")
    return parser


def _read_packages(folders: list[Path], console: Console, unpacked: Path) -> tuple[list[Package], int]:
    """The packages, and how many cannot be read. Files that are no package (a README) are skipped."""
    packages, unreadable = [], 0
    for number, folder in enumerate(folders):
        is_zip = folder.is_file() and folder.suffix in (".zip", ".kpp")
        if folder.is_file() and not is_zip:
            continue
        if not folder.exists():
            unreadable += 1
            console.print(f"[bold red]{folder}: there is no such file or folder[/]")
            continue
        try:
            packages.append(
                read_package(
                    unpack(folder, unpacked / str(number), default_slug=folder.stem) if is_zip else folder
                )
            )
        except BrokenPackage as error:
            unreadable += 1
            console.print(f"[bold red]{folder} cannot be used:[/]")
            for fault in error.faults:
                console.print(f"  {fault}", markup=False)
    return packages, unreadable


@contextmanager
def _open_judge(packages: list[Package], cache: Path | None) -> Iterator[tuple[Judge, list[Package]]]:
    """A judge with its own sandbox slot, and copies of the packages that the sandbox may mount."""
    with tempfile.TemporaryDirectory(prefix="gavel-verify-") as folder:
        root = Path(folder)
        root.chmod(0o755)
        caches = (cache or root).resolve()
        caches.mkdir(parents=True, exist_ok=True)
        copies = [read_package(_copy(package, root / "packages")) for package in packages]
        sandbox = open_sandbox(SlotConfig(index=64, shares=(root, caches), scratch=root / "slot"))
        settings = JudgingSettings(root / "scratch", caches / "prepared", limits=root / "limits")
        compiled = CompileCache(caches / "compiled")
        try:
            yield Judge(sandbox, _NoPackageSource(), load_languages(), compiled, settings), copies
        finally:
            sandbox.close()


def _copy(package: Package, root: Path) -> Path:
    target = root / package.slug
    shutil.copytree(package.folder, target)
    for path in (target, *target.rglob("*")):
        path.chmod(0o755 if path.is_dir() else path.stat().st_mode | 0o444)
    return target


def _verify(judge: Judge, package: Package, console: Console, all_tests: bool) -> int:
    """Verify one package and print its report; returns how many things are wrong."""
    named_limit = package.metadata.limits.time
    package = judge.calibration.complete(package)
    results = _judge_submissions(judge, package, console, all_tests)
    console.print(result_table(package, results, named_limit))
    bad = sum(1 for result in results if result.match is Match.BAD)
    bad += print_findings(judge, package, named_limit, results, console)
    if not has_accepted(results):
        console.print("  [bold red]no accepted submission was judged: a package needs one[/]")
        bad += 1
    return bad


def _judge_submissions(
    judge: Judge, package: Package, console: Console, all_tests: bool
) -> list[VerifiedSubmission]:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task(package.slug, total=len(package.submissions))

        def show(result: VerifiedSubmission) -> None:
            progress.update(task, advance=1, description=f"{package.slug}: {result.submission}")

        return SubmissionVerifier(judge, load_languages(), show, all_tests).verify(package)
