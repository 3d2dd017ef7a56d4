"""The dispatcher: relay, recorder, reconciler, sampler and messenger in one process.

Any number may run at once: each part is safe by construction, by claims, a consumer group and
conditional writes, so there is no leader to elect and none to lose.
"""

from __future__ import annotations

import os
import secrets
import signal
import socket
import threading
from types import FrameType

from sqlalchemy import Engine

from judge_api.compat.judge0.responses import callback_body
from judge_api.dispatch.background_loop import Loop
from judge_api.dispatch.metrics import TAKEN_BACK, ending
from judge_api.dispatch.outbox_relay import Relay
from judge_api.dispatch.queue_capacity import Rooms
from judge_api.dispatch.queue_sampler import PERIOD_SECONDS, Sampler
from judge_api.dispatch.reconciler import Reconciler
from judge_api.dispatch.report_consumer import Recorder
from judge_api.dispatch.rq_queue import RqGateway
from judge_api.settings import Settings
from judge_api.store.attempts import AttemptStore
from judge_api.store.engine import migrate, open_engine
from judge_api.store.outbox import Outbox
from judge_api.store.queue_samples import SampleStore
from judge_api.store.submissions import SubmissionStore
from judge_api.store.webhook_deliveries import DeliveryStore, Form
from judge_api.webhooks.delivery_worker import DeliveryWorker, Writer, event_body
from judge_api.webhooks.http_sender import HttpSender
from judge_api.webhooks.url_policy import UrlPolicy
from judge_core.logging import configure_logging, get_logger
from judge_core.redis.counters import Tallies
from judge_core.redis.redis_status_channel import RedisChannel
from judge_core.redis.worker_registry import Fleet

_logger = get_logger(__name__)
_REDIS_BUDGET_MS = 2_000
_OUTBOX_GLANCE = 0.05
_FULL_QUEUE_GLANCE = 0.02
_RECONCILE_EVERY = 2.0
_ADOPT_EVERY = 2.0
_ROOMS_EVERY = 1.0
_MESSAGES_GLANCE = 0.5
_TIDY_EVERY = 3600.0
_OTHER_RELEASES_EVERY = 30.0
_END_SECONDS = 10.0


class Dispatcher:
    """All loops over one store and one Redis."""

    def __init__(self, engine: Engine, settings: Settings) -> None:
        name = f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(3)}"
        url = settings.redis_url
        attempts = AttemptStore(engine, settings.max_attempts)
        gateway = RqGateway(url, _REDIS_BUDGET_MS)
        self._fleet = Fleet(url)
        self._rooms = Rooms(gateway, self._fleet)
        self._channel = RedisChannel(url)
        self._tallies = Tallies(url)
        self._relay = Relay(Outbox(engine), gateway, self._rooms, name)
        self._attempts = attempts
        self._recorder = Recorder(attempts, url, name)
        self._adopter = Recorder(attempts, url, f"{name}-adopter")
        self._reconciler = Reconciler(attempts, gateway)
        self._sampler = Sampler(SampleStore(engine), self._fleet)
        self._relaying = Loop("relay", self._relay_step)
        self._messenger = make_messenger(engine, settings)
        self.loops = (
            self._relaying,
            Loop("recorder", self._record_step),
            Loop("adopter", self._adopt_step),
            Loop("reconciler", self._reconcile_step),
            Loop("other releases", self._other_releases_step),
            Loop("rooms", self._rooms_step),
            Loop("sampler", self._sample_step),
            Loop("messenger", self._message_step),
            Loop("tidying", self._tidy_step),
        )

    def start(self) -> None:
        for loop in self.loops:
            loop.start()

    def stop(self) -> bool:
        """End after the steps being taken; False when one did not end in time (nothing is lost by it)."""
        for loop in self.loops:
            loop.stop()
        ended = [loop.join(_END_SECONDS) for loop in self.loops]
        return all(ended)

    def _relay_step(self) -> float:
        relayed = self._relay.relay_once()
        if relayed.blocked:
            return _FULL_QUEUE_GLANCE
        return 0.0 if relayed.sent else _OUTBOX_GLANCE

    def _record_step(self) -> float:
        self._recorder.record_once()
        return 0.0

    def _adopt_step(self) -> float:
        self._adopter.adopt()
        return _ADOPT_EVERY

    def _reconcile_step(self) -> float:
        repairs = self._reconciler.reconcile_once()
        if repairs.statuses:
            self._channel.tell(repairs.statuses)
            name, _ = ending(TAKEN_BACK)
            self._tallies.add({name: len(repairs.statuses)})
        if repairs.statuses or repairs.sent_again:
            self._relaying.wake()
        return _RECONCILE_EVERY

    def _other_releases_step(self) -> float:
        self._attempts.note_sent_elsewhere()
        return _OTHER_RELEASES_EVERY

    def _rooms_step(self) -> float:
        self._fleet.dispatcher_beat()
        self._rooms.fit()
        return _ROOMS_EVERY

    def _message_step(self) -> float:
        return 0.0 if self._messenger.deliver_once() else _MESSAGES_GLANCE

    def _tidy_step(self) -> float:
        self._messenger.tidy()
        return _TIDY_EVERY

    def _sample_step(self) -> float:
        self._sampler.sample_once()
        return PERIOD_SECONDS


def make_messenger(engine: Engine, settings: Settings) -> DeliveryWorker:
    """Who tells webhooks of verdicts, in Gavel's words or in Judge0's."""
    writers: dict[Form, Writer] = {Form.GAVEL: event_body, Form.JUDGE0: callback_body}
    postman = HttpSender(UrlPolicy(settings.webhook_networks))
    return DeliveryWorker(DeliveryStore(engine), SubmissionStore(engine), postman, writers)


def run(settings: Settings) -> int:
    """Until SIGTERM or SIGINT; the exit status."""
    engine = open_engine(settings.database_url, settings.database_limits)
    migrate(engine)
    dispatcher = Dispatcher(engine, settings)
    told_to_stop = threading.Event()

    def stop(_signal: int, _frame: FrameType | None) -> None:
        told_to_stop.set()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    dispatcher.start()
    _logger.info("The dispatcher is up")
    told_to_stop.wait()
    ended = dispatcher.stop()
    _logger.info("The dispatcher has ended", orderly=ended)
    return 0 if ended else 1


def main() -> int:
    """The process's entry."""
    settings = Settings.from_env(os.environ)
    configure_logging(settings.log_format, "dispatcher", settings.log_level)
    return run(settings)


if __name__ == "__main__":
    raise SystemExit(main())
