"""The rendered overlays are valid and complete, and allow only the connections in the table."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.kubernetes.rendered import (
    FOLDER,
    OVERLAYS,
    ROOT,
    WITH_PODS,
    Object,
    labels_of,
    name_of,
    of_kind,
    pod_of,
    render,
    secrets_used,
    selects,
)

pytestmark = pytest.mark.kubernetes
VERSION = "1.33"
OWN_KINDS = {"PrometheusRule", "ServiceMonitor", "ScaledObject"}
"""Kinds of objects of KEDA and the Prometheus operator. kubernetes-validate has no schemas of them."""


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_every_object_of_an_overlay_is_valid(overlay: str) -> None:
    import kubernetes_validate  # only `make test-kubernetes` installs this

    objects = render(overlay)
    for each in objects:
        if each["kind"] not in OWN_KINDS:
            kubernetes_validate.validate(each, VERSION, strict=True)
    assert len({(each["kind"], *name_of(each)) for each in objects}) == len(objects)


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_worker_objects_are_in_their_own_namespace(overlay: str) -> None:
    for each in render(overlay):
        if each["kind"] in ("Namespace", "RuntimeClass"):
            continue
        namespace, name = name_of(each)
        assert namespace == (
            "gavel-workers" if "worker" in name or namespace == "gavel-workers" else "gavel"
        ), name


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_the_secrets_config_maps_and_claims_that_a_pod_names_exist(overlay: str) -> None:
    objects = render(overlay)
    bucket = {"GAVEL_OBJECT_STORAGE_KEY": "key", "GAVEL_OBJECT_STORAGE_SECRET": "secret"}
    made = subprocess.run(
        [FOLDER / "make-secrets", "normal", "premium", "gold"],
        env={"PATH": "/usr/bin:/bin", **bucket},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    secrets = {name_of(each) for each in yaml.safe_load_all(made)}
    maps = {name_of(each) for each in of_kind(objects, "ConfigMap")}
    claims = {name_of(each) for each in of_kind(objects, "PersistentVolumeClaim")}
    for each in of_kind(objects, *WITH_PODS):
        namespace, pod = name_of(each)[0], pod_of(each)
        assert {(namespace, name) for name in secrets_used(pod)} <= secrets
        sources = [source for container in pod["containers"] for source in container.get("envFrom", ())]
        named = [source["configMapRef"]["name"] for source in sources if "configMapRef" in source]
        named += [volume["configMap"]["name"] for volume in pod["volumes"] if "configMap" in volume]
        assert {(namespace, name) for name in named} <= maps
        volumes = [
            volume["persistentVolumeClaim"] for volume in pod["volumes"] if "persistentVolumeClaim" in volume
        ]
        assert {(namespace, volume["claimName"]) for volume in volumes} <= claims


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_each_deployment_has_a_disruption_budget_that_lets_a_node_be_drained(overlay: str) -> None:
    objects = render(overlay)
    budgets = of_kind(objects, "PodDisruptionBudget")
    for each in of_kind(objects, "Deployment"):
        (budget,) = [
            budget
            for budget in budgets
            if name_of(budget)[0] == name_of(each)[0] and selects(budget["spec"]["selector"], labels_of(each))
        ]
        replicas, spec = each["spec"].get("replicas", 1), budget["spec"]
        assert spec.get("maxUnavailable", replicas - spec.get("minAvailable", replicas)) >= 1, name_of(each)


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_a_service_selects_pods_that_have_its_port(overlay: str) -> None:
    objects = render(overlay)
    for service in of_kind(objects, "Service"):
        (target,) = [
            each
            for each in of_kind(objects, *WITH_PODS)
            if service["spec"]["selector"].items() <= labels_of(each).items()
        ]
        ports = {port["name"] for container in pod_of(target)["containers"] for port in container["ports"]}
        assert {port["targetPort"] for port in service["spec"]["ports"]} <= ports


def test_each_deployment_of_workers_has_its_own_autoscaler() -> None:
    workers = [each for each in of_kind(render("autoscaled"), "Deployment") if "worker" in name_of(each)[1]]
    scaled = of_kind(render("autoscaled"), "ScaledObject")
    assert {name_of(each)[1] for each in workers} == {
        each["spec"]["scaleTargetRef"]["name"] for each in scaled
    }
    assert all("replicas" not in each["spec"] for each in workers)


def test_in_the_overlay_plain_user_only_workers_run_in_a_user_namespace_without_capabilities() -> None:
    for each in of_kind(render("plain-user"), *WITH_PODS):
        is_worker = labels_of(each)["app.kubernetes.io/component"] == "worker"
        container = pod_of(each)["containers"][0]
        assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]} or not is_worker
        assert (pod_of(each).get("hostUsers") is False) == is_worker, name_of(each)
        if is_worker:
            assert container["args"][0] == "--queue"
            assert container["command"][0] == "tini"


def test_in_the_overlay_gvisor_only_the_servers_run_inside_gvisor() -> None:
    objects = render("gvisor")
    (runtime,) = of_kind(objects, "RuntimeClass")
    assert runtime["handler"] == "runsc"
    inside = {
        labels_of(each)["app.kubernetes.io/component"]
        for each in of_kind(objects, *WITH_PODS)
        if pod_of(each).get("runtimeClassName") == name_of(runtime)[1]
    }
    assert inside == {"api", "dispatcher", "setup"}
    named = [pod_of(each) for each in of_kind(objects, *WITH_PODS) if "runtimeClassName" in pod_of(each)]
    assert len(named) == 3
    for each in of_kind(objects, *WITH_PODS):
        limit = pod_of(each)["containers"][0]["resources"]["limits"]
        assert "memory" in limit, "the pod needs a memory limit, since gVisor's own memory counts too"


def variables_of(objects: tuple[Object, ...], each: Object) -> dict[str, str]:
    """The environment variables of an object's container, from ConfigMaps and by value."""
    maps = {name_of(one): one["data"] for one in of_kind(objects, "ConfigMap")}
    container = pod_of(each)["containers"][0]
    found: dict[str, str] = {}
    for source in container.get("envFrom", ()):
        if "configMapRef" in source:
            found |= maps[name_of(each)[0], source["configMapRef"]["name"]]
    return found | {row["name"]: row["value"] for row in container.get("env", ()) if "value" in row}


