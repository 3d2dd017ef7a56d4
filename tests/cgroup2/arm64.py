"""Builds a small arm64 machine for QEMU, from Debian's packages for arm64.

Its launcher comes from Debian's cross compiler, like the one in the wheel for arm64.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from sandbox.launcher import build as launcher_build
from tests.cgroup2.machine import (
    Architecture,
    Machine,
    kernel_image,
    make_file_system,
    need_tools,
    output_of,
    pack_initramfs,
)

ARM64 = Architecture("qemu-system-aarch64", ("-machine", "virt", "-cpu", "max,pauth-impdef=on"), "ttyAMA0")
COMPILER = "aarch64-linux-gnu-gcc"
INCLUDED = ("g++", "libc6-dev", "python3", "procps", "mount", "busybox-static", "linux-image-cloud-arm64")
FOLDERS = ("proc", "sys", "dev", "run", "tmp", "root", "home", "var/tmp", "var/log")
MERGED = ("bin", "sbin", "lib")
UNWANTED = ("doc", "man", "locale", "info", "lintian")


def build(cache: Path, code: Path) -> Machine:
    """Build the machine. The packages and the disk are kept in ``cache``."""
    need_tools(
        (ARM64.emulator, COMPILER, "debootstrap", "mke2fs", "busybox"),
        "qemu-system-arm gcc-aarch64-linux-gnu debootstrap e2fsprogs busybox-static",
    )
    cache.mkdir(parents=True, exist_ok=True)
    kernel, disk = cache / "arm64-kernel", cache / "arm64-disk"
    if not disk.exists():
        _make_disk(cache, kernel, disk)
    launcher = code / "sandbox" / "launcher" / launcher_build.NAME
    launcher_build.compile_launcher(launcher, COMPILER, launcher_build.source_hash())
    initramfs = pack_initramfs(cache, kernel, code, cache / "arm64-busybox")
    return Machine(kernel_image(kernel), initramfs, disk, ARM64)


def _make_disk(cache: Path, kernel: Path, disk: Path) -> None:
    """Unpack the packages. Nothing is run, so the host needs no emulator of programs."""
    with tempfile.TemporaryDirectory(dir=cache) as name:
        fetched, root = Path(name, "fetched"), Path(name, "root")
        options = ("--foreign", "--arch=arm64", "--variant=minbase", f"--include={','.join(INCLUDED)}")
        output_of("/usr/sbin/debootstrap", *options, "bookworm", str(fetched))
        root.mkdir()
        for package in sorted((fetched / "var" / "cache" / "apt" / "archives").glob("*.deb")):
            is_kernel = package.name.startswith("linux-image")
            output_of("dpkg-deb", "-x", str(package), str(kernel if is_kernel else root))
        _finish(root)
        shutil.copy(root / "usr" / "bin" / "busybox", cache / "arm64-busybox")
        made = Path(name, "disk")
        make_file_system(root, made)
        made.rename(disk)


def _finish(root: Path) -> None:
    """Do what the packages' scripts would do, as far as the tests need it."""
    for name in MERGED:
        for path in _files(root / name):
            target = root / "usr" / path.relative_to(root)
            target.parent.mkdir(parents=True, exist_ok=True)
            if not target.is_symlink() and not target.exists():
                path.rename(target)
        shutil.rmtree(root / name)
        (root / name).symlink_to(f"usr/{name}")
    for name in ("passwd", "group"):
        shutil.copy(root / "usr" / "share" / "base-passwd" / f"{name}.master", root / "etc" / name)
    for name in FOLDERS:
        (root / name).mkdir(parents=True, exist_ok=True)
    for name in UNWANTED:
        shutil.rmtree(root / "usr" / "share" / name, ignore_errors=True)
    (root / "usr" / "bin" / "awk").symlink_to("mawk")


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in sorted(folder.rglob("*")) if path.is_symlink() or not path.is_dir())
