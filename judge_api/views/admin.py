"""Routes for administrators: queues, workers, submissions, accounts and invitations.

Every change is written to the audit log.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Any

from apiflask import APIBlueprint
from flask import Response

from judge_api.container import Services, services
from judge_api.http.auth import CredentialCheck, current_account, require_admin
from judge_api.http.json import dump_json, json_response
from judge_api.http.openapi import authenticated
from judge_api.http.sse import sse_response
from judge_api.schemas.admin_responses import (
    AccountsOut,
    AuditOut,
    DoneOut,
    InvitationOut,
    OwnedSubmissionsOut,
    QueuesOut,
    WorkersOut,
)
from judge_api.schemas.requests import (
    AccountChange,
    AccountIn,
    AccountsQuery,
    AllSubmissionsQuery,
    HoursQuery,
    IgnoredIn,
    NewLinkIn,
    PageQuery,
    QueueChange,
)
from judge_api.schemas.responses import AccountOut, NewAccountOut, NewLinkOut, StatusOut
from judge_api.services.account_administration import AccountChanges
from judge_api.services.password_hashing import hash_password
from judge_api.store.accounts import NewAccount
from judge_api.store.attempts import RequeueReason
from judge_api.store.records import SubmissionFilter
from judge_api.views.account import account_body
from judge_api.views.admin_queues import queues_body, samples_body, workers_body
from judge_api.views.single_sign_on import identity_body
from judge_core.model.account import Account, LinkPurpose, Tier
from judge_core.model.errors import Conflict, FieldFault, Invalid, NotFound
from judge_core.model.submission import Stage, Status, rfc3339

blueprint = APIBlueprint("admin", __name__, url_prefix="/admin", tag="Administration")
blueprint.before_request(require_admin)
STREAM_SECONDS = 2.0
INVITATION_LASTS = timedelta(days=14)


def audit(act: str, subject: str, **detail: object) -> None:
    """Write an act of the current administrator to the audit log."""
    services().audit.record(current_account().name, act, subject, **detail)


@blueprint.get("/queues")
@blueprint.input(HoursQuery, location="query")
@blueprint.output(QueuesOut)
@authenticated(blueprint, 422)
def show_queues(query_data: HoursQuery) -> Response:
    """The queues now, and samples of their state in the last hours."""
    return json_response(queues_body(services(), timedelta(hours=query_data.hours)))


@blueprint.patch("/queues/<tier>")
@blueprint.input(QueueChange)
@blueprint.output(DoneOut)
@authenticated(blueprint, 400, 404, 413, 415, 422)
def change_queue(tier: str, json_data: QueueChange) -> Response:
    """Pause a queue or resume it. Submissions to a paused queue are accepted and wait."""
    tiers = services().settings.tiers
    if tier not in tiers:
        raise NotFound(f"there is no queue {tier[:64]!r}: choose from {tiers}")
    services().worker_registry.pause(Tier(tier), json_data.paused)
    audit("queue.pause" if json_data.paused else "queue.resume", tier)
    return json_response({"done": f"{tier} is {'paused' if json_data.paused else 'running'}"})


@blueprint.get("/workers")
@blueprint.output(WorkersOut)
@authenticated(blueprint)
def list_workers() -> Response:
    """The live workers, then those whose heartbeat has stopped lately. Empty while Redis is down."""
    found = workers_body(services())
    return json_response({"workers": found or [], "reachable": found is not None})


@blueprint.post("/workers/<name>/drain")
@blueprint.output(DoneOut)
@authenticated(blueprint, 404)
def drain_worker(name: str) -> Response:
    """Drain a worker: it finishes its submission and ends.

    The last worker of a queue is drained without a question, as in release 0.2.0. `gavel drain` and the pages
    ask first.
    """
    if "\x00" in name or not services().worker_registry.drain(name):
        raise NotFound(f"there is no worker {name[:64]!r}")
    audit("worker.drain", name[:255])
    return json_response({"done": f"{name} will finish its submission and end"})


@blueprint.get("/submissions")
@blueprint.input(AllSubmissionsQuery, location="query")
@blueprint.output(OwnedSubmissionsOut)
@authenticated(blueprint, 422)
def list_all_submissions(query_data: AllSubmissionsQuery) -> Response:
    """The submissions of all accounts, newest or oldest first, each with its account and pending reason."""
    which, store = _filter(query_data), services().submissions
    page = store.page(which, query_data.cursor, query_data.limit, query_data.order == "oldest")
    names = services().accounts.names({status.owner for status in page.items})
    reasons = services().pending_reasons.find(page.items)
    failed = [status.id for status in page.items if status.stage is Stage.FAILED]
    ignored = services().ignored_failures.by(failed) if failed else {}
    found = [
        {
            **status.to_json(),
            "account": names.get(status.owner),
            "reason": reasons.of(status),
            "ignored_by": ignored.get(status.id),
        }
        for status in page.items
    ]
    total = store.count(which) if query_data.total else None
    return json_response({"submissions": found, "cursor": page.cursor, "total": total})


def _filter(query: AllSubmissionsQuery) -> SubmissionFilter:
    owner = services().accounts.by_name(query.account) if query.account else None
    if query.account and owner is None:
        raise Invalid(FieldFault("account", f"there is no account {query.account!r}"))
    if query.queue is not None:
        services().settings.tiers.require(query.queue, "queue")
    return SubmissionFilter(
        account_id=owner.id if owner else None,
        problem=query.problem,
        language=query.language,
        tier=query.queue,
        verdict=query.verdict,
        stage=query.stage,
        kind=query.kind,
        unfinished=query.unfinished,
        ignored=query.ignored,
    )


@blueprint.post("/submissions/<id>/rejudge")
@blueprint.output(StatusOut)
@authenticated(blueprint, 404, 409)
def rejudge_submission(id: str) -> Response:
    """Judge a submission again with its problem's present tests.

    Its verdict stays until the new one is recorded.
    """
    before = _status(id)
    row = services().problems.get(before.problem) if before.problem else None
    status = services().attempts.rejudge(id, row.version if row else None)
    if status is None:
        raise Conflict("the submission is being judged: wait until it has ended")
    audit("submission.rejudge", id, before=before.outcome.verdict.value if before.outcome else None)
    return json_response(status.to_json())


@blueprint.post("/submissions/<id>/requeue")
@blueprint.output(StatusOut)
@authenticated(blueprint, 404, 409)
def requeue_submission(id: str) -> Response:
    """Take a submission that seems stuck from its worker and queue it again, as a new attempt."""
    before = _status(id)
    why = RequeueReason("put back by an administrator", charged=False, ending="returned")
    status = services().attempts.requeue_or_fail(id, before.attempt, why)
    if status is None:
        raise Conflict("the submission has ended: rejudge it instead")
    services().submission_service.revoke(id, before.attempt)
    services().status_service.publish_change(id)
    audit("submission.requeue", id, attempt=status.attempt)
    return json_response(status.to_json())


@blueprint.put("/submissions/<id>/ignored")
@blueprint.input(IgnoredIn)
@blueprint.output(DoneOut)
@authenticated(blueprint, 400, 404, 409, 413, 415, 422)
def ignore_submission(id: str, json_data: IgnoredIn) -> Response:
    """Ignore a failed submission, or stop ignoring it. A rejudging also stops ignoring it."""
    status, store = _status(id), services().ignored_failures
    if json_data.ignored and not store.ignore(status.id, current_account().name):
        raise Conflict(
            "the submission has not failed, or is being judged again: only failed submissions can be ignored"
        )
    if not json_data.ignored:
        store.restore(status.id)
    audit("submission.ignore", status.id, ignored=json_data.ignored)
    return json_response({"done": f"{id} {'is ignored' if json_data.ignored else 'is no longer ignored'}"})


def _status(id: str) -> Status:
    status = services().submissions.status(id) if "\x00" not in id else None
    if status is None:
        raise NotFound(f"there is no submission {id[:64]!r}")
    return status


@blueprint.get("/accounts")
@blueprint.input(AccountsQuery, location="query")
@blueprint.output(AccountsOut)
@authenticated(blueprint, 422)
def list_accounts(query_data: AccountsQuery) -> Response:
    """The accounts, sorted by name. ``after`` is the last name of the page before."""
    asked = query_data
    found = services().accounts.page(asked.after, asked.limit, asked.search, asked.group)
    ids = [account.id for account in found]
    groups, factors = services().groups.of(ids), services().second_factors.confirmed(ids)
    identities = services().identities.of_each(ids)
    listed = [
        {
            **_listed(account, groups[account.id]),
            "second_factor": account.id in factors,
            "identities": [identity_body(each) for each in identities[account.id]],
        }
        for account in found
    ]
    return json_response({"accounts": listed})


def _listed(account: Account, groups: list[str]) -> dict[str, Any]:
    return {
        **account_body(account),
        "full_name": account.full_name,
        "email": account.email,
        "email_verified": account.email_verified,
        "deletion_due": rfc3339(account.deletion_due),
        "groups": groups,
    }


@blueprint.post("/accounts")
@blueprint.input(AccountIn)
@blueprint.output(NewAccountOut, status_code=201)
@authenticated(blueprint, 400, 409, 413, 415, 422)
def add_account(json_data: AccountIn) -> Response:
    """Make an account of any tier and role, with its first key."""
    password = hash_password(json_data.password) if json_data.password else None
    new = NewAccount(json_data.name, json_data.tier, json_data.role)
    account = services().account_administration.add(current_account().name, new, password)
    secret = services().accounts.issue_key(account.id, "first")[1]
    return json_response({**account_body(account), "key": secret}, 201)


@blueprint.patch("/accounts/<id>")
@blueprint.input(AccountChange)
@blueprint.output(AccountOut)
@authenticated(blueprint, 400, 404, 409, 413, 415, 422)
def change_account(id: str, json_data: AccountChange) -> Response:
    """Change the tier or role of an account, or disable it.

    Administrators cannot disable their own account or change its role.
    """
    account = account_of(id)
    if account.id == current_account().id and (json_data.disabled or json_data.role is not None):
        raise Conflict("this is your own account; ask another administrator to change it")
    changes = AccountChanges(json_data.tier, json_data.role, json_data.disabled)
    changed = services().account_administration.change(current_account().name, account, changes)
    services().auth_cache.clear()
    return json_response(account_body(changed))


@blueprint.post("/accounts/<id>/links")
@blueprint.input(NewLinkIn)
@blueprint.output(NewLinkOut, status_code=201)
@authenticated(blueprint, 400, 404, 409, 413, 415, 422)
def make_link(id: str, json_data: NewLinkIn) -> Response:
    """Make a one-time link by which the account's owner sets a new password or signs in."""
    administration, purpose = services().account_administration, LinkPurpose(json_data.purpose)
    made = administration.make_link(current_account().name, account_of(id), purpose)
    body = {"link": made.url, "purpose": made.purpose.value, "expires_at": rfc3339(made.expires_at)}
    return json_response(body, 201)


