"""``python -m workers.verify --stress``: the program behind ``gavel problems stress``.

Exit status: 0 when no difference was found, 1 when there is one, 2 when the package, its generator or its
reference is at fault, a named program is missing or does not compile, or this host cannot isolate programs.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from judge_core.languages import guess_language
from judge_core.packages import BrokenPackage, Package, Program
from judge_core.terminal_markup import visible
from sandbox import CannotIsolate
from workers.judging.errors import JudgingFault, sandbox_errors_as_faults
from workers.verify.command import PackageReader, open_judge
from workers.verify.stress import Difference, Generator, StressFault, StressRun, add_as_test, copied_in

_SHOWN_CHARACTERS = 1500


@dataclass(frozen=True, slots=True)
class _Options:
    package: Path
    generator: str | None
    reference: str | None
    candidates: tuple[str, ...]
    arguments: tuple[str, ...]
    seed: int
    runs: int
    seconds: float
    add: bool


def main(arguments: list[str] | None = None, toolchains: tuple[Path, ...] = ()) -> int:
    """Stress a package; returns the exit status."""
    options = _parsed(arguments)
    console = Console(width=None if sys.stdout.isatty() else 140)
    try:
        with tempfile.TemporaryDirectory(prefix="gavel-stress-") as folder:
            root = Path(folder)
            root.chmod(0o755)
            package = PackageReader(root / "packages", console, None).read_one(options.package)
            with open_judge(root, None, toolchains) as judge, sandbox_errors_as_faults():
                stress = StressRun(judge, package, _generator(options, package, root), root / "stress")
                found = _run(stress, options, package, root)
    except BrokenPackage as error:
        console.print(f"[bold red]{visible(str(options.package))} cannot be used:[/]")
        for fault in error.faults:
            console.print(f"  {visible(str(fault))}")
        return 2
    except (JudgingFault, StressFault, CannotIsolate) as error:
        console.print(f"[bold red]{visible(getattr(error, 'reason', None) or str(error))}[/]")
        return 2
    return _report(console, options, found)


def _parsed(arguments: list[str] | None) -> _Options:
    parser = argparse.ArgumentParser(prog="gavel problems stress")
    parser.add_argument("package", type=Path)
    parser.add_argument("--generator")
    parser.add_argument("--reference")
    parser.add_argument("--candidate", action="append", default=[])
    parser.add_argument("--argument", action="append", default=[])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--runs", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--add", action="store_true")
    given = parser.parse_args(arguments)
    return _Options(
        given.package,
        given.generator,
        given.reference,
        tuple(given.candidate),
        tuple(given.argument),
        given.seed,
        given.runs,
        given.seconds,
        given.add,
    )


def _generator(options: _Options, package: Package, root: Path) -> Generator:
    """The named generator, else the only one in ``generators/``."""
    if options.generator is not None and Path(options.generator).exists():
        return Generator(copied_in(Path(options.generator), root / "packages"), options.arguments)
    folder = package.folder / "generators"
    found = [each for each in sorted(folder.glob("*")) if each.is_dir() or guess_language(each.name)]
    if options.generator is not None:
        found = [each for each in found if options.generator in (each.name, each.stem)]
    headers = tuple(sorted(folder.glob("*.h")))
    if len(found) != 1:
        names = ", ".join(each.name for each in found) or "none"
        raise StressFault(f"name one generator with --generator: a file, or one of generators/ ({names})")
    return Generator(Program(f"generators/{found[0].name}", found[0], headers), options.arguments)


def _program(name: str, package: Package, root: Path) -> Program:
    """A bundled submission by its name or file name, or a file of the author."""
    for each in package.submissions:
        if name in (each.name, each.path.name):
            return each
    if Path(name).exists():
        return copied_in(Path(name), root / "packages")
    known = ", ".join(each.name for each in package.submissions)
    raise StressFault(f"{name} is neither a file nor a bundled submission; the package has {known}")


def _run(stress: StressRun, options: _Options, package: Package, root: Path) -> Difference | None:
    accepted = [each for each in package.submissions if each.name.startswith("accepted/")]
    if options.reference is None and not accepted:
        raise StressFault("there is nothing in submissions/accepted: name a program with --reference")
    reference = _program(options.reference, package, root) if options.reference else accepted[0]
    candidates = [_program(name, package, root) for name in options.candidates]
    candidates = candidates or [each for each in accepted if each != reference]
    if not candidates:
        raise StressFault("name a program with --candidate: submissions/accepted has no other program")
    progress = _Progress(options.seed)
    found = stress.first_difference(reference, candidates, _seeds(options), progress.show)
    progress.end(stress.can_shrink)
    return found


def _seeds(options: _Options) -> Iterator[int]:
    """The seeds, one after another, until there were enough or the time is over."""
    end = time.monotonic() + options.seconds
    for seed in range(options.seed, options.seed + options.runs):
        if time.monotonic() > end:
            return
        yield seed


@dataclass(slots=True)
class _Progress:
    """Shows the number of inputs, on one line of a terminal."""

    first: int
    tried: int = 0

    def show(self, seed: int) -> None:
        self.tried = seed - self.first + 1
        if sys.stderr.isatty():
            print(f"\rseed {seed}", end="", file=sys.stderr, flush=True)

    def end(self, can_shrink: bool) -> None:
        if sys.stderr.isatty():
            print("\r", end="", file=sys.stderr)
        print(f"{self.tried} inputs tried, from seed {self.first}")
        if not can_shrink:
            print("no input validator: inputs are taken as they are, and a difference is not made smaller")


def _report(console: Console, options: _Options, found: Difference | None) -> int:
    if found is None:
        print("no difference")
        return 0
    note = ", made smaller" if found.shrunk else ""
    console.print(
        f"[bold red]seed {found.seed}{note}: {visible(found.candidate)} got {found.verdict.value}[/]"
    )
    if found.message:
        console.print(f"  {visible(found.message[:_SHOWN_CHARACTERS])}")
    for title, content in (("input", found.input), ("reference", found.answer), ("output", found.output)):
        text = content.decode(errors="replace")
        shown = text if len(text) <= _SHOWN_CHARACTERS else f"{text[:_SHOWN_CHARACTERS]}…"
        console.print(f"  {title}:", *(f"    {visible(line)}" for line in shown.splitlines()), sep="\n")
    if options.add and options.package.is_dir():
        stem = add_as_test(options.package, found)
        print(f"added as {stem.relative_to(options.package).as_posix()}.in and .ans")
    else:
        print("--add writes the input into data/secret of the package, which must be a folder")
    return 1