def test_in_the_overlay_tiers_every_process_gets_the_same_tiers() -> None:
    objects = render("tiers")
    processes = [
        each
        for each in of_kind(objects, *WITH_PODS)
        if labels_of(each)["app.kubernetes.io/component"] in ("api", "dispatcher", "setup", "worker")
    ]
    assert len(processes) == 6
    given = {variables_of(objects, each)["GAVEL_TIERS"] for each in processes}
    assert given == {"normal=1,premium=10,gold=20"}
    (gold,) = [each for each in processes if name_of(each)[1] == "gavel-worker-gold"]
    assert pod_of(gold)["containers"][0]["args"] == ["--queue", "gold"]
    assert list(secrets_used(pod_of(gold))) == ["gavel-worker-gold"]


def test_each_worker_of_every_overlay_takes_its_own_queue_with_its_own_secret() -> None:
    for overlay in OVERLAYS:
        workers = [each for each in of_kind(render(overlay), "Deployment") if "worker" in name_of(each)[1]]
        for each in workers:
            tier = name_of(each)[1].removeprefix("gavel-worker-")
            assert pod_of(each)["containers"][0]["args"] == ["--queue", tier]
            assert list(secrets_used(pod_of(each))) == [f"gavel-worker-{tier}"]


def test_in_the_overlay_bucket_no_two_pods_share_a_volume() -> None:
    objects = render("bucket")
    claimed = [
        name_of(each)[1]
        for each in of_kind(objects, *WITH_PODS)
        for volume in pod_of(each)["volumes"]
        if "persistentVolumeClaim" in volume
    ]
    assert claimed == ["gavel-setup"]
    (claim,) = of_kind(objects, "PersistentVolumeClaim")
    assert claim["spec"]["accessModes"] == ["ReadWriteOnce"]


