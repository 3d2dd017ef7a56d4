"""One problem package over HTTP into a file: verified, and taken up again where it broke off."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import NoReturn

import requests

from judge_core.messages import PackageRef
from workers.judging.errors import PackageServerUnavailable, PackageUnavailable

_CHUNK = 1 << 18
_SERVER_IS_AWAY = 500
_WRONG_TOKEN = (401, 403)
_TOKEN_REFUSED = (*_WRONG_TOKEN, 429)
_RANGE_IS_WRONG = 416


class PackageDownload:
    """A package on its way. ``part`` keeps what has come, over attempts and over this worker's death.

    Whoever holds the package's lock may use it; nobody else writes to ``part``.
    """

    def __init__(self, url: str, headers: Mapping[str, str], ref: PackageRef, part: Path) -> None:
        self._url = url
        self._headers = headers
        self._ref = ref
        self._part = part

    def finish(self) -> Path:
        """The whole package. As long as each connection brings something, a broken one is only taken up
        again. Raises PackageUnavailable with the reason; what has come then waits for the next try."""
        had = -1
        while True:
            before, had = had, self._size()
            try:
                self._continue(had)
                return self._verified()
            except (requests.ConnectionError, requests.exceptions.ChunkedEncodingError) as broken:
                if self._size() <= max(before, had):
                    self._give_up(broken)
            except requests.RequestException as error:
                self._give_up(error)

    def _continue(self, had: int) -> None:
        asked = {"Range": f"bytes={had}-"} if had else {}
        headers = {**self._headers, **asked, "Accept-Encoding": "identity"}
        with requests.get(self._url, headers=headers, stream=True, timeout=(5, 60)) as answer:
            if answer.status_code == _RANGE_IS_WRONG and had:
                return  # all of it is here, or more than there is: its hash will tell
            answer.raise_for_status()
            is_rest = answer.status_code == requests.codes.partial_content
            with self._part.open("ab" if is_rest else "wb") as out:
                for chunk in answer.iter_content(_CHUNK):
                    out.write(chunk)

    def _verified(self) -> Path:
        with self._part.open("rb") as content:
            digest = hashlib.file_digest(content, "sha256").hexdigest()
        if digest != self._ref.hash:
            self._part.unlink()
            said = f"what the server sent has another hash than {self._ref.hash}"
            raise PackageUnavailable(f"package {self._ref.slug}: {said}")
        return self._part

    def _size(self) -> int:
        return self._part.stat().st_size if self._part.exists() else 0

    def _give_up(self, error: requests.RequestException) -> NoReturn:
        raise explain_failure(f"package {self._ref.slug} cannot be fetched", error) from error


def explain_failure(what: str, error: Exception) -> PackageUnavailable:
    """A server that says no has looked; one that is away, or refuses this worker, has not."""
    answer = getattr(error, "response", None)
    away = isinstance(error, requests.RequestException) and (
        answer is None or answer.status_code >= _SERVER_IS_AWAY or answer.status_code in _TOKEN_REFUSED
    )
    if answer is not None and answer.status_code in _WRONG_TOKEN:
        error = PermissionError("the main server refuses this worker's GAVEL_WORKER_TOKEN")
    return (PackageServerUnavailable if away else PackageUnavailable)(f"{what}: {error}")
