"""Writes all submissions to a problem into a zip, each with its source and result."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator, Mapping
from typing import IO, Any

from judge_api.services.event_archive import SourceFiles
from judge_api.store.accounts import AccountStore
from judge_api.store.records import StoredSubmission, SubmissionFilter
from judge_api.store.submissions import SubmissionStore
from judge_core.model.language import Language
from judge_core.model.submission import Kind, rfc3339

README = """The submissions to one problem of Gavel.

submissions.json  every submission with its account, verdict, score and tests, the newest first
sources/          the source of each submission, named by its number
"""
_PAGE = 200


class ProblemArchive:
    """Archives submissions. Every method may raise ``StoreUnavailable``."""

    def __init__(
        self, submissions: SubmissionStore, accounts: AccountStore, languages: Mapping[str, Language]
    ) -> None:
        self._submissions = submissions
        self._accounts = accounts
        self._sources = SourceFiles(languages)

    def write(self, slug: str, out: IO[bytes]) -> int:
        """Write the zip. Returns the number of submissions in it."""
        lines: list[dict[str, Any]] = []
        names: dict[str, str | None] = {}
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("README.txt", README)
            for stored in self._all(slug):
                owner = stored.status.owner
                if owner not in names:
                    account = self._accounts.get(owner)
                    names[owner] = account.name if account else None
                lines.append(_body(stored, names[owner]))
                for name, data in self._sources.of(stored.status.serial, stored):
                    archive.writestr(name, data)
            archive.writestr(
                "submissions.json", json.dumps(lines, indent=1, ensure_ascii=False, allow_nan=False)
            )
        return len(lines)

    def _all(self, slug: str) -> Iterator[StoredSubmission]:
        which, cursor = SubmissionFilter(problem=slug, kind=Kind.SUBMISSION), None
        while True:
            page = self._submissions.page(which, cursor, _PAGE)
            for status in page.items:
                if (stored := self._submissions.submission(status.id)) is not None:
                    yield stored
            if page.cursor is None:
                return
            cursor = page.cursor


def _body(stored: StoredSubmission, account: str | None) -> dict[str, Any]:
    status = stored.status
    outcome = status.outcome
    return {
        "id": status.id,
        "number": status.serial,
        "account": account,
        "language": status.language,
        "at": rfc3339(status.submitted_at),
        "stage": status.stage.value,
        "verdict": outcome.verdict.value if outcome else None,
        "score": outcome.score if outcome else None,
        "tests": [test.to_json() for test in outcome.tests] if outcome else [],
    }
