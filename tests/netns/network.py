"""A network on one machine. Its hosts are namespaces, and the links of its switch can be slow, lossy or
cut."""

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
    """The words that start a command on this host. ``ip netns exec`` is not used, because it hides
    /sys/fs/cgroup."""
    return ["nsenter", f"--net=/run/netns/{host}"]


@dataclass(frozen=True)
class SwitchProcess:
    """The process that switches the frames."""

    process: subprocess.Popen[str]

    def send(self, **settings: object) -> None:
        assert self.process.stdin and self.process.stdout
        self.process.stdin.write(json.dumps(settings) + "\n")
        self.process.stdin.flush()
        assert self.process.stdout.readline() == "done\n"


@dataclass(frozen=True)
class Host:
    """One host of the network."""

    name: str
    address: str
    port: str
    switch: list[SwitchProcess]

    def command(self, argv: Sequence[str | Path]) -> list[str]:
        return [*inside(self.name), *map(str, argv)]

    def set_link(self, round_trip_ms: float, loss: float) -> None:
        """Add this time to every round trip over the link, and lose this share of frames in each
        direction."""
        self.switch[0].send(port=self.port, delay_ms=round_trip_ms, loss=loss)

    def cut_link(self) -> None:
        self.switch[0].send(port=self.port, up=False)

    def restore_link(self) -> None:
        self.switch[0].send(port=self.port, up=True)


def move_to(host: Host) -> None:
    """Move this process to the host. What it starts afterwards is there too. (Python 3.11 has no
    ``os.setns``.)"""
    libc = ctypes.CDLL(None, use_errno=True)
    with Path(f"/run/netns/{host.name}").open() as place:
        if libc.setns(place.fileno(), CLONE_NEWNET) != 0:
            raise OSError(ctypes.get_errno(), "setns")


def remove_leftovers() -> None:
    """Remove the namespaces that an earlier run has left."""
    listed = subprocess.run(["ip", "netns", "list"], capture_output=True, text=True, check=True).stdout
    for line in listed.splitlines():
        if line.startswith(PREFIX):
            ip("netns", "delete", line.split()[0])


@contextlib.contextmanager
def virtual_network(names: Sequence[str]) -> Iterator[dict[str, Host]]:
    """Makes hosts with these names and the addresses from 10.77.0.1 on. They are removed at the end, also
    after an error."""
    remove_leftovers()
    switches: list[SwitchProcess] = []
    try:
        ip("netns", "add", SWITCH)
        hosts = {name: _add_host(name, number, switches) for number, name in enumerate(names, 1)}
        switches.append(_start_switch([host.port for host in hosts.values()]))
        yield hosts
    finally:
        for switch in switches:
            switch.process.kill()
            switch.process.wait()
        remove_leftovers()


def _add_host(name: str, number: int, switches: list[SwitchProcess]) -> Host:
    host = Host(f"{PREFIX}-{name}", f"10.77.0.{number}", f"port{number}", switches)
    ip("netns", "add", host.name)
    ip("link", "add", "eth0", "netns", host.name, "type", "veth", "peer", "name", host.port, "netns", SWITCH)
    ip("-n", host.name, "address", "add", f"{host.address}/24", "dev", "eth0")
    ip("-n", host.name, "link", "set", "lo", "up")
    ip("-n", host.name, "link", "set", "eth0", "up")
    ip("-n", SWITCH, "link", "set", host.port, "up")
    subprocess.run(host.command([sys.executable, __file__, "whole-frames", "eth0"]), check=True)
    return host


def _start_switch(ports: Sequence[str]) -> SwitchProcess:
    argv = [*inside(SWITCH), sys.executable, str(Path(__file__).with_name("link_shaping.py")), *ports]
    process = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout and process.stdout.readline() == "ready\n"
    return SwitchProcess(process)


def make_whole_frames(device: str) -> None:
    """Let the kernel compute checksums and segment large frames. A virtual interface does neither by default,
    and the switch needs both."""
    settings = (ctypes.c_uint32 * 2)(SET_TX_CHECKSUMS, 0)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        fcntl.ioctl(control, SIOCETHTOOL, struct.pack("16sP", device.encode(), ctypes.addressof(settings)))


if __name__ == "__main__":
    make_whole_frames(sys.argv[2])
