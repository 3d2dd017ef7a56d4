"""The files of deploy/ agree with the code and with each other."""

from __future__ import annotations

import json
import os
import re
import stat
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from judge_api.supervisor.data_folder import DataFolder
from judge_api.supervisor.process_manager import KILL_SECONDS
from judge_api.supervisor.process_specs import Addresses, ProcessSpecs, Secrets, UpOptions, redis_spec
from releasing.dist import PLATFORMS, Platform
from sandbox.launcher import seccomp_compiler
from workers.__main__ import DRAINED_BY_COMMAND, WRONG_USAGE
from workers.startup_check import INCOMPATIBLE_RELEASE, REJECTED_CREDENTIALS, SPEED_OUTSIDE_BAND

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
BOX_MAKING = {
    "clone",
    "clone3",
    "unshare",
    "mount",
    "umount2",
    "pivot_root",
    "open_tree",
    "move_mount",
    "mount_setattr",
    "fsopen",
    "fsconfig",
    "fsmount",
    "fspick",
    "sethostname",
    "seccomp",
    "openat2",
    "pidfd_open",
    "pidfd_send_signal",
    "setresuid",
    "setresgid",
    "setgroups",
    "capset",
    "prctl",
}
NEVER = {
    "bpf",
    "perf_event_open",
    "ptrace",
    "keyctl",
    "add_key",
    "request_key",
    "io_uring_setup",
    "io_uring_enter",
    "userfaultfd",
    "init_module",
    "finit_module",
    "delete_module",
    "kexec_load",
    "reboot",
    "swapon",
    "setns",
    "chroot",
    "open_by_handle_at",
    "process_vm_readv",
    "process_vm_writev",
    "pidfd_getfd",
    "acct",
    "quotactl",
    "syslog",
    "clock_settime",
    "settimeofday",
    "iopl",
    "ioperm",
    "fanotify_init",
    "kcmp",
    "lookup_dcookie",
    "move_pages",
}


@pytest.fixture(scope="module")
def profile() -> dict[str, Any]:
    return dict(json.loads((DEPLOY / "seccomp-worker.json").read_text()))


def allowed(profile: dict[str, object]) -> set[str]:
    return {name for rule in profile["syscalls"] for name in rule["names"]}  # type: ignore[attr-defined]


def test_the_container_s_profile_is_an_allow_list(profile: dict[str, object]) -> None:
    assert profile["defaultAction"] == "SCMP_ACT_ERRNO"
    assert all(rule["action"] == "SCMP_ACT_ALLOW" for rule in profile["syscalls"])  # type: ignore[attr-defined]
    assert not allowed(profile) & NEVER


def test_the_container_s_profile_allows_the_system_calls_that_make_boxes(profile: dict[str, object]) -> None:
    assert allowed(profile) >= BOX_MAKING


@pytest.mark.parametrize("need", seccomp_compiler.profile_names())
def test_the_container_s_profile_allows_every_system_call_that_a_box_may_make(
    profile: dict[str, object], need: str
) -> None:
    assert set(seccomp_compiler.read_profile(need)) <= allowed(profile)


def make_secrets(target: Path) -> dict[str, str]:
    subprocess.run([DEPLOY / "make-secrets", target], check=True, capture_output=True)
    return dict(line.split("=", 1) for line in target.read_text().splitlines() if line)


def test_make_secrets_writes_long_different_secrets_and_a_second_call_keeps_the_file(tmp_path: Path) -> None:
    target = tmp_path / ".env"
    first = make_secrets(target)
    secrets = [value for name, value in first.items() if name.endswith(("_KEY", "_TOKEN", "_PASSWORD"))]
    assert len(secrets) == len(set(secrets)) == 8
    assert all(len(secret) == 64 for secret in secrets)
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert make_secrets(target) == first


def test_a_worker_user_is_added_once_and_kept(tmp_path: Path) -> None:
    target = tmp_path / ".env"
    make_secrets(target)
    for name, tier in (("host2", "normal"), ("host3", "premium"), ("host4", "gold")):
        added: list[str | Path] = [DEPLOY / "add-worker", name, tier, target]
        shown = subprocess.run(added, check=True, capture_output=True, text=True).stdout
        assert f"GAVEL_REDIS_{tier.upper()}_URL=rediss://worker-{name}:" in shown
        assert subprocess.run(added, capture_output=True, check=False).returncode != 0, (
            "a second user of the same name must be refused"
        )
    users = make_secrets(target)["GAVEL_REDIS_WORKERS"].strip('"').split()
    assert [user.rsplit(":", 1)[0] for user in users] == ["host2:normal", "host3:premium", "host4:gold"]


