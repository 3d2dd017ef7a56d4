"""Routes of events for their jury: events, members, submissions, answers and exports."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import timedelta
from typing import Any

from apiflask import APIBlueprint
from flask import Response

from judge_api.container import services
from judge_api.events.windows import MemberTimes
from judge_api.http.auth import current_account, require_author
from judge_api.http.json import json_response
from judge_api.http.openapi import authenticated
from judge_api.schemas.admin_responses import DoneOut
from judge_api.schemas.event_requests import (
    AnnouncementIn,
    AnswerIn,
    DisqualificationIn,
    EventChange,
    EventIn,
    EventSubmissionsQuery,
    FreezeIn,
    MemberChange,
    MemberFileIn,
    MemberIn,
    MembersIn,
)
from judge_api.schemas.event_responses import (
    EventOut,
    EventSubmissionsOut,
    MemberImportOut,
    MemberOut,
    MembersOut,
    MessageOut,
)
from judge_api.services.event_access import EventView
from judge_api.services.event_members_file import read_members_file
from judge_api.services.event_sheets import Table, csv_text
from judge_api.store.event_results import EventSubmission, Expects
from judge_api.store.events import MemberRow, NewAnswer, NewMember
from judge_api.views import event_editing
from judge_api.views.event_member import (
    changed,
    event_body,
    label_of,
    member_names,
    message_body,
    problem_slug,
    try_body,
)
from judge_core.model.account import Account
from judge_core.model.errors import FieldFault, Invalid, NotFound
from judge_core.model.submission import rfc3339

blueprint = APIBlueprint("event_jury", __name__, url_prefix="/events", tag="Events: jury")
blueprint.before_request(require_author)
_CSV: dict[int | str, Any] = {
    200: {"description": "A CSV file", "content": {"text/csv": {"schema": {"type": "string"}}}},
}


def _jury_view(slug: str) -> EventView:
    return services().event_access.for_jury(current_account(), slug)


def _audit(act: str, subject: str, **detail: object) -> None:
    services().audit.record(current_account().name, act, subject, **detail)


@blueprint.post("")
@blueprint.input(EventIn)
@blueprint.output(EventOut, status_code=201)
@authenticated(blueprint, 400, 409, 413, 415, 422)
def create_event(json_data: EventIn) -> Response:
    """Make an event: an assignment, an exam or a contest. Its author and all administrators are its jury."""
    event = event_editing.create_event(current_account(), json_data)
    changed()
    _audit("event.create", event.slug)
    return json_response(event_body(_jury_view(event.slug)), 201)


@blueprint.patch("/<id>")
@blueprint.input(EventChange)
@blueprint.output(EventOut)
@authenticated(blueprint, 400, 404, 409, 413, 415, 422)
def change_event(id: str, json_data: EventChange) -> Response:
    """Change an event, by its slug. Changes of problems and rules change the standings at once."""
    view = _jury_view(id)
    event_editing.change_event(current_account(), view, json_data)
    changed()
    _audit("event.change", view.event.slug, fields=sorted(json_data.model_fields_set))
    return json_response(event_body(_jury_view(view.event.slug)))


@blueprint.delete("/<id>")
@authenticated(blueprint, 404, responses={204: "Deleted"})
def delete_event(id: str) -> Response:
    """Delete an event, by its slug, with its members and messages. Its submissions stay."""
    view = _jury_view(id)
    services().events.delete(view.event.id)
    changed()
    _audit("event.delete", view.event.slug)
    return Response(status=204)


@blueprint.put("/<slug>/freeze")
@blueprint.input(FreezeIn)
@blueprint.output(DoneOut)
@authenticated(blueprint, 400, 404, 409, 413, 415, 422)
def change_event_freeze(slug: str, json_data: FreezeIn) -> Response:
    """Thaw the standings after the end, so that the public sees all results; or freeze them again."""
    view = _jury_view(slug)
    event_editing.change_freeze(view, json_data.thawed)
    changed()
    _audit("event.thaw" if json_data.thawed else "event.freeze", slug)
    return json_response(
        {"done": "the public sees all results" if json_data.thawed else "results are held back"}
    )


@blueprint.get("/<slug>/members")
@blueprint.output(MembersOut)
@authenticated(blueprint, 404)
def list_event_members(slug: str) -> Response:
    """The members of the event, with their accounts."""
    rows = services().events.members(_jury_view(slug).event.id)
    return json_response({"members": [_member_body(row) for row in rows]})


@blueprint.post("/<slug>/members")
@blueprint.input(MembersIn)
@blueprint.output(MemberImportOut)
@authenticated(blueprint, 400, 404, 409, 413, 415, 422)
def add_event_members(slug: str, json_data: MembersIn) -> Response:
    """Add accounts, teams, and the accounts of groups. Accounts that are members already stay as they are."""
    view = _jury_view(slug)
    new = [_new_member(each, number) for number, each in enumerate(json_data.members)]
    return _add(view, new, json_data.groups)


@blueprint.post("/<slug>/members/import")
@blueprint.input(MemberFileIn, location="files")
@blueprint.output(MemberImportOut)
@authenticated(blueprint, 400, 404, 409, 413, 415, 422)
def import_event_members(slug: str, files_data: MemberFileIn) -> Response:
    """Add the members of a CSV file with accounts, teams or groups. If the file has faults, none is added."""
    view = _jury_view(slug)
    file = read_members_file(files_data.file.read(), _account_id)
    if file.faults:
        return json_response({"added": 0, "faults": [asdict(fault) for fault in file.faults]})
    return _add(view, file.members, file.groups)


@blueprint.patch("/<slug>/members/<id>")
@blueprint.input(MemberChange)
@blueprint.output(MemberOut)
@authenticated(blueprint, 400, 404, 409, 413, 415, 422)
def change_event_member(slug: str, id: str, json_data: MemberChange) -> Response:
    """Change a member: its name, category, start or additional time, or whether the standings show it."""
    view = _jury_view(slug)
    before, given = member_row(view, id).member, json_data.model_fields_set
    times = MemberTimes(
        json_data.started_at if "started_at" in given else before.times.started_at,
        before.times.extension
        if json_data.extension_minutes is None
        else timedelta(minutes=json_data.extension_minutes),
    )
    member = replace(
        before,
        name=json_data.name or before.name,
        category=json_data.category or before.category,
        affiliation=json_data.affiliation if "affiliation" in given else before.affiliation,
        external_id=json_data.external_id if "external_id" in given else before.external_id,
        times=times,
        disabled=before.disabled if json_data.disabled is None else json_data.disabled,
    )
    services().events.change_member(view.event.id, before, member)
    event_editing.notify_of_time(view, times.extension - before.times.extension, member.id)
    if json_data.release_addresses:
        services().events.release_addresses(view.event.id, member.id)
    changed()
    _audit("event.member", slug, member=member.id, fields=sorted(given))
    return json_response(_member_body(member_row(view, id)))


@blueprint.delete("/<slug>/members/<id>")
@authenticated(blueprint, 404, 409, responses={204: "Removed"})
def remove_event_member(slug: str, id: str) -> Response:
    """Remove a member that has not submitted anything."""
    view = _jury_view(slug)
    member_row(view, id)
    services().events.remove_member(view.event.id, id)
    changed()
    _audit("event.member", slug, member=id, removed=True)
    return Response(status=204)


@blueprint.get("/<slug>/submissions")
@blueprint.input(EventSubmissionsQuery, location="query")
@blueprint.output(EventSubmissionsOut)
@authenticated(blueprint, 404, 422)
def list_event_submissions(slug: str, query_data: EventSubmissionsQuery) -> Response:
    """The submissions of all members, newest first, with their verdicts."""
    view = _jury_view(slug)
    before = int(query_data.cursor) if query_data.cursor else None
    found = services().event_results.page(view.event.id, before, query_data.limit + 1)
    shown, names = found[: query_data.limit], member_names(view)
    cursor = str(shown[-1].serial) if len(found) > query_data.limit else None
    bodies = [submission_body(view, each, names) for each in shown]
    return json_response({"submissions": bodies, "cursor": cursor})


@blueprint.put("/<slug>/submissions/<id>/disqualification")
@blueprint.input(DisqualificationIn)
@blueprint.output(DoneOut)
@authenticated(blueprint, 400, 404, 409, 413, 415, 422)
def disqualify_submission(slug: str, id: str, json_data: DisqualificationIn) -> Response:
    """Take a submission out of the standings, or let it count again."""
    view = _jury_view(slug)
    expects = Expects(json_data.replaces) if "replaces" in json_data.model_fields_set else None
    if "\x00" in id or not services().event_results.disqualify(view.event.id, id, json_data.reason, expects):
        raise NotFound(f"there is no submission {id[:64]!r} in this event")
    _audit("event.disqualify", slug, submission=id, reason=json_data.reason)
    done = "the submission counts" if json_data.reason is None else "the submission does not count"
    return json_response({"done": done})


@blueprint.post("/<slug>/announcements")
@blueprint.input(AnnouncementIn)
@blueprint.output(MessageOut, status_code=201)
@authenticated(blueprint, 400, 404, 413, 415, 422)
def announce_in_event(slug: str, json_data: AnnouncementIn) -> Response:
    """Send an announcement to all members."""
    view = _jury_view(slug)
    problem = problem_slug(view, json_data.problem)
    made = services().events.announce(view.event.id, problem, json_data.text, current_account().id)
    return json_response(message_body(view, made, {}), 201)


@blueprint.put("/<slug>/messages/<id>/answer")
@blueprint.input(AnswerIn)
@blueprint.output(MessageOut)
@authenticated(blueprint, 400, 404, 409, 413, 415, 422)
def answer_question(slug: str, id: str, json_data: AnswerIn) -> Response:
    """Answer a question. Only the member that asked gets the answer, or all members do."""
    view = _jury_view(slug)
    if "\x00" in id:
        raise NotFound("there is no such message in this event")
    new = NewAnswer(json_data.answer, json_data.to_all, current_account().id, json_data.replaces)
    made = services().events.answer(view.event.id, id, new)
    return json_response(message_body(view, made, member_names(view)))


@blueprint.post("/<slug>/recompute")
@blueprint.output(DoneOut)
@authenticated(blueprint, 404)
def recompute_event(slug: str) -> Response:
    """Compute the event's results again from its submissions, and say how many were different."""
    view = _jury_view(slug)
    seconds = services().settings.database_answer_seconds
    different = services().event_results.recompute(view.event.id, seconds)
    _audit("event.recompute", slug, different=different)
    return json_response({"done": f"{different} results were different"})


