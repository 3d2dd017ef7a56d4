"""Runs the hostile programs through one sandbox and says, a JSON line each, what did not come out as it must.

``python -m tests.hostile.arena BACKEND MODE``: a process of its own, so that it can be put under an outer
limit and under another user. Standard library only.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from sandbox import MIB, Command, Ending, InputFile, Limits, RunReport, Sandbox, SandboxError, SlotConfig
from sandbox.factory import open_backend
from sandbox.launcher.seccomp_compiler import profile_names
from tests.hostile.case import Case, read_cases

ARENA_SLOT = 460
PRELUDE = Path(__file__).parent / "arena.h"
MACHINES = {
    "py": ("python", ("/usr/bin/python3", "main.py")),
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
SPREAD = 130  # ms by which a limit of CPU time may be overrun on a machine that is busy elsewhere


def limits_of(told: dict[str, float]) -> Limits:
    return Limits(
        cpu_seconds=told.get("cpu", 1.0),
        wall_seconds=told.get("wall", 2.0),
        memory_bytes=int(told.get("memory", 64) * MIB),
        processes=int(told.get("processes", 16)),
        output_bytes=int(told.get("output", 1 << 20)),
        file_bytes=int(told.get("file", 64 * MIB)),
        workspace_bytes=int(told.get("workspace", 256) * MIB),
    )


def profiles_of(case: Case) -> tuple[str, ...]:
    """The system-call lists that a program is run under: its language's, those it names, or all there are."""
    named = case.words.get("profiles", MACHINES[case.language][0])
    return profile_names() if named == "all" else tuple(named.split())


class Arena:
    """One open sandbox and the programs' runs in it."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.full = sandbox.isolation.mode == "full"

    def fight(self, case: Case) -> list[str]:
        """What did not come out as it must; empty is what one wants to see."""
        program: tuple[InputFile, ...] = (InputFile(f"main.{case.language}", case.path.read_bytes()),)
        if case.language in COMPILERS:
            report = self._compile(case)
            if "compile-fails" in case.words:
                return list(self._judge_compilation(case, report))
            if report.ending is not Ending.EXITED or report.exit_code:
                return [f"did not compile: {report.ending} {report.stderr[-300:]!r}"]
            program = tuple(InputFile(name, content, True) for name, content in report.files.items())
        complaints = []
        for profile in profiles_of(case):
            for _ in range(2 if "twice" in case.words else 1):
                told = self._judge(case, self._run(case, program, profile))
                complaints += [f"{profile}: {complaint}" for complaint in told]
        # A weakness that is known stands in docs/threat-model.md, and must be mended there once it is gone.
        if case.words.get("weak") == self.sandbox.isolation.backend:
            return [] if complaints else ["a weakness that is told of is gone"]
        return complaints

    def _compile(self, case: Case) -> RunReport:
        name = "Main.java" if case.language == "java" else f"main.{case.language}"
        files = (InputFile(name, case.path.read_bytes()), InputFile("arena.h", PRELUDE.read_bytes()))
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
        argv = MACHINES[case.language][1]
        stdin = case.words["stdin"].encode() if "stdin" in case.words else None
        collect = tuple(case.words.get("collect", "").split())
        limits = limits_of(case.numbers("limits"))
        return self.sandbox.run(
            Command(
                argv,
                limits,
                files=files,
                stdin=stdin,
                collect=collect,
                seccomp_profile=profile,
                merge_stderr=False,
            )
        )

    def _judge_compilation(self, case: Case, report: RunReport) -> Iterator[str]:
        if report.ending is Ending.EXITED and report.exit_code == 0:
            yield "compiled, and must not"
        right = set(case.words.get("compile-ends", "exited").split("|"))
        if report.ending not in right and self.full:
            yield f"compilation ended by {report.ending}, not {sorted(right)}"
        if b"root:" in report.stdout + report.stderr:
            yield "a host's file is in the compiler's words"

    def _judge(self, case: Case, report: RunReport) -> Iterator[str]:
        right = case.endings(self.full)
        if report.ending not in right:
            yield f"ended by {report.ending} ({report.exit_code}, {report.signal}), not {sorted(right)}"
        yield from self._judge_words(case, report)
        if "signal" in case.words and report.signal != int(case.words["signal"]):
            yield f"signal {report.signal}"
        if "exit" in case.words and report.exit_code != int(case.words["exit"]):
            yield f"exit code {report.exit_code}"
        if case.words.get("brings") == "nothing" and report.files:
            yield f"brought back {sorted(report.files)}"
        if any(b"root:" in content for content in report.files.values()):
            yield "brought back a file of the host's"
        if "cpu" in case.words:
            wanted = float(case.words["cpu"])
            if not wanted * 0.8 <= report.cpu_ms <= max(wanted, 200) + wanted + SPREAD:
                yield f"cpu {report.cpu_ms:.0f} ms, not about {wanted:.0f}"

    def _judge_words(self, case: Case, report: RunReport) -> Iterator[str]:
        said = report.stdout + report.stderr
        for banned in ("ESCAPED", case.words.get("never", "ESCAPED")):
            if banned.encode() in said:
                yield f"said {banned}: {said[-200:]!r}"
        if "says" in case.words and case.words["says"].encode() not in said:
            yield f"did not say {case.words['says']}: {said[-200:]!r}"


def fight_all(backend: str, mode: str) -> Iterator[dict[str, object]]:
    """Every program once, each told as soon as it is over."""
    with tempfile.TemporaryDirectory(prefix="gavel-arena-") as scratch:
        config = SlotConfig(ARENA_SLOT, (), Path(scratch), backend=backend)
        sandbox = open_backend(config, backend, with_cgroups=mode == "full")
        try:
            yield {"mode": sandbox.isolation.mode.value}
            arena = Arena(sandbox)
            for case in read_cases():
                if not arena.full and case.words.get("only") == "full":
                    continue
                began = time.monotonic()
                try:
                    complaints = arena.fight(case)
                except SandboxError as error:
                    complaints = [f"a fault of ours: {type(error).__name__}: {error}"]
                yield {"case": case.name, "complaints": complaints, "seconds": time.monotonic() - began}
        finally:
            sandbox.close()


if __name__ == "__main__":
    for line in fight_all(sys.argv[1], sys.argv[2]):
        print(json.dumps(line), flush=True)
