"""Reads the objects of an overlay as Kustomize renders them."""

from __future__ import annotations

import functools
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "deploy" / "kubernetes"
OVERLAYS = sorted(path.name for path in (FOLDER / "overlays").iterdir())
Object = Mapping[str, Any]
WITH_PODS = ("Deployment", "StatefulSet", "Job", "CronJob")


@functools.cache
def render(overlay: str) -> tuple[Object, ...]:
    """All objects of the overlay."""
    words = [str(ROOT / ".ci/kustomize"), "build", str(FOLDER / "overlays" / overlay)]
    done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    return tuple(yaml.safe_load_all(done.stdout))


def of_kind(objects: tuple[Object, ...], *kinds: str) -> list[Object]:
    return [each for each in objects if each["kind"] in kinds]


def name_of(each: Object) -> tuple[str, str]:
    """The namespace and the name of an object."""
    return each["metadata"].get("namespace", ""), each["metadata"]["name"]


def template_of(each: Object) -> Object:
    """The template of an object's pods."""
    job = each["spec"]["jobTemplate"] if each["kind"] == "CronJob" else each
    template: Object = job["spec"]["template"]
    return template


def pod_of(each: Object) -> Object:
    """The spec in the template of an object's pods."""
    pod: Object = template_of(each)["spec"]
    return pod


def labels_of(each: Object) -> Mapping[str, str]:
    """The labels of an object's pods."""
    labels: Mapping[str, str] = template_of(each)["metadata"]["labels"]
    return labels


def selects(selector: Mapping[str, Any], labels: Mapping[str, str]) -> bool:
    """Whether a label selector selects these labels."""
    if not selector.get("matchLabels", {}).items() <= labels.items():
        return False
    for rule in selector.get("matchExpressions", ()):
        assert rule["operator"] == "In", rule
        if labels.get(rule["key"]) not in rule["values"]:
            return False
    return True


def secrets_used(pod: Object) -> Iterator[str]:
    """The Secrets that a pod reads."""
    for container in pod["containers"]:
        for source in container.get("envFrom", ()):
            if "secretRef" in source:
                yield source["secretRef"]["name"]
