"""`make images`: builds both images and lists their Debian packages in ``dist``.

Needs a Docker engine. DEBIAN chooses the release of Debian, BASE another base image, and TOOLCHAINS the
worker's languages. OBJECT_STORAGE=yes adds boto3. PLATFORM=linux/arm64 builds for another architecture. Then
the kernel must run programs of that architecture by qemu-user. The application is prepared in an image of
this machine's architecture. BUILD_BASE names this image if BASE has no image for this machine.
"""

from __future__ import annotations

import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

from releasing.dist import DIST, ROOT, write_checksums
from releasing.release import PYPROJECTS, Tree


@dataclass(frozen=True)
class Image:
    """An image, its Dockerfile, and the variables that choose how it is built."""

    name: str
    dockerfile: str
    arguments: tuple[str, ...]


IMAGES = (
    Image("gavel-api", "deploy/Dockerfile.api", ("DEBIAN", "BASE", "BUILD_BASE", "OBJECT_STORAGE")),
    Image("gavel-worker", "deploy/Dockerfile.worker", ("DEBIAN", "BASE", "BUILD_BASE", "TOOLCHAINS")),
)
_DIGEST = "{{if .RepoDigests}}{{index .RepoDigests 0}}{{else}}{{.Id}}{{end}}"
_DEFAULT_BASE = re.compile(r"^ARG DEBIAN=(\S+)$", re.MULTILINE)


def build(image: Image, version: str) -> str:
    """Build the image. Returns its tag."""
    tag = f"{os.environ.get('GAVEL_IMAGES', '')}{image.name}:{version}"
    revision = Tree(ROOT).git("rev-parse", "HEAD")
    chosen = [f"{name}={os.environ[name]}" for name in image.arguments if os.environ.get(name)]
    arguments = [f"VERSION={version}", f"REVISION={revision}", *chosen]
    words = [word for argument in arguments for word in ("--build-arg", argument)]
    if platform := os.environ.get("PLATFORM"):
        words += ["--platform", platform]
    words += [word for label in base_labels(base_of(image)) for word in ("--label", label)]
    _docker("build", "--file", image.dockerfile, "--tag", tag, *words, ".")
    return tag


def base_of(image: Image) -> str:
    """The base image: BASE, or Debian's image of the release that DEBIAN or the Dockerfile names."""
    if base := os.environ.get("BASE"):
        return base
    release = os.environ.get("DEBIAN") or _DEFAULT_BASE.findall((ROOT / image.dockerfile).read_text())[0]
    return f"debian:{release}-slim"


def base_labels(base: str) -> tuple[str, str]:
    """The name and digest of the base image, as labels of the Open Container Initiative. Pulls a missing base
    image."""
    if not _is_there(base):
        _docker("pull", "--quiet", base)
    digest = _docker("image", "inspect", "--format", _DIGEST, base).strip()
    return (
        f"org.opencontainers.image.base.name={base}",
        f"org.opencontainers.image.base.digest={digest.rpartition('@')[2]}",
    )


def _is_there(name: str) -> bool:
    words = ["docker", "image", "inspect", name]
    return subprocess.run(words, capture_output=True, check=False).returncode == 0


def list_packages(image: Image, tag: str, folder: Path) -> None:
    """Write the image's Debian packages, digest and size."""
    listed = _docker("run", "--rm", "--network", "none", "--entrypoint", "dpkg-query", tag, "-W")
    facts = _docker("image", "inspect", "--format", "{{.Id}} {{.Size}} bytes", tag)
    labels = "\n".join(f"# {label}" for label in base_labels(base_of(image)))
    (folder / f"{image.name}.dpkg.txt").write_text(f"# {tag} {facts}{labels}\n{listed}")


def _docker(*words: str) -> str:
    environment = {**os.environ, "DOCKER_BUILDKIT": "1"}  # the Dockerfiles name the builder's own platform
    done = subprocess.run(
        ["docker", *words], cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True, check=False
    )
    if done.returncode:
        raise SystemExit(f"make images: `docker {' '.join(words[:2])}` failed; see above.")
    return done.stdout


def main() -> None:
    version = Tree(ROOT).versions()[PYPROJECTS[0]]
    DIST.mkdir(exist_ok=True)
    for image in IMAGES:
        tag = build(image, version)
        list_packages(image, tag, DIST)
        print(f"{tag}: dist/{image.name}.dpkg.txt")
    write_checksums(DIST)


if __name__ == "__main__":
    main()