def test_make_secrets_keeps_the_values_that_an_operator_has_set(tmp_path: Path) -> None:
    target = tmp_path / ".env"
    target.write_text("GAVEL_HTTP_PORT=9000\nGAVEL_SECRET_KEY=" + "a" * 40 + "\n")
    made = make_secrets(target)
    assert (made["GAVEL_HTTP_PORT"], made["GAVEL_SECRET_KEY"]) == ("9000", "a" * 40)


def test_after_an_upgrade_make_secrets_adds_required_secrets_and_keeps_existing_secrets(
    tmp_path: Path,
) -> None:
    of_0_2_0 = {f"GAVEL_{name}": "a" * 64 for name in (
        "SECRET_KEY", "WORKER_TOKEN", "METRICS_TOKEN", "POSTGRES_PASSWORD", "REDIS_SERVER_PASSWORD",
        "REDIS_WORKER_PASSWORD", "GRAFANA_PASSWORD",
    )}  # fmt: skip
    target = tmp_path / ".env"
    target.write_text("".join(f"{name}={value}\n" for name, value in of_0_2_0.items()))
    made = make_secrets(target)
    assert {name: made[name] for name in of_0_2_0} == of_0_2_0
    required = set(re.findall(r"\$\{(\w+):\?", (ROOT / "docker-compose.yml").read_text()))
    assert len(required) > 5
    assert {name for name in required if len(made.get(name, "")) < 32} == set()


