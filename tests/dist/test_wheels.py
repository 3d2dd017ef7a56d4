"""The files of `make dist` work. They are built in a fresh clone and used in an empty folder."""

from __future__ import annotations

import json
import platform
import shutil
import struct
import subprocess
import zipfile
from pathlib import Path

import pytest
import requests

from sandbox.launcher.build import source_hash
from tests.dist.installed import Installed, build_in_fresh_clone, gavel_up, install, shell
from tests.support.ports import free_ports

pytestmark = [pytest.mark.dist, pytest.mark.timeout(900)]
LAUNCHER = "sandbox/launcher/gavel-launcher"
ELF_MACHINES = {"x86_64": 62, "aarch64": 183}
SAMPLES = {path.parent.name for path in Path("problems").glob("*/problem.yaml")}
LOWERED = {"GAVEL_LANGUAGES": "python3,cpp20"}
"""The workers of these tests offer two languages, so that they start quickly."""


@pytest.fixture(scope="session")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_in_fresh_clone(tmp_path_factory.mktemp("fresh"))


@pytest.fixture(scope="session")
def server(dist: Path, tmp_path_factory: pytest.TempPathFactory) -> Installed:
    return install(tmp_path_factory.mktemp("server"), dist, "gavel-judge")


def final_status(poll: str) -> dict[str, object]:
    """Repeat the poll that `gavel up` has printed until there is a verdict. Each poll waits for a change."""
    while True:
        status: dict[str, object] = json.loads(shell(poll))
        if status["state"] not in ("PENDING", "STARTED"):
            return status


def wheel_of(dist: Path, machine: str) -> zipfile.ZipFile:
    (path,) = dist.glob(f"gavel_judge-*{machine}.whl")
    return zipfile.ZipFile(path)


@pytest.mark.parametrize("machine", sorted(ELF_MACHINES))
def test_a_wheel_has_pages_samples_languages_migrations_and_the_launcher_of_its_architecture(
    dist: Path, machine: str
) -> None:
    with wheel_of(dist, machine) as wheel:
        names = set(wheel.namelist())
        launcher = wheel.read(LAUNCHER)
    assert "judge_api/views/dist/index.html" in names
    assert {f"judge_api/samples/{slug}.zip" for slug in SAMPLES} <= names
    assert {
        f"judge_core/languages/{path.name}" for path in Path("judge_core/languages").glob("*.toml")
    } <= names
    migrations = Path("judge_api/store/migrations/versions").glob("*.py")
    assert {f"judge_api/store/migrations/versions/{path.name}" for path in migrations} <= names
    assert struct.unpack_from("<H", launcher, 18) == (ELF_MACHINES[machine],)
    assert source_hash().encode() in launcher


def test_a_wheel_depends_on_no_package_of_this_project(dist: Path) -> None:
    for path in dist.glob("*.whl"):
        with zipfile.ZipFile(path) as wheel:
            (metadata,) = (name for name in wheel.namelist() if name.endswith(".dist-info/METADATA"))
            needs = [
                row for row in wheel.read(metadata).decode().splitlines() if row.startswith("Requires-Dist")
            ]
        assert needs
        assert not [row for row in needs if "gavel" in row]


def test_the_checksums_match_and_the_lists_of_components_name_known_components(dist: Path) -> None:
    subprocess.run(
        ["sha256sum", "--check", "--strict", "SHA256SUMS"], cwd=dist, check=True, capture_output=True
    )
    listed = {line.split()[1] for line in (dist / "SHA256SUMS").read_text().splitlines()}
    assert listed == {path.name for path in dist.iterdir()} - {"SHA256SUMS"}
    found = {
        name: {
            each["name"] for each in json.loads((dist / f"sbom-{name}.cdx.json").read_text())["components"]
        }
        for name in ("python", "pages", "toolchains")
    }
    assert "flask" in found["python"]
    assert "react" in found["pages"]
    assert "kotlin-compiler" in found["toolchains"]


def test_gavel_and_the_worker_print_their_version(server: Installed) -> None:
    version = server.run(
        "python", "-c", "from importlib.metadata import version as v; print(v('gavel-judge'))"
    )
    release = version.stdout.strip()
    assert server.run("gavel", "--version").stdout == f"gavel, version {release}\n"
    assert server.run("python", "-m", "workers", "--version").stdout == f"gavel worker {release}\n"


def test_the_commands_that_an_installed_gavel_prints_get_a_program_accepted(server: Installed) -> None:
    (port,) = free_ports(1)
    with gavel_up(server, port, LOWERED) as running:
        submit, poll = running.commands()
        submission = json.loads(shell(submit))
        verdict = final_status(poll.replace("ID", submission["id"]))
        assert (verdict["state"], verdict["verdict"]) == ("SUCCESS", "AC"), verdict
        page = requests.get(running.url, headers={"Accept": "text/html"}, timeout=10)
        assert "csp-nonce" in page.text
        assert "SAMPLE FAILED" not in running.printed
        slugs = {
            row["slug"] for row in requests.get(f"{running.url}/problems", timeout=10).json()["problems"]
        }
        assert slugs == SAMPLES
    assert "nothing is left running" in running.printed


def test_a_worker_with_a_launcher_of_another_architecture_refuses_and_names_the_choices(
    dist: Path, server: Installed, tmp_path: Path
) -> None:
    other = next(machine for machine in ELF_MACHINES if machine != platform.machine())
    (installed,) = server.venv.glob(f"lib/*/site-packages/{LAUNCHER}")
    kept = tmp_path / "kept"
    shutil.copy2(installed, kept)
    with wheel_of(dist, other) as wheel:
        foreign = bytearray(wheel.read(LAUNCHER))
    # A kernel with qemu-user may run programs of the other architecture. No kernel runs programs of an
    # unknown architecture.
    struct.pack_into("<H", foreign, 18, 0xFFFF)
    installed.write_bytes(foreign)
    try:
        settings = {
            "GAVEL_REDIS_URL": "redis://127.0.0.1:1/0",
            "GAVEL_SERVER_URL": "http://127.0.0.1:1",
            "GAVEL_WORKER_TOKEN": "t" * 40,
            "GAVEL_CACHE": str(tmp_path / "cache"),
        }
        done = server.run("python", "-m", "workers", **settings, PATH=str(tmp_path))
    finally:
        shutil.copy2(kept, installed)
    words = done.stdout + done.stderr
    assert done.returncode == 69, words
    assert "install gcc" in words
    assert "wheel for this platform" in words
    assert "GAVEL_SANDBOX=bubblewrap" in words


def test_the_client_can_be_installed_from_its_own_wheel(dist: Path, tmp_path: Path) -> None:
    client = install(tmp_path, dist, "gavel-client")
    done = client.run("python", "-c", "import gavel_client; print(gavel_client.Gavel.__name__)")
    assert done.stdout == "Gavel\n", done.stderr
