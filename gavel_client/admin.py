"""Administrator calls: queues, workers, requeueing, rejudging."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote

from gavel_client.client import Gavel
from gavel_client.errors import WatchTimeout

POLL_SECONDS = 0.5
_PAGE = 100


@dataclass(frozen=True, slots=True)
class RejudgedSubmission:
    """A submission that is judged again, and the verdict that it had."""

    id: str
    account: str | None
    before: str | None


class AdminClient:
    """Calls for accounts with the role admin; the server refuses others."""

    def __init__(self, gavel: Gavel) -> None:
        self._gavel = gavel

    def queues(self) -> dict[str, Any]:
        """The present state of every queue."""
        return dict(self._gavel.fetch("/admin/queues", {"hours": 0}))

    def maintenance(self) -> dict[str, Any]:
        """Whether submissions are judged, held or refused, and the message for users."""
        return dict(self._gavel.fetch("/maintenance"))

    def set_maintenance(self, mode: str, message: str = "", until: str | None = None) -> dict[str, Any]:
        """Set whether submissions are judged (``open``), accepted and held (``hold``), or refused
        (``refuse``)."""
        body = {"mode": mode, "message": message, **({"until": until} if until else {})}
        return dict(self._gavel.send("PUT", "/admin/maintenance", body))

    def requeue(self, submission: str) -> dict[str, Any]:
        """Take a submission from its worker, if one has it, and put it at the front of its queue."""
        return dict(self._gavel.send("POST", f"/admin/submissions/{quote(submission, safe='')}/requeue"))

    def pause(self, queue: str) -> None:
        """Stop a queue's workers from taking submissions. New submissions are accepted and wait."""
        self._gavel.send("PATCH", f"/admin/queues/{quote(queue, safe='')}", {"paused": True})

    def resume(self, queue: str) -> None:
        """Let a paused queue's workers take submissions again."""
        self._gavel.send("PATCH", f"/admin/queues/{quote(queue, safe='')}", {"paused": False})

    def workers(self) -> list[dict[str, Any]]:
        """The records of the live workers, and of workers whose heartbeat stopped."""
        return list(self._gavel.fetch("/admin/workers")["workers"])

    def why(self, submission: str) -> dict[str, Any]:
        """Why a submission has no verdict yet: the cause, a command that helps, and its attempts."""
        return dict(self._gavel.fetch(f"/admin/submissions/{quote(submission, safe='')}/why"))

    def worker_speeds(self, hours: float) -> list[dict[str, Any]]:
        """Compare workers by their times for the same submissions, the slowest worker first."""
        return list(self._gavel.fetch("/admin/worker-speeds", {"hours": hours})["workers"])

    def audit_since(self, since: datetime) -> Iterator[dict[str, Any]]:
        """The entries of the audit log since a time, newest first."""
        query: dict[str, Any] = {"limit": _PAGE}
        while True:
            page = self._gavel.fetch("/admin/audit", query)
            for entry in page["entries"]:
                if datetime.fromisoformat(entry["at"]) < since:
                    return
                yield entry
            if not page["cursor"]:
                return
            query["cursor"] = page["cursor"]

    def drain(self, worker: str) -> str:
        """Ask a worker to finish its submission and end. Returns the server's message."""
        return str(self._gavel.send("POST", f"/admin/workers/{quote(worker, safe='')}/drain")["done"])

    def rejudge(self, submission: str) -> RejudgedSubmission:
        """Judge a submission again. If it is being judged already, nothing happens."""
        before = self._gavel.submission(submission)
        if submission not in self._unfinished_ids():
            self._gavel.send("POST", f"/admin/submissions/{quote(submission, safe='')}/rejudge")
        return RejudgedSubmission(submission, before.get("account"), before.get("verdict"))

    def rejudge_problem(self, slug: str, all: bool = False) -> Iterator[RejudgedSubmission]:
        """Judge a problem's submissions again. Yields each submission when its rejudging has begun.

        Without ``all``, only submissions that were not judged with the problem's present tests are judged
        again. So a repeated call without ``all`` rejudges no submission twice.
        """
        cursor: str | None = None
        while True:
            body = {"all": all, "cursor": int(cursor) if cursor else None}
            page = self._gavel.send("POST", f"/admin/problems/{quote(slug, safe='')}/rejudge", body)
            yield from (RejudgedSubmission(**one) for one in page["rejudged"])
            cursor = page["cursor"]
            if cursor is None:
                return

    def wait_for_verdicts(
        self,
        submissions: Collection[str],
        seconds: float,
        on_progress: Callable[[int], None] = lambda _judged: None,
    ) -> dict[str, str]:
        """Wait until none of the submissions is being judged. Returns the verdict of each, or its stage if it
        has none.

        ``on_progress`` is called with how many are judged, whenever there are more. Raises
        :class:`WatchTimeout` after ``seconds``.
        """
        deadline = time.monotonic() + seconds
        found: dict[str, str] = {}
        while True:
            began = time.monotonic()
            unfinished = self._unfinished_ids() & set(submissions)
            for id in [each for each in submissions if each not in unfinished and each not in found]:
                found[id] = self._verdict(id)
                on_progress(len(found))
            if not unfinished:
                return {id: found[id] for id in submissions}
            if time.monotonic() > deadline:
                raise WatchTimeout(f"{len(unfinished)} of {len(submissions)} are still being judged")
            # A list of many submissions has many pages, and takes the server's time.
            time.sleep(max(POLL_SECONDS, time.monotonic() - began))

    def _verdict(self, submission: str) -> str:
        status = self._gavel.status(submission)
        return status.verdict or status.stage

    def _unfinished_ids(self) -> set[str]:
        return {str(one["id"]) for one in self._unfinished()}

    def _unfinished(self) -> Sequence[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        query: dict[str, Any] = {"unfinished": "true", "limit": _PAGE}
        while True:
            page = self._gavel.fetch("/admin/submissions", query)
            found += page["submissions"]
            if not page["cursor"]:
                return found
            query["cursor"] = page["cursor"]
