"""`make images` names the base of an image, passes its variables on, and lists what is in the image. A stub
stands for Docker, and keeps the arguments of each call."""

from __future__ import annotations

from pathlib import Path

import pytest

from releasing.images import IMAGES, Image, base_labels, base_of, build, list_packages

API, WORKER = IMAGES
TAG = "registry.example.org/name/gavel-api:7.1.0"
DOCKER = """#!/bin/sh
echo "$*" >> "$CALLS"
case "$*" in
  "image inspect missing:1") exit 1 ;;
  "image inspect --format {{if "*) echo "debian@sha256:abc" ;;
  "image inspect --format {{.Id}} "*) echo "sha256:def 431 bytes" ;;
  *" dpkg-query "*) printf 'libc6\\t2.41\\ntini\\t0.19\\n' ;;
esac
exit "${DOCKER_STATUS:-0}"
"""
VARIABLES = ("BASE", "BUILD_BASE", "DEBIAN", "TOOLCHAINS", "OBJECT_STORAGE", "PLATFORM", "GAVEL_IMAGES")


@pytest.fixture(autouse=True)
def calls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file to which the stub writes the words of each call. None of the variables is set."""
    stub, file = tmp_path / "docker", tmp_path / "calls"
    stub.write_text(DOCKER)
    stub.chmod(0o755)
    file.touch()
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.setenv("CALLS", str(file))
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    return file


@pytest.mark.parametrize("image", IMAGES, ids=lambda image: image.name)
def test_images_are_built_on_debian_13_unless_a_variable_names_another_base(
    image: Image, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert base_of(image) == "debian:trixie-slim"
    monkeypatch.setenv("DEBIAN", "bookworm")
    assert base_of(image) == "debian:bookworm-slim"
    monkeypatch.setenv("BASE", "registry.example.org/base:1")
    assert base_of(image) == "registry.example.org/base:1"


def test_the_labels_of_an_image_name_its_base_and_only_a_missing_base_is_pulled(calls: Path) -> None:
    for base, pulls in (("debian:trixie-slim", 0), ("missing:1", 1)):
        assert base_labels(base) == (
            f"org.opencontainers.image.base.name={base}",
            "org.opencontainers.image.base.digest=sha256:abc",
        )
        assert calls.read_text().splitlines().count(f"pull --quiet {base}") == pulls


def test_an_image_is_built_with_its_variables_and_its_labels(
    calls: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GAVEL_IMAGES", "registry.example.org/name/")
    monkeypatch.setenv("TOOLCHAINS", "slim")
    monkeypatch.setenv("OBJECT_STORAGE", "yes")
    monkeypatch.setenv("PLATFORM", "linux/arm64")
    assert build(API, "7.1.0") == TAG
    assert build(WORKER, "7.1.0") == TAG.replace("api", "worker")
    api, worker = (line for line in calls.read_text().splitlines() if line.startswith("build "))
    for line, dockerfile in ((api, "Dockerfile.api"), (worker, "Dockerfile.worker")):
        assert line.startswith(f"build --file deploy/{dockerfile} --tag registry.example.org/name/gavel-")
        assert "--build-arg VERSION=7.1.0 --build-arg REVISION=" in line
        assert "--platform linux/arm64" in line
        assert "--label org.opencontainers.image.base.name=debian:trixie-slim" in line
        assert "--label org.opencontainers.image.base.digest=sha256:abc" in line
    assert ("OBJECT_STORAGE=yes" in api, "TOOLCHAINS" in api) == (True, False)
    assert ("TOOLCHAINS=slim" in worker, "OBJECT_STORAGE" in worker) == (True, False)


def test_the_list_of_an_image_has_its_digest_its_base_and_all_packages(tmp_path: Path, calls: Path) -> None:
    list_packages(API, TAG, tmp_path)
    assert (tmp_path / "gavel-api.dpkg.txt").read_text().splitlines() == [
        f"# {TAG} sha256:def 431 bytes",
        "# org.opencontainers.image.base.name=debian:trixie-slim",
        "# org.opencontainers.image.base.digest=sha256:abc",
        "libc6\t2.41",
        "tini\t0.19",
    ]
    assert f"run --rm --network none --entrypoint dpkg-query {TAG} -W" in calls.read_text()


def test_a_failed_docker_command_ends_the_build_and_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_STATUS", "1")
    with pytest.raises(SystemExit, match="make images: `docker pull --quiet` failed"):
        build(API, "7.1.0")
