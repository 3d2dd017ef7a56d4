"""Every sandbox backend keeps the contract, in every mode that this host has."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from sandbox import (
    MIB,
    BoxFault,
    Cancelled,
    Command,
    Ending,
    InputFile,
    IsolationMode,
    Limits,
    Misuse,
    Mount,
    Sandbox,
)
from sandbox.box_files import SMALL_BYTES
from tests.contract.backends import ROOMY, count_descriptors, first_that, python, shell

pytest_plugins = ("tests.contract.backends",)

COMPILING = Limits(cpu_seconds=60, wall_seconds=100, memory_bytes=512 * MIB, processes=64)
ADDITION = b'#include <iostream>\nint main(){int a,b;std::cin>>a>>b;std::cout<<a+b<<"\\n";}\n'
THREADS = b"""#include <cstdio>
#include <thread>
#include <vector>
int dive(int n) { volatile char room[1024]; room[0] = 1; return n ? dive(n - 1) + room[0] : 0; }
int main() {
    int sums[8] = {};
    std::vector<std::thread> all;
    for (int &sum : sums) all.emplace_back([&sum] { sum = dive(100); });
    for (auto &each : all) each.join();
    int sum = 0;
    for (int each : sums) sum += each;
    std::printf("%d\\n", sum);
}
"""
TOO_LONG = ("n" * 256, "ü" * 128, "/".join(["d" * 250] * 17))


NEVER_WAITS = """
import fcntl, os, sys
for fd in (1, 2):
    os.set_blocking(fd, False)
    fcntl.fcntl(fd, fcntl.F_SETFL, fcntl.fcntl(fd, fcntl.F_GETFL) | os.O_NONBLOCK)