@pytest.mark.parametrize("secret", ["", "short", "change-me" * 6])
@pytest.mark.parametrize("role", ["api", "dispatcher", "setup"])
def test_the_main_server_s_container_refuses_an_empty_short_or_default_secret(role: str, secret: str) -> None:
    environment = {"PATH": "/usr/bin:/bin", "GAVEL_SECRET_KEY": secret, "GAVEL_WORKER_TOKEN": "b" * 40}
    done = subprocess.run(
        [DEPLOY / "api-entrypoint", role], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 78
    assert "GAVEL_SECRET_KEY" in done.stderr and "deploy/make-secrets" in done.stderr


@pytest.fixture
def worker_entrypoint() -> Iterator[Callable[..., subprocess.CompletedProcess[str]]]:
    """Runs ``deploy/worker-entrypoint`` as a plain user, with stubs that print the worker's command."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for program in ("python", "tini"):
            (folder / program).write_text(f'#!/bin/sh\necho {program} "$@"\n')
            (folder / program).chmod(0o755)
        folder.chmod(0o755)
        text = (DEPLOY / "worker-entrypoint").read_text()
        assert text.count("/opt/gavel/venv/bin/python") == 1
        script = folder / "worker-entrypoint"
        script.write_text(text.replace("/opt/gavel/venv/bin/python", f"{folder}/python"))
        script.chmod(0o755)

        def run(*words: str, token: str = "") -> subprocess.CompletedProcess[str]:
            environment = {"PATH": f"{folder}:/usr/bin:/bin", "GAVEL_WORKER_TOKEN": token}
            user, groups = (1000, ()) if os.geteuid() == 0 else (None, None)
            return subprocess.run(
                [script, *words],
                env=environment,
                user=user,
                group=user,
                extra_groups=groups,
                capture_output=True,
                text=True,
                check=False,
            )

        yield run


def test_the_image_of_a_worker_prints_its_version_without_any_setting(
    worker_entrypoint: Callable[..., subprocess.CompletedProcess[str]],
) -> None:
    for option in ("--version", "--help"):
        assert worker_entrypoint(option).stdout == f"python -m workers {option}\n"


def test_a_worker_container_of_an_ordinary_user_starts_and_says_which_limits_are_weaker(
    worker_entrypoint: Callable[..., subprocess.CompletedProcess[str]],
) -> None:
    refused = worker_entrypoint("--queue", "normal")
    assert refused.returncode == 78
    assert "GAVEL_WORKER_TOKEN is not set" in refused.stderr
    started = worker_entrypoint("--queue", "normal", token="t" * 40)
    assert re.fullmatch(r"tini -- \S+/python -m workers --queue normal\n", started.stdout)
    assert "limits of memory and processes are weaker" in started.stderr


@pytest.fixture(scope="module")
def compose() -> dict[str, dict[str, dict[str, Any]]]:
    return dict(yaml.safe_load((ROOT / "docker-compose.yml").read_text()))


def test_worker_containers_on_other_machines_have_the_same_rights(
    compose: dict[str, dict[str, dict[str, object]]],
) -> None:
    alone = yaml.safe_load((DEPLOY / "worker-host.yml").read_text())["services"]
    own = ("environment", "volumes", "networks", "depends_on", "build")
    for name in ("normal-worker", "premium-worker"):
        here = {key: value for key, value in compose["services"][name].items() if key not in own}
        there = {key: value for key, value in alone[name].items() if key not in own}
        # Paths in a compose file are relative to its folder.
        assert json.loads(json.dumps(there).replace("seccomp:", "seccomp:deploy/")) == here
        assert set(alone[name]["environment"]) >= set(compose["services"][name]["environment"])  # type: ignore[call-overload]


def test_no_container_is_privileged_and_each_drops_all_capabilities(
    compose: dict[str, dict[str, dict[str, object]]],
) -> None:
    for name, service in compose["services"].items():
        assert "privileged" not in service, name
        assert service["cap_drop"] == ["ALL"], name
        assert "no-new-privileges:true" in service["security_opt"], name  # type: ignore[operator]
        assert service["restart"] in ("unless-stopped", "no"), name
        assert "pids_limit" in service or "mem_limit" in service, name


def test_worker_containers_cannot_reach_the_database_or_the_internet(
    compose: dict[str, dict[str, dict[str, object]]],
) -> None:
    for name in ("normal-worker", "premium-worker"):
        worker = compose["services"][name]
        assert worker["networks"] == ["work"]
        assert not any("DATABASE" in key or "SECRET_KEY" in key for key in worker["environment"])  # type: ignore[attr-defined]
    assert compose["networks"]["work"]["internal"] and compose["networks"]["store"]["internal"]
    assert all("ports" not in compose["services"][name] for name in ("redis", "postgres"))


def test_worker_containers_have_no_shared_volumes(
    compose: dict[str, dict[str, dict[str, object]]],
) -> None:
    assert all("volumes" not in compose["services"][name] for name in ("normal-worker", "premium-worker"))


@pytest.mark.parametrize(
    ("file", "image"), [("docker-compose.yml", "api"), ("deploy/worker-host.yml", "worker")]
)
def test_a_container_has_the_health_check_that_its_compose_file_calls(file: str, image: str) -> None:
    services = yaml.safe_load((ROOT / file).read_text())["services"].values()
    checks = [each["healthcheck"]["test"] for each in services if "healthcheck" in each]
    called = {word for test in checks for word in test if word.startswith("/usr/local/bin/")}
    copied = (DEPLOY / f"Dockerfile.{image}").read_text()
    assert called
    assert [path for path in called if f"deploy/{Path(path).name} " not in copied] == []


@pytest.mark.parametrize("platform", PLATFORMS, ids=lambda platform: platform.machine)
def test_the_image_and_the_wheel_of_an_architecture_use_the_same_compiler_for_the_launcher(
    platform: Platform,
) -> None:
    architecture = {"x86_64": "amd64", "aarch64": "arm64"}[platform.machine]
    assert said_by("launcher-compiler", "name", architecture) == (0, platform.compiler)
    _, packages = said_by("launcher-compiler", "packages", architecture)
    cross = f"gcc-{platform.compiler.removesuffix('-gcc').replace('_', '-')}"
    assert {platform.debian_package, cross} & set(packages.split())


@pytest.mark.parametrize(
    "words", [("install-wheels", "riscv64", "/nowhere"), ("launcher-compiler", "name", "riscv64")]
)
def test_an_image_for_an_unknown_architecture_is_refused(words: tuple[str, ...]) -> None:
    assert said_by(*words) == (64, "")


def said_by(program: str, *words: str) -> tuple[int, str]:
    """Run a program of deploy/. Returns its exit status and output."""
    done = subprocess.run([DEPLOY / program, *words], capture_output=True, text=True, check=False)
    return done.returncode, done.stdout.strip()


def test_an_uploaded_package_is_stored_on_a_disk(compose: dict[str, dict[str, dict[str, object]]]) -> None:
    """A package may have 256 MB, and more when it is unpacked. That is too large for a container's tmpfs."""
    api = compose["services"]["api"]
    assert api["tmpfs"] == []
    assert "uploads:/tmp" in api["volumes"]  # type: ignore[operator]
    assert "uploads" in compose["volumes"]


UNITS = ("gavel.service", "gavel-worker@.service")
BREAK_THE_SANDBOX = {
    "ProtectHostname",
    "RestrictNamespaces",
    "PrivateUsers",
    "ProtectKernelTunables",
    "ProtectKernelLogs",
    "ProtectControlGroups",
    "ProtectProc",
    "ProcSubset",
    "RestrictSUIDSGID",
    "MemoryDenyWriteExecute",
}
"""Options of systemd under which no box can be made, or no program of some language runs."""


def unit_options(name: str) -> dict[str, str]:
    lines = (DEPLOY / "systemd" / name).read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))


