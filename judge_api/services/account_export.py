"""Writes the data of an account into a zip, for its owner."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from datetime import datetime
from enum import Enum
from typing import IO, Any

from sqlalchemy import Engine

from judge_api.services.running_events import RunningEvents
from judge_api.store.accounts import AccountStore
from judge_api.store.audit import AuditLog
from judge_api.store.coding_sessions import CodingSessionStore
from judge_api.store.drafts import DraftStore
from judge_api.store.events import EventStore
from judge_api.store.favorites import FavoriteStore
from judge_api.store.groups import GroupStore
from judge_api.store.identities import IdentityStore
from judge_api.store.notices import Notice, NoticeStore
from judge_api.store.problem_members import ProblemMemberStore
from judge_api.store.records import StoredSubmission, SubmissionFilter
from judge_api.store.sessions import SessionStore
from judge_api.store.submission_links import SubmissionLinkStore
from judge_api.store.submissions import SubmissionStore
from judge_api.store.webhooks import WebhookStore
from judge_core.languages import find_language
from judge_core.model.account import Account
from judge_core.model.language import Language
from judge_core.model.submission import Status, rfc3339

README = """The data that Gavel has of this account.

account.json      the account, its groups and the problems that it owns
keys.json         valid API keys, without their secrets
sessions.json     browsers that are signed in
identities.json   identities at other servers that may sign in to the account (single sign-on)
webhooks.json     webhooks, without their secrets
drafts.json       programs that the account is writing
notices.json      changes that others made to its submissions and events
favorites.json    problems that the account has marked
coding.json       coding sessions of LeetCode's clients
links.json        public links to its submissions
events.json       events of which the account is a member, with its name there and its questions
audit.json        entries of the audit log that name the account
submissions.json  submissions and runs with their verdicts; a run has its input
sources/          the source of each of them
"""


_MOST_NOTICES = 10_000


class AccountExport:
    """Exports accounts. Every method may raise ``StoreUnavailable``."""

    def __init__(self, engine: Engine, languages: Mapping[str, Language], running: RunningEvents) -> None:
        self._running = running
        self._accounts = AccountStore(engine)
        self._audit = AuditLog(engine)
        self._coding_sessions = CodingSessionStore(engine)
        self._drafts = DraftStore(engine)
        self._events = EventStore(engine)
        self._favorites = FavoriteStore(engine)
        self._groups = GroupStore(engine)
        self._identities = IdentityStore(engine)
        self._notices = NoticeStore(engine)
        self._problems = ProblemMemberStore(engine)
        self._sessions = SessionStore(engine)
        self._submissions = SubmissionStore(engine)
        self._webhooks = WebhookStore(engine)
        self._links = SubmissionLinkStore(engine)
        self._languages = languages

    def write(self, account: Account, out: IO[bytes]) -> None:
        """Write the zip. It has no passwords, and no secrets of keys, sessions or webhooks. It has the public
        links of submissions, because their owner may see them again."""
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("README.txt", README)
            for name, content in self._records(account).items():
                archive.writestr(name, _json(content))
            statuses = []
            for found in self._stored(account):
                statuses.append(_submission_body(found, self._running.shown_to_owner(found.status)))
                for name, content in self._sources(found):
                    archive.writestr(name, content)
            archive.writestr("submissions.json", _json(statuses))

    def _records(self, account: Account) -> dict[str, Any]:
        problems = sorted(self._problems.slugs_of(account.id))
        groups = self._groups.of([account.id])[account.id]
        return {
            "account.json": {
                **asdict(account),
                **asdict(self._accounts.preferences(account.id)),
                "groups": groups,
                "problems": problems,
            },
            "keys.json": [asdict(key) for key in self._accounts.keys(account.id)],
            "sessions.json": [asdict(session) for session in self._sessions.list(account.id)],
            "identities.json": [asdict(identity) for identity in self._identities.of(account.id)],
            "webhooks.json": [asdict(webhook) for webhook in self._webhooks.of(account.id)],
            "drafts.json": [asdict(draft) for draft in self._drafts.of(account.id)],
            "notices.json": [
                _notice_record(notice) for notice in self._notices.of(account.id, _MOST_NOTICES)
            ],
            "favorites.json": self._favorites.of(account.id),
            "coding.json": [asdict(each) for each in self._coding_sessions.of(account.id)],
            "links.json": [asdict(link) for link in self._links.of_account(account.id)],
            "events.json": self._events.of_account(account.id),
            "audit.json": [asdict(entry) for entry in self._audit.of(account.name)],
        }

    def _stored(self, account: Account) -> Iterator[StoredSubmission]:
        cursor: str | None = None
        while True:
            page = self._submissions.page(SubmissionFilter(account_id=account.id), cursor, 200)
            for status in page.items:
                if (found := self._submissions.submission(status.id)) is not None:
                    yield found
            if (cursor := page.cursor) is None:
                return

    def _sources(self, found: StoredSubmission) -> Iterator[tuple[str, str | bytes]]:
        if found.files is None:
            yield self._source_name(found), found.source
        else:
            for file in found.files.files:
                yield f"sources/{found.status.id}/{file.name}", file.content

    def _source_name(self, found: StoredSubmission) -> str:
        language = find_language(found.status.language, self._languages)
        extension = language.extensions[0] if language and language.extensions else ".txt"
        return f"sources/{found.status.id}{extension}"


def _submission_body(found: StoredSubmission, shown: Status) -> dict[str, Any]:
    body = shown.to_json()
    return body if found.run is None else {**body, "cases": found.run.cases}


def _json(content: object) -> str:
    return json.dumps(content, indent=1, ensure_ascii=False, default=_plain, allow_nan=False)


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return rfc3339(value)
    if isinstance(value, Enum):
        return value.value
    raise TypeError(f"{type(value).__name__} has no form in JSON")


def _notice_record(notice: Notice) -> dict[str, Any]:
    """The notice without its ``detail``, which may have an earlier result that an event hides."""
    return {name: value for name, value in asdict(notice).items() if name != "detail"}
