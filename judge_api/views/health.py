"""Health routes: whether this process answers, and whether a submission would be judged."""

from __future__ import annotations

from typing import Any

from apiflask import APIBlueprint
from flask import Response

from judge_api.container import services
from judge_api.http.json import json_response
from judge_api.http.openapi import schema_ref
from judge_api.schemas.responses import HealthOut, ReadyOut
from judge_api.services.queue_health import QueueState
from judge_api.store.engine import within_time_budget
from judge_core.logging import get_logger
from judge_core.model.account import Tier
from judge_core.model.errors import QueueUnavailable, StoreUnavailable

logger = get_logger(__name__)
blueprint = APIBlueprint("health", __name__, tag="Operating")
_WRITE_SECONDS = 3.0
_NOT_READY: dict[int | str, Any] = {
    503: {"description": "Not ready", "content": {"application/json": {"schema": schema_ref(ReadyOut)}}}
}


@blueprint.get("/healthz")
@blueprint.output(HealthOut)
def show_health() -> Response:
    """Answers 200 if this process works. Other processes are not checked."""
    return json_response({"status": "ok"})


@blueprint.get("/readyz")
@blueprint.output(ReadyOut)
@blueprint.doc(responses=_NOT_READY)
def show_readiness() -> Response:
    """Answers 200 if a submission to every tier would be judged, else 503 with what is missing."""
    database, queue = _database(), _queue_state()
    found = {
        "database": database,
        "disk": _disk(),
        "redis": "" if queue is None or queue.reachable else str(queue),
        "dispatcher": _dispatcher(),
        **{f"{tier.value} worker": _worker(tier) for tier in services().settings.tiers},
    }
    missing = [f"{name}: {reason}" for name, reason in found.items() if reason]
    checks = {name: not reason for name, reason in found.items()}
    health = queue.to_json() if queue else None
    body = {
        "ready": not missing,
        "checks": checks,
        "missing": missing,
        "queue_health": health,
        "warnings": list(services().tier_check.warnings()),
    }
    return json_response(body, 503 if missing else 200)


def _database() -> str:
    """Check the database with a write, because a read would succeed on a full disk and on a read-only
    database."""
    try:
        with within_time_budget(_WRITE_SECONDS):
            services().write_check.write()
    except StoreUnavailable as error:
        # The driver's message names hosts, users and files. It is not in the answer, because this route needs
        # no key.
        logger.warning("The database is not ready", reason=str(error))
        return "it does not answer: the API's log says why"
    return ""


def _disk() -> str:
    fault = services().disk_space.fault()
    if fault is None:
        return ""
    logger.warning("A disk is nearly full", reason=fault)
    return "it is nearly full: submissions and packages are refused with 503. `gavel doctor` shows it"


def _queue_state() -> QueueState | None:
    try:
        services().worker_registry.has_dispatcher()
        reachable = True
    except QueueUnavailable:
        reachable = False
    try:
        waiting = services().outbox.backlog().waiting
    except StoreUnavailable:
        return None
    return services().queue_health.observe(reachable, waiting)


def _dispatcher() -> str:
    try:
        alive = services().worker_registry.has_dispatcher()
    except QueueUnavailable:
        return "not known while Redis cannot be reached"
    return (
        ""
        if alive
        else "no dispatcher sent a heartbeat lately: start one with 'python -m judge_api.dispatcher'"
    )


def _worker(tier: Tier) -> str:
    try:
        routes = services().router.current_routes()
    except QueueUnavailable:
        return "not known while Redis cannot be reached"
    if routes.pools(tier) or routes.lenders(tier):
        return ""
    return f"no worker serves this queue: start one with 'gavel worker --queue {tier.value}'"
