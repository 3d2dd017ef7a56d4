"""Builds a small machine on pure cgroup v2 for QEMU, from Debian's cloud kernel and the host's own
packages."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

KERNEL = "linux-image-cloud-amd64"
WANTED = (
    "bash", "coreutils", "dash", "findutils", "g++", "gcc", "grep", "libc6-dev", "mount", "procps",
    "python3", "sed", "util-linux", "default-jdk-headless", "nodejs",
)  # fmt: skip
MODULES = ("virtio_pci", "virtio_blk", "fuse")
UNWANTED = re.compile(r"^/usr/share/(doc|man|locale|info|lintian|bug)/|^/(boot|proc|sys|dev|run)/")
KERNEL_WORDS = "cgroup_no_v1=all systemd.unified_cgroup_hierarchy=1 panic=-1 quiet"
INIT = """#!/bin/busybox sh
/bin/busybox mkdir -p /proc /sys /dev /root
/bin/busybox mount -t proc proc /proc
/bin/busybox mount -t devtmpfs dev /dev
for module in $(/bin/busybox cat /modules/order); do /bin/busybox insmod /modules/$module; done
/bin/busybox mount -t ext4 /dev/vda /root
/bin/busybox cp -a /code /root/code
/bin/busybox umount /proc
/bin/busybox mount --move /dev /root/dev
exec /bin/busybox switch_root /root /bin/sh /code/tests/cgroup2/inside.sh
"""


class CannotBoot(Exception):
    """A part that the machine needs is missing on this host."""


@dataclass(frozen=True)
class Architecture:
    """QEMU's program for an architecture, with its first words, and the kernel's console."""

    emulator: str
    words: tuple[str, ...]
    console: str


AMD64 = Architecture("qemu-system-x86_64", ("-cpu", "max"), "ttyS0")


@dataclass(frozen=True)
class Machine:
    """The files that QEMU boots."""

    kernel: Path
    initramfs: Path
    disk: Path
    architecture: Architecture = AMD64


def build(cache: Path, code: Path) -> Machine:
    """Build the machine from Debian's packages. The kernel and the disk are kept in ``cache``."""
    need_tools((AMD64.emulator, "mke2fs", "busybox", "dpkg-deb"), "qemu-system-x86 e2fsprogs busybox-static")
    cache.mkdir(parents=True, exist_ok=True)
    kernel = _fetch_kernel(cache)
    busybox = Path(shutil.which("busybox") or "")
    return Machine(kernel_image(kernel), pack_initramfs(cache, kernel, code, busybox), _make_disk(cache))


def need_tools(tools: Iterable[str], packages: str) -> None:
    """Raise ``CannotBoot`` if this host lacks a tool."""
    for tool in tools:
        if shutil.which(tool, path=f"{os.environ['PATH']}:/usr/sbin:/sbin") is None:
            raise CannotBoot(f"{tool} is missing: apt-get install {packages}")


def kernel_image(kernel: Path) -> Path:
    """The file that QEMU boots, in the folder of an unpacked kernel package."""
    return next((kernel / "boot").glob("vmlinuz-*"))


def output_of(*command: str, cwd: Path | None = None) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True, cwd=cwd).stdout


def _fetch_kernel(cache: Path) -> Path:
    """Download the newest cloud kernel's package and unpack it, without installing it. Returns the folder."""
    found = re.search(r"Depends: (linux-image-\S+)", output_of("apt-cache", "depends", KERNEL))
    if found is None:
        raise CannotBoot(f"apt knows no {KERNEL}")
    folder = cache / found[1]
    if not folder.is_dir():
        with tempfile.TemporaryDirectory(dir=cache) as name:
            output_of("apt-get", "download", found[1], cwd=Path(name))
            package = next(Path(name).glob("*.deb"))
            output_of("dpkg-deb", "-x", str(package), f"{name}/unpacked")
            Path(name, "unpacked").rename(folder)
    return folder


def _needed_modules(kernel: Path) -> Iterator[Path]:
    """The modules in the order in which they can be loaded."""
    known = {path.stem.replace("-", "_"): path for path in kernel.rglob("*.ko")}
    done: set[str] = set()

    def follow(name: str) -> Iterator[Path]:
        if name in done or name not in known:
            return
        done.add(name)
        needs = re.search(rb"\0depends=([^\0]*)\0", known[name].read_bytes())
        for below in needs[1].decode().split(",") if needs else ():
            yield from follow(below.replace("-", "_"))
        yield known[name]

    for module in MODULES:
        yield from follow(module)


