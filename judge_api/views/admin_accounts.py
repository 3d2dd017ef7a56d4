"""Routes by which administrators import, group and change many accounts, delete single ones, and remove their
second factors and identities."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from apiflask import APIBlueprint
from flask import Response

from judge_api.container import services
from judge_api.http.auth import current_account, require_admin
from judge_api.http.json import json_response
from judge_api.http.openapi import authenticated
from judge_api.schemas.admin_responses import DoneOut, GroupsOut, ImportOut, ManyAccountsOut
from judge_api.schemas.requests import AccountFileIn, DryRunQuery, ManyAccountsIn
from judge_api.services.account_administration import AccountChanges
from judge_api.services.account_file import AccountFile, read_account_file
from judge_api.services.account_import import MadeAccount
from judge_api.store.accounts import NewAccount
from judge_api.store.engine import within_time_budget
from judge_api.views.admin import account_of, audit
from judge_core.model.account import Account
from judge_core.model.errors import Conflict, FieldFault, Invalid, NotFound

blueprint = APIBlueprint("admin_accounts", __name__, url_prefix="/admin", tag="Administration")
blueprint.before_request(require_admin)


@blueprint.post("/accounts/import")
@blueprint.input(AccountFileIn, location="files")
@blueprint.input(DryRunQuery, location="query")
@blueprint.output(ImportOut)
@authenticated(blueprint, 400, 409, 413, 415, 422)
def import_accounts(files_data: AccountFileIn, query_data: DryRunQuery) -> Response:
    """Make the accounts of a CSV file, either all or none.

    Each account gets a password, which is only in this response. If the file has faults, nothing is changed,
    and the answer lists the faults by line.
    """
    file = read_account_file(files_data.file.read(), services().settings.tiers)
    faults = services().account_import.faults(file)
    body = {"made": False, "faults": [asdict(fault) for fault in faults], "accounts": _planned(file)}
    if not faults and not query_data.dry_run:
        made = services().account_import.run(current_account().name, file)
        body |= {"made": True, "accounts": [_made(one) for one in made]}
    response = json_response(body)
    response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.get("/groups")
@blueprint.output(GroupsOut)
@authenticated(blueprint)
def list_groups() -> Response:
    """The groups of accounts, with the number of accounts in each."""
    return json_response({"groups": [asdict(group) for group in services().groups.all()]})


@blueprint.delete("/groups/<name>")
@blueprint.output(DoneOut)
@authenticated(blueprint, 404)
def delete_group(name: str) -> Response:
    """Delete a group. Its accounts stay."""
    members = services().groups.delete(name)
    if not members:
        raise NotFound(f"there is no group {name[:64]!r}")
    audit("group.delete", name, members=members)
    return json_response({"done": f"the group {name} is deleted; its {members} accounts stay"})


@blueprint.post("/accounts/bulk")
@blueprint.input(ManyAccountsIn)
@blueprint.output(ManyAccountsOut)
@authenticated(blueprint, 400, 404, 413, 415, 422)
def change_many(json_data: ManyAccountsIn) -> Response:
    """Change or delete many accounts.

    An account that cannot be changed stays as it is, and the answer says why.
    """
    changes = _changes(json_data)
    accounts, refused = _chosen(json_data)
    changed = 0
    try:
        for account in accounts:
            try:
                # Each change gets the time limit of a whole request, because many changes together take
                # longer than one request may.
                with within_time_budget(services().settings.database_answer_seconds):
                    _change(account, changes)
                changed += 1
            except (Conflict, NotFound) as error:
                refused.append({"name": account.name, "reason": str(error)})
    finally:
        # If the database fails in the middle, some accounts are changed already.
        services().auth_cache.clear()
    return json_response({"changed": changed, "refused": refused})


@blueprint.delete("/accounts/<id>")
@authenticated(blueprint, 404, 409, responses={204: "Deleted"})
def delete_account(id: str) -> Response:
    """Delete an account at once. Its submissions to problems stay, without the account's name."""
    _change(account_of(id), None)
    services().auth_cache.clear()
    return Response(status=204)


@blueprint.delete("/accounts/<id>/second-factor")
@authenticated(blueprint, 404, 409, responses={204: "Turned off"})
def remove_second_factor_of(id: str) -> Response:
    """Turn off the second factor of an account. Its device and its recovery codes no longer work."""
    services().account_administration.remove_second_factor(current_account().name, account_of(id))
    return Response(status=204)


@blueprint.delete("/accounts/<id>/identities/<identity>")
@authenticated(blueprint, 404, 409, responses={204: "Unlinked"})
def unlink_identity_of(id: str, identity: str) -> Response:
    """Unlink an identity from an account, unless it is the only way to sign in to it."""
    services().single_sign_on.unlink_for(current_account().name, account_of(id), identity)
    return Response(status=204)


def _changes(body: ManyAccountsIn) -> AccountChanges | None:
    """The changes to the accounts; ``None`` if the accounts are to be deleted."""
    changes = AccountChanges(body.tier, body.role, body.disabled, body.add_group, body.remove_group)
    if body.delete and changes.detail():
        raise Invalid(FieldFault("delete", "cannot be combined with a change"))
    if not body.delete and not changes.detail():
        raise Invalid(FieldFault("body", "names no change: send tier, role, disabled, a group or delete"))
    return None if body.delete else changes


def _chosen(body: ManyAccountsIn) -> tuple[list[Account], list[dict[str, str]]]:
    """The accounts of a request, and those that are gone, with the reason. Raises ``NotFound`` if there is no
    account at all."""
    if (body.group is None) == (not body.accounts):
        raise Invalid(FieldFault("accounts", "send either ids in accounts, or a group"))
    if body.group is None:
        return _of_ids(list(dict.fromkeys(body.accounts)))
    found = services().accounts.page(limit=1_000_000, group=body.group)
    if not found:
        raise NotFound(f"there is no group {body.group!r}")
    return list(found), []


def _of_ids(ids: Sequence[str]) -> tuple[list[Account], list[dict[str, str]]]:
    """The accounts with these ids. A deleted account does not prevent changes of the other accounts."""
    found: list[Account] = []
    gone: list[dict[str, str]] = []
    for id in ids:
        try:
            found.append(account_of(id))
        except NotFound as error:
            gone.append({"name": id, "reason": str(error)})
    if not found:
        raise NotFound(gone[0]["reason"])
    return found, gone


def _change(account: Account, changes: AccountChanges | None) -> None:
    """Change an account. Without changes, delete it."""
    me, administration = current_account(), services().account_administration
    ends_me = changes is None or changes.disabled or changes.role is not None
    if account.id == me.id and ends_me:
        raise Conflict("you cannot delete or disable your own account here, or change its role")
    if changes is None:
        administration.delete(me.name, account)
    else:
        administration.change(me.name, account, changes)


def _planned(file: AccountFile) -> list[dict[str, Any]]:
    return [{**_account_body(account), "password": None} for account in file.accounts]


def _made(made: MadeAccount) -> dict[str, Any]:
    return {**_account_body(made.account), "password": made.password}


def _account_body(account: NewAccount) -> dict[str, Any]:
    return {**asdict(account), "groups": list(account.groups)}
