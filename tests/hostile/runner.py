"""Runs the hostile programs in one sandbox, and prints a JSON line for each with what went wrong.

The command is ``python -m tests.hostile.runner BACKEND MODE [N]``. It is a process of its own, so that it can
run under an outer limit and as another user. With N it runs each N-th program, leaves out the long ones, and
uses at most two seccomp profiles for each. It needs only the standard library.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from zlib import crc32

from sandbox import MIB, Command, Ending, InputFile, Limits, RunReport, Sandbox, SandboxError, SlotConfig
from sandbox.api import FILE_PAGES
from sandbox.factory import open_backend
from sandbox.launcher.seccomp_compiler import profile_names
from tests.hostile.case import PROGRAMS, Case, read_case, read_cases

RUNNER_SLOT = 460
HEADER = Path(__file__).parent / "hostile.h"
RUNTIMES = {
    "py": ("python", ("/usr/bin/python3", "main.py")),
    "pl": ("compiler", ("/usr/bin/perl", "-c", "main.pl")),
    "sh": ("script", ("/bin/sh", "main.sh")),
    "js": ("node", ("/usr/bin/node", "main.js")),
    "c": ("native", ("/w/prog",)),
    "cpp": ("native", ("/w/prog",)),
    "java": ("jvm", ("/usr/bin/java", "-Xmx128m", "-XX:+UseSerialGC", "Main")),
}
COMPILERS = {
    "c": ("/usr/bin/gcc", "-O1", "-w", "-pthread", "-o", "prog", "main.c", "-lrt"),
    "cpp": ("/usr/bin/g++", "-O1", "-w", "-o", "prog", "main.cpp"),
    "java": ("/usr/bin/javac", "-J-Xmx256m", "-proc:none", "Main.java"),
}
CPU_SPREAD = 130  # on a busy machine a program may exceed its CPU time limit by this many milliseconds


def limits_of(numbers: dict[str, float]) -> Limits:
    """The limits of a program. The time that it waits for a CPU does not count, so it ends in the same way on
    a busy host."""
    wall = numbers.get("wall", 2.0)
    return Limits(
        cpu_seconds=numbers.get("cpu", 1.0),
        wall_seconds=wall,
        delay_seconds=numbers.get("delay", 4 * wall),
        memory_bytes=int(numbers.get("memory", 64) * MIB),
        processes=int(numbers.get("processes", 16)),
        output_bytes=int(numbers.get("output", 1 << 20)),
        file_bytes=int(numbers.get("file", 64 * MIB)),
        workspace_bytes=int(numbers.get("workspace", 256) * MIB),
    )


def profiles_of(case: Case) -> tuple[str, ...]:
    """The seccomp profiles under which a program runs: that of its language, those that it names, or all."""
    named = case.words.get("profiles", RUNTIMES[case.language][0])
    return profile_names() if named == "all" else tuple(named.split())


def two_profiles_of(case: Case) -> tuple[str, ...]:
    """The first of the program's profiles, and a second profile, which differs from program to program."""
    first, *others = profiles_of(case)
    return (first, others[crc32(case.name.encode()) % len(others)]) if others else (first,)


class NotCompiled(Exception):
    """A hostile program does not compile."""


