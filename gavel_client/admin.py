"""What an administrator asks of a server, over the same API as everybody."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from gavel_client.client import Gavel
from gavel_client.errors import WatchEnded

POLL_SECONDS = 0.5
_PAGE = 100


@dataclass(frozen=True, slots=True)
class Rejudged:
    """A submission that is judged once more, and the verdict it had."""

    id: str
    account: str | None
    before: str | None


class Operations:
    """For accounts of the role admin; others are refused by the server."""

    def __init__(self, gavel: Gavel) -> None:
        self._gavel = gavel

    def queues(self) -> dict[str, Any]:
        """Both queues now."""
        return dict(self._gavel.fetch("/admin/queues", {"hours": 0}))

    def requeue(self, submission: str) -> dict[str, Any]:
        """Take it from whoever has it and put it in front again."""
        return dict(self._gavel.send("POST", f"/admin/submissions/{quote(submission, safe='')}/requeue"))

    def drain(self, worker: str) -> str:
        """Let a worker finish what it has and end; the server's words."""
        return str(self._gavel.send("POST", f"/admin/workers/{quote(worker, safe='')}/drain")["done"])

    def rejudge(self, submission: str) -> Rejudged:
        """Judge one once more. While it is being judged already, nothing is added and it counts as asked."""
        before = self._gavel.submission(submission)
        if submission not in self._open_ids():
            self._gavel.send("POST", f"/admin/submissions/{quote(submission, safe='')}/rejudge")
        return Rejudged(submission, before.get("account"), before.get("verdict"))

    def rejudge_problem(self, slug: str, all: bool = False) -> Iterator[Rejudged]:
        """Judge a problem's submissions once more, as they are begun; without ``all`` only those that
        the problem's present tests have not judged, so that doing it twice does it once."""
        cursor: str | None = None
        while True:
            body = {"all": all, "cursor": int(cursor) if cursor else None}
            page = self._gavel.send("POST", f"/admin/problems/{quote(slug, safe='')}/rejudge", body)
            yield from (Rejudged(**one) for one in page["rejudged"])
            cursor = page["cursor"]
            if cursor is None:
                return

    def await_verdicts(self, submissions: Collection[str], seconds: float) -> dict[str, str]:
        """The verdict (or stage) of each once none of them is being judged. Raises WatchEnded."""
        deadline = time.monotonic() + seconds
        while left := self._open_ids() & set(submissions):
            if time.monotonic() > deadline:
                raise WatchEnded(f"{len(left)} of {len(submissions)} are still being judged")
            time.sleep(POLL_SECONDS)
        return {id: self._verdict(id) for id in submissions}

    def _verdict(self, submission: str) -> str:
        status = self._gavel.status(submission)
        return status.verdict or status.stage

    def _open_ids(self) -> set[str]:
        return {str(one["id"]) for one in self._open()}

    def _open(self) -> Sequence[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        query: dict[str, Any] = {"unfinished": "true", "limit": _PAGE}
        while True:
            page = self._gavel.fetch("/admin/submissions", query)
            found += page["submissions"]
            if not page["cursor"]:
                return found
            query["cursor"] = page["cursor"]