def account_of(id: str) -> Account:
    """The account with this id. Raises ``NotFound`` for an unknown and for a deleted account."""
    account = services().accounts.get(id) if "\x00" not in id else None
    if account is None:
        raise NotFound(f"there is no account {id[:64]!r}")
    return account


@blueprint.post("/invitations")
@blueprint.output(InvitationOut, status_code=201)
@authenticated(blueprint)
def invite() -> Response:
    """Make an invitation to sign up. It is valid for two weeks and for one account."""
    expires = datetime.now(UTC) + INVITATION_LASTS
    invitation = services().invitations.create(current_account().name, expires)
    audit("invitation.make", "sign-up")
    return json_response({"invitation": invitation, "expires_at": rfc3339(expires)}, 201)


@blueprint.get("/audit")
@blueprint.input(PageQuery, location="query")
@blueprint.output(AuditOut)
@authenticated(blueprint, 422)
def show_audit(query_data: PageQuery) -> Response:
    """The audit log, newest first."""
    before = int(query_data.cursor) if query_data.cursor else None
    entries = services().audit.page(before, query_data.limit)
    more = str(entries[-1].id) if len(entries) == query_data.limit else None
    return json_response(
        {"entries": [{**asdict(one), "at": rfc3339(one.at)} for one in entries], "cursor": more}
    )


@blueprint.get("/stream")
@authenticated(
    blueprint,
    429,
    responses={200: {"description": "Queues and workers", "content": {"text/event-stream": {}}}},
)
def stream_state() -> Response:
    """Queues and workers as Server-Sent Events.

    The first event comes at once, further ones every two seconds with the new samples.
    """
    return sse_response(_states(services(), CredentialCheck()))


def _states(services: Services, credentials: CredentialCheck) -> Iterator[str]:
    last = datetime.now(UTC) - timedelta(seconds=60)
    while credentials.holds():
        fresh = [sample for sample in services.queue_samples.since(last) if sample.at > last]
        last = max((sample.at for sample in fresh), default=last)
        body: dict[str, Any] = {
            **queues_body(services, timedelta(0)),
            "workers": workers_body(services) or [],
            "samples": samples_body(fresh),
        }
        yield f"event: state\ndata: {dump_json(body)}\n\n"
        time.sleep(STREAM_SECONDS)
