"""Public routes: problems, their statistics, and languages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from apiflask import APIBlueprint
from flask import Response

from judge_api.container import services
from judge_api.http.auth import optional_account
from judge_api.http.json import json_response
from judge_api.http.openapi import public
from judge_api.schemas.requests import RuntimesQuery
from judge_api.schemas.responses import LanguagesOut, ProblemOut, ProblemsOut, RuntimesOut
from judge_api.services.language_availability import shown_reason
from judge_api.services.problem_visibility import spec_of, with_specs
from judge_api.store.records import EVERY_SUBMISSION, CodingSession, ProblemRow
from judge_api.store.statistics import Compared, ProblemCounts
from judge_core.languages import find_language
from judge_core.model.account import Account
from judge_core.model.errors import FieldFault, Invalid, NotFound
from judge_core.model.language import OfferedLanguage
from judge_core.model.percentiles import histogram, noise_of
from judge_core.model.problem import ProblemSpec

FEW = 10
"""If there are fewer runtimes than this, each one is shown."""
MaxScores = Mapping[str, float | None]
blueprint = APIBlueprint("offered", __name__, tag="Problems and languages")


@blueprint.get("/problems")
@blueprint.output(ProblemsOut)
@public(blueprint)
def list_problems() -> Response:
    """The problems that the client may see. With credentials, also which of them are solved or tried."""
    account = optional_account()
    shown = list(with_specs(services().problem_access.visible(account, services().problems.list())))
    max_scores = {spec.slug: spec.max_score for _, spec in shown}
    counts = shown_counts(max_scores)
    problems = [_problem(row, spec) | _counts(counts.get(row.slug, ProblemCounts())) for row, spec in shown]
    marks, scores = _marks(account, max_scores)
    own = ({"mark": marks.get(each["slug"]), "best_score": scores.get(each["slug"])} for each in problems)
    return json_response({"problems": [each | mine for each, mine in zip(problems, own, strict=True)]})


@blueprint.get("/problems/<slug>/runtimes")
@blueprint.input(RuntimesQuery, location="query")
@blueprint.output(RuntimesOut)
@public(blueprint, 404, 422)
def show_runtimes(slug: str, query_data: RuntimesQuery) -> Response:
    """The runtimes of the accepted submissions in one language, grouped into bins."""
    account, row = optional_account(), services().problems.get(slug)
    if row is None or not services().problem_access.may_see(account, row):
        raise NotFound(f"there is no problem {slug[:64]!r}")
    language = find_language(query_data.language, services().languages)
    if language is None:
        raise Invalid(FieldFault("language", f"there is no language {query_data.language[:64]!r}"))
    held_back = services().running_events.holds_back(slug)
    which = Compared(slug, language.id, spec_of(row).max_score)
    times = [] if held_back else services().statistics.runtimes(which)
    bins = [asdict(each) for each in histogram(times)]
    body = {
        "language": language.id,
        "count": len(times),
        "bins": bins,
        "values": times if len(times) < FEW else [],
        "band_ms": _band(account, which),
    }
    return json_response(body)


def shown_marks(
    account: Account, max_scores: MaxScores, session: CodingSession = EVERY_SUBMISSION
) -> dict[str, str]:
    """Which problems the account has solved or tried.

    Problems whose results an event does not show yet are left out.
    """
    hidden = services().running_events.hidden_results(account)
    marks = services().statistics.marks(account.id, max_scores, session)
    return {slug: mark for slug, mark in marks.items() if slug not in hidden}


def shown_counts(max_scores: MaxScores, account: Account | None = None) -> dict[str, ProblemCounts]:
    """The counts by problem. Problems whose results an event holds back from the client are left out."""
    running, counts = services().running_events, services().statistics.counts(max_scores)
    return {slug: each for slug, each in counts.items() if not running.holds_back(slug, account)}


def _marks(account: Account | None, max_scores: MaxScores) -> tuple[dict[str, str], dict[str, float]]:
    """The account's marks and best scores, by problem."""
    if account is None:
        return {}, {}
    hidden = services().running_events.hidden_results(account)
    scores = services().statistics.best_scores(account.id)
    return shown_marks(account, max_scores), {
        slug: best for slug, best in scores.items() if slug not in hidden
    }


def _band(account: Account | None, which: Compared) -> list[int] | None:
    if which.problem in services().running_events.hidden_results(account):
        return None
    best = services().statistics.best_runtime(account.id, which) if account else None
    if best is None:
        return None
    return [max(0, round(best - noise_of(best))), round(best + noise_of(best))]


def _counts(counts: ProblemCounts) -> dict[str, Any]:
    return {**asdict(counts), "acceptance_rate": counts.rate}


@blueprint.get("/problems/<slug>")
@blueprint.output(ProblemOut)
@public(blueprint, 404)
def show_problem(slug: str) -> Response:
    """One problem: its statements (sanitised HTML), samples and limits."""
    row = services().problems.get(slug)
    if row is None or not services().problem_access.may_see(optional_account(), row):
        raise NotFound(f"there is no problem {slug[:64]!r}")
    return json_response(problem_body(row, spec_of(row)))


def problem_body(row: ProblemRow, spec: ProblemSpec) -> dict[str, Any]:
    """A problem with its statements, samples and limits."""
    limits = spec.language_limits(services().languages.values())
    return {**spec.to_json(), "published": row.is_published, "language_limits": limits}


@blueprint.get("/languages")
@blueprint.output(LanguagesOut)
@public(blueprint)
def list_languages() -> Response:
    """All languages, each with its version here or the reason why it is not available.

    With credentials, the answer is about the workers that judge for the account's tier, else about all
    workers. Only administrators get the reason in the workers' own words.
    """
    account = optional_account()
    offers = services().language_availability.all(account.tier if account else None)
    is_admin = account is not None and account.is_admin
    return json_response({"languages": [_language(offer, is_admin) for offer in offers]})


def _problem(row: ProblemRow, spec: ProblemSpec) -> dict[str, Any]:
    return {
        "slug": spec.slug,
        "name": spec.name,
        "version": spec.version,
        "type": list(spec.type.words),
        "keywords": list(spec.keywords),
        "tests_total": spec.tests_total,
        "max_score": spec.max_score,
        "time_limit": spec.limits.time,
        "embargo_until": spec.embargo_until,
        "memory_limit": spec.limits.memory,
        "published": row.is_published,
        "difficulty": spec.difficulty,
        "tags": [word for word in spec.keywords if word.lower() != spec.difficulty],
    }


def _language(offer: OfferedLanguage, is_admin: bool) -> dict[str, Any]:
    shown = ("id", "name", "aliases", "extensions", "editor_mode", "starter", "note")
    facts = asdict(offer.language)
    return {
        **{name: facts[name] for name in shown},
        "time_factor": offer.language.time_factor,
        "memory_extra": offer.language.memory_overhead_mb,
        "available": offer.available,
        "version": offer.version,
        "reason": shown_reason(offer, is_admin),
    }
