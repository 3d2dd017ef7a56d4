"""`gavel changes`: shows what changed lately."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import click

from gavel_client.admin import AdminClient
from judge_api.cli.age import Age
from judge_api.cli.connection import ServerOptions, server_options
from judge_api.cli.output import print_line, show_json, show_table
from judge_api.cli.workers import readable_age

_OWN_ACTS = (
    "account.export",
    "account.keep",
    "account.request-deletion",
    "account.sign-up",
    "email.",
    "event.join",
    "event.start",
    "key.",
    "password.",
    "second-factor.",
    "session.",
)
"""The prefixes of acts by which an account changes only itself."""


@click.command(name="changes")
@click.option("--since", type=Age(), default="1d", show_default=True, help="How far back, such as 12h or 7d.")
@click.option("--all", "with_own", is_flag=True, help="Also what accounts changed for themselves.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@server_options
def command(server: ServerOptions, since: timedelta, with_own: bool, as_json: bool) -> None:
    """Show what changed lately, as an admin: releases, settings, acts of operators and authors, workers."""
    start = datetime.now(UTC) - since
    with server.connect(default_account="admin") as gavel:
        admin = AdminClient(gavel)
        acts = [act for act in admin.audit_since(start) if with_own or not act["act"].startswith(_OWN_ACTS)]
        workers = [one for one in admin.workers() if datetime.fromisoformat(one["since"]) >= start]
        unserved = admin.queues().get("unserved", [])
    if as_json:
        show_json({"acts": acts, "workers": workers, "unserved": unserved})
        return
    show_table("acts", ("when", "who", "what", "on", ""), [_act_row(act) for act in acts])
    rows = [
        (readable_age(one["since"]) + " ago", one["name"], one["queue"], one["versions"].get("gavel", ""))
        for one in sorted(workers, key=lambda one: str(one["since"]), reverse=True)
    ]
    show_table("workers that started", ("when", "worker", "queue", "release"), rows)
    for each in unserved:
        begun = f" since {each['since']}" if each["since"] else ""
        print_line(f"No {each['tier']} worker for {each['language']}{begun}.")


def _act_row(act: Mapping[str, Any]) -> tuple[object, ...]:
    detail = act["detail"] or {}
    if act["act"] == "installation.change":
        words = _installation_words(detail)
    else:
        words = ", ".join(f"{name}={value}" for name, value in detail.items() if value is not None)
    return (act["at"], act["account"] or "", act["act"], act["subject"] or "", words)


def _installation_words(detail: Mapping[str, Any]) -> str:
    before, release = detail.get("before"), detail.get("release")
    parts = [f"release {before} → {release}" if before and before != release else f"release {release}"]
    for name, (old, new) in (detail.get("changed") or {}).items():
        parts.append(f"{name}: {'not set' if old is None else old} → {'not set' if new is None else new}")
    return ", ".join(parts)
