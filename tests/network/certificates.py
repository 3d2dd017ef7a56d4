"""Makes a certificate authority for a test, and a certificate for loopback, by openssl."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path

_NAMES = "subjectAltName=DNS:localhost,IP:127.0.0.1"


@dataclass(frozen=True)
class Authority:
    """The files of an authority. ``certificate`` and ``key`` are those of the server. Clients trust
    ``trusted``."""

    trusted: Path
    certificate: Path
    key: Path


def make_authority(folder: Path, name: str = "ca") -> Authority:
    top = folder / name
    top.mkdir(parents=True)
    root, root_key = top / "root.pem", top / "root.key"
    new_key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")
    openssl("req", "-x509", *new_key, "-keyout", root_key, "-out", root, "-days", "2", "-subj", f"/CN={name}")
    key, request, certificate = top / "server.key", top / "server.csr", top / "server.pem"
    openssl("req", *new_key, "-keyout", key, "-out", request, "-subj", "/CN=localhost")
    names = top / "names"
    names.write_text(_NAMES)
    signing = ("-CA", root, "-CAkey", root_key, "-CAcreateserial", "-days", "2", "-extfile", names)
    openssl("x509", "-req", "-in", request, *signing, "-out", certificate)
    return Authority(root, certificate, key)


def openssl(*words: str | Path) -> None:
    subprocess.run(["openssl", *map(str, words)], check=True, capture_output=True)
