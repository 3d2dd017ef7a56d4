"""Routes that change a problem as a whole: its state, its co-authors and its deletion."""

from __future__ import annotations

from dataclasses import replace

from apiflask import APIBlueprint
from flask import Response

from judge_api.container import services
from judge_api.http.auth import current_account, require_author
from judge_api.http.json import json_response
from judge_api.http.openapi import authenticated
from judge_api.schemas.admin_responses import (
    AuthoredProblemOut,
    DoneOut,
    StateChangedOut,
)
from judge_api.schemas.requests import DeletionQuery, StateIn
from judge_api.services.problem_overview import shown_state, verification_body, version_bodies
from judge_api.services.verification_progress import verification_faults
from judge_api.store.records import ProblemRow
from judge_api.store.rejudge_selection import RejudgeFilter, RejudgeSelection
from judge_api.views.problem_access import editable_problem, managed_problem, newest_of, version_of
from judge_core.model.account import Account
from judge_core.model.errors import Conflict, FieldFault, Invalid, NotFound
from judge_core.model.problem import ProblemState

blueprint = APIBlueprint("problem_lives", __name__, url_prefix="/admin/problems", tag="Problems of authors")
_MOST_REASONS = 10
_SEEN_BY = "outside of events, only its authors and administrators see it"


@blueprint.before_request
def _prepare() -> None:
    require_author()


@blueprint.get("/<slug>")
@blueprint.output(AuthoredProblemOut)
@authenticated(blueprint, 404)
def show_authored_problem(slug: str) -> Response:
    """A problem as its authors see it: state, co-authors, versions, changes and verification."""
    row = editable_problem(slug)
    newest = newest_of(row)
    # The verification is read first, because one that ends now marks its version as verified.
    verification = services().verification_progress.of(version_of(row, newest))
    versions = services().problem_versions.of(row.slug)
    fresh = services().problem_versions.get(row.slug, newest)
    names = services().accounts.names({each.added_by for each in versions if each.added_by})
    named = [replace(each, added_by=names.get(each.added_by or "")) for each in versions]
    owner, co_authors = services().problem_members.names_of(row.slug)
    body = {
        "slug": row.slug,
        "title": row.title,
        "state": shown_state(row, fresh.verified_at if fresh else None),
        "version": row.version,
        "newest": newest,
        "owner": owner,
        "co_authors": co_authors,
        "may_manage": services().problem_access.may_manage(current_account(), row.slug),
        "suspended": row.spec.get("suspended"),
        "submissions": services().problem_lives.submission_count(row.slug),
        "to_rejudge": _to_rejudge(row.slug, newest),
        "verification": verification_body(verification) if verification else None,
        "versions": version_bodies(row, named, services().package_store),
    }
    return json_response(body)


@blueprint.put("/<slug>/state")
@blueprint.input(StateIn)
@blueprint.output(StateChangedOut)
@authenticated(blueprint, 400, 404, 409, 413, 415, 422)
def change_state(slug: str, json_data: StateIn) -> Response:
    """Publish a verified version, make the problem a draft again, or archive it."""
    row, wanted = editable_problem(slug), ProblemState(json_data.state)
    version = row.version
    if wanted is ProblemState.PUBLISHED:
        version = json_data.version or newest_of(row)
        if not json_data.unverified:
            _require_verified(row, version)
        version_of(row, version)
        services().problem_lives.publish(row.slug, version)
    elif wanted is ProblemState.ARCHIVED:
        services().problem_lives.archive(row.slug)
    else:
        services().problem_lives.hide(row.slug)
    services().visible_problems.clear()
    _audit("problem.state", row.slug, state=wanted.value, version=version)
    done = {
        ProblemState.PUBLISHED: f"{row.slug} is published in version {version[:12]}",
        ProblemState.ARCHIVED: f"{row.slug} is archived: {_SEEN_BY}",
    }.get(wanted, f"{row.slug} is a draft: {_SEEN_BY}")
    body = {"done": done, "state": wanted, "version": version, "to_rejudge": _to_rejudge(row.slug, version)}
    return json_response(body)


