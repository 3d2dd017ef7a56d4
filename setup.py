"""Adds to the wheel what is not a Python file of a package: the sample problems and the static launcher.

Everything else is in pyproject.toml. ``GAVEL_LAUNCHER_CC`` names a cross compiler; the wheel is then for its
machine. If no compiler is found, the wheel has no launcher and fits every machine.
"""

from __future__ import annotations

import os
import sys
import zipfile
from pathlib import Path

from setuptools import Distribution, setup
from setuptools.command.bdist_wheel import bdist_wheel
from setuptools.command.build_py import build_py

ROOT = Path(__file__).parent
sys.path.insert(0, str(ROOT))

from sandbox.errors import CannotIsolate  # noqa: E402
from sandbox.launcher.build import NAME, compile_launcher, find_compiler, source_hash  # noqa: E402
from sandbox.launcher.seccomp_compiler import ARCHITECTURES, target_machine  # noqa: E402

EPOCH = (1980, 1, 1, 0, 0, 0)
TAGS = "manylinux_2_17_{machine}.musllinux_1_1_{machine}"
"""The launcher is static and needs neither glibc nor musl, so one wheel fits systems with either library."""


def launcher_compiler() -> str | None:
    return os.environ.get("GAVEL_LAUNCHER_CC") or find_compiler()


def write_samples(folder: Path) -> None:
    """Write a zip for each sample problem. pip would compile the Python files of an unpacked problem."""
    folder.mkdir(parents=True, exist_ok=True)
    for package in sorted((ROOT / "problems").iterdir()):
        if (package / "problem.yaml").is_file():
            write_sample(package, folder / f"{package.name}.zip")


def write_sample(package: Path, target: Path) -> None:
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(path for path in package.rglob("*") if path.is_file()):
            member = zipfile.ZipInfo(f"{package.name}/{path.relative_to(package).as_posix()}", EPOCH)
            member.compress_type = zipfile.ZIP_DEFLATED
            member.external_attr = (0o100755 if os.access(path, os.X_OK) else 0o100644) << 16
            archive.writestr(member, path.read_bytes())


class BuildWithSamplesAndLauncher(build_py):
    """Adds the sample problems and the launcher to the files of a wheel. An editable install uses those of
    its checkout."""

    def run(self) -> None:
        super().run()
        if self.editable_mode:
            return
        built = Path(self.build_lib)
        write_samples(built / "judge_api" / "samples")
        compiler = launcher_compiler()
        if compiler is None:
            self.warn("no C compiler was found: this wheel has no launcher")
            return
        try:
            compile_launcher(built / "sandbox" / "launcher" / NAME, compiler, source_hash())
        except CannotIsolate as error:
            raise SystemExit(f"{compiler}: {error}") from error


class WheelOfOnePlatform(bdist_wheel):
    """Tags the wheel for one machine and any Python 3, as the launcher needs it."""

    def get_tag(self) -> tuple[str, str, str]:
        compiler = launcher_compiler()
        machine = target_machine(compiler) if compiler else None
        if machine not in ARCHITECTURES:
            return ("py3", "none", "any")
        return ("py3", "none", TAGS.format(machine=machine))


class DistributionWithBinary(Distribution):
    """Makes a wheel for one platform, because the launcher is a binary. No Python module is compiled."""

    def has_ext_modules(self) -> bool:
        return launcher_compiler() is not None


setup(
    distclass=DistributionWithBinary,
    cmdclass={"build_py": BuildWithSamplesAndLauncher, "bdist_wheel": WheelOfOnePlatform},
)
