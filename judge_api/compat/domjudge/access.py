"""Authenticates the clients of DOMjudge's API, and shows an account as a user of DOMjudge."""

from __future__ import annotations

from typing import Any

from flask import g

from judge_api.compat.keys import account_of_key, key_in_authorization
from judge_api.http.auth import require_account, require_admin_account, require_scope
from judge_core.model.account import Account, Role, Scope

_ROLES = {Role.USER: ["team"], Role.AUTHOR: ["team", "jury"], Role.ADMIN: ["team", "jury", "admin"]}
_UNKNOWN = ("last_login_time", "last_api_login_time", "first_login_time", "last_ip", "ip", "team_id")


def authenticate_client(scope: Scope) -> None:
    """Authenticate the request by its API key (Basic or Bearer), which must have the scope, or by the session
    of the pages."""
    key = key_in_authorization()
    if key is None:
        require_account()
    else:
        g.authenticated_key = account_of_key(key)
    require_scope(g.authenticated_key, scope)


def require_administrator() -> None:
    """Refuse clients that are not administrators."""
    authenticate_client(Scope.OPERATE)
    require_admin_account()


def user_object(account: Account) -> dict[str, Any]:
    """An account as a user of DOMjudge. The addresses and times of its sign-ins are not shown here."""
    return {
        "id": account.id,
        "username": account.name,
        "name": account.full_name or account.name,
        "email": account.email,
        "enabled": not account.disabled,
        "roles": _ROLES[account.role],
        "team": account.name,
        "type": None,
        **dict.fromkeys(_UNKNOWN),
    }
