"""A small internet on one machine: namespaces as hosts around a switch whose lines can be bad or cut."""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import json
import socket
import struct
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

PREFIX = "gavelnet"
SWITCH = f"{PREFIX}-switch"
CLONE_NEWNET = 0x40000000
SIOCETHTOOL, SET_TX_CHECKSUMS = 0x8946, 0x17


def ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, capture_output=True, text=True)


def inside(host: str) -> list[str]:
    """Words that start a command on that host. Not ``ip netns exec``: that hides /sys/fs/cgroup."""
    return ["nsenter", f"--net=/run/netns/{host}"]


@dataclass(frozen=True)
class Wire:
    """The process that carries the frames."""

    process: subprocess.Popen[str]

    def tell(self, **order: object) -> None:
        assert self.process.stdin and self.process.stdout
        self.process.stdin.write(json.dumps(order) + "\n")
        self.process.stdin.flush()
        assert self.process.stdout.readline() == "done\n"


@dataclass(frozen=True)
class Host:
    """One machine of the small internet."""

    name: str
    address: str
    port: str
    wire: list[Wire]

    def command(self, argv: Sequence[str | Path]) -> list[str]:
        return [*inside(self.name), *map(str, argv)]

    def worsen(self, round_trip_ms: float, loss: float) -> None:
        """Adds this to every round trip over its line, and loses this share of frames either way."""
        self.wire[0].tell(port=self.port, delay_ms=round_trip_ms, loss=loss)

    def cut_off(self) -> None:
        self.wire[0].tell(port=self.port, up=False)

    def join_again(self) -> None:
        self.wire[0].tell(port=self.port, up=True)


def move_to(host: Host) -> None:
    """From here on this process, and what it starts, is on that host (Python 3.11 has no ``os.setns``)."""
    libc = ctypes.CDLL(None, use_errno=True)
    with Path(f"/run/netns/{host.name}").open() as place:
        if libc.setns(place.fileno(), CLONE_NEWNET) != 0:
            raise OSError(ctypes.get_errno(), "setns")


def forget() -> None:
    """Remove what an earlier run left."""
    listed = subprocess.run(["ip", "netns", "list"], capture_output=True, text=True, check=True).stdout
    for line in listed.splitlines():
        if line.startswith(PREFIX):
            ip("netns", "delete", line.split()[0])


@contextlib.contextmanager
def small_internet(names: Sequence[str]) -> Iterator[dict[str, Host]]:
    """Hosts by name, 10.77.0.1 upwards; gone again at the end, whatever happened."""
    forget()
    wires: list[Wire] = []
    try:
        ip("netns", "add", SWITCH)
        hosts = {name: _add_host(name, number, wires) for number, name in enumerate(names, 1)}
        wires.append(_start_wire([host.port for host in hosts.values()]))
        yield hosts
    finally:
        for wire in wires:
            wire.process.kill()
            wire.process.wait()
        forget()


def _add_host(name: str, number: int, wires: list[Wire]) -> Host:
    host = Host(f"{PREFIX}-{name}", f"10.77.0.{number}", f"port{number}", wires)
    ip("netns", "add", host.name)
    ip("link", "add", "eth0", "netns", host.name, "type", "veth", "peer", "name", host.port, "netns", SWITCH)
    ip("-n", host.name, "address", "add", f"{host.address}/24", "dev", "eth0")
    ip("-n", host.name, "link", "set", "lo", "up")
    ip("-n", host.name, "link", "set", "eth0", "up")
    ip("-n", SWITCH, "link", "set", host.port, "up")
    subprocess.run(host.command([sys.executable, __file__, "whole-frames", "eth0"]), check=True)
    return host


def _start_wire(ports: Sequence[str]) -> Wire:
    argv = [*inside(SWITCH), sys.executable, str(Path(__file__).with_name("link_shaping.py")), *ports]
    process = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout and process.stdout.readline() == "ready\n"
    return Wire(process)


def make_whole_frames(device: str) -> None:
    """On a virtual line nobody fills in checksums or cuts large frames; over our wire they must be whole."""
    order = (ctypes.c_uint32 * 2)(SET_TX_CHECKSUMS, 0)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        fcntl.ioctl(control, SIOCETHTOOL, struct.pack("16sP", device.encode(), ctypes.addressof(order)))


if __name__ == "__main__":
    make_whole_frames(sys.argv[2])