written = os.write(1, b"x" * 3_000_000)
os._exit(0 if written == 3_000_000 else 7)
"""


class TestEndings:
    def test_the_exit_code_is_reported(self, sandbox: Sandbox) -> None:
        report = shell(sandbox, "exit 3")
        assert (report.ending, report.exit_code, report.signal) == (Ending.EXITED, 3, None)

    def test_the_output_of_a_program_that_requests_non_blocking_output_is_complete(
        self, sandbox: Sandbox
    ) -> None:
        """Node.js does this, and at process.exit() it drops the output that the pipe has not taken."""
        report = python(sandbox, NEVER_WAITS)
        assert (report.exit_code, report.stdout_bytes) == (0, 3_000_000)

    def test_the_signal_that_ended_a_program_is_reported(self, sandbox: Sandbox) -> None:
        report = shell(sandbox, "kill -ABRT $$")
        assert (report.ending, report.exit_code, report.signal) == (Ending.SIGNALLED, None, 6)

    @pytest.mark.parametrize("number", [4, 8, 9, 11, 13, 15])
    def test_each_of_six_signals_that_end_a_program_is_reported(self, sandbox: Sandbox, number: int) -> None:
        source = f"import os, signal; signal.signal(13, signal.SIG_DFL); os.kill(os.getpid(), {number})"
        assert python(sandbox, source).signal == number

    def test_a_program_over_its_cpu_limit_is_ended(self, sandbox: Sandbox) -> None:
        limits = replace(ROOMY, cpu_seconds=0.2)
        report = first_that(
            lambda report: report.cpu_ms < 400, lambda: shell(sandbox, "while :; do :; done", limits=limits)
        )
        assert report.ending is Ending.CPU
        assert 180 <= report.cpu_ms < 400

    def test_a_run_with_a_cpu_limit_of_50_ms_is_ended_by_70_ms(self, sandbox: Sandbox) -> None:
        limits = replace(ROOMY, cpu_seconds=0.05)
        report = first_that(
            lambda report: report.cpu_ms <= 70, lambda: shell(sandbox, "while :; do :; done", limits=limits)
        )
        assert report.ending is Ending.CPU
        assert report.cpu_ms <= 70

    def test_a_program_over_its_wall_limit_is_ended(self, sandbox: Sandbox) -> None:
        limits = replace(ROOMY, wall_seconds=0.2)
        report = first_that(
            lambda report: report.wall_ms < 600, lambda: shell(sandbox, "sleep 30", limits=limits)
        )
        assert report.ending is Ending.WALL
        assert 200 <= report.wall_ms < 600
        assert report.cpu_ms < 0.9 * report.wall_ms, (
            "a sleeper must use little CPU time, even on an emulated processor"
        )

    def test_a_program_over_its_memory_limit_is_ended(self, sandbox: Sandbox) -> None:
        limits = replace(ROOMY, memory_bytes=48 * MIB)
        report = python(sandbox, "x = []\nwhile 1: x.append(bytearray(1 << 20))", limits=limits)
        if sandbox.isolation.mode is IsolationMode.FULL:
            assert report.ending is Ending.MEMORY
            assert 40 * 1024 <= report.memory_kb <= 49 * 1024
        else:
            assert report.ending is Ending.MEMORY or report.exit_code == 1

    def test_a_program_over_its_output_limit_is_ended(self, sandbox: Sandbox) -> None:
        limits = replace(ROOMY, output_bytes=1000)
        report = shell(sandbox, "while :; do echo 0123456789; done", limits=limits)
        assert report.ending is Ending.OUTPUT
        assert len(report.stdout) == report.stdout_bytes == 1000

    def test_a_program_may_write_exactly_its_output_limit(self, sandbox: Sandbox) -> None:
        limits = replace(ROOMY, output_bytes=11)
        report = shell(sandbox, "echo 0123456789", limits=limits)
        assert (report.ending, report.stdout) == (Ending.EXITED, b"0123456789\n")

    def test_a_file_over_its_size_limit_ends_the_run(self, sandbox: Sandbox) -> None:
        limits = replace(ROOMY, file_bytes=1 * MIB)
        report = shell(sandbox, "exec head -c 2000000 /dev/zero > big", limits=limits)
        assert report.ending is Ending.OUTPUT

    def test_too_much_stderr_is_cut_and_does_not_end_the_run(self, sandbox: Sandbox) -> None:
        limits = replace(ROOMY, stderr_bytes=100)
        report = shell(sandbox, "head -c 300000 /dev/zero >&2; exit 1", limits=limits)
        assert (report.ending, report.exit_code, len(report.stderr)) == (Ending.EXITED, 1, 100)

    def test_a_fork_bomb_is_ended_by_its_limits(self, sandbox: Sandbox) -> None:
        limits = Limits(cpu_seconds=5, wall_seconds=0.5, memory_bytes=512 * MIB, processes=16)
        bomb = "import os\nwhile 1:\n try: os.fork()\n except OSError: pass"
        report = first_that(
            lambda report: report.wall_ms < 1500, lambda: python(sandbox, bomb, limits=limits)
        )
        assert report.ending in (Ending.WALL, Ending.CPU)
        assert report.wall_ms < 1500

    def test_a_submitted_file_that_cannot_be_executed_ends_the_run(self, sandbox: Sandbox) -> None:
        report = sandbox.run(
            Command(("/w/prog",), ROOMY, files=(InputFile("prog", b"\x7fELFnonsense", True),))
        )
        assert report.ending is Ending.EXITED
        assert report.exit_code != 0

    @pytest.mark.parametrize(("content", "mode"), [(b"\x7fELFnonsense", 0o755), (b"no program", 0o644)])
    def test_a_compiled_program_that_cannot_be_executed_ends_the_run(
        self, sandbox: Sandbox, share: Path, content: bytes, mode: int
    ) -> None:
        folder = share / f"made-{mode:o}"
        folder.mkdir(exist_ok=True)
        (folder / "prog").write_bytes(content)
        (folder / "prog").chmod(mode)
        report = sandbox.run(Command(("/p/prog",), ROOMY, mounts=(Mount(folder, "/p"),)))
        assert report.ending is Ending.EXITED
        assert report.exit_code != 0

    def test_a_command_with_a_missing_interpreter_raises_misuse(self, sandbox: Sandbox) -> None:
        with pytest.raises(Misuse):
            sandbox.run(Command(("/usr/bin/no-such-language",), ROOMY))


class TestStreams:
    def test_stdin_may_be_bytes_a_file_or_nothing(
        self, sandbox: Sandbox, share: Path, tmp_path: Path
    ) -> None:
        (tmp_path / "elsewhere").write_bytes(b"far")
        assert shell(sandbox, "cat", stdin=b"bytes").stdout == b"bytes"
        assert shell(sandbox, "cat", stdin=share / "data" / "answer.txt").stdout == b"42\n"
        assert shell(sandbox, "cat", stdin=tmp_path / "elsewhere").stdout == b"far"
        assert shell(sandbox, "cat").stdout == b""

    @pytest.fixture(params=["small", "large"])
    def answer(self, share: Path, request: pytest.FixtureRequest) -> Iterator[Path]:
        """A file in the share that begins with ``42``. A small file is copied for the box, a large one is
        opened in the share."""
        path = share / "data" / f"answer-{request.param}.txt"
        path.write_text("42\n" + " " * (SMALL_BYTES if request.param == "large" else 0))
        yield path
        path.unlink()

    def test_a_program_cannot_open_its_stdin_for_writing(self, sandbox: Sandbox, answer: Path) -> None:
        write = "os.write(os.open('/proc/self/fd/0', os.O_WRONLY), b'X')"
        source = f"import os\ntry: {write}\nexcept OSError: print('no')"
        before = answer.read_bytes()
        for stdin in (answer, b"42\n"):
            assert python(sandbox, source, stdin=stdin).stdout == b"no\n"
        assert answer.read_bytes() == before

    def test_a_program_cannot_learn_the_name_of_its_input_file(self, sandbox: Sandbox, answer: Path) -> None:
        source = "import os; print(os.readlink('/proc/self/fd/0'), input())\n"
        source += "for of in ('mountinfo', 'fdinfo/0', 'maps'): print(open(f'/proc/self/{of}').read())"
        output = python(sandbox, source, stdin=answer).stdout
        assert b" 42\n" in output
        assert b"answer" not in output

    def test_the_file_for_stdin_may_be_closed_to_the_slot_s_user(self, sandbox: Sandbox, share: Path) -> None:
        """The output of another box is such a file, for example. Its path is hidden, and the program cannot
        write to it."""
        closed = share / "closed.txt"
        closed.touch(0o600)
        closed.write_text("43\n" + "\n" * SMALL_BYTES)
        script = "head -n 1; readlink /proc/self/fd/0; (: > /proc/self/fd/0) 2>/dev/null || echo no"
        shell(sandbox, "true", stdin=closed)
        before = count_descriptors()
        said = shell(sandbox, script, stdin=closed, files=(InputFile("a", b"1"),)).stdout
        assert count_descriptors() == before
        assert said.startswith(b"43\n") and said.endswith(b"no\n") and b"closed" not in said
        if sandbox.isolation.backend == "launcher":
            assert said == b"43\n/\nno\n"

    def test_outputs_can_be_opened_by_name_for_writing_and_not_for_reading(
        self, sandbox: Sandbox, tmp_path: Path
    ) -> None:
        script = (
            "echo out > /dev/stdout; echo err > /dev/stderr; cat < /dev/stdout; echo $? > /proc/self/fd/1"
        )
        for target in (None, tmp_path / "out"):
            report = shell(sandbox, script, stdout=target)
            assert (report.stdout if target is None else target.read_bytes()) == b"out\n2\n"
            assert report.stderr.startswith(b"err\n")
            assert b"Permission denied" in report.stderr
        both = "open('/dev/stdout', 'w').write('a'); open('/dev/stderr', 'w').write('b')"
        assert python(sandbox, both, merge_stderr=True).stdout == b"ab"

    def test_a_command_with_a_missing_stdin_file_raises_misuse(self, sandbox: Sandbox, share: Path) -> None:
        with pytest.raises(Misuse):
            shell(sandbox, "cat", stdin=share / "missing")

    def test_the_output_of_a_program_may_be_written_into_a_host_file(
        self, sandbox: Sandbox, tmp_path: Path
    ) -> None:
        report = shell(sandbox, "seq 200000", stdout=tmp_path / "out")
        assert report.stdout == b""
        assert report.stdout_bytes == (tmp_path / "out").stat().st_size == 1288895

    def test_the_output_limit_also_holds_for_an_output_file_on_the_host(
        self, sandbox: Sandbox, tmp_path: Path
    ) -> None:
        limits = replace(ROOMY, output_bytes=100_000)
        report = shell(sandbox, "seq 200000", stdout=tmp_path / "out", limits=limits)
        assert report.ending is Ending.OUTPUT
        assert (tmp_path / "out").stat().st_size == 100_000

    def test_an_output_file_on_the_host_keeps_nothing_of_an_earlier_output(
        self, sandbox: Sandbox, tmp_path: Path
    ) -> None:
        out = tmp_path / "out"
        for script, said in (("seq 20000", None), ("echo 7", b"7\n"), ("true", b""), ("echo 8", b"8\n")):
            report = shell(sandbox, script, stdout=out)
            assert said is None or out.read_bytes() == said
            assert report.stdout_bytes == out.stat().st_size
        out.write_bytes(b"x" * 200_000)
        limits = replace(ROOMY, output_bytes=100_000)
        assert shell(sandbox, "seq 200000", stdout=out, limits=limits).ending is Ending.OUTPUT
        assert out.stat().st_size == 100_000
        assert b"x" not in out.read_bytes()

    def test_stderr_can_be_merged_into_stdout(self, sandbox: Sandbox) -> None:
        report = shell(sandbox, "echo a; echo b >&2; echo c", merge_stderr=True)
        assert (report.stdout, report.stderr) == (b"a\nb\nc\n", b"")

    def test_input_and_output_of_4_mib_are_complete(self, sandbox: Sandbox) -> None:
        content = os.urandom(4 * MIB)
        assert shell(sandbox, "cat", stdin=content).stdout == content


class TestEnvironment:
    def test_a_program_gets_only_the_environment_of_its_command(self, sandbox: Sandbox) -> None:
        os.environ["GAVEL_TEST_SECRET"] = "worker's own"
        try:
            report = shell(sandbox, "env", environment={"LANG": "C", "EXTRA": "1"})
        finally:
            del os.environ["GAVEL_TEST_SECRET"]
        names = {line.partition(b"=")[0] for line in report.stdout.splitlines()}
        assert names - {b"PWD", b"OLDPWD", b"SHLVL", b"_"} == {b"PATH", b"HOME", b"LANG", b"TMPDIR", b"EXTRA"}

    def test_a_program_runs_without_root_without_capabilities_and_with_seccomp(
        self, sandbox: Sandbox
    ) -> None:
        report = shell(
            sandbox, "id -u; id -G; echo $$; grep -E 'CapEff|CapBnd|NoNewPrivs|Seccomp:' /proc/self/status"
        )
        words = report.stdout.split()
        assert words[0] != b"0" and b"0" not in words[1:2]
        assert int(words[2]) > 1
        assert words[3:] == [
            b"CapEff:",
            b"0" * 16,
            b"CapBnd:",
            b"0" * 16,
            b"NoNewPrivs:",
            b"1",
            b"Seccomp:",
            b"2",
        ]

    def test_the_core_limit_of_a_program_is_one_byte(self, sandbox: Sandbox) -> None:
        """If core_pattern names a program of the host, the kernel starts that program with a limit of 0, and
        does not start it with a limit of 1."""
        limits = python(sandbox, "import resource; print(resource.getrlimit(resource.RLIMIT_CORE))").stdout
        assert limits == b"(1, 1)\n"

    def test_the_current_and_the_home_folder_are_the_work_folder(self, sandbox: Sandbox) -> None:
        assert shell(sandbox, "pwd; echo $HOME").stdout == b"/w\n/w\n"

    def test_a_program_cannot_make_a_socket_of_the_network(self, sandbox: Sandbox) -> None:
        source = "import socket\ntry: socket.socket()\nexcept OSError as e: print(e.errno)"
        assert python(sandbox, source).stdout == b"1\n"

    def test_cpu_time_of_all_descendants_is_counted(self, sandbox: Sandbox) -> None:
        burn = "while time.process_time() < .3: pass"
        source = f"import os, time\nif os.fork() == 0:\n {burn}\n os._exit(0)\nos.wait()"
        # Without cgroups the kernel counts the child's time in ticks of up to 10 ms. The parent alone uses 20
        # ms.
        assert python(sandbox, source).cpu_ms >= 240


class TestToolchains:
    @pytest.mark.slow_on("bubblewrap")
    def test_gxx_compiles_a_program(self, sandbox: Sandbox) -> None:
        argv = ("/usr/bin/g++", "-O1", "-o", "prog", "main.cpp")
        files = (InputFile("main.cpp", ADDITION),)
        compiled = sandbox.run(
            Command(argv, COMPILING, files=files, collect=("prog",), seccomp_profile="compiler")
        )
        assert compiled.exit_code == 0, compiled.stderr
        files = (InputFile("prog", compiled.files["prog"], True),)
        ran = sandbox.run(Command(("/w/prog",), ROOMY, stdin=b"1 2", files=files))
        assert (ran.stdout, ran.ending) == (b"3\n", Ending.EXITED)

    @pytest.mark.slow_on("bubblewrap")
    @pytest.mark.parametrize("memory_mb", [64, 256, 1024])
    def test_a_program_may_start_its_threads_with_any_memory_limit(
        self, sandbox: Sandbox, memory_mb: int
    ) -> None:
        """The threads start with any memory limit, because no thread reserves as much as the limit for its
        stack."""
        argv = ("/usr/bin/g++", "-O1", "-pthread", "-o", "prog", "main.cpp")
        compiled = sandbox.run(
            Command(
                argv,
                COMPILING,
                files=(InputFile("main.cpp", THREADS),),
                collect=("prog",),
                seccomp_profile="compiler",
            )
        )
        limits = replace(ROOMY, memory_bytes=memory_mb * MIB)
        files = (InputFile("prog", compiled.files["prog"], True),)
        ran = sandbox.run(Command(("/w/prog",), limits, files=files))
        assert (ran.stdout, ran.ending, ran.exit_code) == (b"800\n", Ending.EXITED, 0), ran.stderr

    def test_threads_of_an_interpreter_may_start(self, sandbox: Sandbox) -> None:
        source = (
            "import threading as t\nx=[t.Thread(target=print, args=('.',)) for _ in range(8)]\n"
            "[y.start() for y in x]; [y.join() for y in x]"
        )
        assert python(sandbox, source).stdout.count(b".") == 8

    def test_a_deep_recursion_may_use_the_memory_limit(self, sandbox: Sandbox) -> None:
        source = b"#include <cstdio>\nint dive(int n) { volatile char room[1024]; room[0] = 1;"
        source += (
            b'return n ? dive(n - 1) + room[0] : 0; }\nint main() { std::printf("%d\\n", dive(60000)); }\n'
        )
        argv = ("/usr/bin/g++", "-O1", "-o", "prog", "main.cpp")
        files = (InputFile("main.cpp", source),)
        compiled = sandbox.run(
            Command(argv, COMPILING, files=files, collect=("prog",), seccomp_profile="compiler")
        )
        files = (InputFile("prog", compiled.files["prog"], True),)
        assert sandbox.run(Command(("/w/prog",), ROOMY, files=files)).stdout == b"60000\n"


class TestControl:
    def test_a_run_is_cancelled_from_another_thread(self, sandbox: Sandbox) -> None:
        over = threading.Event()

        def cancel_until_done() -> None:
            while not over.wait(0.2):
                sandbox.cancel()

        thread = threading.Thread(target=cancel_until_done)
        thread.start()
        with pytest.raises(Cancelled):
            shell(sandbox, "sleep 50")  # if the sleep ended by itself, a report would be returned
        over.set()
        thread.join()
        assert shell(sandbox, "echo next").stdout == b"next\n"

    def test_a_cancel_without_a_run_has_no_effect(self, sandbox: Sandbox) -> None:
        sandbox.cancel()
        assert shell(sandbox, "echo on").stdout == b"on\n"

    @pytest.mark.slow_on("bubblewrap")
    def test_failed_and_successful_runs_leave_no_descriptor_open(self, sandbox: Sandbox) -> None:
        shell(sandbox, "true", files=(InputFile("a", b"1"),), stdin=b"1", collect=("a",))
        before = count_descriptors()
        gone = Path("/nonexistent")
        for _ in range(5):
            with pytest.raises((Misuse, BoxFault)):
                shell(sandbox, "true", stdin=gone)
            with pytest.raises(Misuse):
                shell(sandbox, "true", stdin=b"1", files=(InputFile("a", gone),))
            with pytest.raises(OSError, match="nonexistent"):
                shell(sandbox, "true", stdout=gone / "out")
            shell(sandbox, "true", files=(InputFile("a", b"1"),), stdin=b"1", collect=("a",))
        assert count_descriptors() == before

    def test_a_slot_works_after_commands_that_raised_misuse(self, sandbox: Sandbox) -> None:
        for command in (
            Command((), ROOMY),
            Command(("relative",), ROOMY),
            Command(("/bin/true",), ROOMY, seccomp_profile="x"),
        ):
            with pytest.raises(Misuse):
                sandbox.run(command)
        assert shell(sandbox, "echo fine").stdout == b"fine\n"
