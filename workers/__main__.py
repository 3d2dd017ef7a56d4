"""One worker on one queue: ``python -m workers --queue premium``.

The exit status says why it ended: 0 drained, 64 wrong arguments or settings, 69 this host cannot isolate
(the message says what is missing), 75 it took itself out after repeated faults, 76 it is of a release too
far from the main server's, 77 the main server or Redis refuses its token or password.
"""

from __future__ import annotations

import argparse
import logging
import os
import sys
from collections.abc import Sequence

from judge_core.logging import configure_logging, get_logger
from judge_core.model.account import Tier
from judge_core.model.worker import WorkerState
from sandbox import CannotIsolate, SandboxError
from workers.factory import WorkerResources, build_worker, open_resources
from workers.rq_worker import GavelWorker
from workers.settings import SettingsError, WorkerSettings
from workers.signals import handle_stop_signals
from workers.startup_check import StartupRefused, check_startup

_logger = get_logger(__name__)
DRAINED, MISUSED, CANNOT_ISOLATE, TOOK_ITSELF_OUT = 0, 64, 69, 75


def main(arguments: Sequence[str] | None = None) -> int:
    """The process's entry."""
    try:
        settings = WorkerSettings.from_env(os.environ, _parse(arguments).queue)
    except SettingsError as error:
        print(error, file=sys.stderr)
        return MISUSED
    configure_logging(settings.log_format, settings.name, settings.log_level)
    logging.getLogger("rq.worker").setLevel(logging.WARNING)  # it tells of every job
    try:
        check_startup(settings)
        place = open_resources(settings)
    except StartupRefused as refusal:
        _logger.error("The worker is not welcome, so it does not start", reason=str(refusal))
        return refusal.exit_status
    except CannotIsolate as error:
        _logger.error("This host cannot isolate, so the worker does not start", missing=str(error))
        return CANNOT_ISOLATE
    except SandboxError as error:
        _logger.error("The sandbox does not work, so the worker does not start", reason=str(error))
        return CANNOT_ISOLATE
    return run(build_worker(settings, place), place)


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m workers", description="One worker on one queue.")
    parser.add_argument("--queue", required=True, choices=[tier.value for tier in Tier])
    return parser.parse_args(arguments)


def run(worker: GavelWorker, place: WorkerResources) -> int:
    """Work until told to stop; the exit status."""
    handle_stop_signals(worker.drain, worker.hand_back)
    worker.pulse.start()
    _logger.info("The worker is up", worker=worker.name, mode=place.sandbox.isolation.mode)
    try:
        worker.work(logging_level="WARNING")
    finally:
        worker.pulse.end()
        place.close()
    lost = worker.pulse.state is WorkerState.LOST
    _logger.info("The worker has ended", worker=worker.name, took_itself_out=lost)
    return TOOK_ITSELF_OUT if lost else DRAINED


if __name__ == "__main__":
    raise SystemExit(main())
