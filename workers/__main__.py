"""One worker on one queue: ``python -m workers --queue premium``.

The exit status says why it ended:

- 0: it was drained
- 64: arguments or settings are wrong
- 69: this host cannot isolate programs, or the sandbox does not work; the message says why
- 75: it stopped after repeated faults, or cannot use its folders
- 76: its release is incompatible with that of the main server
- 77: the main server or Redis refuses its token or password
- 78: the host's speed is outside the range that the settings require
- 79: an operator has drained it, and ``gavel up`` does not start it again
"""

from __future__ import annotations

import argparse
import logging
import os
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from importlib.metadata import version
from types import FrameType

from judge_core.fast_paths import FastPath
from judge_core.logging import configure_logging, get_logger
from judge_core.model.account import Tier
from judge_core.model.worker import WorkerState
from judge_core.redis.client import keep_connections
from judge_core.startup_objects import freeze_startup_objects
from judge_core.telemetry import Telemetry, TelemetryMissing, open_telemetry
from sandbox import CannotIsolate, SandboxError
from workers.factory import WorkerResources, build_worker, open_resources
from workers.rq_worker import GavelWorker
from workers.scratch_dir import SlotTaken
from workers.settings import WorkerSettings, WorkerSettingsError
from workers.startup_check import StartupRefused, check_speed, check_startup, wait_for_server

_logger = get_logger(__name__)
DRAINED, WRONG_USAGE, CANNOT_ISOLATE, STOPPED_AFTER_FAULTS, DRAINED_BY_COMMAND = 0, 64, 69, 75, 79


def main(arguments: Sequence[str] | None = None) -> int:
    """Start one worker. Returns the exit status."""
    try:
        options = _parse(arguments)
        settings = WorkerSettings.from_env(os.environ, options.queue, options.pool)
        telemetry = open_telemetry("gavel-worker", os.environ)
    except (WorkerSettingsError, TelemetryMissing) as error:
        print(error, file=sys.stderr)
        return WRONG_USAGE
    configure_logging(settings.log_format, settings.name, settings.log_level)
    keep_connections(FastPath.CONNECTIONS in settings.fast_paths)
    end_start_on_signals()
    logging.getLogger("rq.worker").setLevel(logging.WARNING)  # RQ's logger writes a line for every job.
    try:
        is_reached = check_startup(settings)
        speed = check_speed(settings.speed_rule)
        resources = open_resources(settings)
        if not is_reached:
            _wait_for_server(settings, resources)
    except StartupRefused as refusal:
        _logger.error("The worker is refused, so it does not start", reason=str(refusal))
        return refusal.exit_status
    except SlotTaken as error:
        print(error, file=sys.stderr)
        return WRONG_USAGE
    except CannotIsolate as error:
        _logger.error("This host cannot isolate, so the worker does not start", reason=str(error))
        return CANNOT_ISOLATE
    except SandboxError as error:
        _logger.error("The sandbox does not work, so the worker does not start", reason=str(error))
        return CANNOT_ISOLATE
    except OSError as error:
        _logger.error("The worker cannot use its folders, so it does not start", reason=str(error))
        return STOPPED_AFTER_FAULTS
    return run(build_worker(settings, resources, speed, telemetry), resources, telemetry)


def _wait_for_server(settings: WorkerSettings, resources: WorkerResources) -> None:
    try:
        wait_for_server(settings)
    except BaseException:
        resources.close()
        raise


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m workers", description="One worker on one queue.")
    parser.add_argument("--queue", default=Tier.NORMAL.value, help="its tier; normal if left out")
    parser.add_argument("--pool", help="the pool of its tier; GAVEL_POOL if left out")
    parser.add_argument("--version", action="version", version=f"gavel worker {version('gavel-judge')}")
    return parser.parse_args(arguments)


def run(worker: GavelWorker, resources: WorkerResources, telemetry: Telemetry | None = None) -> int:
    """Work until a signal, a drain or repeated faults. Returns the exit status."""
    handle_stop_signals(worker.drain, worker.stop_now)
    freeze_startup_objects()
    worker.worker_heartbeat.start()
    _logger.info("The worker is up", worker=worker.name, mode=resources.sandbox.isolation.mode)
    try:
        worker.work(logging_level="WARNING")
    finally:
        worker.worker_heartbeat.stop()
        resources.close()
        if telemetry is not None:
            telemetry.close()
    lost = worker.worker_heartbeat.state is WorkerState.LOST
    _logger.info("The worker has ended", worker=worker.name, stopped_after_faults=lost)
    if lost:
        return STOPPED_AFTER_FAULTS
    return DRAINED_BY_COMMAND if worker.drained_by_command else DRAINED


def end_start_on_signals() -> None:
    """Until the worker is up, SIGTERM and SIGINT end it by an exception, so that the sandbox is closed."""

    def handle(_signal: int, _frame: FrameType | None) -> None:
        raise SystemExit(DRAINED)

    signal.signal(signal.SIGTERM, handle)
    signal.signal(signal.SIGINT, handle)


def handle_stop_signals(first: Callable[[], None], again: Callable[[], None]) -> None:
    """Call ``first`` for the first SIGTERM or SIGINT and ``again`` for each later one, in a thread.

    A handler runs between any two instructions of the main thread. So it must not call Redis clients or
    events, since they take locks. It only writes a byte, which a thread reads.
    """
    reader, writer = os.pipe()

    def handle(_signal: int, _frame: FrameType | None) -> None:
        os.write(writer, b"!")

    def act() -> None:
        os.read(reader, 1)
        try:
            first()
        except Exception:  # This is the outermost loop of the thread, and must still hear later signals.
            _logger.exception("An unexpected error occurred while the worker was asked to stop")
        while os.read(reader, 1):
            again()

    threading.Thread(target=act, name="signals", daemon=True).start()
    signal.signal(signal.SIGTERM, handle)
    signal.signal(signal.SIGINT, handle)


if __name__ == "__main__":
    raise SystemExit(main())
