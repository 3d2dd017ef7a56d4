"""`make images`: builds both images for this machine and lists their Debian packages in ``dist``.

Needs a Docker engine. DEBIAN chooses the release of Debian, TOOLCHAINS the worker's languages.
"""

from __future__ import annotations

import os
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
    Image("gavel-api", "deploy/Dockerfile.api", ("DEBIAN",)),
    Image("gavel-worker", "deploy/Dockerfile.worker", ("DEBIAN", "TOOLCHAINS")),
)


def build(image: Image, version: str) -> str:
    """Build it; returns its tag."""
    tag = f"{os.environ.get('GAVEL_IMAGES', '')}{image.name}:{version}"
    revision = Tree(ROOT).git("rev-parse", "HEAD")
    chosen = [f"{name}={os.environ[name]}" for name in image.arguments if os.environ.get(name)]
    arguments = [f"VERSION={version}", f"REVISION={revision}", *chosen]
    words = [word for argument in arguments for word in ("--build-arg", argument)]
    _docker("build", "--file", image.dockerfile, "--tag", tag, *words, ".")
    return tag


def list_packages(image: Image, tag: str, folder: Path) -> None:
    """Write what dpkg knows in the image, and the image's digest and size."""
    listed = _docker("run", "--rm", "--network", "none", "--entrypoint", "dpkg-query", tag, "-W")
    facts = _docker("image", "inspect", "--format", "{{.Id}} {{.Size}} bytes", tag)
    (folder / f"{image.name}.dpkg.txt").write_text(f"# {tag} {facts}{listed}")


def _docker(*words: str) -> str:
    done = subprocess.run(["docker", *words], cwd=ROOT, stdout=subprocess.PIPE, text=True, check=False)
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
