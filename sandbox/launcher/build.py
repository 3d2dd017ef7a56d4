"""Builds the launcher if it is missing or was built from other sources: by ``make setup``, or at first use.

Gavel's wheels contain the launcher, built by ``setup.py``. If that binary does not fit the host, the host
builds its own.

The binary is written beside its sources, or into the user's cache if their folder is not writable. It
contains a hash of its sources, so a stale binary is never used.
"""

from __future__ import annotations

import hashlib
import os
import platform
import shutil
import subprocess
import tempfile
from pathlib import Path

from sandbox.errors import CannotIsolate
from sandbox.launcher import seccomp_compiler
from sandbox.private_folder import private_folder, refuse_foreign_folder

HERE = Path(__file__).parent
NAME = "gavel-launcher"
FLAGS = (
    "-std=gnu11",
    "-O2",
    "-static",
    "-Wall",
    "-Wextra",
    "-Werror",
    "-Wshadow",
    "-fstack-protector-strong",
)


def source_hash() -> str:
    """A hash of all sources and options of the binary."""
    digest = hashlib.sha256(" ".join(FLAGS).encode())
    for path in sorted([*HERE.glob("*.[ch]"), *HERE.glob("seccomp/*.list"), HERE / "seccomp_compiler.py"]):
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


def _cache_folder() -> Path:
    try:
        return Path("~").expanduser() / ".cache" / "gavel"
    except RuntimeError:  # The user has no home folder.
        return Path(tempfile.gettempdir()) / f"gavel-launcher-{os.geteuid()}"


def _is_current(binary: Path, wanted: str) -> bool:
    if not os.access(binary, os.X_OK):
        return False
    try:
        done = subprocess.run([binary, "--version"], capture_output=True, text=True, timeout=10, check=False)
    except OSError:
        return False
    return done.stdout.strip() == wanted


def _target_folder() -> Path:
    if os.access(HERE, os.W_OK):
        return HERE
    return private_folder(_cache_folder())


def find_compiler() -> str | None:
    """The C compiler of this host."""
    return shutil.which("gcc") or shutil.which("cc")


def _compile_here(binary: Path, wanted: str) -> None:
    compiler = find_compiler()
    if compiler is None:
        raise CannotIsolate(
            f"there is no launcher that fits this machine ({platform.machine()}) and no C compiler to "
            "build it: install gcc, or install Gavel's wheel for this platform"
        )
    compile_launcher(binary, compiler, wanted)


def compile_launcher(binary: Path, compiler: str, wanted: str) -> None:
    """Build the launcher for the compiler's machine. Raises CannotIsolate with the compiler's message."""
    with tempfile.TemporaryDirectory(dir=binary.parent) as folder:
        (Path(folder) / "filters.h").write_text(seccomp_compiler.render_header(compiler))
        built = Path(folder) / NAME
        options = [*FLAGS, f'-DSOURCE_HASH="{wanted}"', f"-I{folder}", f"-I{HERE}", "-o", str(built)]
        sources = [str(path) for path in sorted(HERE.glob("*.c"))]
        done = subprocess.run([compiler, *options, *sources], capture_output=True, text=True, check=False)
        if done.returncode:
            raise CannotIsolate(f"the launcher does not compile:\n{done.stderr[-4000:]}")
        built.chmod(0o755)
        built.replace(binary)


def launcher_path() -> Path:
    """The launcher, built first if necessary. Raises CannotIsolate when it cannot be built."""
    wanted = source_hash()
    if _is_current(HERE / NAME, wanted):
        return HERE / NAME
    built = _cache_folder() / NAME
    if built.exists():
        refuse_foreign_folder(built.parent)  # This must come before a binary in the folder is run.
        if _is_current(built, wanted):
            return built
    binary = _target_folder() / NAME
    try:
        _compile_here(binary, wanted)
    except (OSError, subprocess.SubprocessError) as error:
        raise CannotIsolate(f"the launcher cannot be built: {error}") from error
    return binary


if __name__ == "__main__":  # `python -m sandbox.launcher` does the same without a warning
    print(launcher_path())
