"""The sources of deploy/kubernetes agree with the code, the images and the compose file.

`make test-kubernetes` checks what Kustomize makes of them.
"""

from __future__ import annotations

import re
import subprocess
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from judge_api.settings import Settings
from tests.docs.reference import prometheus_rule_text
from workers.settings import WorkerSettings

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "deploy" / "kubernetes"
SOURCES = sorted(FOLDER.rglob("*.yaml"))
Object = Mapping[str, Any]


def with_pods() -> list[Object]:
    """All objects that make pods. Patches, which have the name ``any``, are left out."""
    kinds = ("Deployment", "StatefulSet", "Job", "CronJob")
    loaded = [each for path in SOURCES for each in yaml.safe_load_all(path.read_text())]
    found = [each for each in loaded if each["kind"] in kinds and each["metadata"]["name"] != "any"]
    return [{**each, **each["spec"].get("jobTemplate", {})} for each in found]


WITH_PODS = with_pods()
NAMES = [each["metadata"]["name"] for each in WITH_PODS]
PROBES = {
    "gavel-api": {"startupProbe", "readinessProbe", "livenessProbe"},
    "gavel-dispatcher": {"startupProbe", "readinessProbe"},
    "gavel-worker": {"startupProbe", "readinessProbe"},
    "gavel-redis": {"startupProbe", "readinessProbe", "livenessProbe"},
    "gavel-postgres": {"startupProbe", "readinessProbe", "livenessProbe"},
    "gavel-setup": set(),
    "gavel-backup": set(),
}
"""The probes of each object. Dispatchers and workers have no liveness probe: their heartbeat is in Redis, so
an outage of Redis would end them too."""


def test_every_object_with_pods_is_in_the_table_of_probes() -> None:
    assert sorted(NAMES) == sorted(PROBES)


@pytest.mark.parametrize("each", WITH_PODS, ids=NAMES)
def test_every_pod_has_its_probes_and_limits_and_no_service_account_token(each: Object) -> None:
    pod = each["spec"]["template"]["spec"]
    assert pod["automountServiceAccountToken"] is False
    assert pod["enableServiceLinks"] is False, (
        "service links must be off, since a Service named gavel would set GAVEL_PORT"
    )
    for container in pod["containers"]:
        assert {name for name in container if name.endswith("Probe")} == PROBES[each["metadata"]["name"]]
        assert container["resources"]["limits"].keys() >= {"cpu", "memory"}
        assert container["securityContext"]["readOnlyRootFilesystem"] is True
        assert container["securityContext"]["capabilities"]["drop"] == ["ALL"]
        assert "privileged" not in container["securityContext"]
    for volume in pod["volumes"]:
        assert "sizeLimit" in volume.get("emptyDir", {"sizeLimit": ""})
        assert "hostPath" not in volume


@pytest.mark.parametrize("each", WITH_PODS, ids=NAMES)
def test_every_pod_but_a_worker_s_runs_as_an_ordinary_user_from_the_start(each: Object) -> None:
    pod = each["spec"]["template"]["spec"]
    context = pod["containers"][0]["securityContext"]
    if each["metadata"]["name"] == "gavel-worker":
        compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]["normal-worker"]
        assert context["capabilities"]["add"] == compose["cap_add"]
        return
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert context["allowPrivilegeEscalation"] is False
    assert "add" not in context["capabilities"]
    assert pod["securityContext"]["seccompProfile"]["type"] == "RuntimeDefault"


def test_a_pod_has_enough_time_to_end_its_process_gracefully() -> None:
    seconds = {
        each["metadata"]["name"]: each["spec"]["template"]["spec"].get("terminationGracePeriodSeconds")
        for each in WITH_PODS
    }
    graceful = int(re.findall(r"--graceful-timeout (\d+)", (ROOT / "deploy/api-entrypoint").read_text())[0])
    assert seconds["gavel-api"] >= 5 + graceful + 5
    compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]
    for name, service in (("gavel-worker", "normal-worker"), ("gavel-dispatcher", "dispatcher")):
        assert seconds[name] >= int(compose[service]["stop_grace_period"].rstrip("s"))


