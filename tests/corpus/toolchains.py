"""The commands that install the compilers which are missing here."""

from __future__ import annotations

from collections.abc import Iterable

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
_NPM = {"kotlinc": "kotlin-compiler", "tsc": "typescript"}
_ZIG = "deploy/toolchains/zig-requirements.txt"
_PLACE = "/usr/local/lib/gavel-toolchains"


def install_lines(programs: Iterable[str]) -> list[str]:
    """Shell lines, to be run as root at the top of the repository."""
    wanted = sorted(set(programs))
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
