"""`make dist`: wheels and sdists of the server and the client, SBOMs and checksums, in ``dist``.

Everything is built from a copy of the files that git tracks, plus the built pages, so that nothing else of a
checkout gets in. A wheel is built from the sdist, so a file that the sdist lacks is missing in the wheel too.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
DIST = ROOT / "dist"
PAGES = Path("judge_api/views/dist")
NPM_FOLDERS = {"pages": "frontend", "toolchains": "deploy/toolchains"}


@dataclass(frozen=True)
class Platform:
    """A machine that a wheel is built for, and the C compiler that builds its launcher."""

    machine: str
    compiler: str
    debian_package: str


PLATFORMS = (
    Platform("x86_64", "x86_64-linux-gnu-gcc", "gcc"),
    Platform("aarch64", "aarch64-linux-gnu-gcc", "gcc-aarch64-linux-gnu"),
)


class CannotBuild(Exception):
    """Something that the build needs is missing; the message says what to do."""


def choose_platforms(names: str) -> tuple[Platform, ...]:
    """The platforms of a comma-separated list, all for an empty one. Raises CannotBuild."""
    wanted = [name for name in names.replace(",", " ").split() if name]
    known = {platform.machine: platform for platform in PLATFORMS}
    if unknown := [name for name in wanted if name not in known]:
        raise CannotBuild(
            f"PLATFORMS names the unknown platform {unknown[0]}. Choose from {', '.join(known)}"
        )
    chosen = tuple(known[name] for name in wanted) or PLATFORMS
    for platform in chosen:
        if shutil.which(platform.compiler) is None:
            raise CannotBuild(
                f"{platform.compiler} is missing: apt-get install {platform.debian_package}, "
                f"or leave {platform.machine} out: make dist PLATFORMS=NAME"
            )
    return chosen


def copy_sources(target: Path) -> None:
    """Copy every file that git tracks here, and the built pages. Raises CannotBuild without pages."""
    if not (ROOT / PAGES / "index.html").is_file():
        raise CannotBuild("the pages are not built: run `make pages` and read what it prints")
    tracked = _run(["git", "ls-files", "-z"], ROOT).split("\0")
    for name in filter(None, tracked):
        if (ROOT / name).is_file():  # a file that was deleted and is still tracked is left out
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target / name)
    shutil.copytree(ROOT / PAGES, target / PAGES, ignore=shutil.ignore_patterns(".built"))
    shutil.copy2(ROOT / "LICENSE", target / "gavel_client" / "LICENSE")


def build_sdist(sources: Path, dist: Path) -> Path:
    return dist / _build("build_sdist", sources, dist, {})


def build_wheel(sdist: Path, dist: Path, environment: Mapping[str, str]) -> Path:
    """A wheel, from the unpacked sdist."""
    with tempfile.TemporaryDirectory(prefix="gavel-wheel-") as place:
        with tarfile.open(sdist) as archive:
            archive.extractall(place, filter="data")
        (folder,) = Path(place).iterdir()
        return dist / _build("build_wheel", folder, dist, environment)


def _build(hook: str, folder: Path, dist: Path, environment: Mapping[str, str]) -> str:
    """Call a hook of the build backend. Returns the name of the file that it made."""
    call = f"import sys; from setuptools import build_meta as b; print('\\n' + b.{hook}(sys.argv[1]))"
    epoch = _run(["git", "log", "-1", "--format=%ct"], ROOT).strip()
    surroundings = {**os.environ, "SOURCE_DATE_EPOCH": epoch, **environment}
    return _run([sys.executable, "-c", call, str(dist)], folder, surroundings).splitlines()[-1]


def write_python_sbom(lock: Path, target: Path) -> None:
    """The Python packages of a lock file, as CycloneDX."""
    words = ["-m", "cyclonedx_py", "requirements", "--output-reproducible", "-o", str(target), str(lock)]
    _run([sys.executable, *words], ROOT)


def write_npm_sbom(folder: Path, target: Path) -> None:
    """The npm packages of a lock file, as CycloneDX. Raises CannotBuild if this npm cannot write this format.

    Build tools are marked in the list. ``--omit dev`` would also leave out react, which a build tool needs
    too.
    """
    words = ["npm", "sbom", "--sbom-format", "cyclonedx", "--package-lock-only"]
    target.write_text(_run(words, folder))


def write_constraints(lock: Path, target: Path) -> None:
    """The versions that were tested, for `pip install -c`."""
    lines = [line.split()[0] for line in lock.read_text().splitlines() if "==" in line.partition(" ")[0]]
    target.write_text("\n".join(lines) + "\n")


def write_checksums(dist: Path) -> None:
    """``SHA256SUMS`` of every other file, for `sha256sum -c`."""
    names = sorted(path.name for path in dist.iterdir() if path.is_file() and path.name != "SHA256SUMS")
    rows = [f"{hashlib.sha256((dist / name).read_bytes()).hexdigest()}  {name}" for name in names]
    (dist / "SHA256SUMS").write_text("\n".join(rows) + "\n")


def _run(words: Sequence[str], folder: Path, environment: Mapping[str, str] | None = None) -> str:
    try:
        done = subprocess.run(words, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    except OSError as error:
        raise CannotBuild(f"{words[0]}: {error.strerror}") from error
    if done.returncode:
        raise CannotBuild(f"{' '.join(words[:4])} failed:\n{(done.stderr or done.stdout)[-3000:]}")
    return done.stdout


def build_all(platforms: Sequence[Platform], dist: Path) -> None:
    """Empty the folder ``dist``, and build everything into it."""
    shutil.rmtree(dist, ignore_errors=True)
    dist.mkdir()
    with tempfile.TemporaryDirectory(prefix="gavel-dist-") as place:
        sources = Path(place)
        copy_sources(sources)
        sdist = build_sdist(sources, dist)
        for platform in platforms:
            print(f"Building the wheel for {platform.machine} ...", flush=True)
            wheel = build_wheel(sdist, dist, {"GAVEL_LAUNCHER_CC": platform.compiler})
            if platform.machine not in wheel.name:
                raise CannotBuild(f"{wheel.name} is not a wheel for {platform.machine}")
        build_wheel(build_sdist(sources / "gavel_client", dist), dist, {})
    write_lists(dist)
    write_checksums(dist)


def write_lists(dist: Path) -> None:
    """The SBOMs, and the tested versions of the server's Python packages."""
    write_python_sbom(ROOT / "requirements.lock", dist / "sbom-python.cdx.json")
    for name, folder in NPM_FOLDERS.items():
        write_npm_sbom(ROOT / folder, dist / f"sbom-{name}.cdx.json")
    for sbom in dist.glob("*.cdx.json"):
        if not json.loads(sbom.read_text())["components"]:
            raise CannotBuild(f"{sbom.name} lists nothing")
    write_constraints(ROOT / "requirements.lock", dist / "constraints.txt")


def main() -> None:
    try:
        build_all(choose_platforms(os.environ.get("PLATFORMS", "")), DIST)
    except CannotBuild as error:
        raise SystemExit(f"make dist: {error}") from error
    for path in sorted(DIST.iterdir()):
        print(f"{path.stat().st_size:>10}  dist/{path.name}")


if __name__ == "__main__":
    main()