class HostileRunner:
    """Runs hostile programs in one open sandbox, and checks the reports."""

    def __init__(self, sandbox: Sandbox, profiles: Callable[[Case], tuple[str, ...]] = profiles_of) -> None:
        self.sandbox = sandbox
        self._profiles = profiles
        self.full = sandbox.isolation.mode == "full"

    def run_case(self, case: Case) -> list[str]:
        """The complaints about one program. Empty if the sandbox held."""
        if "compile-fails" in case.words:
            return list(self._check_compilation(case, self._compile(case)))
        try:
            program = self._build(case)
            if "beside" in case.words:
                return self._expected(case, list(self._run_beside(case, program)))
        except NotCompiled as error:
            return [str(error)]
        complaints = []
        for profile in self._profiles(case):
            for _ in range(2 if "twice" in case.words else 1):
                found = self._check(case, self._run(case, program, profile))
                complaints += [f"{profile}: {complaint}" for complaint in found]
        return self._expected(case, complaints)

    def _expected(self, case: Case, complaints: list[str]) -> list[str]:
        """The complaints that are not expected. A weakness that docs/explanation/threat-model.md documents is
        expected. A documented weakness that no longer exists is a complaint, because the page must be
        corrected."""
        isolation = self.sandbox.isolation
        enforced_by = {each.limit: each.enforced_by for each in isolation.guarantees}
        weak_here = {isolation.backend, *(["shared-pages"] if enforced_by[FILE_PAGES] == "nothing" else [])}
        if weak_here & set(case.words.get("weak", "").split()):
            return [] if complaints else ["a documented weakness is gone"]
        return complaints

    def _build(self, case: Case) -> tuple[InputFile, ...]:
        """The files for the box. Raises NotCompiled if the program does not compile."""
        if case.language not in COMPILERS:
            return (InputFile(f"main.{case.language}", case.path.read_bytes()),)
        report = self._compile(case)
        if report.ending is not Ending.EXITED or report.exit_code:
            raise NotCompiled(f"{case.name} did not compile: {report.ending} {report.stderr[-300:]!r}")
        return tuple(InputFile(name, content, True) for name, content in report.files.items())

    def _run_beside(self, case: Case, program: tuple[InputFile, ...]) -> Iterator[str]:
        """Run the program in a box, and the program that it names in a second box, at the same time."""
        other = read_case(PROGRAMS / case.words["beside"])
        files = program if other.path == case.path else self._build(other)
        for profile in self._profiles(case):
            first = self._command(case, program, profile)
            second = self._command(other, files, RUNTIMES[other.language][0])
            pair = self.sandbox.run_pair(first, second)
            for which, report in ((case, pair.first), (other, pair.second)):
                yield from (f"{profile}: {complaint}" for complaint in self._check(which, report))

    def _compile(self, case: Case) -> RunReport:
        name = "Main.java" if case.language == "java" else f"main.{case.language}"
        files = (InputFile(name, case.path.read_bytes()), InputFile("hostile.h", HEADER.read_bytes()))
        roomy = {
            "cpu": 15.0,
            "wall": 30.0,
            "memory": 512.0,
            **case.numbers("compile-limits"),
            "processes": 64.0,
        }
        collect = ("Main.class",) if case.language == "java" else ("prog",)
        command = Command(
            COMPILERS[case.language],
            limits_of(roomy),
            files=files,
            collect=collect,
            seccomp_profile="compiler",
        )
        return self.sandbox.run(command)

    def _run(self, case: Case, files: tuple[InputFile, ...], profile: str) -> RunReport:
        return self.sandbox.run(self._command(case, files, profile))

    def _command(self, case: Case, files: tuple[InputFile, ...], profile: str) -> Command:
        argv = RUNTIMES[case.language][1]
        stdin = case.words["stdin"].encode() if "stdin" in case.words else None
        collect = tuple(case.words.get("collect", "").split())
        limits = limits_of(case.numbers("limits"))
        return Command(
            argv,
            limits,
            files=files,
            stdin=stdin,
            collect=collect,
            seccomp_profile=profile,
            merge_stderr=False,
        )

    def _check_compilation(self, case: Case, report: RunReport) -> Iterator[str]:
        if report.ending is Ending.EXITED and report.exit_code == 0:
            yield "compiled, but must not"
        allowed = set(case.words.get("compile-ends", "exited").split("|"))
        if report.ending not in allowed and self.full:
            yield f"compilation ended by {report.ending}, not {sorted(allowed)}"
        if b"root:" in report.stdout + report.stderr:
            yield "a file of the host is in the compiler's output"

    def _check(self, case: Case, report: RunReport) -> Iterator[str]:
        allowed = case.endings(self.full)
        if report.ending not in allowed:
            yield f"ended by {report.ending} ({report.exit_code}, {report.signal}), not {sorted(allowed)}"
        yield from self._check_output(case, report)
        if "signal" in case.words and report.signal != int(case.words["signal"]):
            yield f"signal {report.signal}"
        if "exit" in case.words and report.exit_code != int(case.words["exit"]):
            yield f"exit code {report.exit_code}"
        if case.words.get("brings") == "nothing" and report.files:
            yield f"collected {sorted(report.files)}"
        if any(b"root:" in content for content in report.files.values()):
            yield "collected a file of the host"
        if "memory" in case.words and report.memory_kb < float(case.words["memory"]) * 1024:
            yield f"reported with {report.memory_kb} KiB"
        if "cpu" in case.words:
            wanted = float(case.words["cpu"])
            if not wanted * 0.8 <= report.cpu_ms <= max(wanted, 200) + wanted + CPU_SPREAD:
                yield f"cpu {report.cpu_ms:.0f} ms, not about {wanted:.0f}"

    def _check_output(self, case: Case, report: RunReport) -> Iterator[str]:
        printed = report.stdout + report.stderr
        for banned in ("ESCAPED", case.words.get("never", "ESCAPED")):
            if banned.encode() in printed:
                yield f"printed {banned}: {printed[-200:]!r}"
        if "says" in case.words and case.words["says"].encode() not in printed:
            yield f"did not print {case.words['says']}: {printed[-200:]!r}"


def run_all(backend: str, mode: str, every: int | None = None) -> Iterator[dict[str, object]]:
    """Run the programs, or a part of them. Yields the result of each as soon as it has ended."""
    cases, profiles = read_cases(), profiles_of
    if every is not None:
        cases, profiles = [case for case in cases if "long" not in case.words][::every], two_profiles_of
    with tempfile.TemporaryDirectory(prefix="gavel-hostile-") as scratch:
        config = SlotConfig(RUNNER_SLOT, (), Path(scratch), backend=backend)
        sandbox = open_backend(config, backend, with_cgroups=mode == "full")
        try:
            yield {"mode": sandbox.isolation.mode.value}
            runner = HostileRunner(sandbox, profiles)
            for case in cases:
                if not runner.full and case.words.get("only") == "full":
                    continue
                began = time.monotonic()
                try:
                    complaints = runner.run_case(case)
                except SandboxError as error:
                    complaints = [f"a fault of the sandbox: {type(error).__name__}: {error}"]
                yield {"case": case.name, "complaints": complaints, "seconds": time.monotonic() - began}
        finally:
            sandbox.close()


if __name__ == "__main__":
    backend, mode, *part = sys.argv[1:]
    for line in run_all(backend, mode, int(part[0]) if part else None):
        print(json.dumps(line), flush=True)
