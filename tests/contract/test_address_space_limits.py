"""Runtimes that reserve more address space than they use also start without cgroups, where only rlimits bound
memory."""

from __future__ import annotations

from pathlib import Path

import pytest

from sandbox import MIB, Command, Ending, InputFile, Limits, SlotConfig
from sandbox.backends.command_check import RESERVES_ADDRESS_SPACE
from sandbox.factory import open_backend
from sandbox.launcher.seccomp_compiler import profile_names

SOURCE = b"class P { static void Main() { System.Console.WriteLine(40); } }\n"
LIMITS = Limits(cpu_seconds=30, wall_seconds=60, memory_bytes=512 * MIB, processes=64)


def test_every_runtime_that_reserves_address_space_has_a_seccomp_profile() -> None:
    assert set(RESERVES_ADDRESS_SPACE) <= set(profile_names())


@pytest.mark.skipif(not Path("/usr/bin/mcs").exists(), reason="Mono is not installed")
def test_mono_compiles_and_runs_without_cgroups(tmp_path: Path) -> None:
    sandbox = open_backend(SlotConfig(477, (), tmp_path), "launcher", with_cgroups=False)
    try:
        compile = Command(
            ("/usr/bin/mcs", "-out:p.exe", "m.cs"),
            LIMITS,
            files=(InputFile("m.cs", SOURCE),),
            collect=("p.exe",),
            seccomp_profile="mono",
        )
        made = sandbox.run(compile)
        assert made.ending is Ending.EXITED, made.stderr
        program = InputFile("p.exe", made.files["p.exe"])
        run = sandbox.run(
            Command(("/usr/bin/mono", "p.exe"), LIMITS, files=(program,), seccomp_profile="mono")
        )
        assert run.stdout == b"40\n", run.stderr
    finally:
        sandbox.close()
