"""Runs Debian's proxies with the examples of ``deploy/proxies``. Only the host name, ports and paths in them
are changed."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.network.waiting import until
from tests.support.ports import free_ports

ROOT = Path(__file__).parents[2]
PROGRAMS = ROOT / ".venv" / "proxies"
NAME = "localhost"
"""The host's name, in place of the example's."""


def make_certificate(folder: Path) -> Path:
    """Make a certificate for the host name of the tests. Returns its path."""
    pem, key = folder / "proxy.pem", folder / "proxy.key"
    words = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    names = ["-days", "2", "-subj", f"/CN={NAME}", "-addext", f"subjectAltName=DNS:{NAME}"]
    subprocess.run([*words, *names, "-keyout", key, "-out", pem], check=True, capture_output=True)
    (folder / "proxy-and-key.pem").write_text(pem.read_text() + key.read_text())
    return pem


@dataclass(frozen=True)
class Proxy:
    """A running proxy: its ports for TLS and plain HTTP."""

    tls: int
    plain: int


def nginx(example: str, folder: Path, proxy: Proxy) -> list[str]:
    text = example.replace("listen 80;", f"listen {proxy.plain};").replace(
        "listen 443 ", f"listen {proxy.tls} "
    )
    (folder / "gavel.conf").write_text(text)
    temporary = "".join(
        f"{kind}_temp_path {folder}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    log = f"error_log {folder}/error.log; pid {folder}/pid; daemon off;"
    http = f"http {{ access_log off; {temporary} include {folder}/gavel.conf; }}"
    (folder / "nginx.conf").write_text(f"{log} events {{}} {http}\n")
    return [str(PROGRAMS / "usr/sbin/nginx"), "-e", f"{folder}/error.log", "-c", f"{folder}/nginx.conf"]


def caddy(example: str, folder: Path, proxy: Proxy) -> list[str]:
    ports = f"{{\n\tadmin off\n\thttp_port {proxy.plain}\n\thttps_port {proxy.tls}\n}}\n"
    (folder / "Caddyfile").write_text(ports + example)
    return [str(PROGRAMS / "usr/bin/caddy"), "run", "--config", f"{folder}/Caddyfile"]


def haproxy(example: str, folder: Path, proxy: Proxy) -> list[str]:
    text = example.replace("bind :80\n", f"bind :{proxy.plain}\n").replace(
        "bind :443 ", f"bind :{proxy.tls} "
    )
    (folder / "haproxy.cfg").write_text(text)
    return [str(PROGRAMS / "usr/sbin/haproxy"), "-db", "-f", f"{folder}/haproxy.cfg"]


KINDS: dict[str, tuple[str, Callable[[str, Path, Proxy], list[str]]]] = {
    "nginx": ("nginx.conf", nginx),
    "caddy": ("Caddyfile", caddy),
    "haproxy": ("haproxy.cfg", haproxy),
}


@contextmanager
def running(kind: str, folder: Path, certificates: Path, upstream: int) -> Iterator[Proxy]:
    """Runs the proxy before a server on this port, during the block."""
    file, prepare = KINDS[kind]
    folder.mkdir()
    example = (ROOT / "deploy/proxies" / file).read_text()
    example = example.replace("/etc/gavel-tls", str(certificates)).replace("judge.example.org", NAME)
    proxy = Proxy(*free_ports(2))
    words = prepare(example.replace("127.0.0.1:8000", f"127.0.0.1:{upstream}"), folder, proxy)
    libraries = str(PROGRAMS / "usr/lib/x86_64-linux-gnu")
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder), "LD_LIBRARY_PATH": libraries}
    with (folder / "out").open("wb") as out:
        process = subprocess.Popen(words, env=environment, stdout=out, stderr=subprocess.STDOUT)
    try:
        until(lambda: _listens(proxy.tls) or process.poll() is not None, f"{kind} listens", 30)
        assert process.poll() is None, (folder / "out").read_text()
        yield proxy
    finally:
        process.terminate()
        process.wait(20)


def _listens(port: int) -> bool:
    rows = Path("/proc/net/tcp").read_text() + Path("/proc/net/tcp6").read_text()
    return any(f":{port:04X} " in row and " 0A " in row for row in rows.splitlines())