def _require_verified(row: ProblemRow, version: str) -> None:
    """Refuse a version that is not published and has never passed a verification. The error has the
    reasons."""
    if row.is_published and row.version == version:
        return
    verification = services().verification_progress.of(version_of(row, version))
    known = services().problem_versions.get(row.slug, version)
    if known is not None and known.verified_at is not None:
        return
    name = f"the version {version[:12]} of {row.slug}"
    if verification is None:
        raise Conflict(f"{name} is not verified: verify it first")
    if verification.ended_at is None:
        raise Conflict(f"{name} is being verified: wait until all its submissions are judged")
    reasons = verification_faults(verification)
    more = f"; and {len(reasons) - _MOST_REASONS} more" if len(reasons) > _MOST_REASONS else ""
    raise Conflict(f"{name} did not pass its verification: {'; '.join(reasons[:_MOST_REASONS])}{more}")


@blueprint.delete("/<slug>")
@blueprint.input(DeletionQuery, location="query")
@blueprint.output(DoneOut)
@authenticated(blueprint, 404, 409, 422)
def delete_problem(slug: str, query_data: DeletionQuery) -> Response:
    """Delete a problem with all its versions. A problem with submissions can only be archived."""
    row = managed_problem(slug)
    if query_data.keep_records and (count := services().problem_lives.submission_count(row.slug)):
        services().problem_lives.archive(row.slug)
        records = "the record of 1 submission" if count == 1 else f"the records of {count} submissions"
        done = f"{row.slug} is archived, not deleted: it keeps {records}"
        act = "problem.state"
    else:
        for version in services().problem_lives.delete(row.slug).unused:
            services().package_store.delete(version)
        done, act = f"{row.slug} is deleted", "problem.delete"
    services().visible_problems.clear()
    _audit(act, row.slug, version=row.version)
    return json_response({"done": done})


@blueprint.put("/<slug>/co-authors/<name>")
@blueprint.output(DoneOut)
@authenticated(blueprint, 404, 409, 422)
def add_co_author(slug: str, name: str) -> Response:
    """Let another author also change, verify and publish the problem.

    Only its owner and administrators may do this.
    """
    row, account = managed_problem(slug), _account(name)
    if not account.may_add_problems:
        raise Invalid(FieldFault("name", f"{name[:64]!r} needs the role author or admin first"))
    if services().problem_access.may_manage(account, row.slug) and not account.is_admin:
        raise Conflict(f"{name[:64]!r} owns the problem already")
    services().problem_members.add_co_author(row.slug, account.id, current_account().id)
    _audit("problem.co-author", row.slug, name=account.name, added=True)
    return json_response({"done": f"{account.name} is a co-author of {row.slug}"})


@blueprint.delete("/<slug>/co-authors/<name>")
@blueprint.output(DoneOut)
@authenticated(blueprint, 404)
def remove_co_author(slug: str, name: str) -> Response:
    """Take away a co-author's rights to the problem. Only its owner and administrators may do this."""
    row, account = managed_problem(slug), _account(name)
    if not services().problem_members.remove_co_author(row.slug, account.id):
        raise NotFound(f"{name[:64]!r} is no co-author of {row.slug}")
    _audit("problem.co-author", row.slug, name=account.name, added=False)
    return json_response({"done": f"{account.name} is no co-author of {row.slug} any more"})


def _to_rejudge(slug: str, version: str) -> int:
    return RejudgeSelection(services().engine).count(RejudgeFilter(slug, version))


def _account(name: str) -> Account:
    account = services().accounts.by_name(name) if "\x00" not in name else None
    if account is None:
        raise NotFound(f"there is no account {name[:64]!r}")
    return account


def _audit(act: str, slug: str, **detail: object) -> None:
    services().audit.record(current_account().name, act, slug, **detail)
