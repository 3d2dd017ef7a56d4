"""What every sandbox backend owes its callers, in every mode that this host has."""

from __future__ import annotations

import gc
import os
import tempfile
import threading
import time
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox import (
    MIB,
    BoxFault,
    Cancelled,
    Command,
    Ending,
    FileIn,
    Limits,
    Misuse,
    Mode,
    Mount,
    RunReport,
    Sandbox,
    SlotConfig,
)
from sandbox.opening import open_backend

SLOT = 440
ROOMY = Limits(cpu_seconds=5, wall_seconds=10, memory_bytes=128 * MIB)
COMPILING = Limits(cpu_seconds=20, wall_seconds=30, memory_bytes=512 * MIB, processes=64)
ADDITION = b'#include <iostream>\nint main(){int a,b;std::cin>>a>>b;std::cout<<a+b<<"\\n";}\n'
TOO_LONG = ("n" * 256, "ü" * 128, "/".join(["d" * 250] * 17))

SANDBOXES = [
    (backend, mode) for backend in ("launcher", "bubblewrap") for mode in (Mode.FULL, Mode.NO_CGROUP)
]


@pytest.fixture(scope="module")
def share() -> Iterator[Path]:
    """Not below pytest's own folder, which is closed to the slot's user."""
    with tempfile.TemporaryDirectory(prefix="gavel-share-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        (folder / "data").mkdir()
        (folder / "data" / "answer.txt").write_text("42\n")
        yield folder


@pytest.fixture(scope="module", params=SANDBOXES, ids=lambda pair: f"{pair[0]}-{pair[1]}")
def sandbox(request: pytest.FixtureRequest, share: Path) -> Iterator[Sandbox]:
    backend, mode = request.param
    config = SlotConfig(SLOT, (share,), share, backend=backend)
    opened = open_backend(config, backend, with_groups=mode is Mode.FULL)
    if opened.assurance.mode is not mode:
        note = opened.assurance.guarantees[0].note
        opened.close()
        pytest.skip(f"this host has no {mode}: {note}")
    yield opened
    opened.close()


def shell(sandbox: Sandbox, script: str, **more: object) -> RunReport:
    limits = more.pop("limits", ROOMY)
    return sandbox.run(Command(("/bin/sh", "-c", script), limits, needs="script", **more))  # type: ignore[arg-type]


def python(sandbox: Sandbox, source: str, **more: object) -> RunReport:
    limits = more.pop("limits", ROOMY)
    command = Command(("/usr/bin/python3", "-c", source), limits, needs="python", **more)  # type: ignore[arg-type]
    return sandbox.run(command)


def count_descriptors() -> int:
    gc.collect()
    return len(list(Path("/proc/self/fd").iterdir()))


class TestEndings:
    def test_exit_code_is_told(self, sandbox: Sandbox) -> None:
        report = shell(sandbox, "exit 3")
        assert (report.ending, report.exit_code, report.signal) == (Ending.EXITED, 3, None)

    def test_signal_is_told(self, sandbox: Sandbox) -> None:
        report = shell(sandbox, "kill -ABRT $$")
        assert (report.ending, report.exit_code, report.signal) == (Ending.SIGNALLED, None, 6)

    @pytest.mark.parametrize("number", [4, 8, 9, 11, 13, 15])
    def test_every_signal_that_kills(self, sandbox: Sandbox, number: int) -> None:
        source = f"import os, signal; signal.signal(13, signal.SIG_DFL); os.kill(os.getpid(), {number})"
        assert python(sandbox, source).signal == number

    def test_cpu_limit(self, sandbox: Sandbox) -> None:
        limits = Limits(cpu_seconds=0.2, wall_seconds=5, memory_bytes=64 * MIB)
        report = shell(sandbox, "while :; do :; done", limits=limits)
        assert report.ending is Ending.CPU
        assert 180 <= report.cpu_ms < 400

    def test_a_short_cpu_limit_is_not_overrun_by_much(self, sandbox: Sandbox) -> None:
        """The best of a few: a machine that is busy elsewhere wakes the watcher late."""
        limits = Limits(cpu_seconds=0.05, wall_seconds=5, memory_bytes=64 * MIB)
        reports = [shell(sandbox, "while :; do :; done", limits=limits) for _ in range(5)]
        assert {report.ending for report in reports} == {Ending.CPU}
        assert min(report.cpu_ms for report in reports) <= 70

    def test_wall_limit(self, sandbox: Sandbox) -> None:
        limits = Limits(cpu_seconds=5, wall_seconds=0.2, memory_bytes=64 * MIB)
        report = shell(sandbox, "sleep 30", limits=limits)
        assert report.ending is Ending.WALL
        assert 200 <= report.wall_ms < 600
        assert report.cpu_ms < 0.9 * report.wall_ms, "a sleeper takes little, even on an emulated processor"

    def test_memory_limit(self, sandbox: Sandbox) -> None:
        limits = Limits(cpu_seconds=5, wall_seconds=5, memory_bytes=48 * MIB)
        report = python(sandbox, "x = []\nwhile 1: x.append(bytearray(1 << 20))", limits=limits)
        if sandbox.assurance.mode is Mode.FULL:
            assert report.ending is Ending.MEMORY
            assert 40 * 1024 <= report.memory_kb <= 49 * 1024
        else:
            assert report.ending is Ending.MEMORY or report.exit_code == 1

    def test_output_limit(self, sandbox: Sandbox) -> None:
        limits = Limits(cpu_seconds=5, wall_seconds=5, memory_bytes=64 * MIB, output_bytes=1000)
        report = shell(sandbox, "while :; do echo 0123456789; done", limits=limits)
        assert report.ending is Ending.OUTPUT
        assert len(report.stdout) == report.stdout_bytes == 1000

    def test_exactly_the_output_limit_is_allowed(self, sandbox: Sandbox) -> None:
        limits = Limits(cpu_seconds=5, wall_seconds=5, memory_bytes=64 * MIB, output_bytes=11)
        report = shell(sandbox, "echo 0123456789", limits=limits)
        assert (report.ending, report.stdout) == (Ending.EXITED, b"0123456789\n")

    def test_file_size_limit(self, sandbox: Sandbox) -> None:
        limits = Limits(cpu_seconds=5, wall_seconds=5, memory_bytes=64 * MIB, file_bytes=1 * MIB)
        report = shell(sandbox, "exec head -c 2000000 /dev/zero > big", limits=limits)
        assert report.ending is Ending.OUTPUT

    def test_too_much_stderr_is_dropped_and_no_offence(self, sandbox: Sandbox) -> None:
        limits = Limits(cpu_seconds=5, wall_seconds=5, memory_bytes=64 * MIB, stderr_bytes=100)
        report = shell(sandbox, "head -c 300000 /dev/zero >&2; exit 1", limits=limits)
        assert (report.ending, report.exit_code, len(report.stderr)) == (Ending.EXITED, 1, 100)

    def test_a_fork_bomb_ends_and_leaves_nothing(self, sandbox: Sandbox) -> None:
        limits = Limits(cpu_seconds=5, wall_seconds=0.5, memory_bytes=512 * MIB, processes=16)
        report = python(sandbox, "import os\nwhile 1:\n try: os.fork()\n except OSError: pass", limits=limits)
        assert report.ending in (Ending.WALL, Ending.CPU)
        assert report.wall_ms < 1500

    def test_what_cannot_be_executed_is_no_fault_of_ours(self, sandbox: Sandbox) -> None:
        report = sandbox.run(Command(("/w/prog",), ROOMY, files=(FileIn("prog", b"\x7fELFnonsense", True),)))
        assert report.ending is Ending.EXITED
        assert report.exit_code != 0

    @pytest.mark.parametrize(("content", "mode"), [(b"\x7fELFnonsense", 0o755), (b"no program", 0o644)])
    def test_nor_is_a_compiled_program_that_cannot_be_executed(
        self, sandbox: Sandbox, share: Path, content: bytes, mode: int
    ) -> None:
        folder = share / f"made-{mode:o}"
        folder.mkdir(exist_ok=True)
        (folder / "prog").write_bytes(content)
        (folder / "prog").chmod(mode)
        report = sandbox.run(Command(("/p/prog",), ROOMY, mounts=(Mount(folder, "/p"),)))
        assert report.ending is Ending.EXITED
        assert report.exit_code != 0

    def test_a_missing_interpreter_is_the_callers_mistake(self, sandbox: Sandbox) -> None:
        with pytest.raises(Misuse):
            sandbox.run(Command(("/usr/bin/no-such-language",), ROOMY))


class TestFiles:
    def test_files_are_laid_and_brought_back(self, sandbox: Sandbox) -> None:
        files = (FileIn("in.txt", b"1\n"), FileIn("sub/folder/run", b"#!/bin/sh\ncat in.txt; echo 2", True))
        report = shell(sandbox, "sub/folder/run > out.txt", files=files, collect=("out.txt", "missing"))
        assert report.files == {"out.txt": b"1\n2\n"}

    def test_a_folder_is_brought_back_whole(self, sandbox: Sandbox) -> None:
        report = shell(sandbox, "mkdir -p a/b; echo 1 > a/x; echo 2 > a/b/y", collect=("a",))
        assert report.files == {"a/x": b"1\n", "a/b/y": b"2\n"}

    @pytest.mark.parametrize(
        "script",
        [
            "ln -s /etc/passwd out",
            "ln -s ../../../etc/passwd out",
            "mkdir d; ln -s /etc d/out; ln -s d out",
            "echo x > y; ln y out",
            "mkfifo out",
            "truncate -s 1T out 2>/dev/null || truncate -s 60M out",
            "mkdir out; chmod 0 out",
        ],
    )
    def test_what_is_no_plain_file_is_left_behind(self, sandbox: Sandbox, script: str) -> None:
        report = shell(sandbox, script, collect=("out",), collect_bytes=1 * MIB)
        assert report.files == {}

    @pytest.mark.parametrize(
        "name",
        ["../x", "/etc/passwd", "a/../../x", "", ".", "a//b", "a\0b", *TOO_LONG, "\ud800"],
        ids=lambda name: ascii(name[:12]),
    )
    def test_names_that_lead_outside_are_misuse(self, sandbox: Sandbox, name: str) -> None:
        with pytest.raises(Misuse):
            shell(sandbox, "true", files=(FileIn(name, b""),))
        with pytest.raises(Misuse):
            shell(sandbox, "true", collect=(name,))

    def test_a_name_may_be_as_long_as_a_file_system_takes(self, sandbox: Sandbox) -> None:
        for name in ("n" * 255, "ü" * 127, "/".join(["d" * 250] * 4)):
            report = shell(sandbox, "true", files=(FileIn(name, b"1"),), collect=(name,))
            assert report.files == {name: b"1"}

    def test_too_many_files_are_misuse(self, sandbox: Sandbox) -> None:
        with pytest.raises(Misuse, match="1025 files are too many"):
            shell(sandbox, "true", files=tuple(FileIn(f"f{i}", b"") for i in range(1025)))

    def test_what_no_host_can_name_is_left_out_and_no_fault_of_ours(
        self, sandbox: Sandbox, tmp_path: Path
    ) -> None:
        """Relative to where one stands a path may be longer than any that can be opened."""
        dive = "import os\nos.mkdir('out')\nos.chdir('out')\nopen('short', 'w').write('1')\n"
        dive += "for _ in range(16):\n os.mkdir('d' * 245)\n os.chdir('d' * 245)\n open('f', 'w').write('x')"
        for target in (None, tmp_path / "brought"):
            report = python(sandbox, dive, collect=("out",), collect_to=target)
            assert (report.exit_code, report.left_out) == (0, 12), report.stderr
            found = [path for path in tmp_path.rglob("*") if path.is_file()] if target else report.files
            assert len(found) == 5

    def test_what_is_asked_for_twice_is_left_out_once(self, sandbox: Sandbox, tmp_path: Path) -> None:
        script = "mkdir a && echo 1 > a/x"
        report = shell(sandbox, script, collect=("a", "a/x"), collect_to=tmp_path / "twice")
        assert (report.exit_code, report.left_out) == (0, 1)
        assert (tmp_path / "twice/a/x").read_text() == "1\n"

    def test_a_host_that_cannot_take_a_file_is_a_fault_of_ours(
        self, sandbox: Sandbox, tmp_path: Path
    ) -> None:
        with pytest.raises(BoxFault, match="cannot be laid out"):
            shell(sandbox, "echo 1 > x", collect=("x",), collect_to=Path("/proc/nowhere"))

    def test_a_host_file_is_laid_and_brought_back_without_our_memory(
        self, sandbox: Sandbox, tmp_path: Path
    ) -> None:
        big, target = tmp_path / "big", tmp_path / "brought"
        big.write_bytes(b"x" * 20 * MIB)
        limits = Limits(cpu_seconds=5, wall_seconds=10, memory_bytes=256 * MIB)
        files = (FileIn("in/big", big), FileIn("small", b"s"))
        tracemalloc.start()
        try:
            report = shell(
                sandbox,
                "mkdir -p out/deep && cp in/big out/deep/big && mv small out/",
                limits=limits,
                files=files,
                collect=("out",),
                collect_to=target,
            )
            assert tracemalloc.get_traced_memory()[1] < 4 * MIB
        finally:
            tracemalloc.stop()
        assert (report.exit_code, report.files, report.left_out) == (0, {}, 0)
        assert (target / "out/deep/big").read_bytes() == big.read_bytes()
        assert (target / "out/small").read_bytes() == b"s"

    def test_what_is_too_large_to_bring_back_is_counted(self, sandbox: Sandbox) -> None:
        script = "head -c 100 /dev/zero > a; head -c 9000 /dev/zero > b; head -c 100 /dev/zero > c"
        report = shell(sandbox, script, collect=("a", "b", "c"), collect_bytes=1000)
        assert (sorted(report.files), report.left_out) == (["a", "c"], 1)

    def test_a_host_file_that_is_not_there_is_misuse(self, sandbox: Sandbox, tmp_path: Path) -> None:
        with pytest.raises(Misuse, match="lost cannot be handed in"):
            shell(sandbox, "true", files=(FileIn("lost", tmp_path / "lost"),))
        assert shell(sandbox, "true").exit_code == 0

    @pytest.mark.parametrize(
        "script",
        ["echo > new", "echo >> given", "rm given", "chmod 777 /w && echo > new", "echo > /.box/w/new"],
    )
    def test_a_closed_work_folder_cannot_be_written(self, sandbox: Sandbox, script: str) -> None:
        files = (FileIn("given", b"as it was"),)
        report = shell(sandbox, f"({script}); cat given; ls", files=files, read_only=True)
        assert report.stdout == b"as it wasgiven\n"

    def test_beside_a_closed_work_folder_tmp_is_open(self, sandbox: Sandbox) -> None:
        assert shell(sandbox, "echo 1 > /tmp/a && cat /tmp/a", read_only=True).stdout == b"1\n"
        assert shell(sandbox, "echo 1 > a && cat a").stdout == b"1\n"

    def test_every_run_starts_empty(self, sandbox: Sandbox) -> None:
        shell(sandbox, "echo left > /w/behind; echo left > /tmp/behind; echo left > /dev/shm/behind")
        assert shell(sandbox, "ls -A /w /tmp /dev/shm/").stdout.split() == [b"/dev/shm/:", b"/tmp:", b"/w:"]

    def test_the_work_folder_has_a_size(self, sandbox: Sandbox) -> None:
        limits = Limits(cpu_seconds=5, wall_seconds=5, memory_bytes=256 * MIB, workspace_bytes=4 * MIB)
        report = shell(
            sandbox, "for i in 1 2 3 4 5 6; do head -c 1000000 /dev/zero > f$i; done", limits=limits
        )
        assert b"No space left" in report.stderr

    def test_what_a_run_wrote_does_not_weigh_on_the_next(self, sandbox: Sandbox) -> None:
        small = Limits(cpu_seconds=5, wall_seconds=5, memory_bytes=8 * MIB)
        for _ in range(4):
            assert shell(sandbox, "head -c 60000000 /dev/zero > /tmp/much").exit_code == 0
            assert shell(sandbox, ":", limits=small).ending is Ending.EXITED

    def test_mounts_are_readable_and_not_writable(self, sandbox: Sandbox, share: Path) -> None:
        mounts = (Mount(share / "data", "/w/data"), Mount(share / "data", "/problem/data"))
        script = (
            "cat data/answer.txt /problem/data/answer.txt; echo 1 > data/answer.txt; touch /problem/data/x"
        )
        report = shell(sandbox, script, mounts=mounts)
        assert report.stdout == b"42\n42\n"
        assert (share / "data" / "answer.txt").read_text() == "42\n"
        assert not (share / "data" / "x").exists()

    def test_a_mount_is_gone_in_the_next_run(self, sandbox: Sandbox, share: Path) -> None:
        shell(sandbox, "true", mounts=(Mount(share / "data", "/problem/data"),))
        assert shell(sandbox, "cat /problem/data/answer.txt").stdout == b""

    @pytest.mark.parametrize("target", ["/usr", "/w", "relative", "/etc/x", "/w/../etc", "/proc/x"])
    def test_mounts_over_the_system_are_misuse(self, sandbox: Sandbox, share: Path, target: str) -> None:
        with pytest.raises(Misuse):
            shell(sandbox, "true", mounts=(Mount(share / "data", target),))

    def test_mounts_outside_the_shares_are_misuse(self, sandbox: Sandbox, share: Path) -> None:
        (share / "out").unlink(missing_ok=True)
        (share / "out").symlink_to("/etc")
        for source in (Path("/etc"), share / "out", share / ".."):
            with pytest.raises(Misuse):
                shell(sandbox, "true", mounts=(Mount(source, "/w/x"),))


class TestStreams:
    def test_stdin_forms(self, sandbox: Sandbox, share: Path, tmp_path: Path) -> None:
        (tmp_path / "elsewhere").write_bytes(b"far")
        assert shell(sandbox, "cat", stdin=b"bytes").stdout == b"bytes"
        assert shell(sandbox, "cat", stdin=share / "data" / "answer.txt").stdout == b"42\n"
        assert shell(sandbox, "cat", stdin=tmp_path / "elsewhere").stdout == b"far"
        assert shell(sandbox, "cat").stdout == b""

    def test_stdin_cannot_be_reopened_for_writing(self, sandbox: Sandbox, share: Path) -> None:
        write = "os.write(os.open('/proc/self/fd/0', os.O_WRONLY), b'X')"
        source = f"import os\ntry: {write}\nexcept OSError: print('no')"
        for stdin in (share / "data" / "answer.txt", b"42\n"):
            assert python(sandbox, source, stdin=stdin).stdout == b"no\n"
        assert (share / "data" / "answer.txt").read_text() == "42\n"

    def test_stdin_does_not_tell_which_test_it_is(self, sandbox: Sandbox, share: Path) -> None:
        source = "import os; print(os.readlink('/proc/self/fd/0'), input())\n"
        source += "for of in ('mountinfo', 'fdinfo/0', 'maps'): print(open(f'/proc/self/{of}').read())"
        told = python(sandbox, source, stdin=share / "data" / "answer.txt").stdout
        assert b" 42\n" in told
        assert b"answer" not in told

    def test_stdin_may_be_closed_to_the_slots_user(self, sandbox: Sandbox, share: Path) -> None:
        """So is what another box printed; it is not told by name, and stays closed to writing."""
        closed = share / "closed.txt"
        closed.touch(0o600)
        closed.write_text("43\n")
        script = "cat; readlink /proc/self/fd/0; (: > /proc/self/fd/0) 2>/dev/null || echo no"
        shell(sandbox, "true", stdin=closed)
        before = count_descriptors()
        said = shell(sandbox, script, stdin=closed, files=(FileIn("a", b"1"),)).stdout
        assert count_descriptors() == before
        assert said.startswith(b"43\n") and said.endswith(b"no\n") and b"closed" not in said
        if sandbox.assurance.backend == "launcher":
            assert said == b"43\n/\nno\n"

    def test_outputs_are_opened_by_name_for_writing_and_not_for_reading(
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

    def test_stdin_that_is_not_there_is_misuse(self, sandbox: Sandbox, share: Path) -> None:
        with pytest.raises(Misuse):
            shell(sandbox, "cat", stdin=share / "missing")

    def test_stdout_into_a_host_file(self, sandbox: Sandbox, tmp_path: Path) -> None:
        report = shell(sandbox, "seq 200000", stdout=tmp_path / "out")
        assert report.stdout == b""
        assert report.stdout_bytes == (tmp_path / "out").stat().st_size == 1288895

    def test_the_cap_holds_for_a_host_file(self, sandbox: Sandbox, tmp_path: Path) -> None:
        limits = Limits(cpu_seconds=5, wall_seconds=5, memory_bytes=64 * MIB, output_bytes=100_000)
        report = shell(sandbox, "seq 200000", stdout=tmp_path / "out", limits=limits)
        assert report.ending is Ending.OUTPUT
        assert (tmp_path / "out").stat().st_size == 100_000

    def test_nothing_of_an_earlier_output_is_left_in_a_host_file(
        self, sandbox: Sandbox, tmp_path: Path
    ) -> None:
        out = tmp_path / "out"
        for script, said in (("seq 20000", None), ("echo 7", b"7\n"), ("true", b""), ("echo 8", b"8\n")):
            report = shell(sandbox, script, stdout=out)
            assert said is None or out.read_bytes() == said
            assert report.stdout_bytes == out.stat().st_size
        out.write_bytes(b"x" * 200_000)
        limits = Limits(cpu_seconds=5, wall_seconds=5, memory_bytes=64 * MIB, output_bytes=100_000)
        assert shell(sandbox, "seq 200000", stdout=out, limits=limits).ending is Ending.OUTPUT
        assert out.stat().st_size == 100_000
        assert b"x" not in out.read_bytes()

    def test_stderr_merged(self, sandbox: Sandbox) -> None:
        report = shell(sandbox, "echo a; echo b >&2; echo c", merge_stderr=True)
        assert (report.stdout, report.stderr) == (b"a\nb\nc\n", b"")

    def test_large_input_and_output(self, sandbox: Sandbox) -> None:
        content = os.urandom(4 * MIB)
        assert shell(sandbox, "cat", stdin=content).stdout == content


class TestSurroundings:
    def test_environment_is_the_commands_own(self, sandbox: Sandbox) -> None:
        os.environ["GAVEL_TEST_SECRET"] = "worker's own"
        try:
            report = shell(sandbox, "env", environment={"LANG": "C", "EXTRA": "1"})
        finally:
            del os.environ["GAVEL_TEST_SECRET"]
        names = {line.partition(b"=")[0] for line in report.stdout.splitlines()}
        assert names - {b"PWD", b"OLDPWD", b"SHLVL", b"_"} == {b"PATH", b"HOME", b"LANG", b"TMPDIR", b"EXTRA"}

    def test_the_target_is_nobody(self, sandbox: Sandbox) -> None:
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

    def test_a_crash_goes_to_no_program_of_the_hosts(self, sandbox: Sandbox) -> None:
        """Where core_pattern is a pipe the kernel minds no limit but this one, and would run that program."""
        told = python(sandbox, "import resource; print(resource.getrlimit(resource.RLIMIT_CORE))").stdout
        assert told == b"(1, 1)\n"

    def test_cwd_and_home_are_the_work_folder(self, sandbox: Sandbox) -> None:
        assert shell(sandbox, "pwd; echo $HOME").stdout == b"/w\n/w\n"

    def test_no_network(self, sandbox: Sandbox) -> None:
        source = "import socket\ntry: socket.socket()\nexcept OSError as e: print(e.errno)"
        assert python(sandbox, source).stdout == b"1\n"

    def test_cpu_time_of_all_descendants_is_counted(self, sandbox: Sandbox) -> None:
        burn = "while time.process_time() < .3: pass"
        source = f"import os, time\nif os.fork() == 0:\n {burn}\n os._exit(0)\nos.wait()"
        # Without cgroups the kernel counts the child in ticks of up to 10 ms; the parent alone has some 20.
        assert python(sandbox, source).cpu_ms >= 240


class TestToolchains:
    def test_gxx(self, sandbox: Sandbox) -> None:
        argv = ("/usr/bin/g++", "-O1", "-o", "prog", "main.cpp")
        files = (FileIn("main.cpp", ADDITION),)
        compiled = sandbox.run(Command(argv, COMPILING, files=files, collect=("prog",), needs="compiler"))
        assert compiled.exit_code == 0, compiled.stderr
        files = (FileIn("prog", compiled.files["prog"], True),)
        ran = sandbox.run(Command(("/w/prog",), ROOMY, stdin=b"1 2", files=files))
        assert (ran.stdout, ran.ending) == (b"3\n", Ending.EXITED)


class TestControl:
    def test_cancel_from_another_thread(self, sandbox: Sandbox) -> None:
        over = threading.Event()

        def cancel_until_it_is_over() -> None:
            while not over.wait(0.2):
                sandbox.cancel()

        thread = threading.Thread(target=cancel_until_it_is_over)
        began = time.monotonic()
        thread.start()
        with pytest.raises(Cancelled):
            shell(sandbox, "sleep 30")
        over.set()
        thread.join()
        assert time.monotonic() - began < 5
        assert shell(sandbox, "echo next").stdout == b"next\n"

    def test_cancel_without_a_run_cancels_nothing(self, sandbox: Sandbox) -> None:
        sandbox.cancel()
        assert shell(sandbox, "echo on").stdout == b"on\n"

    def test_no_descriptor_is_left(self, sandbox: Sandbox) -> None:
        shell(sandbox, "true", files=(FileIn("a", b"1"),), stdin=b"1", collect=("a",))
        before = count_descriptors()
        gone = Path("/nonexistent")
        for _ in range(5):
            with pytest.raises((Misuse, BoxFault)):
                shell(sandbox, "true", stdin=gone)
            with pytest.raises(Misuse):
                shell(sandbox, "true", stdin=b"1", files=(FileIn("a", gone),))
            with pytest.raises(OSError, match="nonexistent"):
                shell(sandbox, "true", stdout=gone / "out")
            shell(sandbox, "true", files=(FileIn("a", b"1"),), stdin=b"1", collect=("a",))
        assert count_descriptors() == before

    def test_a_misused_command_leaves_the_slot_usable(self, sandbox: Sandbox) -> None:
        for command in (
            Command((), ROOMY),
            Command(("relative",), ROOMY),
            Command(("/bin/true",), ROOMY, needs="x"),
        ):
            with pytest.raises(Misuse):
                sandbox.run(command)
        assert shell(sandbox, "echo fine").stdout == b"fine\n"


class TestConversations:
    def talk(
        self, sandbox: Sandbox, first: str, second: str, seconds: float = 3.0
    ) -> tuple[RunReport, RunReport, int]:
        limits = Limits(cpu_seconds=2, wall_seconds=seconds, memory_bytes=64 * MIB)
        commands = [
            Command(("/usr/bin/python3", "-c", code), limits, needs="python") for code in (first, second)
        ]
        told = sandbox.converse(*commands)
        return told.first, told.second, told.ended_first

    # Who ends second lingers: each init stamps its target's end, and a busy host may wake either late.

    def test_two_programs_talk(self, sandbox: Sandbox) -> None:
        asker = "import os\nfor i in range(200):\n print(i, flush=True)\n assert int(input()) == i + 1\n"
        asker += "os._exit(0)"
        answerer = "import sys, time\nfor line in sys.stdin: print(int(line) + 1, flush=True)\ntime.sleep(.3)"
        first, second, ended_first = self.talk(sandbox, asker, answerer)
        assert (first.exit_code, second.exit_code, ended_first) == (0, 0, 0), (first.stderr, second.stderr)

    def test_the_first_to_fail_is_named(self, sandbox: Sandbox) -> None:
        crash = "import os; input(); os.abort()"
        waiter = "import sys, time; print(1, flush=True); gone = not sys.stdin.read(1)\n"
        waiter += "time.sleep(.3); sys.exit(gone)"
        first, second, ended_first = self.talk(sandbox, waiter, crash)
        assert (second.signal, ended_first) == (6, 1)
        assert first.exit_code == 1  # end of file, told at once

    @pytest.mark.parametrize("dies", [0, 1], ids=["first", "second"])
    def test_an_ordered_conversation_never_tells_a_consequence_as_the_earlier_end(
        self, sandbox: Sandbox, dies: int
    ) -> None:
        limits = Limits(cpu_seconds=2, wall_seconds=3, memory_bytes=64 * MIB)
        sides = [Command(("/bin/sh", "-c", "read x; exit 43"), limits, needs="script")] * 2
        sides[dies] = Command(("/bin/sh", "-c", "exit 5"), limits, needs="script")
        talks = [sandbox.converse(*sides, ordered=True) for _ in range(20)]
        assert [talk.ended_first for talk in talks] == [dies] * 20
        assert all(talk.first.exit_code and talk.second.exit_code for talk in talks)

    def test_an_ordered_conversation_tells_a_broken_pipe_once_the_reader_has_ended(
        self, sandbox: Sandbox
    ) -> None:
        limits = Limits(cpu_seconds=2, wall_seconds=3, memory_bytes=64 * MIB)
        pours = Command(("/bin/sh", "-c", "exec cat /dev/zero"), limits, needs="script")
        leaves = Command(("/bin/sh", "-c", "exit 42"), limits, needs="script")
        talk = sandbox.converse(pours, leaves, ordered=True)
        assert (talk.first.signal, talk.second.exit_code, talk.ended_first) == (13, 42, 1)

    def test_ordered_conversations_leave_no_descriptor(self, sandbox: Sandbox) -> None:
        self.talk(sandbox, "pass", "pass")
        before = count_descriptors()
        limits = Limits(cpu_seconds=2, wall_seconds=3, memory_bytes=64 * MIB)
        fine = Command(("/bin/true",), limits)
        for _ in range(3):
            with pytest.raises(Misuse):
                sandbox.converse(fine, Command(("/nothing",), limits), ordered=True)
            sandbox.converse(fine, fine, ordered=True)
        assert count_descriptors() == before

    def test_either_opens_its_end_by_name_and_not_the_others(self, sandbox: Sandbox) -> None:
        wrong = "import os\nfor name, way in ('/dev/stdin', os.O_WRONLY), ('/dev/stdout', os.O_RDONLY):\n"
        wrong += " try: print('opened', name, file=sys.stderr)if os.open(name, way) else 0\n"
        wrong += " except OSError as error: print(error.strerror, file=sys.stderr)\n"
        asker = "import sys\nprint(20, file=open('/dev/stdout', 'w'), flush=True)\n"
        asker += "print(int(open('/dev/stdin').readline()), file=sys.stderr)\n" + wrong
        answerer = "import sys\nn = int(open('/dev/stdin').readline())\n"
        answerer += "print(n + 1, file=open('/dev/stdout', 'w'), flush=True)\n" + wrong
        first, second, _ = self.talk(sandbox, asker, answerer, seconds=20)
        # Without root all boxes are our own user, who owns the pipes and may do both.
        refused = (
            b"Permission denied\n" * 2 if os.geteuid() == 0 else b"opened /dev/stdin\nopened /dev/stdout\n"
        )
        assert (first.stderr, second.stderr) == (b"21\n" + refused, refused)

    def test_waiting_for_each_other_ends(self, sandbox: Sandbox) -> None:
        first, second, _ = self.talk(sandbox, "input()", "input()", seconds=0.4)
        assert Ending.WALL in (first.ending, second.ending)

    def test_the_second_survives_a_first_that_has_left(self, sandbox: Sandbox) -> None:
        talker = "import sys, time\nrest = sys.stdin.read()\ntime.sleep(0.3)\n"
        talker += "for _ in range(100): print('x' * 100, flush=True)\nprint(rest, file=sys.stderr)"
        first, second, ended_first = self.talk(sandbox, "print(1)", talker)
        assert (first.exit_code, second.exit_code, ended_first) == (0, 0, 0), second.stderr
        assert second.stderr == b"1\n\n"

    def test_writing_to_the_dead_ends(self, sandbox: Sandbox) -> None:
        talker = (
            "import os, time\ntry:\n while 1: print('x' * 1000)\nexcept OSError: time.sleep(.3); os._exit(1)"
        )
        first, second, ended_first = self.talk(sandbox, talker, "pass")
        assert first.ending in (Ending.EXITED, Ending.SIGNALLED)
        assert (second.exit_code, ended_first) == (0, 1)
