"""The asking account: who it is and what it may use."""

from __future__ import annotations

from typing import Any

from apiflask import APIBlueprint
from flask import Response

from judge_api.domain.account import Account
from judge_api.domain.submission import rfc3339
from judge_api.web.answers import MeOut
from judge_api.web.auth import asker, require_account
from judge_api.web.doc import guarded
from judge_api.web.services import services
from judge_api.web.wire import json_answer

blueprint = APIBlueprint("me", __name__, tag="Accounts")
blueprint.before_request(require_account)


@blueprint.get("/me")
@blueprint.output(MeOut)
@guarded(blueprint)
def show_me() -> Response:
    """The account of this key or session, with its quota."""
    account = asker()
    return json_answer({**account_body(account), "quota": _quota_body(account)})


def account_body(account: Account) -> dict[str, Any]:
    """An account, as the wire has it."""
    return {
        "id": account.id,
        "name": account.name,
        "tier": account.tier.value,
        "role": account.role.value,
        "created_at": rfc3339(account.created_at),
        "disabled": account.disabled,
    }


def _quota_body(account: Account) -> dict[str, Any]:
    quota = services().quotas.of(account.tier)
    return {
        "unfinished": quota.unfinished,
        "unfinished_now": services().submissions.count_unfinished(account.id),
        "source_bytes": quota.source_bytes,
        "per_minute": quota.per_minute,
        "per_day": quota.per_day,
    }