def test_the_kubernetes_files_name_only_settings_that_gavel_knows() -> None:
    text = "\n".join(path.read_text() for path in SOURCES) + (FOLDER / "make-secrets").read_text()
    known = {f"GAVEL_{name.upper()}" for name in (*Settings.__slots__, *WorkerSettings.__slots__)}
    known |= {"GAVEL_REDIS_SERVER_PASSWORD", "GAVEL_REDIS_WORKERS", "GAVEL_REDIS_ADDRESS", "GAVEL_PORT"}
    assert set(re.findall(r"GAVEL_[A-Z_]+", text)) <= known


def test_the_kubernetes_files_name_the_images_of_this_release() -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    tags = [
        image["newTag"]
        for path in SOURCES
        for each in yaml.safe_load_all(path.read_text())
        for image in each.get("images", ())
    ]
    assert tags == [version] * 3


def test_the_kubernetes_alerts_equal_the_alerts_for_prometheus() -> None:
    assert (FOLDER / "monitoring/prometheus-rule.yaml").read_text() == prometheus_rule_text(), (
        "run `make reference`"
    )


def secrets(*queues: str) -> dict[tuple[str, str], dict[str, str]]:
    done = subprocess.run([FOLDER / "make-secrets", *queues], capture_output=True, text=True, check=True)
    made = yaml.safe_load_all(done.stdout)
    return {(each["metadata"]["namespace"], each["metadata"]["name"]): each["stringData"] for each in made}


def test_a_worker_s_secret_has_only_the_worker_token_and_its_redis_address() -> None:
    made = secrets("normal", "normal.jvm", "premium")
    workers = {name: values for (namespace, name), values in made.items() if namespace == "gavel-workers"}
    assert workers.keys() == {"gavel-worker-normal", "gavel-worker-normal.jvm", "gavel-worker-premium"}
    assert all(values.keys() == {"GAVEL_WORKER_TOKEN", "GAVEL_REDIS_URL"} for values in workers.values())
    assert len({values["GAVEL_REDIS_URL"] for values in workers.values()}) == 3


def test_the_secrets_of_kubernetes_are_long_new_each_time_and_consistent() -> None:
    first, second = secrets(), secrets()
    server, redis = first["gavel", "gavel-server"], first["gavel", "gavel-redis"]
    assert all(
        len(server[name]) == 64 for name in ("GAVEL_SECRET_KEY", "GAVEL_WORKER_TOKEN", "GAVEL_METRICS_TOKEN")
    )
    assert not set(server.values()) & set(second["gavel", "gavel-server"].values())
    assert redis["GAVEL_REDIS_SERVER_PASSWORD"] in server["GAVEL_REDIS_URL"]
    assert first["gavel", "gavel-postgres"]["POSTGRES_PASSWORD"] in server["GAVEL_DATABASE_URL"]
    environment = {"PATH": "/usr/bin:/bin", **redis}
    users = subprocess.run(
        [ROOT / "deploy/redis/render-users"], env=environment, capture_output=True, text=True, check=True
    ).stdout
    assert all(f"user worker-{queue} on" in users for queue in ("normal", "premium"))


@pytest.mark.parametrize("queue", ["", "g", "Gold", "normal.a.b", "normal.", "premium.JVM", "normal jvm"])
def test_make_secrets_refuses_an_invalid_name_of_a_queue(queue: str) -> None:
    done = subprocess.run([FOLDER / "make-secrets", queue], capture_output=True, text=True, check=False)
    assert done.returncode == 64
    assert "use " in done.stderr and done.stdout == ""


def test_workers_have_the_profile_that_the_docs_install_on_each_node() -> None:
    (worker,) = (each for each in WITH_PODS if each["metadata"]["name"] == "gavel-worker")
    profile = worker["spec"]["template"]["spec"]["securityContext"]["seccompProfile"]["localhostProfile"]
    assert profile == "gavel/seccomp-worker.json"
    assert f"/var/lib/kubelet/seccomp/{profile}" in (ROOT / "docs/how-to/run-on-kubernetes.md").read_text()
