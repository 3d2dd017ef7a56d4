"""The commands that install missing compilers."""

from __future__ import annotations

import platform
import subprocess
from collections.abc import Iterable

from judge_core.languages import load_languages

SCIENTIFIC = "python3-scientific"

_DEBIAN = {
    "elixir": "elixir",
    "erl": "erlang-base",
    "gdc": "gdc",
    "gfortran": "gfortran",
    "gnatmake": "gnat",
    "nasm": "nasm gcc libc6-dev",
    "nim": "nim",
    "octave-cli": "octave",
    "racket": "racket",
    "sbcl": "sbcl",
    "sqlite3": "sqlite3",
    SCIENTIFIC: "python3-numpy python3-pandas python3-scipy python3-sortedcontainers",
    "swiftc": "swiftlang",
    "g++": "g++ libc6-dev",
    "gcc": "gcc libc6-dev",
    "clang": "clang g++",
    "clang++": "clang g++",
    "fpc": "fp-compiler fp-units-base fp-units-rtl fp-units-fcl",
    "ghc": "ghc",
    "go": "golang-go",
    "java": "default-jdk-headless",
    "javac": "default-jdk-headless",
    "lua": "lua5.4",
    "luac": "lua5.4",
    "mcs": "mono-mcs mono-runtime libmono-system-core4.0-cil libmono-system-numerics4.0-cil",
    "mono": "mono-mcs mono-runtime libmono-system-core4.0-cil libmono-system-numerics4.0-cil",
    "node": "nodejs",
    "ocamlopt": "ocaml-nox",
    "perl": "perl",
    "php": "php-cli",
    "pypy3": "pypy3",
    "python3": "python3",
    "Rscript": "r-base-core",
    "ruby": "ruby",
    "rustc": "rustc",
    "scala": "scala",
    "scalac": "scala",
}
_ONLY_IN = {"nim": "bookworm", "swiftc": "trixie"}
_NPM = {"kotlinc": "kotlin-compiler", "tsc": "typescript"}
_ZIG = "deploy/toolchains/zig-requirements.txt"
_PLACE = "/usr/local/lib/gavel-toolchains"


def debian_release() -> str:
    """The code name of this system's release, such as bookworm. Empty if the system has no code name."""
    try:
        return platform.freedesktop_os_release().get("VERSION_CODENAME", "")
    except OSError:
        return ""


def has_libraries() -> bool:
    """Whether the host's Python has the scientific libraries."""
    command = load_languages()[SCIENTIFIC].version_command
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def unpackaged(programs: Iterable[str], release: str) -> list[str]:
    """A comment for each program that this release of Debian does not have."""
    return [f"# {name}: Debian has it in {_ONLY_IN[name]} only" for name in sorted(_lost(programs, release))]


def _lost(programs: Iterable[str], release: str) -> set[str]:
    return {name for name in programs if _ONLY_IN.get(name, release) != release}


def install_lines(programs: Iterable[str], release: str = "") -> list[str]:
    """The shell lines that install these programs. Run them as root in the top folder of the repository.

    With ``release``, programs that this release of Debian does not have are left out.
    """
    programs = set(programs)
    wanted = sorted(programs - (_lost(programs, release) if release else set()))
    debian = {package for name in wanted for package in _DEBIAN.get(name, "").split()}
    npm = [name for name in wanted if name in _NPM]
    if npm:
        debian |= {"nodejs", "npm"}
    lines = [f"apt-get install -y --no-install-recommends {' '.join(sorted(debian))}"] if debian else []
    if npm:
        lines.append(f"install -D -t {_PLACE} deploy/toolchains/package*.json")
        lines.append(f"npm ci --prefix {_PLACE} --ignore-scripts --no-audit --no-fund")
    if "zig" in wanted:
        lines.append(f"python3 -m pip install --no-deps --target {_PLACE} -r {_ZIG}")
        lines.append(f"ln -sf {_PLACE}/ziglang/zig /usr/local/bin/zig")
    lines += [f"ln -sf {_PLACE}/node_modules/{_NPM[name]}/bin/{name} /usr/local/bin/{name}" for name in npm]
    return lines