def pack_initramfs(cache: Path, kernel: Path, code: Path, busybox: Path) -> Path:
    """Pack the machine's first file system: busybox, the kernel's modules and the code to test."""
    packed = cache / "initramfs"
    with tempfile.TemporaryDirectory(dir=cache) as name:
        top = Path(name)
        for folder in ("bin", "modules"):
            (top / folder).mkdir()
        shutil.copy(busybox, top / "bin" / "busybox")
        modules = list(_needed_modules(kernel))
        for module in modules:
            shutil.copy(module, top / "modules")
        (top / "modules" / "order").write_text("\n".join(module.name for module in modules))
        (top / "init").write_text(INIT)
        (top / "init").chmod(0o755)
        shutil.copytree(code, top / "code", symlinks=True)
        with packed.open("wb") as out:
            names = "\n".join(str(path.relative_to(top)) for path in sorted(top.rglob("*")))
            pack = ["busybox", "cpio", "-o", "-H", "newc", "-R", "0:0"]
            subprocess.run(
                pack, cwd=top, input=names.encode(), stdout=out, stderr=subprocess.DEVNULL, check=True
            )
    return packed


def _packages() -> list[str]:
    """The wanted packages that this host has installed, with all packages that they depend on."""
    refuse = ("recommends", "suggests", "conflicts", "breaks", "replaces", "enhances")
    options = [f"--no-{what}" for what in refuse]
    tree = output_of("apt-cache", "depends", "--recurse", "--installed", *options, *WANTED)
    names = {line for line in tree.splitlines() if line and line[0] not in " <"}
    shown = "${binary:Package} ${db:Status-Abbrev} ${Version}\n"
    asked = ("dpkg-query", "-W", "-f", shown, *names)
    listed = subprocess.run(asked, capture_output=True, text=True, check=False).stdout
    return sorted(line for line in listed.splitlines() if " ii " in line)


def _files(packages: Iterable[str]) -> list[str]:
    listed = output_of("dpkg", "-L", *(line.split()[0] for line in packages)).splitlines()
    # Packages still list /bin/x, although the file is /usr/bin/x on a host with a merged /usr.
    merged = (re.sub(r"^/(bin|sbin|lib\d*)/", r"/usr/\1/", line) for line in listed)
    files = {line for line in merged if line.startswith("/") and not UNWANTED.match(line)}
    alternatives = {str(path) for path in Path("/etc/alternatives").iterdir()}
    links = {f"/usr/bin/{Path(path).name}" for path in alternatives}
    more = {"/etc/passwd", "/etc/group", "/etc/ld.so.cache", "/etc/shadow", "/bin", "/sbin", "/lib", "/lib64"}
    return sorted(path for path in files | alternatives | links | more if os.path.lexists(path))


def _make_disk(cache: Path) -> Path:
    """A disk with the files of this host's packages. It is made again if the version of a package changes."""
    packages = _packages()
    key = hashlib.sha256("\n".join([*packages, INIT, *WANTED]).encode()).hexdigest()[:12]
    disk = cache / f"disk-{key}"
    if disk.exists():
        return disk
    with tempfile.TemporaryDirectory(dir=cache) as name:
        top = Path(name, "root")
        top.mkdir()
        for folder in ("proc", "sys", "dev", "run", "tmp", "root", "home", "var/tmp", "var/log"):
            (top / folder).mkdir(parents=True)
        pack = subprocess.Popen(
            ["tar", "-C", "/", "--no-recursion", "-cf", "-", "-T", "-"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )  # fmt: skip
        unpack = subprocess.Popen(["tar", "-C", str(top), "-xf", "-"], stdin=pack.stdout)
        assert pack.stdin is not None
        pack.stdin.write("\n".join(path.lstrip("/") for path in _files(packages)).encode())
        pack.stdin.close()
        if unpack.wait() or pack.wait():
            raise CannotBoot("the packages' files cannot be copied")
        made = Path(name, "disk")
        make_file_system(top, made)
        made.rename(disk)
    return disk


def make_file_system(folder: Path, disk: Path) -> None:
    """Make a disk with the content of the folder."""
    output_of("/sbin/mke2fs", "-q", "-t", "ext4", "-O", "^has_journal", "-d", str(folder), str(disk), "1536m")


def command(machine: Machine, accelerator: str) -> list[str]:
    """QEMU's command line. The machine has no network, keeps no changes of its disk, and prints its
    console."""
    accelerators = [accelerator] if accelerator != "auto" else ["kvm", "tcg"]
    console = f"console={machine.architecture.console} {KERNEL_WORDS}"
    return [
        machine.architecture.emulator, *(word for name in accelerators for word in ("-accel", name)),
        *machine.architecture.words, "-smp", "2", "-m", "2560", "-nographic", "-no-reboot", "-nic", "none",
        "-kernel", str(machine.kernel), "-initrd", str(machine.initramfs), "-append", console,
        "-drive", f"file={machine.disk},if=virtio,format=raw,snapshot=on",
    ]  # fmt: skip
