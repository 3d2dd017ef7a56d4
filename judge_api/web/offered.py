"""What a client needs to submit: problems and languages."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from apiflask import APIBlueprint
from flask import Response

from judge_api.domain.errors import NotFound
from judge_api.domain.language import Offer
from judge_api.domain.problem import ProblemSpec
from judge_api.web.answers import LanguagesOut, ProblemOut, ProblemsOut
from judge_api.web.doc import public
from judge_api.web.services import services
from judge_api.web.wire import json_answer

blueprint = APIBlueprint("offered", __name__, tag="Problems and languages")


@blueprint.get("/problems")
@blueprint.output(ProblemsOut)
@public(blueprint)
def list_problems() -> Response:
    """All problems, by slug."""
    rows = services().problems.list()
    return json_answer({"problems": [_line(ProblemSpec.from_json(row.spec)) for row in rows]})


@blueprint.get("/problems/<slug>")
@blueprint.output(ProblemOut)
@public(blueprint, 404)
def show_problem(slug: str) -> Response:
    """One problem: statements (sanitised HTML), samples, limits."""
    row = services().problems.get(slug)
    if row is None:
        raise NotFound(f"there is no problem {slug[:64]!r}")
    return json_answer(ProblemSpec.from_json(row.spec).to_json())


@blueprint.get("/languages")
@blueprint.output(LanguagesOut)
@public(blueprint)
def list_languages() -> Response:
    """All languages, with their version here or the reason why they are not available."""
    return json_answer({"languages": [_language(offer) for offer in services().offers.all()]})


def _line(spec: ProblemSpec) -> dict[str, Any]:
    return {
        "slug": spec.slug,
        "name": spec.name,
        "version": spec.version,
        "type": list(spec.type.words),
        "keywords": list(spec.keywords),
        "tests_total": spec.tests_total,
        "time_limit": spec.limits.time,
        "memory_limit": spec.limits.memory,
    }


def _language(offer: Offer) -> dict[str, Any]:
    shown = ("id", "name", "aliases", "extensions", "editor_mode", "starter")
    facts = asdict(offer.language)
    return {
        **{name: facts[name] for name in shown},
        "available": offer.available,
        "version": offer.version,
        "reason": offer.reason,
    }
