"""The launcher works under the seccomp profile of the worker's container."""

from __future__ import annotations

import ctypes
import errno
import json
import platform
import subprocess
import sys
import tempfile
from pathlib import Path

from sandbox import MIB, Command, Ending, InputFile, Limits, Mount, Sandbox, SlotConfig
from sandbox.factory import open_sandbox
from sandbox.launcher import seccomp_compiler
from sandbox.launcher.build import launcher_path

ROOT = Path(__file__).parents[2]
PROFILE = ROOT / "deploy" / "seccomp-worker.json"
SLOT = 476
NO_NEW_PRIVS, SECCOMP = 38, {"x86_64": 317, "aarch64": 277}


class Instruction(ctypes.Structure):
    _fields_ = (
        ("code", ctypes.c_ushort),
        ("yes", ctypes.c_ubyte),
        ("no", ctypes.c_ubyte),
        ("k", ctypes.c_uint),
    )


class Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("code", ctypes.POINTER(Instruction)))


def test_every_kind_of_run_works_under_the_container_profile() -> None:
    launcher_path()
    command = [sys.executable, "-m", "tests.contract.test_container_profile"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr


def enter_profile() -> None:
    """Put this process and its children under the container's profile, as if its conditions were met."""
    rules = json.loads(PROFILE.read_text())["syscalls"]
    named = dict.fromkeys((name for rule in rules for name in rule["names"]), "")
    numbers = seccomp_compiler.call_numbers()
    code = seccomp_compiler.compile_filter(named, numbers, platform.machine())
    program = Program(len(code), (Instruction * len(code))(*(Instruction(*each) for each in code)))
    libc = ctypes.CDLL(None, use_errno=True)
    assert libc.prctl(NO_NEW_PRIVS, 1, 0, 0, 0) == 0
    assert libc.syscall(SECCOMP[platform.machine()], 1, 0, ctypes.byref(program)) == 0
    assert libc.syscall(numbers["setns"], -1, 0) == -1
    assert ctypes.get_errno() == errno.ENOSYS


def run_every_kind(sandbox: Sandbox, share: Path) -> None:
    """Run a program in a box that was waiting, in a box of a different size, in a box with every option, and
    in a pair."""
    for megabytes in (256, 64, 256):
        limits = Limits(5, 10, 128 * MIB, workspace_bytes=megabytes * MIB)
        assert sandbox.run(Command(("/bin/true",), limits)).ending is Ending.EXITED
    everything = Command(
        ("/bin/cat", "a"),
        limits,
        files=(InputFile("a", b"1"),),
        mounts=(Mount(share, "/prog"),),
        collect=("a",),
        read_only=True,
    )
    assert sandbox.run(everything).stdout == b"1"
    pair = sandbox.run_pair(Command(("/bin/echo", "x"), limits), Command(("/bin/cat",), limits))
    assert (pair.first.exit_code, pair.second.exit_code) == (0, 0)


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="gavel-profile-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        enter_profile()
        sandbox = open_sandbox(SlotConfig(SLOT, (folder,), folder, backend="launcher"))
        try:
            run_every_kind(sandbox, folder)
        finally:
            sandbox.close()


if __name__ == "__main__":
    main()
