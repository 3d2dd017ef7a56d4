"""Writes an event into a zip: its rules, members, messages, and every submission with source and result."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import IO, Any

from judge_api.store.event_results import EventResultStore, EventSubmission
from judge_api.store.events import EventMessage, EventStore, MemberRow, StoredEvent
from judge_api.store.records import StoredSubmission
from judge_api.store.submissions import SubmissionStore
from judge_core.model.language import Language
from judge_core.model.submission import rfc3339

README = """An event of Gavel.

event.json        title, times and rules
problems.json     problems in their order
members.json      members with their accounts
messages.json     questions, answers and announcements
submissions.json  every submission with its member, verdict, score and tests
sources/          the source of each submission, named by its number; deleted sources are missing
"""

_PAGE = 1000
"""How many submissions are read at once."""


class SourceFiles:
    """Makes the names of source files in an archive."""

    def __init__(self, languages: Mapping[str, Language]) -> None:
        self._languages = languages

    def of(self, number: int, stored: StoredSubmission) -> Iterator[tuple[str, str | bytes]]:
        folder = f"sources/{number}"
        if stored.files is not None:
            for file in stored.files.files:
                yield f"{folder}/{file.name}", file.content
            return
        language = self._languages.get(stored.status.language)
        extension = language.extensions[0] if language and language.extensions else "txt"
        yield f"{folder}.{extension.lstrip('.')}", stored.source


class EventArchive:
    """Archives events. Every method may raise ``StoreUnavailable``."""

    def __init__(
        self,
        events: EventStore,
        results: EventResultStore,
        submissions: SubmissionStore,
        languages: Mapping[str, Language],
    ) -> None:
        self._events = events
        self._results = results
        self._submissions = submissions
        self._sources = SourceFiles(languages)

    def write(self, event: StoredEvent, out: IO[bytes]) -> None:
        """Write the zip. It does not contain the event's password."""
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("README.txt", README)
            for name, content in self._records(event).items():
                archive.writestr(name, _json(content))
            lines = []
            for each in self._newest_first(event):
                stored = self._submissions.submission(each.id)
                lines.append(_submission_body(each, stored))
                for name, data in self._sources.of(each.serial, stored) if stored else ():
                    archive.writestr(name, data)
            archive.writestr("submissions.json", _json(lines[::-1]))

    def _newest_first(self, event: StoredEvent) -> Iterator[EventSubmission]:
        before: int | None = None
        while page := self._results.page(event.id, before, _PAGE):
            yield from page
            before = page[-1].serial

    def _records(self, event: StoredEvent) -> dict[str, Any]:
        return {
            "event.json": {
                "slug": event.slug,
                "title": event.title,
                "description": event.description,
                "starts_at": rfc3339(event.times.starts_at),
                "ends_at": rfc3339(event.times.ends_at),
                "pauses": [
                    {"starts_at": rfc3339(each.start), "ends_at": rfc3339(each.end)}
                    for each in event.times.pauses
                ],
                "rules": event.rules.to_json(),
            },
            "problems.json": [
                {"slug": each.slug, "label": each.label, "weight": each.weight, "withdrawn": each.withdrawn}
                for each in self._events.problems(event.id)
            ],
            "members.json": [_member_body(row) for row in self._events.members(event.id)],
            "messages.json": [_message_body(each) for each in self._events.messages(event.id)],
        }


def _member_body(row: MemberRow) -> dict[str, Any]:
    member = row.member
    return {
        "id": member.id,
        "name": member.name,
        "category": member.category.value,
        "affiliation": member.affiliation,
        "external_id": member.external_id,
        "started_at": rfc3339(member.times.started_at),
        "extension_minutes": member.times.extension // timedelta(minutes=1),
        "disabled": member.disabled,
        "accounts": list(row.accounts),
    }


def _message_body(each: EventMessage) -> dict[str, Any]:
    return {
        "member": each.member_id,
        "problem": each.problem,
        "question": each.question,
        "answer": each.answer,
        "to_all": each.to_all,
        "asked_at": rfc3339(each.asked_at),
    }


def _submission_body(each: EventSubmission, stored: StoredSubmission | None) -> dict[str, Any]:
    outcome = stored.status.outcome if stored else None
    return {
        "id": each.id,
        "number": each.serial,
        "member": each.member,
        "account": each.account,
        "problem": each.problem,
        "language": each.language,
        "at": rfc3339(each.at),
        "state": each.state.value,
        "verdict": each.verdict.value if each.verdict else None,
        "score": each.score,
        "disqualified": each.disqualified,
        "tests": [test.to_json() for test in outcome.tests] if outcome else [],
    }


def _json(content: object) -> str:
    return json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False)
