"""Entry ``python -m workers.verify.__main__ FOLDER...``: judges every bundled submission, as the judge would.

Prints a table for each package and ends with 1 when a verdict is not its folder's, 2 when a package cannot
be read.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

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
from workers.verify.submissions import Match, SubmissionVerifier, VerifiedSubmission
from workers.verify.time_margin import margin_warnings, size_warnings

_DESCRIPTION = """Judge every bundled submission as the judge would, run the input validators on every test,
and try the output validator. Ends with 1 when something is not as the package promises, with 2 when a package
cannot be read. Needs no running server."""
_COLOURS = {Match.GOOD: "green", Match.BAD: "bold red", Match.SKIPPED: "yellow"}


class _NoShelf:
    """SubmissionVerifier reads packages from folders: it never asks the server."""

    def fetch(self, ref: PackageRef) -> Path:
        raise PackageUnavailable(f"{ref.slug} is not asked for by a server here")


def main(arguments: list[str] | None = None) -> int:
    """Verify the packages named on the command line."""
    parser = argparse.ArgumentParser(prog="gavel problems verify", description=_DESCRIPTION)
    parser.add_argument("folders", nargs="+", type=Path, metavar="PACKAGE", help="a package's folder or zip")
    parser.add_argument("--cache", type=Path, help="keep compiled programs and headers here")
    parser.add_argument("--all-tests", action="store_true", help="go on after a submission's first failure")
    options = parser.parse_args(arguments)
    console = Console(width=None if sys.stdout.isatty() else 140)
    try:
        with tempfile.TemporaryDirectory(prefix="gavel-unpacked-") as place:
            packages, broken = _read(options.folders, console, Path(place))
            if not packages and not broken:
                parser.error("none of these is a package: a package has a problem.yaml in its top folder")
            with _workshop(packages, options.cache) as (judge, copies):
                bad = sum(_verify(judge, package, console, options.all_tests) for package in copies)
    except JudgingFault as error:
        console.print(f"[bold red]{escape(error.reason)}[/]")
        return 1
    except CannotIsolate as error:
        console.print(f"[red]This host cannot isolate programs:[/] {error}")
        return 2
    return 2 if broken else int(bad > 0)


def _read(folders: list[Path], console: Console, place: Path) -> tuple[list[Package], int]:
    """The packages that can be read, and how many cannot; what is no package (a README) is passed over."""
    packages, broken = [], 0
    for number, folder in enumerate(folders):
        is_zip = folder.is_file() and folder.suffix in (".zip", ".kpp")
        if folder.is_file() and not is_zip:
            continue
        if not folder.exists():
            broken += 1
            console.print(f"[bold red]{folder}: there is no such file or folder[/]")
            continue
        try:
            packages.append(
                read_package(unpack(folder, place / str(number), named=folder.stem) if is_zip else folder)
            )
        except BrokenPackage as error:
            broken += 1
            console.print(f"[bold red]{folder} cannot be used:[/]")
            for fault in error.faults:
                console.print(f"  {fault}", markup=False)
    return packages, broken


@contextmanager
def _workshop(packages: list[Package], cache: Path | None) -> Iterator[tuple[Judge, list[Package]]]:
    """A judge on a slot of its own, and the packages copied to where boxes may see them."""
    with tempfile.TemporaryDirectory(prefix="gavel-verify-") as place:
        root = Path(place)
        root.chmod(0o755)
        kept = (cache or root).resolve()
        kept.mkdir(parents=True, exist_ok=True)
        copies = [read_package(_copy(package, root / "packages")) for package in packages]
        sandbox = open_sandbox(SlotConfig(index=64, shares=(root, kept), scratch=root / "slot"))
        settings = JudgingSettings(
            scratch=root / "scratch", prepared=kept / "prepared", limits=root / "limits"
        )
        try:
            yield (
                Judge(sandbox, _NoShelf(), load_languages(), CompileCache(kept / "compiled"), settings),
                copies,
            )
        finally:
            sandbox.close()


def _copy(package: Package, root: Path) -> Path:
    target = root / package.slug
    shutil.copytree(package.folder, target)
    for path in (target, *target.rglob("*")):
        path.chmod(0o755 if path.is_dir() else path.stat().st_mode | 0o444)
    return target


def _verify(judge: Judge, package: Package, console: Console, all_tests: bool = False) -> int:
    """Judge a package's submissions and print its table; how many are not as they should be."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    limit = package.metadata.limits.time
    package = judge.calibration.complete(package)
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task(package.slug, total=len(package.submissions))

        def told(proof: VerifiedSubmission) -> None:
            progress.update(task, advance=1, description=f"{package.slug}: {proof.submission}")

        proofs = SubmissionVerifier(judge, load_languages(), told, all_tests).verify(package)
    console.print(_table(package, proofs, limit))
    bad = sum(1 for proof in proofs if proof.standing is Match.BAD)
    for finding in _findings(judge, package, limit, proofs):
        mark = f"[bold red]{finding.about}[/]" if finding.is_fault else "[yellow]warning[/]"
        console.print(f"  {mark} {escape(finding.line)}")
        bad += int(finding.is_fault)
    if not any(p.submission.startswith("accepted/") and p.standing is Match.GOOD for p in proofs):
        console.print("  [bold red]no accepted submission was judged: a package needs one[/]")
        bad += 1
    return bad


@dataclass(frozen=True, slots=True)
class _Finding:
    """Something that is not as it should be (a fault), or that the author should look at."""

    about: str
    line: str
    is_fault: bool = True


def _findings(
    judge: Judge, package: Package, limit: float | None, proofs: list[VerifiedSubmission]
) -> Iterator[_Finding]:
    """Everything but the verdicts; ``limit`` is the one that the package names itself.

    A refused answer is a fault where it is shown as a sample's output; elsewhere it may be meant.
    """
    yield from (_Finding("", str(warning), False) for warning in package.warnings)
    if limit is None:
        yield from (_Finding("limit", line) for line in judge.calibration.faults(package))
    yield from (_Finding("limit", line, is_fault) for is_fault, line in size_warnings(package))
    yield from (_Finding("", line, False) for line in margin_warnings(limit, proofs, load_languages()))
    yield from (_Finding("input", line) for line in judge.input_faults(package))
    yield from (_Finding("output", line) for line in judge.output_faults(package))
    yield from (_Finding("answer", line, case.is_sample) for case, line in judge.answer_faults(package))


def _table(package: Package, proofs: list[VerifiedSubmission], named: float | None) -> Table:
    limits = package.metadata.limits
    time = f"{limits.time:g} s" if limits.time else "none"
    time += " (calibrated here)" if limits.time and named is None else ""
    tests = len(package.cases)
    table = Table(title=f"{package.slug}: {tests} tests, time limit {time}", title_justify="left")
    for heading in ("submission", "language", "verdict", "expected", "slowest", "memory", "note"):
        table.add_column(heading, overflow="fold")
    for proof in proofs:
        table.add_row(
            proof.submission,
            proof.language,
            f"[{_COLOURS[proof.standing]}]{proof.verdict}[/]",
            proof.expected,
            "" if proof.slowest_ms is None else f"{proof.slowest_ms} ms",
            "" if proof.memory_kb is None else f"{proof.memory_kb / 1024:.1f} MiB",
            proof.note[:160] if proof.standing is not Match.GOOD else "",
        )
    return table


if __name__ == "__main__":
    sys.exit(main())
