"""The routes that an account of one event may use. Such an account was made by an invitation."""

from __future__ import annotations

from flask import request

from judge_core.model.account import Account
from judge_core.model.errors import Forbidden

WITH_SLUG = frozenset(
    {
        "event_public.show_event",
        "event_public.show_event_problem",
        "event_member.start_event",
        "event_member.list_event_tries",
        "event_member.use_event_token",
        "event_member.list_event_messages",
        "event_member.ask_jury",
        "event_invited.show_own_report",
    }
)
OF_OWN_WORK = frozenset(
    {
        "submissions.submit",
        "submissions.run",
        "submissions.list_submissions",
        "submissions.show_submission",
        "submissions.show_place",
        "submissions.cancel_submission",
        "statuses.show_status",
        "statuses.show_statuses",
        "events.stream_status",
        "socket.watch_submissions",
        "drafts.list_drafts",
        "drafts.save_draft",
        "drafts.delete_draft",
        "problem_files.send_file_of",
        "offered.list_languages",
        "offered.list_problems",
        "offered.show_problem",
    }
)
OF_THE_SESSION = frozenset({"sessions.show_session", "sessions.sign_out", "me.show_me", "me.set_locale"})


def require_within_event(account: Account) -> None:
    """Refuse a request of an account of one event to a route that is not listed in this module."""
    if account.event is None:
        return
    endpoint, slug = request.endpoint, (request.view_args or {}).get("slug")
    in_event = endpoint in WITH_SLUG and slug == account.event
    if not in_event and endpoint not in OF_OWN_WORK | OF_THE_SESSION:
        raise Forbidden(f"this sign-in is only for the event {account.event}: go back to that event")
