"""Checks token, Redis password, release and speed when a worker starts, before it takes a submission.

If the main server or Redis does not answer, that is no refusal. The worker starts and waits for them. It
takes no submission before the main server has answered, since it could only return the submission.
"""

from __future__ import annotations

import requests
from redis.exceptions import AuthenticationError, NoPermissionError, RedisError

from judge_core import messages
from judge_core.clock import SYSTEM_CLOCK, Clock
from judge_core.logging import get_logger
from judge_core.redis.client import create_redis_client
from workers.server_client import KeepsToken
from workers.settings import WorkerSettings
from workers.speed import OutsideBand, SpeedRule, measure_speed

_logger = get_logger(__name__)
INCOMPATIBLE_RELEASE, REJECTED_CREDENTIALS, SPEED_OUTSIDE_BAND = 76, 77, 78
_TIMEOUT_SECONDS = 5.0
_FIRST_PAUSE, _LONGEST_PAUSE = 0.5, 5.0
_FIRST_SERVER_ERROR = 500


class StartupRefused(Exception):
    """The main server, Redis or the speed rule refuses this worker; ``exit_status`` is the exit status of the
    process."""

    def __init__(self, reason: str, exit_status: int) -> None:
        super().__init__(reason)
        self.exit_status = exit_status


def check_startup(settings: WorkerSettings) -> bool:
    """Ask Redis and the main server. Returns whether the server has answered. Raises StartupRefused."""
    _check_redis(settings.redis_url)
    return _check_server(settings)


def check_speed(rule: SpeedRule) -> float:
    """Measure this host's speed. Raises StartupRefused if the rule refuses it."""
    speed = measure_speed()
    fault = rule.fault(speed)
    if fault is None:
        return speed
    if rule.outside is OutsideBand.REFUSE:
        advice = (
            "change GAVEL_SPEED_REFERENCE or GAVEL_SPEED_BAND, or set GAVEL_SPEED_OUTSIDE to warn or pool"
        )
        raise StartupRefused(f"{fault}: {advice}", SPEED_OUTSIDE_BAND)
    _logger.warning("The speed of this host is outside the band", reason=fault, rule=rule.outside.value)
    return speed


def wait_for_server(settings: WorkerSettings, clock: Clock = SYSTEM_CLOCK) -> None:
    """Return once the main server has answered. Raises StartupRefused."""
    pause = _FIRST_PAUSE
    while not _check_server(settings):
        clock.sleep(pause)
        pause = min(_LONGEST_PAUSE, 2 * pause)


def _check_redis(url: str) -> None:
    client = create_redis_client(url, _TIMEOUT_SECONDS)
    try:
        client.ping()
    except (AuthenticationError, NoPermissionError) as refusal:
        reason = f"Redis refuses the user or password of GAVEL_REDIS_URL: {refusal}"
        raise StartupRefused(reason, REJECTED_CREDENTIALS) from refusal
    except RedisError as error:
        _logger.warning("Redis does not answer yet; the worker starts without it", reason=str(error))
    finally:
        client.close()


def _check_server(settings: WorkerSettings) -> bool:
    headers = {"Authorization": f"Bearer {settings.worker_token}"}
    parameters = {"protocol": str(messages.VERSION)}
    url = f"{settings.server_url}/internal/hello"
    try:
        response = requests.get(
            url, headers=headers, auth=KeepsToken(), params=parameters, timeout=_TIMEOUT_SECONDS
        )
    except requests.RequestException as error:
        away = type(error).__name__
        _logger.warning(
            "The main server does not answer; the worker waits for it",
            server=settings.server_url,
            reason=away,
        )
        return False
    if response.status_code in (401, 403):
        raise StartupRefused(f"{settings.server_url} refuses GAVEL_WORKER_TOKEN", REJECTED_CREDENTIALS)
    if response.status_code == 409:
        raise StartupRefused(f"{settings.server_url} says: {_detail(response)}", INCOMPATIBLE_RELEASE)
    if response.status_code >= _FIRST_SERVER_ERROR:
        _logger.warning("The main server is not ready", status=response.status_code)
        return False
    if not response.ok:  # 404 means a release without this route.
        _logger.warning(
            "The main server cannot say whether this worker's release is compatible",
            status=response.status_code,
        )
    return True


def _detail(response: requests.Response) -> str:
    try:
        return str(response.json()["detail"])
    except (ValueError, KeyError, TypeError):
        return response.reason
