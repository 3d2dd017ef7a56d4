"""What a worker does first: ask the main server and Redis whether it may work here at all.

A wrong token or a release too far away is told now, with its reason, and not by the first submission that
fails. A main server or a Redis that is away refuses nobody: the worker starts and waits for them.
"""

from __future__ import annotations

import requests
from redis.exceptions import AuthenticationError, NoPermissionError, RedisError

from judge_core import messages
from judge_core.logging import get_logger
from judge_core.redis.client import create_redis_client
from workers.settings import WorkerSettings

_logger = get_logger(__name__)
INCOMPATIBLE_RELEASE, REJECTED_CREDENTIALS = 76, 77
_TIMEOUT_SECONDS = 5.0


class StartupRefused(Exception):
    """This worker may not work here; the message says why, ``exit_status`` what the process ends with."""

    def __init__(self, reason: str, exit_status: int) -> None:
        super().__init__(reason)
        self.exit_status = exit_status


def check_startup(settings: WorkerSettings) -> None:
    """Raises :class:`StartupRefused`."""
    _check_redis(settings.redis_url)
    _check_server(settings)


def _check_redis(url: str) -> None:
    client = create_redis_client(url, _TIMEOUT_SECONDS)
    try:
        client.ping()
    except (AuthenticationError, NoPermissionError) as refusal:
        said = f"Redis refuses the user or password of GAVEL_REDIS_URL: {refusal}"
        raise StartupRefused(said, REJECTED_CREDENTIALS) from refusal
    except RedisError as trouble:
        _logger.warning("Redis does not answer yet; the worker starts all the same", reason=str(trouble))
    finally:
        client.close()


def _check_server(settings: WorkerSettings) -> None:
    headers = {"Authorization": f"Bearer {settings.worker_token}"}
    asked = {"protocol": str(messages.VERSION)}
    url = f"{settings.server_url}/internal/hello"
    try:
        answer = requests.get(url, headers=headers, params=asked, timeout=_TIMEOUT_SECONDS)
    except requests.RequestException as trouble:
        away = type(trouble).__name__
        _logger.warning("The main server does not answer yet; the worker starts all the same", reason=away)
        return
    if answer.status_code in (401, 403):
        raise StartupRefused(f"{settings.server_url} refuses GAVEL_WORKER_TOKEN", REJECTED_CREDENTIALS)
    if answer.status_code == 409:
        raise StartupRefused(f"{settings.server_url} says: {_detail(answer)}", INCOMPATIBLE_RELEASE)
    if not answer.ok:  # 404: a release from before this question
        _logger.warning("The main server cannot say whether this worker fits", status=answer.status_code)


def _detail(answer: requests.Response) -> str:
    try:
        return str(answer.json()["detail"])
    except (ValueError, KeyError, TypeError):
        return answer.reason