def test_only_the_pods_that_use_the_bucket_get_its_key_and_may_connect_to_the_bucket() -> None:
    objects = render("bucket")
    for each in of_kind(objects, *WITH_PODS):
        component = labels_of(each)["app.kubernetes.io/component"]
        uses_it = component in ("api", "setup", "backup")
        assert ("gavel-object-storage" in secrets_used(pod_of(each))) == uses_it
        assert (("10.20.0.0/16", 443) in ways_out(objects, each)) == uses_it
        if uses_it:
            assert variables_of(objects, each)["GAVEL_OBJECT_STORAGE"] == "s3://judge/packages"


def test_a_cron_job_makes_backups_with_the_image_of_the_api() -> None:
    objects = render("bucket")
    (nightly,) = of_kind(objects, "CronJob")
    (container,) = pod_of(nightly)["containers"]
    assert container["args"] == ["gavel", "backup", "--keep", "14", "s3://judge/backups/"]
    (api,) = [each for each in of_kind(objects, "Deployment") if name_of(each)[1] == "gavel-api"]
    assert container["image"] == pod_of(api)["containers"][0]["image"]
    assert nightly["spec"]["concurrencyPolicy"] == "Forbid"
    assert ("10.20.0.0/16", 5432) in ways_out(objects, nightly)


# --- network: which pod may connect to which, on which port ---

PEERS = {
    ("api", "postgres", 5432),
    ("api", "redis", 6379),
    ("dispatcher", "postgres", 5432),
    ("dispatcher", "redis", 6379),
    ("setup", "postgres", 5432),
    ("setup", "redis", 6379),
    ("worker", "api", 8000),
    ("worker", "redis", 6379),
}
"""All connections between pods of Gavel. Workers may connect to Redis and the API, and to no database."""

OUTSIDE = {
    ("api", "0.0.0.0/0", 465),
    ("api", "0.0.0.0/0", 587),
    ("dispatcher", "0.0.0.0/0", 80),
    ("dispatcher", "0.0.0.0/0", 443),
}
"""All connections out of the cluster: for e-mail and for webhooks."""


def peers_allowed(objects: tuple[Object, ...]) -> set[tuple[str, str, int]]:
    """The pairs of pods, with the port, between which the egress rules of the first pod and the ingress rules
    of the second allow a connection."""
    pods = {labels_of(each)["app.kubernetes.io/component"]: each for each in of_kind(objects, *WITH_PODS)}
    out = {
        (source, target, port)
        for source, one in pods.items()
        for rule in rules_of(objects, one, "egress")
        for target, other in pods.items()
        for port in ports_of(rule)
        if takes(rule["to"], one, other)
    }
    into = {
        (source, target, port)
        for target, other in pods.items()
        for rule in rules_of(objects, other, "ingress")
        for source, one in pods.items()
        for port in ports_of(rule)
        if takes(rule["from"], other, one)
    }
    return out & into


def rules_of(objects: tuple[Object, ...], pod: Object, direction: str) -> Iterator[Object]:
    for policy in of_kind(objects, "NetworkPolicy"):
        same = name_of(policy)[0] == name_of(pod)[0]
        if same and selects(policy["spec"]["podSelector"], labels_of(pod)):
            yield from policy["spec"].get(direction, ())


def ports_of(rule: Object) -> set[int]:
    assert rule["ports"], "the rule must name its ports, since a rule without ports opens all of them"
    return {port["port"] for port in rule["ports"]}


def takes(peers: list[Mapping[str, Any]], owner: Object, pod: Object) -> bool:
    return any(_takes(peer, owner, pod) for peer in peers if "ipBlock" not in peer)


def _takes(peer: Mapping[str, Any], owner: Object, pod: Object) -> bool:
    assert peer.keys() <= {"namespaceSelector", "podSelector"}
    namespace = name_of(pod)[0]
    if "namespaceSelector" in peer:
        if not selects(peer["namespaceSelector"], {"kubernetes.io/metadata.name": namespace}):
            return False
    elif namespace != name_of(owner)[0]:
        return False
    return selects(peer.get("podSelector", {}), labels_of(pod))