@pytest.mark.parametrize("name", UNITS)
def test_a_systemd_unit_has_the_hardening_options_with_which_the_sandbox_works(name: str) -> None:
    options = unit_options(name)
    assert not options.keys() & BREAK_THE_SANDBOX
    hardened = {
        "NoNewPrivileges": "yes",
        "ProtectSystem": "strict",
        "ProtectHome": "yes",
        "PrivateTmp": "yes",
        "PrivateDevices": "yes",
        "DeviceAllow": "/dev/fuse rw",
        "BindPaths": "-/dev/fuse",
    }
    assert hardened.items() <= options.items()
    assert options["Delegate"] == "yes"


def test_systemd_waits_longer_than_gavel_up_needs_to_end_processes_that_hang(tmp_path: Path) -> None:
    """Processes with the same ``stop_order`` end together. If Redis hangs, each of these groups takes the
    longest time of its processes."""
    options = UpOptions(tmp_path)
    specs = ProcessSpecs(options, DataFolder(tmp_path), Addresses("", "", ""), Secrets("", ""))
    redis = redis_spec(Path("redis-server"), DataFolder(tmp_path), {})
    longest: dict[int, float] = {}
    for spec in (specs.api(3), specs.dispatcher(), *specs.workers(), redis):
        longest[spec.stop_order] = max(longest.get(spec.stop_order, 0.0), spec.grace_seconds)
    needed = sum(seconds + KILL_SECONDS for seconds in longest.values())
    assert needed < int(unit_options("gavel.service")["TimeoutStopSec"])


def test_systemd_does_not_start_a_worker_again_that_was_drained_or_refused() -> None:
    options = unit_options("gavel-worker@.service")
    refused = {WRONG_USAGE, INCOMPATIBLE_RELEASE, REJECTED_CREDENTIALS, SPEED_OUTSIDE_BAND}
    final = refused | {DRAINED_BY_COMMAND}
    assert {int(status) for status in options["RestartPreventExitStatus"].split()} == final


@pytest.mark.parametrize(("version", "knows_it"), [("7.0.15", False), ("7.2.4", True), ("8.0.2", True)])
def test_the_users_of_redis_may_call_setinfo_only_if_the_server_knows_setinfo(
    tmp_path: Path, version: str, knows_it: bool
) -> None:
    """A Redis before 7.2, such as that of Debian 12, does not start if a user may call CLIENT SETINFO."""
    server = tmp_path / "redis-server"
    server.write_text(f"#!/bin/sh\necho 'Redis server v={version} sha=00000000:0 malloc=jemalloc'\n")
    server.chmod(0o755)
    environment = {
        "PATH": f"{tmp_path}:/usr/bin:/bin",
        "GAVEL_REDIS_SERVER_PASSWORD": "s" * 32,
        "GAVEL_REDIS_WORKERS": f"one:normal:{'w' * 32}",
    }
    words = [DEPLOY / "redis" / "render-users"]
    users = subprocess.run(words, env=environment, capture_output=True, text=True, check=True).stdout
    assert ("+client|setinfo" in users) == knows_it
    assert "user worker-one on #" in users and "+client|setname" in users
