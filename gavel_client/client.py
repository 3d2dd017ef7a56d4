"""The client class: one server, one API key, one method per call.

>>> gavel = Gavel("http://127.0.0.1:8000", key)
>>> receipt = gavel.submit("aplusb", "python3", "print(sum(map(int, input().split())))")
>>> gavel.wait(receipt.id).verdict
'AC'
"""

from __future__ import annotations

import base64
import uuid
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

from gavel_client.errors import ClientError, WatchTimeout
from gavel_client.follow import StatusFollower
from gavel_client.results import Receipt, Status, read_receipt, read_status
from gavel_client.transport import ApiRequest, Transport


class Gavel:
    """One server, one account. Not shared between threads: it holds one HTTP session."""

    def __init__(self, url: str, key: str | None = None) -> None:
        self._transport = Transport(url, key)

    @property
    def url(self) -> str:
        return self._transport.url

    def submit(self, problem: str, language: str, source: str, idempotency_key: str | None = None) -> Receipt:
        """Submit a solution. A retry after a broken connection does not submit it twice: every call carries
        an idempotency key, a new one unless you give your own."""
        body = {"problem": problem, "language": language, "source": source}
        return self._post("/submissions", body, idempotency_key)

    def run(
        self,
        language: str,
        source: str,
        stdin: str | bytes = "",
        expected_output: str | bytes | None = None,
    ) -> Receipt:
        """Run a program on your own input. It is recorded against no problem."""
        body = {"language": language, "source": source, **_bytes_field("stdin", stdin)}
        if expected_output is not None:
            body |= _bytes_field("expected_output", expected_output)
        return self._post("/runs", body, None)

    def _post(self, path: str, body: Mapping[str, Any], idempotency_key: str | None) -> Receipt:
        headers = {"Idempotency-Key": idempotency_key or str(uuid.uuid4())}
        return read_receipt(self._transport.send(ApiRequest("POST", path, json=body, headers=headers)).json())

    def status(self, submission: str) -> Status:
        return read_status(self.fetch(f"/status/{submission}"))

    def watch(self, submission: str, seconds: float | None = None) -> Iterator[Status]:
        """Yield every change of the status, the final one last. Raises WatchTimeout after ``seconds``."""
        return iter(StatusFollower(self._transport, submission, seconds))

    def wait(self, submission: str, seconds: float | None = None) -> Status:
        """Wait for the final status. Raises WatchTimeout after ``seconds``."""
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
        """One page of your submissions: ``problem``, ``verdict``, ``cursor``, ``limit``."""
        return dict(self.fetch("/submissions", {k: v for k, v in filters.items() if v is not None}))

    def problems(self) -> list[dict[str, Any]]:
        return _items(self.fetch("/problems"), "problems")

    def languages(self) -> list[dict[str, Any]]:
        return _items(self.fetch("/languages"), "languages")

    def me(self) -> dict[str, Any]:
        return dict(self.fetch("/me"))

    def add_problem(self, archive: Path, name: str | None = None) -> dict[str, Any]:
        """Upload a problem package (a zip whose top folder is the slug), as an admin or author.

        ``name`` is a slug to use instead.
        """
        form = {"name": name} if name else {}
        with archive.open("rb") as file:
            files = {"package": (archive.name, file, "application/zip")}
            request = ApiRequest("POST", "/admin/problems", files=files, form=form, read_seconds=300.0)
            return dict(self._transport.send(request).json())

    def answers(self, path: str) -> bool:
        """Whether ``/healthz`` or ``/readyz`` answers with success now. One quick GET without retries."""
        return self._transport.probe(path)

    def reason(self, path: str) -> str:
        """The server's reason why such a path does not answer with success."""
        try:
            self.fetch(path)
        except ClientError as error:
            return str(error)
        return "it answers now"

    def fetch(self, path: str, query: Mapping[str, Any] | None = None) -> Any:
        """GET a path of the API as JSON."""
        return self._transport.send(ApiRequest("GET", path, query=query or {})).json()

    def send(self, method: str, path: str, body: Any = None) -> Any:
        """Any other call of the API; returns its JSON answer, or ``None`` when it has no body."""
        response = self._transport.send(ApiRequest(method, path, json=body, read_seconds=120.0))
        return response.json() if response.content else None

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


def _bytes_field(name: str, value: str | bytes) -> dict[str, str]:
    """A field of a run: text where JSON and the server can carry it, else base64."""
    content = value.encode() if isinstance(value, str) else value
    try:
        text = content.decode()
    except UnicodeDecodeError:
        text = "\x00"
    if "\x00" in text:
        return {f"{name}_base64": base64.b64encode(content).decode()}
    return {name: text}
