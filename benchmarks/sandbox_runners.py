"""The ways in which ``benchmarks.sandbox`` runs a program: a bare spawn, Gavel's backends, and other
sandboxes that are installed."""

from __future__ import annotations

import os
import platform
import shutil
import struct
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from sandbox import MIB, Command, Ending, Limits, Mount, Sandbox
from sandbox.backends.bwrap_args import find_bwrap
from sandbox.launcher import seccomp_compiler

LIMITS = Limits(cpu_seconds=10, wall_seconds=20, memory_bytes=512 * MIB, processes=64)
NOOP = "int main(void) { return 0; }\n"
HELLO = 'public class Hello { public static void main(String[] a) { System.out.println("hello"); } }\n'
JAVA = ("/usr/bin/java", "-Xshare:auto", "-XX:+UseSerialGC", "-XX:-UsePerfData", "-Xmx64m", "-cp")


@dataclass(frozen=True, slots=True)
class Task:
    """One program to run. In ``argv``, {prog} stands for the path of the prepared folder."""

    name: str
    argv: tuple[str, ...]
    seccomp_profile: str = "native"

    def at(self, folder: str) -> tuple[str, ...]:
        return tuple(word.replace("{prog}", folder) for word in self.argv)


@dataclass(frozen=True, slots=True)
class Runner:
    """A way to run a program. ``run`` runs the task once and waits for its end. It raises if the program
    failed."""

    name: str
    run: Callable[[Task], None]


def prepare_tasks(folder: Path) -> Iterator[Task]:
    """Compiles the programs to run. Java is left out if there is no javac."""
    (folder / "noop.c").write_text(NOOP)
    subprocess.run(["gcc", "-O2", "-static", "-o", folder / "noop", folder / "noop.c"], check=True)
    yield Task("static no-op", ("{prog}/noop",))
    yield Task("python3 -c pass", ("/usr/bin/python3", "-c", "pass"), "python")
    if shutil.which("javac"):
        (folder / "Hello.java").write_text(HELLO)
        subprocess.run(["javac", "-d", folder, folder / "Hello.java"], check=True)
        yield Task("Java hello", (*JAVA, "{prog}", "Hello"), "jvm")


def spawn_and_wait(argv: tuple[str, ...], keep: tuple[int, ...] = ()) -> None:
    """The floor: run a program by posix_spawn, discard its output, and wait for its end."""
    actions = [(os.POSIX_SPAWN_OPEN, 1, "/dev/null", os.O_WRONLY, 0)]
    pid = os.posix_spawn(argv[0], argv, {"PATH": "/usr/bin:/bin"}, file_actions=actions)
    _, status = os.waitpid(pid, 0)
    for fd in keep:
        os.close(fd)
    if status:
        raise RuntimeError(f"{argv[0]} ended with wait status {status}")


def spawner(folder: Path) -> Runner:
    """The runner without a sandbox."""
    return Runner("bare spawn", lambda task: spawn_and_wait(task.at(str(folder))))


def sandboxed(name: str, sandbox: Sandbox, folder: Path) -> Runner:
    """One of Gavel's backends with every feature on, as a worker calls it from Python."""

    def run(task: Task) -> None:
        mounts = (Mount(folder, "/prog"),)
        report = sandbox.run(
            Command(task.at("/prog"), LIMITS, mounts=mounts, seccomp_profile=task.seccomp_profile)
        )
        if report.ending is not Ending.EXITED or report.exit_code:
            raise RuntimeError(f"{task.name}: {report.ending} {report.exit_code} {report.stderr[-300:]!r}")

    return Runner(name, run)


def plain_bubblewrap(folder: Path) -> Runner:
    """bwrap from PyPI with all namespaces and Gavel's seccomp filter, but without cgroups and limits."""
    binds = [
        "--ro-bind",
        "/usr",
        "/usr",
        "--ro-bind",
        str(folder),
        "/prog",
        "--proc",
        "/proc",
        "--dev",
        "/dev",
    ]
    for name in ("bin", "lib", "lib64"):
        binds += ["--symlink", f"usr/{name}", f"/{name}"]
    binds += [word for name in _java_folders() for word in ("--ro-bind", name, name)]
    head = (
        str(find_bwrap()),
        "--unshare-all",
        "--die-with-parent",
        "--new-session",
        "--tmpfs",
        "/tmp",
        *binds,
    )

    def run(task: Task) -> None:
        fd = _filter_file(task.seccomp_profile)
        spawn_and_wait((*head, "--seccomp", str(fd), "--", *task.at("/prog")), (fd,))

    return Runner("bubblewrap", run)


def _java_folders() -> list[str]:
    """The folders outside /usr that Debian's Java needs."""
    return [name for name in ("/etc/java-17-openjdk", "/etc/alternatives") if Path(name).is_dir()]


def _filter_file(profile: str) -> int:
    """The compiled seccomp filter, in an anonymous file that bwrap inherits."""
    if profile not in _COMPILED:
        code = seccomp_compiler.compile_filter(
            seccomp_compiler.read_profile(profile), seccomp_compiler.call_numbers(), platform.machine()
        )
        _COMPILED[profile] = b"".join(struct.pack("=HBBI", *instruction) for instruction in code)
    fd = os.memfd_create("filter", 0)
    os.write(fd, _COMPILED[profile])
    os.lseek(fd, 0, os.SEEK_SET)
    return fd


_COMPILED: dict[str, bytes] = {}


def installed_runners(folder: Path) -> Iterator[Runner]:
    """The runners of isolate and nsjail, if they are installed. For isolate only the run is measured, in a
    box that exists already."""
    isolate, nsjail = shutil.which("isolate"), shutil.which("nsjail")
    if isolate:
        subprocess.run([isolate, "--init", "--box-id=7"], check=True, capture_output=True)
        folders = (f"--dir=/prog={folder}", *(f"--dir={name}" for name in _java_folders()))
        head = (isolate, "--run", "--silent", "--box-id=7", *folders, "--processes=64", "--")
        yield Runner("isolate", lambda task: spawn_and_wait((*head, *task.at("/prog"))))
    if nsjail:
        shown = (
            "-R",
            "/usr",
            "-R",
            "/lib",
            "-R",
            "/lib64",
            "-R",
            "/etc/alternatives",
            "-R",
            f"{folder}:/prog",
        )
        jail = (nsjail, "-Mo", "-Q", *shown, "-T", "/tmp", "--")
        yield Runner("nsjail", lambda task: spawn_and_wait((*jail, *task.at("/prog"))))


def time_rounds(runners: tuple[Runner, ...], task: Task, rounds: int, pause: float) -> dict[str, list[float]]:
    """The milliseconds of every run by runner. Each round runs the task once by each runner, with a pause
    before each run."""
    taken: dict[str, list[float]] = {each.name: [] for each in runners}
    for number in range(rounds + 3):
        turn = number % len(runners)
        for each in (*runners[turn:], *runners[:turn]):
            time.sleep(pause)
            began = time.perf_counter()
            each.run(task)
            if number >= 3:
                taken[each.name].append((time.perf_counter() - began) * 1e3)
    return taken
