"""Judges the corpus by Gavel's own judge, without a queue: `python -m tests.corpus --language java`."""

from __future__ import annotations

import argparse
import multiprocessing
import os
import queue
import sys
import time
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass
from multiprocessing.queues import SimpleQueue

from benchmarks.judge_fixture import open_judge
from judge_core.languages import load_languages, use_own_languages
from judge_core.packages import read_package
from tests.corpus.problems import PackageFolder
from tests.corpus.programs import Program, read_corpus, self_test, starters
from tests.corpus.toolchains import SCIENTIFIC, debian_release, has_libraries, install_lines, unpackaged
from workers.judging.errors import JudgingFault
from workers.judging.judge import Judge, Solution
from workers.judging.progress import NoProgress
from workers.judging.sources import SourceFile
from workers.judging.toolchains import Toolchains, required_programs, search_path_with
from workers.settings import languages_dir, toolchain_paths

AT_A_TIME = 2


@dataclass(frozen=True, slots=True)
class Result:
    """The verdict of one program, the judge's message about it, and how long judging took."""

    number: int
    verdict: str
    words: str
    seconds: float


def main() -> int:
    asked = _arguments()
    use_own_languages(languages_dir(os.environ))
    missing = _missing_programs(asked.language or load_languages())
    _print_missing(missing)
    chosen = _chosen(asked)
    programs = [each for each in chosen if each.language not in missing]
    started = time.monotonic()
    wrong = _judge_all(programs, asked.verbose) if programs else []
    print(f"\n{len(programs)} programs in {time.monotonic() - started:.0f} s, {len(wrong)} judged wrongly")
    _print_wrong(wrong)
    _print_missing(missing)
    if len(programs) < len(chosen):
        print(f"{len(chosen) - len(programs)} of {len(chosen)} programs were not judged for this reason.")
    if not programs:
        print(
            f"No program was judged: {'install a compiler' if chosen else 'none has this language and name'}."
        )
    return 1 if wrong or not programs else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.corpus", description=__doc__)
    parser.add_argument("--language", action="append", default=[], help="only this language; may be repeated")
    parser.add_argument("--name", default="", help="only programs whose name contains this")
    parser.add_argument("--worst", action="store_true", help="self-tests and the programs marked as worst")
    parser.add_argument("--verbose", action="store_true", help="print the judge's message for every program")
    return parser.parse_args()


def _chosen(asked: argparse.Namespace) -> list[Program]:
    languages = load_languages().values()
    programs = [self_test(language) for language in languages] + read_corpus()
    programs += [program for language in languages for program in starters(language)]
    return [
        each
        for each in programs
        if (not asked.language or each.language in asked.language)
        and asked.name in each.name
        and (each.worst or not asked.worst)
    ]


def _missing_programs(asked: Container[str]) -> dict[str, list[str]]:
    """The languages that cannot be tested on this host, with the programs that are missing for each."""
    toolchains = Toolchains(search_path_with(toolchain_paths(os.environ)))
    lacking = {
        language.id: [name for name in required_programs(language) if toolchains.find(name) is None]
        for language in load_languages().values()
        if language.id in asked
    }
    if lacking.get(SCIENTIFIC) == [] and not has_libraries():
        lacking[SCIENTIFIC] = [SCIENTIFIC]
    return {language: programs for language, programs in lacking.items() if programs}


def _print_missing(missing: dict[str, list[str]]) -> None:
    if missing:
        print(f"\nNot judged, because the compiler is missing: {', '.join(sorted(missing))}. To install:")
        lacking = [name for names in missing.values() for name in names]
        for line in (*install_lines(lacking, debian_release()), *unpackaged(lacking, debian_release())):
            print(f"    {line}")


def _print_wrong(wrong: Sequence[tuple[Program, Result]]) -> None:
    for program, result in wrong:
        expected = "/".join(program.verdicts) + (f" that says {program.says!r}" if program.says else "")
        print(f"  {program.language}/{program.name}: {expected} expected, {result.verdict} got")
        print(f"      {program.why}\n      {result.words}")


def _judge_all(programs: Sequence[Program], verbose: bool) -> list[tuple[Program, Result]]:
    """Judge the programs, two at a time, and print a line for each. Returns those whose result was not the
    expected one."""
    wrong = []
    for count, result in enumerate(_results(programs), 1):
        program = programs[result.number]
        right = _is_right(program, result)
        wrong += [] if right else [(program, result)]
        name = f"{program.language}/{program.name}"
        words = f"  {result.words}" if verbose else ""
        mark = "ok   " if right else "WRONG"
        print(f"{count:4} {mark} {name:48} {result.verdict:4} {result.seconds:5.1f} s{words}", flush=True)
    return wrong


def _is_right(program: Program, result: Result) -> bool:
    is_said = program.says.lower() in result.words.lower()
    return result.verdict in program.verdicts and (is_said or result.verdict != "CE")


def _results(programs: Sequence[Program]) -> Iterator[Result]:
    """Judge the programs in several processes, each with its own sandbox slot. Yields each result when it is
    ready."""
    todo: SimpleQueue[int | None] = multiprocessing.SimpleQueue()
    done: multiprocessing.Queue[Result] = multiprocessing.Queue()
    processes = [multiprocessing.Process(target=_work, args=(programs, todo, done)) for _ in range(AT_A_TIME)]
    for process in processes:
        process.start()
    for number in (*range(len(programs)), *[None] * AT_A_TIME):
        todo.put(number)
    for _ in programs:
        yield _next(done, processes)
    for process in processes:
        process.join()


def _next(done: multiprocessing.Queue[Result], processes: Sequence[multiprocessing.Process]) -> Result:
    """Wait for the next result. Raises RuntimeError if a judging process has died."""
    while True:
        try:
            return done.get(timeout=5)
        except queue.Empty:
            if any(process.exitcode for process in processes):
                raise RuntimeError("a judging process has died; its traceback is above") from None


def _work(
    programs: Sequence[Program], todo: SimpleQueue[int | None], done: multiprocessing.Queue[Result]
) -> None:
    with open_judge(toolchain_paths(os.environ)) as place:
        packages = PackageFolder(place.root / "packages")
        while (number := todo.get()) is not None:
            started = time.monotonic()
            verdict, words = _judge(place.judge, packages, programs[number])
            done.put(Result(number, verdict, words, time.monotonic() - started))


def _judge(judge: Judge, packages: PackageFolder, program: Program) -> tuple[str, str]:
    """The verdict, and the compiler's output or the message about the last test."""
    package = read_package(packages.package(program.problem, program.limits))
    files = tuple(SourceFile(name, content) for name, content in program.files)
    solution = Solution(judge.context.languages[program.language], files)
    try:
        outcome = judge.judge_solution(package, solution, NoProgress())
    except JudgingFault as fault:
        return "FAULT", str(fault)
    words = outcome.compile_output or ""
    if outcome.tests:
        last = outcome.tests[-1]
        words = f"test {last.name}: {last.detail or last.message or ''}"
    return outcome.verdict.value, words.strip()[:600]


if __name__ == "__main__":
    sys.exit(main())
