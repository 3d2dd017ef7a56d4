"""The worker's HTTP calls to the main server: resumable package downloads, and time limits."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import NoReturn

import requests
from urllib3.exceptions import HTTPError

from judge_core.messages import PackageRef
from judge_core.packages.number_bounds import TIME
from workers.judging.errors import PackageLost, PackageServerUnavailable, PackageUnavailable

_CHUNK = 1 << 18
_MOST_OF_AN_ERROR = 64 << 10
_FIRST_SERVER_ERROR = 500
_FORBIDDEN = (401, 403)
_TRANSIENT_REFUSALS = (*_FORBIDDEN, 429)
_RANGE_NOT_SATISFIABLE = 416


class KeepsToken(requests.auth.AuthBase):
    """Keeps the worker's token if ``~/.netrc`` has a password for the server. The library requests would send
    that password instead of the token."""

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        return request


class PackageDownload:
    """Downloads one package into ``part``, which stays after a failed attempt, and if the worker dies.

    Only the holder of the package's lock may use it.
    """

    def __init__(self, url: str, headers: Mapping[str, str], ref: PackageRef, part: Path) -> None:
        self._url = url
        self._headers = headers
        self._ref = ref
        self._part = part

    def finish(self) -> Path:
        """The complete, verified package. A broken download is resumed as long as each connection brings
        data.

        Raises PackageUnavailable with the reason; the received part stays for the next attempt.
        """
        received = -1
        while True:
            before, received = received, self._size()
            try:
                self._continue(received)
                return self._verified()
            except (requests.ConnectionError, requests.exceptions.ChunkedEncodingError) as broken:
                if self._size() <= max(before, received):
                    self._fail(broken)
            except requests.RequestException as error:
                self._fail(error)

    def _continue(self, received: int) -> None:
        byte_range = {"Range": f"bytes={received}-"} if received else {}
        headers = {**self._headers, **byte_range, "Accept-Encoding": "identity"}
        with requests.get(
            self._url, headers=headers, auth=KeepsToken(), stream=True, timeout=(5, 60)
        ) as response:
            if response.status_code == _RANGE_NOT_SATISFIABLE and received:
                return  # The received part is complete or too long. Its hash decides which.
            if _is_lost(response):
                lost = (
                    f"the package {self._ref.slug} ({self._ref.hash[:12]}) is not on the main server any more"
                )
                raise PackageLost(f"{lost}: add the problem again")
            response.raise_for_status()
            is_rest = response.status_code == requests.codes.partial_content
            with self._part.open("ab" if is_rest else "wb") as out:
                for chunk in response.iter_content(_CHUNK):
                    out.write(chunk)

    def _verified(self) -> Path:
        with self._part.open("rb") as content:
            digest = hashlib.file_digest(content, "sha256").hexdigest()
        if digest != self._ref.hash:
            self._part.unlink()
            # The server's file is damaged, which is not a submission's fault. Adding the problem again
            # repairs it.
            fault = f"the server sent a file with another hash than {self._ref.hash}: add the problem again"
            raise PackageServerUnavailable(f"package {self._ref.slug}: {fault}")
        return self._part

    def _size(self) -> int:
        return self._part.stat().st_size if self._part.exists() else 0

    def _fail(self, error: requests.RequestException) -> NoReturn:
        raise explain_failure(f"package {self._ref.slug} cannot be fetched", error) from error


def _is_lost(response: requests.Response) -> bool:
    """Whether the main server itself says that there is no such package. A proxy's 404 proves nothing."""
    if response.status_code != requests.codes.not_found:
        return False
    try:
        body = json.loads(response.raw.read(_MOST_OF_AN_ERROR, decode_content=True))
    except (ValueError, OSError, HTTPError):
        return False
    return isinstance(body, dict) and body.get("type") == "/errors/not-found"


class TimeLimitClient:
    """Calibrated time limits on the main server. Raises PackageUnavailable when it does not answer."""

    def __init__(self, server_url: str, token: str) -> None:
        self._server_url = server_url.rstrip("/")
        self._headers = {"Authorization": f"Bearer {token}"}

    def known_time_limit(self, version: str) -> float | None:
        """The recorded limit of a package version that declares none. ``None`` if no limit is recorded."""
        return self._request("GET", version, None)

    def record_limit(self, version: str, seconds: float) -> float:
        """Record a limit that was found on this host. Returns the valid limit, which another host may have
        recorded before."""
        recorded = self._request("PUT", version, {"time_limit": seconds})
        return seconds if recorded is None else recorded

    def _request(self, method: str, version: str, body: dict[str, float] | None) -> float | None:
        url = f"{self._server_url}/internal/packages/{version}/time-limit"
        try:
            response = requests.request(
                method, url, headers=self._headers, auth=KeepsToken(), json=body, timeout=(5, 30)
            )
            response.raise_for_status()
            limit = response.json()["time_limit"]
        except (requests.RequestException, ValueError, KeyError, TypeError) as error:
            raise explain_failure(f"the time limit of package {version[:12]}", error) from error
        if limit is not None and not (isinstance(limit, int | float) and limit in TIME):
            raise PackageUnavailable(f"the time limit of package {version[:12]} is {limit!r}, not {TIME}")
        return None if limit is None else float(limit)


def explain_failure(what: str, error: Exception) -> PackageUnavailable:
    """The error to raise. It is transient if the server does not answer, or refuses this worker."""
    response = getattr(error, "response", None)
    away = isinstance(error, requests.RequestException) and (
        response is None
        or response.status_code >= _FIRST_SERVER_ERROR
        or response.status_code in _TRANSIENT_REFUSALS
    )
    if response is not None and response.status_code in _FORBIDDEN:
        error = PermissionError("the main server refuses this worker's GAVEL_WORKER_TOKEN: correct it")
    return (PackageServerUnavailable if away else PackageUnavailable)(f"{what}: {error}")
