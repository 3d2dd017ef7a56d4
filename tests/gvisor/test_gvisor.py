"""A program inside gVisor has only the rights of a box, is ended by its limits, and leaves no files or
processes."""

from __future__ import annotations

import platform
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox import MIB, Command, Ending, InputFile, IsolationMode, Limits, Mount, Sandbox, SlotConfig
from sandbox.factory import open_tested_backend

pytestmark = pytest.mark.gvisor
SLOT = 450
ROOMY = Limits(cpu_seconds=10, wall_seconds=30, memory_bytes=256 * MIB, delay_seconds=60, processes=64)
ADDITION = (
    b"#include <iostream>\nint main() { long a, b; std::cin >> a >> b; std::cout << a + b << '\\n'; }\n"
)


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="gavel-gvisor-") as name:
        (Path(name) / "data").mkdir()
        (Path(name) / "data" / "answer.txt").write_text("42\n")
        yield Path(name)


@pytest.fixture(scope="module")
def sandbox(folder: Path) -> Iterator[Sandbox]:
    """A sandbox that was tested when it was opened: CPU time, wall time, memory, processes, and the host's
    files."""
    opened = open_tested_backend(SlotConfig(SLOT, (folder,), folder, backend="gvisor"), "gvisor")
    yield opened
    opened.close()
    assert not (folder / f"gvisor-{SLOT}").exists()
    assert str(folder) not in Path("/proc/self/mounts").read_text()


def shell(script: str, **more: object) -> Command:
    return Command(("/bin/sh", "-c", script), ROOMY, **more)  # type: ignore[arg-type]


def test_the_isolation_report_names_gvisor(sandbox: Sandbox) -> None:
    assert (sandbox.isolation.backend, sandbox.isolation.mode) == ("gvisor", IsolationMode.FULL)
    enforced = {each.limit: each.enforced_by for each in sandbox.isolation.guarantees}
    assert enforced["system calls"] == "gVisor's kernel"
    assert enforced["network"] == "gVisor without network"


def test_a_program_sees_gvisor_s_kernel_and_not_the_host_s(sandbox: Sandbox) -> None:
    report = sandbox.run(shell("uname -r; id -u; ls /home /root 2>/dev/null; cat /sys/class/net/*/address"))
    release, user, *others = report.stdout.decode().split()
    assert release != platform.release()
    assert user == "1000"
    assert others == []


def test_a_program_is_compiled_and_run_inside_gvisor(sandbox: Sandbox) -> None:
    argv = ("/usr/bin/g++", "-O1", "-o", "prog", "main.cpp")
    compiled = sandbox.run(Command(argv, ROOMY, files=(InputFile("main.cpp", ADDITION),), collect=("prog",)))
    assert (compiled.ending, compiled.exit_code) == (Ending.EXITED, 0), compiled.stderr
    files = (InputFile("prog", compiled.files["prog"], True),)
    ran = sandbox.run(Command(("/w/prog",), ROOMY, stdin=b"40 2\n", files=files))
    assert (ran.ending, ran.exit_code, ran.stdout) == (Ending.EXITED, 0, b"42\n")


def test_a_folder_mounted_inside_gvisor_is_read_only(sandbox: Sandbox, folder: Path) -> None:
    mounted = (Mount(folder / "data", "/answers"),)
    report = sandbox.run(shell("cat /answers/answer.txt; echo 43 > /answers/answer.txt", mounts=mounted))
    assert report.stdout == b"42\n"
    assert report.exit_code != 0
    assert (folder / "data" / "answer.txt").read_text() == "42\n"


def test_inside_gvisor_a_run_finds_no_file_or_process_of_an_earlier_run(sandbox: Sandbox) -> None:
    sandbox.run(shell("echo left > /w/left; echo left > /tmp/left; sleep 1000 & exit 0"))
    report = sandbox.run(shell("cat /w/left /tmp/left; ls /w; ps | grep -c sleep"))
    assert report.stdout.split() in ([], [b"0"])


@pytest.mark.parametrize(
    ("script", "code", "signal"),
    [("exit 3", 3, None), ("kill -SEGV $$", None, 11), ("kill -KILL $$", None, 9)],
)
def test_the_exit_code_or_signal_of_a_program_inside_gvisor_is_reported(
    sandbox: Sandbox, script: str, code: int | None, signal: int | None
) -> None:
    report = sandbox.run(shell(script))
    assert (report.exit_code, report.signal) == (code, signal)


def test_two_programs_inside_gvisor_exchange_lines(sandbox: Sandbox) -> None:
    asks = shell("echo 6 7; read answer; echo $answer >&2")
    multiplies = shell("read a b; echo $((a * b))")
    report = sandbox.run_pair(asks, multiplies)
    assert report.first.stderr == b"42\n"
    assert (report.first.exit_code, report.second.exit_code) == (0, 0)


def test_fifty_threads_may_run_inside_gvisor(sandbox: Sandbox) -> None:
    source = "import threading as t\ng = t.Barrier(50)\nfor _ in range(50): t.Thread(target=g.wait).start()\n"
    report = sandbox.run(Command(("/usr/bin/python3", "-c", f"{source}print('all')"), ROOMY))
    assert report.stdout == b"all\n", report