@pytest.mark.parametrize("overlay", ["small", "plain-user", "tiers", "gvisor"])
def test_pods_may_connect_to_each_other_only_as_the_table_says(overlay: str) -> None:
    assert peers_allowed(render(overlay)) == PEERS


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_each_namespace_has_a_policy_that_denies_all_connections_by_default(overlay: str) -> None:
    closed = {
        name_of(policy)[0]
        for policy in of_kind(render(overlay), "NetworkPolicy")
        if policy["spec"]["podSelector"] == {} and policy["spec"]["policyTypes"] == ["Ingress", "Egress"]
    }
    assert closed == {name_of(each)[1] for each in of_kind(render(overlay), "Namespace")}


def ways_out(objects: tuple[Object, ...], pod: Object) -> set[tuple[str, int]]:
    """The addresses outside the cluster to which a pod may connect, with the port."""
    return {
        (peer["ipBlock"]["cidr"], port)
        for rule in rules_of(objects, pod, "egress")
        for peer in rule["to"]
        if "ipBlock" in peer
        for port in ports_of(rule)
    }


@pytest.mark.parametrize("overlay", ["small", "plain-user", "tiers", "gvisor"])
def test_only_the_connections_in_the_table_may_leave_the_cluster(overlay: str) -> None:
    objects = render(overlay)
    found = {
        (labels_of(each)["app.kubernetes.io/component"], *way)
        for each in of_kind(objects, *WITH_PODS)
        for way in ways_out(objects, each)
    }
    assert found == OUTSIDE


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_pods_outside_the_namespaces_of_gavel_may_connect_only_to_the_api(overlay: str) -> None:
    objects = render(overlay)
    for each in of_kind(objects, *WITH_PODS):
        component = labels_of(each)["app.kubernetes.io/component"]
        for rule in rules_of(objects, each, "ingress"):
            assert component != "worker"
            for peer in rule["from"]:
                own = peer.get("namespaceSelector", {}).get("matchLabels", {})
                assert component == "api" or set(own.values()) <= {"gavel-workers"}


# --- the metrics that KEDA reads ---

SERIES = (
    ('gavel_queue_waiting{queue="%s",instance="a"}', "12x10"),
    ('gavel_queue_waiting{queue="%s",instance="b"}', "12x10"),
    ('gavel_queue_oldest_ms{queue="%s",instance="a"}', "61000x10"),
    ('gavel_queue_oldest_ms{queue="%s",instance="b"}', "60000x10"),
)
IDLE = (
    ('gavel_queue_waiting{queue="%s",instance="a"}', "0x10"),
    ('gavel_queue_oldest_ms{queue="%s",instance="a"}', "61000x10"),
)


@pytest.mark.parametrize(
    ("series", "expected"),
    [(SERIES, (12, 61)), (IDLE, (0, 0)), ((), (0, 0))],
    ids=[
        "two API pods report the same queue",
        "a long judgement and nothing that waits",
        "no API pod is scraped",
    ],
)
def test_the_queries_of_keda_give_the_number_and_the_age_of_waiting_submissions(
    tmp_path: Path, series: tuple[tuple[str, str], ...], expected: tuple[int, int]
) -> None:
    for each in of_kind(render("autoscaled"), "ScaledObject"):
        queue = each["spec"]["scaleTargetRef"]["name"].rsplit("-", 1)[1]
        queries = [trigger["metadata"]["query"] for trigger in each["spec"]["triggers"]]
        test = {
            "interval": "15s",
            "input_series": [{"series": name % queue, "values": values} for name, values in series],
            "promql_expr_test": [
                {"expr": query, "eval_time": "1m", "exp_samples": [{"labels": "{}", "value": value}]}
                for query, value in zip(queries, expected, strict=True)
            ],
        }
        file = tmp_path / f"{queue}.yml"
        file.write_text(yaml.safe_dump({"rule_files": [], "evaluation_interval": "15s", "tests": [test]}))
        done = subprocess.run(
            [ROOT / ".ci/promtool", "test", "rules", file], capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
