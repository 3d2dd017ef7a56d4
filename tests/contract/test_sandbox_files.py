"""Input files, mounts and collected files work in every sandbox."""

from __future__ import annotations

import tracemalloc
from pathlib import Path

import pytest

from sandbox import (
    MIB,
    BoxFault,
    Ending,
    InputFile,
    Limits,
    Misuse,
    Mount,
    Sandbox,
)
from tests.contract.backends import python, shell

pytest_plugins = ("tests.contract.backends",)

COMPILING = Limits(cpu_seconds=60, wall_seconds=100, memory_bytes=512 * MIB, processes=64)
ADDITION = b'#include <iostream>\nint main(){int a,b;std::cin>>a>>b;std::cout<<a+b<<"\\n";}\n'
TOO_LONG = ("n" * 256, "ü" * 128, "/".join(["d" * 250] * 17))


class TestFiles:
    def test_input_files_are_written_and_files_are_collected(self, sandbox: Sandbox) -> None:
        files = (
            InputFile("in.txt", b"1\n"),
            InputFile("sub/folder/run", b"#!/bin/sh\ncat in.txt; echo 2", True),
        )
        report = shell(sandbox, "sub/folder/run > out.txt", files=files, collect=("out.txt", "missing"))
        assert report.files == {"out.txt": b"1\n2\n"}

    def test_a_folder_is_collected_with_its_subfolders(self, sandbox: Sandbox) -> None:
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
    def test_special_files_are_not_collected(self, sandbox: Sandbox, script: str) -> None:
        report = shell(sandbox, script, collect=("out",), collect_bytes=1 * MIB)
        assert report.files == {}

    @pytest.mark.parametrize(
        "name",
        ["../x", "/etc/passwd", "a/../../x", "", ".", "a//b", "a\0b", *TOO_LONG, "\ud800"],
        ids=lambda name: ascii(name[:12]),
    )
    def test_file_names_that_are_invalid_or_lead_out_of_the_work_folder_raise_misuse(
        self, sandbox: Sandbox, name: str
    ) -> None:
        with pytest.raises(Misuse):
            shell(sandbox, "true", files=(InputFile(name, b""),))
        with pytest.raises(Misuse):
            shell(sandbox, "true", collect=(name,))

    def test_a_file_name_may_be_as_long_as_a_file_system_allows(self, sandbox: Sandbox) -> None:
        for name in ("n" * 255, "ü" * 127, "/".join(["d" * 250] * 4)):
            report = shell(sandbox, "true", files=(InputFile(name, b"1"),), collect=(name,))
            assert report.files == {name: b"1"}

    def test_a_command_with_too_many_files_raises_misuse(self, sandbox: Sandbox) -> None:
        with pytest.raises(Misuse, match="1025 files are too many"):
            shell(sandbox, "true", files=tuple(InputFile(f"f{i}", b"") for i in range(1025)))

    def test_a_collected_path_that_is_too_long_for_the_host_is_skipped(
        self, sandbox: Sandbox, tmp_path: Path
    ) -> None:
        """A program can make a path that is too long to open, by changing into each new folder."""
        dive = "import os\nos.mkdir('out')\nos.chdir('out')\nopen('short', 'w').write('1')\n"
        dive += "for _ in range(16):\n os.mkdir('d' * 245)\n os.chdir('d' * 245)\n open('f', 'w').write('x')"
        for target in (None, tmp_path / "brought"):
            report = python(sandbox, dive, collect=("out",), collect_to=target)
            assert (report.exit_code, report.skipped_files) == (0, 12), report.stderr
            found = [path for path in tmp_path.rglob("*") if path.is_file()] if target else report.files
            assert len(found) == 5

    def test_a_file_that_is_requested_twice_is_collected_once(self, sandbox: Sandbox, tmp_path: Path) -> None:
        script = "mkdir a && echo 1 > a/x"
        report = shell(sandbox, script, collect=("a", "a/x"), collect_to=tmp_path / "twice")
        assert (report.exit_code, report.skipped_files) == (0, 1)
        assert (tmp_path / "twice/a/x").read_text() == "1\n"

    def test_a_file_that_the_host_cannot_save_raises_a_box_fault(
        self, sandbox: Sandbox, tmp_path: Path
    ) -> None:
        with pytest.raises(BoxFault, match="cannot be saved"):
            shell(sandbox, "echo 1 > x", collect=("x",), collect_to=Path("/proc/nowhere"))

    def test_large_files_are_copied_in_and_out_of_a_box_with_little_worker_memory(
        self, sandbox: Sandbox, tmp_path: Path
    ) -> None:
        big, target = tmp_path / "big", tmp_path / "brought"
        big.write_bytes(b"x" * 20 * MIB)
        limits = Limits(cpu_seconds=30, wall_seconds=60, memory_bytes=256 * MIB)
        files = (InputFile("in/big", big), InputFile("small", b"s"))
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
        assert (report.exit_code, report.files, report.skipped_files) == (0, {}, 0)
        assert (target / "out/deep/big").read_bytes() == big.read_bytes()
        assert (target / "out/small").read_bytes() == b"s"

    def test_a_file_that_is_too_large_to_collect_is_counted_as_skipped(self, sandbox: Sandbox) -> None:
        script = "head -c 100 /dev/zero > a; head -c 9000 /dev/zero > b; head -c 100 /dev/zero > c"
        report = shell(sandbox, script, collect=("a", "b", "c"), collect_bytes=1000)
        assert (sorted(report.files), report.skipped_files) == (["a", "c"], 1)

    def test_a_command_with_a_missing_host_file_raises_misuse(self, sandbox: Sandbox, tmp_path: Path) -> None:
        with pytest.raises(Misuse, match="lost cannot be copied into the box"):
            shell(sandbox, "true", files=(InputFile("lost", tmp_path / "lost"),))
        assert shell(sandbox, "true").exit_code == 0

    @pytest.mark.parametrize(
        "script",
        ["echo > new", "echo >> given", "rm given", "chmod 777 /w && echo > new", "echo > /.box/w/new"],
    )
    def test_a_read_only_work_folder_cannot_be_written(self, sandbox: Sandbox, script: str) -> None:
        files = (InputFile("given", b"as it was"),)
        report = shell(sandbox, f"({script}); cat given; ls", files=files, read_only=True)
        assert report.stdout == b"as it wasgiven\n"

    def test_tmp_is_writable_beside_a_read_only_work_folder(self, sandbox: Sandbox) -> None:
        assert shell(sandbox, "echo 1 > /tmp/a && cat /tmp/a", read_only=True).stdout == b"1\n"
        assert shell(sandbox, "echo 1 > a && cat a").stdout == b"1\n"

    def test_a_run_finds_no_file_of_an_earlier_run(self, sandbox: Sandbox) -> None:
        shell(sandbox, "echo left > /w/behind; echo left > /tmp/behind; echo left > /dev/shm/behind")
        assert shell(sandbox, "ls -A /w /tmp /dev/shm/").stdout.split() == [b"/dev/shm/:", b"/tmp:", b"/w:"]

    def test_the_work_folder_has_a_size_limit(self, sandbox: Sandbox) -> None:
        limits = Limits(cpu_seconds=30, wall_seconds=60, memory_bytes=256 * MIB, workspace_bytes=4 * MIB)
        report = shell(
            sandbox, "for i in 1 2 3 4 5 6; do head -c 1000000 /dev/zero > f$i; done", limits=limits
        )
        assert b"No space left" in report.stderr

    def test_the_memory_of_a_run_s_files_is_not_charged_to_the_next_run(self, sandbox: Sandbox) -> None:
        small = Limits(cpu_seconds=30, wall_seconds=60, memory_bytes=8 * MIB)
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

    def test_a_mount_lasts_for_one_run(self, sandbox: Sandbox, share: Path) -> None:
        shell(sandbox, "true", mounts=(Mount(share / "data", "/problem/data"),))
        assert shell(sandbox, "cat /problem/data/answer.txt").stdout == b""

    @pytest.mark.parametrize("target", ["/usr", "/w", "relative", "/etc/x", "/w/../etc", "/proc/x"])
    def test_mounts_over_the_system_raise_misuse(self, sandbox: Sandbox, share: Path, target: str) -> None:
        with pytest.raises(Misuse):
            shell(sandbox, "true", mounts=(Mount(share / "data", target),))

    def test_mounts_outside_the_shares_raise_misuse(self, sandbox: Sandbox, share: Path) -> None:
        (share / "out").unlink(missing_ok=True)
        (share / "out").symlink_to("/etc")
        for source in (Path("/etc"), share / "out", share / ".."):
            with pytest.raises(Misuse):
                shell(sandbox, "true", mounts=(Mount(source, "/w/x"),))
