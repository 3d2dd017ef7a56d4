"""``python -m workers.verify --visualize``: the program behind ``gavel problems visualize``.

Exit status: 0 when every test was drawn, 1 when some were not, 2 when the package cannot be read or has no
such test, submission or visualizer, or when this host cannot isolate programs.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from rich.console import Console

from judge_core.packages import BrokenPackage, Package, TestCase
from judge_core.terminal_markup import visible
from sandbox import CannotIsolate
from workers.judging.compiler import CompileError
from workers.judging.errors import JudgingFault, PackageBroken, sandbox_errors_as_faults
from workers.judging.judge import Judge
from workers.judging.results import Picture
from workers.judging.strategies.factory import make_strategy
from workers.verify.command import PackageReader, open_judge
from workers.verify.submissions import solution_of
from workers.verify.visualizers import ENDINGS, InputVisualizer, OutputVisualizer


@dataclass(frozen=True, slots=True)
class _Options:
    package: Path
    test: str
    submission: str | None
    into: Path | None


@dataclass(frozen=True, slots=True)
class _Drawn:
    """The pictures of one test, or why there are none."""

    case: TestCase
    pictures: tuple[Picture, ...]
    fault: str = ""


def main(arguments: list[str] | None = None, toolchains: tuple[Path, ...] = ()) -> int:
    """Draw the tests of a package; returns the exit status."""
    options = _parsed(arguments)
    console = Console(width=None if sys.stdout.isatty() else 140)
    try:
        with tempfile.TemporaryDirectory(prefix="gavel-visualize-") as folder:
            root = Path(folder)
            root.chmod(0o755)
            package = PackageReader(root / "packages", console, None).read_one(options.package)
            cases = _cases(package, options.test)
            with open_judge(root, None, toolchains) as judge, sandbox_errors_as_faults():
                drawn = _outputs(judge, package, cases, options) if options.submission else None
                missing = _write(drawn or _inputs(judge, package, cases), options, console)
    except BrokenPackage as error:
        console.print(f"[bold red]{visible(str(options.package))} cannot be used:[/]")
        for fault in error.faults:
            console.print(f"  {visible(str(fault))}")
        return 2
    except (JudgingFault, CannotIsolate) as error:
        console.print(f"[bold red]{visible(getattr(error, 'reason', None) or str(error))}[/]")
        return 2
    return 1 if missing else 0


def _parsed(arguments: list[str] | None) -> _Options:
    parser = argparse.ArgumentParser(prog="gavel problems visualize")
    parser.add_argument("package", type=Path)
    parser.add_argument("--test", default="*")
    parser.add_argument("--submission")
    parser.add_argument("--into", type=Path)
    given = parser.parse_args(arguments)
    if given.into is None and (given.submission or not given.package.is_dir()):
        parser.error("name a folder for the pictures with --into")
    return _Options(given.package, given.test, given.submission, given.into)


def _cases(package: Package, pattern: str) -> list[TestCase]:
    found = [each for each in package.cases if not each.static and fnmatchcase(each.name, pattern)]
    if not found:
        raise PackageBroken(f"no test has a name like {pattern}: an example is {package.cases[0].name}")
    return found


def _inputs(judge: Judge, package: Package, cases: list[TestCase]) -> Iterator[_Drawn]:
    visualizer = InputVisualizer.of(package, judge.context)
    for case in cases:
        found = visualizer.draw(case)
        yield _Drawn(case, (), found) if isinstance(found, str) else _Drawn(case, (found,))


def _outputs(judge: Judge, package: Package, cases: list[TestCase], options: _Options) -> Iterator[_Drawn]:
    """Run a submission on each test, and draw the output that the validator has read."""
    visualizer = OutputVisualizer.of(package, judge.context)
    named = (each for each in package.submissions if options.submission in (each.name, each.path.name))
    program = next(named, None)
    if program is None:
        known = ", ".join(each.name for each in package.submissions)
        raise PackageBroken(f"the package has no submission {options.submission}; it has {known or 'none'}")
    solution = solution_of(package, program, judge.context.languages)
    if solution is None:
        raise PackageBroken(f"{program.name}: no language has its files' extension: rename the files")
    compiled, bundle = judge.compiled(package, solution)
    if isinstance(compiled, CompileError):
        raise PackageBroken(f"{program.name} does not compile: {compiled.output[:2000]}")
    strategy = make_strategy(package, compiled, bundle, judge.context)
    for case in cases:
        run = strategy.run_test(case)
        if run.check is None:
            yield _Drawn(case, (), f"{case.name}: {program.name} got {run.verdict.value}: no output to draw")
            continue
        found = visualizer.draw(case, run.output)
        yield _Drawn(case, (), found) if isinstance(found, str) else _Drawn(case, found)


def _write(drawn: Iterator[_Drawn], options: _Options, console: Console) -> int:
    """Write the pictures, and print a line for each. Returns how many tests have none."""
    missing = 0
    for each in drawn:
        if each.fault:
            missing += 1
            console.print(f"[red]{visible(each.fault)}[/]")
        for picture in each.pictures:
            console.print(visible(str(_written(each.case, picture, options))))
    return missing


def _written(case: TestCase, picture: Picture, options: _Options) -> Path:
    """Write one picture into the folder of ``--into``, else beside its test. A picture of another type is
    replaced."""
    stem = (options.into or options.package / "data") / case.name
    ending = picture.name.rpartition(".")[2]
    kind = "" if picture.name.startswith("testcase.") else f".{picture.name.partition('.')[0]}"
    for other in ENDINGS:
        stem.with_name(f"{stem.name}{kind}.{other}").unlink(missing_ok=True)
    path = stem.with_name(f"{stem.name}{kind}.{ending}")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(picture.content)
    return path