@blueprint.get("/<slug>/standings.csv")
@authenticated(blueprint, 404, responses=_CSV)
def export_standings(slug: str) -> Response:
    """The results of all members and problems as CSV, including results that are held back."""
    view = _jury_view(slug)
    body = services().scoreboards.body(view.event, public=False)
    labels = [each["label"] for each in body["problems"]]
    heads = ["rank", "name", "affiliation", "category", "solved", "points", "penalty minutes"]
    columns = [f"{label} {what}" for label in labels for what in ("points", "tries", "minutes")]
    lines = [_csv_line(row) for row in body["rows"]]
    text = csv_text(Table(view.event.title, [*heads, *columns], lines))
    response = Response(text, mimetype="text/csv")
    response.headers.set("Content-Disposition", "attachment", filename=f"{slug}-standings.csv")
    response.headers["Cache-Control"] = "no-store"
    return response


def _csv_line(row: dict[str, Any]) -> list[Any]:
    shown = ("rank", "name", "affiliation", "category", "solved", "points")
    line = [row[name] for name in shown] + [row["penalty_seconds"] // 60]
    line[-2] = str(line[-2])  # The points have a decimal point, as in every release so far.
    for cell in row["cells"]:
        minutes = None if cell["seconds"] is None else cell["seconds"] // 60
        line += [cell["points"], cell["tries"], minutes]
    return line


def _add(view: EventView, new: Sequence[NewMember], groups: Sequence[str]) -> Response:
    members = [*new, *(member for group in groups for member in _of_group(group))]
    added = services().events.add_members(view.event.id, _with_own_names(view, members))
    changed()
    _audit("event.members", view.event.slug, added=added)
    return json_response({"added": added, "faults": []})


def _with_own_names(view: EventView, members: Sequence[NewMember]) -> list[NewMember]:
    """Add a number to the names of members that would otherwise have the same name."""
    taken = {row.member.name for row in services().events.members(view.event.id)}
    found = []
    for each in members:
        name, number = each.name, 2
        while name in taken:
            name, number = f"{each.name[:120]} ({number})", number + 1
        taken.add(name)
        found.append(replace(each, name=name))
    return found


def _of_group(group: str) -> list[NewMember]:
    accounts = services().accounts.page(limit=1_000_000, group=group)
    if not accounts:
        raise Invalid(FieldFault("groups", f"there is no group {group[:64]!r}"))
    return [NewMember(_shown_name(account), (account.id,)) for account in accounts]


def _new_member(body: MemberIn, number: int) -> NewMember:
    found = [services().accounts.by_name(name) for name in body.accounts]
    accounts = [account for account in found if account is not None]
    if len(accounts) < len(found):
        unknown = body.accounts[found.index(None)]
        raise Invalid(FieldFault(f"members.{number}.accounts", f"there is no account {unknown[:64]!r}"))
    ids = tuple(dict.fromkeys(account.id for account in accounts))
    name = body.name or _shown_name(accounts[0])
    return NewMember(name, ids, body.category, body.affiliation, body.external_id)


def _shown_name(account: Account) -> str:
    return account.full_name or account.name


def _account_id(name: str) -> str | None:
    account = services().accounts.by_name(name) if "\x00" not in name else None
    return account.id if account else None


def member_row(view: EventView, id: str) -> MemberRow:
    rows = services().events.members(view.event.id)
    found = next((row for row in rows if row.member.id == id), None)
    if found is None:
        raise NotFound(f"there is no member {id[:64]!r} in this event")
    return found


def _member_body(row: MemberRow) -> dict[str, Any]:
    member = row.member
    return {
        "id": member.id,
        "name": member.name,
        "category": member.category.value,
        "affiliation": member.affiliation,
        "started_at": rfc3339(member.times.started_at),
        "extension_minutes": member.times.extension // timedelta(minutes=1),
        "disabled": member.disabled,
        "external_id": member.external_id,
        "accounts": list(row.accounts),
    }


def submission_body(view: EventView, each: EventSubmission, names: dict[str, str]) -> dict[str, Any]:
    return {
        **try_body(view, each),
        "problem": label_of(view, each.problem),
        "account": each.account,
        "member": each.member,
        "member_name": names.get(each.member, ""),
        "judged_at": rfc3339(each.judged_at),
    }
