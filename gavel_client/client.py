"""The client class: one server, one API key, one method per call.

>>> gavel = Gavel("http://127.0.0.1:8000", key)
>>> receipt = gavel.submit("aplusb", "python3", "print(sum(map(int, input().split())))")
>>> gavel.wait(receipt.id).verdict
'AC'
"""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any
from urllib.parse import quote

from gavel_client.batch import MOST_ITEMS, Result, chunks, read_results
from gavel_client.bodies import bytes_field, program_fields
from gavel_client.errors import ClientError, TooManyRequests, WatchTimeout
from gavel_client.follow import StatusFollower
from gavel_client.results import Receipt, Status, read_receipt, read_status
from gavel_client.transport import ApiRequest, Transport, json_of

_OPTIONAL = frozenset({"run_all"})
"""Fields that change no verdict and that an older server may not know."""


class Gavel:
    """A client of one server, with one account. Do not share it between threads: it holds one HTTP session.

    With ``patience``, a call waits up to that many seconds if a limit of the account is used up. Without it,
    such a call raises ``TooManyRequests`` at once.
    """

    def __init__(self, url: str, key: str | None = None, patience: float = 0.0) -> None:
        self._transport = Transport(url, key, patience)

    @property
    def url(self) -> str:
        return self._transport.url

    def submit(
        self,
        problem: str,
        language: str,
        source: str = "",
        idempotency_key: str | None = None,
        *,
        files: Mapping[str, str | bytes] | None = None,
        entry_point: str | None = None,
        run_all: bool = False,
    ) -> Receipt:
        """Submit a solution.

        A retry after a broken connection does not submit it twice: every call has an idempotency key, a new
        one unless you give your own. ``run_all`` runs every test, even after one has failed.

        For a program of several files, give ``files`` by name instead of ``source``. ``entry_point`` is the
        file or class to start.
        """
        body = {"problem": problem, "language": language, **program_fields(source, files, entry_point)}
        return self._post("/submissions", body | ({"run_all": True} if run_all else {}), idempotency_key)

    def run(
        self,
        language: str,
        source: str = "",
        stdin: str | bytes = "",
        expected_output: str | bytes | None = None,
        *,
        files: Mapping[str, str | bytes] | None = None,
        entry_point: str | None = None,
        limits: Mapping[str, float] | None = None,
    ) -> Receipt:
        """Run a program on your own input, without a problem. ``limits`` are those of the API, such as
        ``cpu_seconds``. ``files`` and ``entry_point`` are as in :meth:`submit`."""
        program = program_fields(source, files, entry_point)
        body: dict[str, Any] = {"language": language, **program, **bytes_field("stdin", stdin)}
        if expected_output is not None:
            body |= bytes_field("expected_output", expected_output)
        return self._post("/runs", body | ({"limits": dict(limits)} if limits else {}), None)

    def _post(self, path: str, body: Mapping[str, Any], idempotency_key: str | None) -> Receipt:
        headers = {"Idempotency-Key": idempotency_key or str(uuid.uuid4())}
        request = ApiRequest("POST", path, json=body, headers=headers, optional=_OPTIONAL)
        return read_receipt(json_of(self._transport.send(request)))

    def submit_batch(
        self, submissions: Sequence[Mapping[str, Any]], idempotency_key: str | None = None
    ) -> list[Result]:
        """Submit many solutions, in calls of up to a hundred each.

        A solution is a mapping with ``problem``, ``language`` and ``source``. Returns the receipt or the
        error of each solution, in their order. If a call is repeated after a broken connection, nothing is
        submitted twice.
        """
        return self._post_batch("submissions", submissions, idempotency_key)

    def run_batch(
        self, runs: Sequence[Mapping[str, Any]], idempotency_key: str | None = None
    ) -> list[Result]:
        """Run many programs. Each is a mapping with the fields of ``POST /runs``. See
        :meth:`submit_batch`."""
        return self._post_batch("runs", runs, idempotency_key)

    def _post_batch(
        self, name: str, items: Sequence[Mapping[str, Any]], idempotency_key: str | None
    ) -> list[Result]:
        key, results = idempotency_key or str(uuid.uuid4()), list[Result]()
        for number, piece in enumerate(chunks(items)):
            headers = {"Idempotency-Key": f"{key}-{number}" if number else key}
            body = {name: [dict(item) for item in piece]}
            request = ApiRequest("POST", f"/{name}/batch", json=body, headers=headers, read_seconds=120.0)
            results += self._batch_results(request)
        return results

    def _batch_results(self, request: ApiRequest) -> list[Result]:
        """The results of one call. Items that a limit refused are tried again within the patience. The call
        has an idempotency key, so accepted items are not accepted twice."""
        ends = time.monotonic() + self._transport.patience
        while True:
            results = read_results(json_of(self._transport.send(request)))
            waits = [one.retry_after for one in results if isinstance(one, TooManyRequests)]
            if not waits or time.monotonic() + min(waits) > ends:
                return results
            time.sleep(min(waits))

    def statuses(self, submissions: Sequence[str]) -> list[Status | None]:
        """The statuses of many submissions, in their order; ``None`` for a submission that is not yours."""
        found: list[Status | None] = []
        for start in range(0, len(submissions), MOST_ITEMS):
            ids = ",".join(submissions[start : start + MOST_ITEMS])
            answer = self.fetch("/statuses", {"ids": ids})
            found += [read_status(one) if one else None for one in answer["statuses"]]
        return found

    def status(self, submission: str) -> Status:
        return read_status(self.fetch(f"/status/{submission}"))

    def watch(self, submission: str, seconds: float | None = None) -> Iterator[Status]:
        """Yield the changes of the status, the final status last. Changes that follow each other quickly may
        appear as one. Raises ``WatchTimeout`` after ``seconds``."""
        return iter(StatusFollower(self._transport, submission, seconds))

    def wait(self, submission: str, seconds: float | None = None) -> Status:
        """Wait for the final status. Raises ``WatchTimeout`` after ``seconds``."""
        for status in self.watch(submission, seconds):
            if status.is_final:
                return status
        raise WatchTimeout(f"submission {submission} is not finished yet")

    def cancel(self, submission: str) -> None:
        self._transport.send(ApiRequest("DELETE", f"/submissions/{submission}"))

    def submission(self, submission: str) -> dict[str, Any]:
        """The whole submission with its source, for its owner or an admin."""
        return dict(self.fetch(f"/submissions/{submission}"))

    def history(self, **filters: Any) -> dict[str, Any]:
        """One page of your submissions. The filters are ``problem``, ``verdict``, ``cursor`` and
        ``limit``."""
        return dict(self.fetch("/submissions", {k: v for k, v in filters.items() if v is not None}))

    def problems(self) -> list[dict[str, Any]]:
        return _items(self.fetch("/problems"), "problems")

    def languages(self) -> list[dict[str, Any]]:
        return _items(self.fetch("/languages"), "languages")

    def me(self) -> dict[str, Any]:
        return dict(self.fetch("/me"))

    def add_problem(self, archive: Path, name: str | None = None, state: str | None = None) -> dict[str, Any]:
        """Upload a problem package, as an admin or author. It is a zip whose top folder has the problem's
        slug as its name.

        ``name`` is a slug to use instead. ``state`` is ``draft`` for a version that is not published yet.
        """
        form = {key: value for key, value in (("name", name), ("state", state)) if value}
        with archive.open("rb") as file:
            files = {"package": (archive.name, file, "application/zip")}
            request = ApiRequest("POST", "/admin/problems", files=files, form=form, read_seconds=300.0)
            return dict(json_of(self._transport.send(request)))

    def convert_problem(self, slug: str, version: str, format: str) -> tuple[bytes, list[str]]:
        """A version of a problem as a zip in another format (``kattis-legacy``, ``2023-07``, ``domjudge`` or
        ``polygon``), and notes about what that format cannot express.

        Only the problem's authors and administrators may do this.
        """
        path = f"/admin/problems/{quote(slug, safe='')}/versions/{version}/package"
        request = ApiRequest("GET", path, query={"format": format}, read_seconds=300.0)
        response = self._transport.send(request)
        return response.content, list(json.loads(response.headers.get("Export-Notes", "[]")))

    def answers(self, path: str) -> bool:
        """Whether a path such as ``/healthz`` or ``/readyz`` answers with success now. Sends one quick GET
        without retries."""
        return self._transport.probe(path)

    def reason(self, path: str) -> str:
        """The server's reason why a path such as ``/readyz`` does not answer with success."""
        try:
            self.fetch(path)
        except ClientError as error:
            return str(error)
        return "it answers now"

    def fetch(self, path: str, query: Mapping[str, Any] | None = None) -> Any:
        """GET a path of the API as JSON."""
        return json_of(self._transport.send(ApiRequest("GET", path, query=query or {})))

    def fetch_bytes(self, path: str, query: Mapping[str, Any] | None = None) -> bytes:
        """GET a path of the API that returns a file."""
        request = ApiRequest("GET", path, query=query or {}, read_seconds=300.0)
        return self._transport.send(request).content

    def send(self, method: str, path: str, body: Any = None) -> Any:
        """Any other call of the API. Returns its JSON answer, or ``None`` if the answer has no body."""
        response = self._transport.send(ApiRequest(method, path, json=body, read_seconds=120.0))
        return json_of(response) if response.content else None

    def send_file(self, path: str, name: str, content: bytes) -> Any:
        """POST a file in the field ``file``. Returns the JSON answer."""
        request = ApiRequest("POST", path, files={"file": (name, content)}, read_seconds=120.0)
        return json_of(self._transport.send(request))

    def close(self) -> None:
        self._transport.close()

    def __enter__(self) -> Gavel:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def _items(body: Any, name: str) -> list[dict[str, Any]]:
    """The list in an answer that is a bare list or one page of a list."""
    if isinstance(body, dict):
        body = body.get(name) or body.get("items") or []
    return list(body)
