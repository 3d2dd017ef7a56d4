"""Judge0's informational routes: languages, statuses, configuration, workers and statistics."""

from __future__ import annotations

import os
import platform
from collections.abc import Callable
from typing import Any

from apiflask import APIBlueprint
from flask import Response

from judge_api.compat.judge0.additional_files import MULTI_FILE, MULTI_FILE_NAME
from judge_api.compat.judge0.configuration import describe_config
from judge_api.compat.judge0.language_ids import Edition
from judge_api.compat.judge0.responses import STATUSES
from judge_api.container import services
from judge_api.http.json import json_response
from judge_api.services.language_availability import NOT_REGISTERED
from judge_api.store.queue_samples import NO_SUBMISSIONS
from judge_core.model.account import AuthenticatedKey, Tier
from judge_core.model.errors import NotFound, QueueUnavailable
from judge_core.model.language import Language, OfferedLanguage
from judge_core.model.worker import WorkerRecord, WorkerState

_NO_COMMANDS = {"is_archived": False, "source_file": None, "compile_cmd": None, "run_cmd": None}
Authenticate = Callable[[], AuthenticatedKey | None]


def add_system_info_routes(blueprint: APIBlueprint, edition: Edition, authenticate: Authenticate) -> None:
    """Add the informational routes.

    All of them are public, but wrong credentials are refused. A client calls one of these routes first, so a
    mistyped key is reported at once.
    """
    views: dict[str, Callable[..., Response]] = {
        "/languages": lambda: json_response(_languages(edition)),
        "/languages/all": lambda: json_response(
            [{**each, "is_archived": False} for each in _languages(edition)]
        ),
        "/languages/<int:id>": lambda id: json_response(_language(edition, id)),
        "/statuses": lambda: json_response([{"id": id, "description": STATUSES[id]} for id in STATUSES]),
        "/config_info": lambda: json_response(_config(authenticate())),
        "/workers": lambda: json_response([_queue(tier) for tier in services().settings.tiers]),
        "/about": lambda: json_response(_about(edition)),
        "/version": lambda: _plain(edition.version),
        "/license": lambda: _plain("Apache-2.0"),
        "/isolate": lambda: _plain("Gavel's own sandbox: see /workers and the field `sandbox` of /status"),
        "/system_info": lambda: json_response(_system()),
        "/statistics": lambda: json_response(_statistics(edition)),
    }
    for path, view in views.items():
        blueprint.add_url_rule(path, path, _refusing_wrong_credentials(view, authenticate), methods=["GET"])


def _refusing_wrong_credentials(
    view: Callable[..., Response], authenticate: Authenticate
) -> Callable[..., Response]:
    def checked(**values: Any) -> Response:
        authenticate()
        return view(**values)

    return checked


def _config(key: AuthenticatedKey | None) -> dict[str, Any]:
    return describe_config(services().quotas.of(_tier(key)), services().settings.judge0_delete)


def _tier(key: AuthenticatedKey | None) -> Tier:
    return key.account.tier if key else Tier.NORMAL


def _languages(edition: Edition) -> list[dict[str, Any]]:
    """The ids of both releases, each with the version that is installed here. Unavailable languages are left
    out, except those that no worker has registered yet."""
    offers = {offer.language.id: offer for offer in services().language_availability.all()}
    available = {name for name, offer in offers.items() if offer.available}
    listed: dict[int, str] = {}
    for id in edition.ids():
        offer = offers.get(edition.language(id, available) or "")
        if offer is not None and (offer.available or offer.reason == NOT_REGISTERED):
            has_libraries = offer.language.id == edition.with_libraries.get(id)
            listed[id] = _name(offer, "Python for ML" if has_libraries else offer.language.name)
    listed[MULTI_FILE] = MULTI_FILE_NAME
    return [{"id": id, "name": listed[id]} for id in sorted(listed)]


def _name(offer: OfferedLanguage, name: str) -> str:
    return f"{name}, {offer.version}" if offer.version else name


def _language(edition: Edition, id: int) -> dict[str, Any]:
    found = next((each for each in _languages(edition) if each["id"] == id), None)
    if found is None:
        raise NotFound(f"language with id {id} doesn't exist")
    if id == MULTI_FILE:
        return {**found, **_NO_COMMANDS}
    offers = services().language_availability.all()
    name = edition.language(id, {offer.language.id for offer in offers if offer.available})
    language: Language = services().languages[name or ""]
    return {
        **found,
        "is_archived": False,
        "source_file": language.source_name,
        "compile_cmd": " ".join(language.compile) or None,
        "run_cmd": " ".join(language.run),
    }


def _workers(tier: Tier) -> list[WorkerRecord]:
    try:
        return [worker for worker in services().worker_cache.workers() if worker.queue == tier]
    except QueueUnavailable:
        return []


def _queue(tier: Tier) -> dict[str, Any]:
    states = [worker.state for worker in _workers(tier)]
    return {
        "queue": tier.value,
        "size": services().queue_samples.counts().get(tier, NO_SUBMISSIONS).queued,
        "available": len(states),
        "idle": states.count(WorkerState.IDLE),
        "working": states.count(WorkerState.BUSY),
        "paused": states.count(WorkerState.DRAINING),
        "failed": states.count(WorkerState.LOST),
    }


def _about(edition: Edition) -> dict[str, str]:
    home = services().settings.public_url
    return {"version": edition.version, "homepage": home, "source_code": home, "maintainer": "Gavel"}


def _plain(text: str) -> Response:
    return Response(text, mimetype="text/plain")


def _system() -> dict[str, Any]:
    return {"Architecture": platform.machine(), "CPU(s)": str(os.cpu_count() or 1), "OS": platform.system()}


def _statistics(edition: Edition) -> dict[str, Any]:
    """Counts that need no scan of all submissions, because clients poll this route."""
    tiers, counts = services().settings.tiers, services().queue_samples.counts()
    return {
        "languages": len(_languages(edition)),
        "queues": {tier.value: counts.get(tier, NO_SUBMISSIONS).queued for tier in tiers},
        "workers": sum(len(_workers(tier)) for tier in tiers),
    }
