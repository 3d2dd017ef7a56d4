"""Puts one worker together: its slot, its judge, its line to the main server, its heartbeat."""

from __future__ import annotations

import dataclasses
import platform
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version

from judge_core import messages
from judge_core.languages import load_languages
from judge_core.model.worker import LanguageOnWorker, WorkerRecord
from sandbox import SlotConfig, open_sandbox
from workers.attempt_runner import AttemptRunner, RequestJudge
from workers.heartbeat import Heartbeat, HeartbeatSchedule, initial_record
from workers.judging.compile_cache import CompileCache
from workers.judging.judge import Judge, clear_scratch
from workers.judging.settings import JudgingSettings
from workers.judging.toolchain_cache import BackgroundBuilder
from workers.package_cache import PackageCache
from workers.redis_link import RedisLink
from workers.rq_worker import GavelWorker, make_worker
from workers.scratch_dir import ScratchDir, claim_scratch_dir
from workers.server_client import TimeLimitClient
from workers.settings import WorkerSettings
from workers.timed_sandbox import TimedSandbox

_PROGRESS_TIMEOUT = 0.3


@dataclass(frozen=True, slots=True)
class WorkerResources:
    """What a worker holds on its host; ``languages`` is what its self-tests found."""

    sandbox: TimedSandbox
    judging: RequestJudge
    languages: Mapping[str, LanguageOnWorker]
    scratch: ScratchDir
    beside: BackgroundBuilder | None = None

    def close(self) -> None:
        """Leave nothing on the host: neither of the slot nor of what was being prepared beside it."""
        if self.beside is not None:
            self.beside.close()
        self.sandbox.close()


def open_resources(settings: WorkerSettings) -> WorkerResources:
    """A slot, tried, and a judge in it. Raises ``CannotIsolate`` when this host cannot keep the promise."""
    settings.cache.mkdir(parents=True, exist_ok=True)
    # Boxes run as another user and must get through this folder to what is mounted from below it.
    settings.cache.chmod(0o711)
    held = claim_scratch_dir(settings.cache, settings.slot)
    scratch = held.folder
    judging = JudgingSettings(scratch / "runs", settings.cache / "prepared", run_all=settings.run_all)
    clear_scratch(judging)
    slot = SlotConfig(settings.slot, (settings.cache,), scratch / "boxes", settings.sandbox, settings.cpus)
    sandbox = TimedSandbox(open_sandbox(slot))
    languages = load_languages()
    packages = PackageCache(
        settings.cache / "packages", settings.server_url, settings.worker_token, settings.cache_bytes
    )
    compiled = CompileCache(settings.cache / "compiled", settings.compile_cache_bytes)
    # What is prepared beside is not measured: it may use what core there is.
    aside = dataclasses.replace(slot, scratch=scratch / "beside", cpus=())
    beside = BackgroundBuilder(lambda: open_sandbox(aside))
    limits = TimeLimitClient(settings.server_url, settings.worker_token)
    judge = Judge(sandbox, packages, languages, compiled, judging, limits, beside)
    offers = judge.toolchains.offer(sandbox, languages.values())
    found = {id: LanguageOnWorker(offer.version, offer.reason) for id, offer in offers.items()}
    return WorkerResources(sandbox, judge, found, held, beside)


def build_worker(settings: WorkerSettings, place: WorkerResources) -> GavelWorker:
    """A worker ready to work. Its name is new with every start: a lease of its predecessor is not its own."""
    name = f"{settings.name}-{secrets.token_hex(3)}"
    line = RedisLink(settings.redis_url, name, settings.lease_seconds)
    impatient = RedisLink(settings.redis_url, name, settings.lease_seconds, _PROGRESS_TIMEOUT)
    workshop = AttemptRunner(name, place.judging, place.sandbox.cancel, line, impatient)
    workshop.take_overhead_ms = place.sandbox.take_overhead_ms
    rhythm = HeartbeatSchedule(settings.lease_seconds, settings.attempt_seconds)
    worker = make_worker(settings.redis_url, settings.queue.value, name)
    worker.workshop = workshop
    worker.faults_allowed = settings.faults_allowed
    worker.pulse = Heartbeat(
        _worker_record(name, settings, place), workshop, line, settings.redis_url, rhythm
    )
    worker.pulse.on_beat = worker.register_beat
    worker.pulse.on_drain = worker.drain
    return worker


def _worker_record(name: str, settings: WorkerSettings, place: WorkerResources) -> WorkerRecord:
    return dataclasses.replace(
        initial_record(name, settings.queue),
        sandbox=dataclasses.asdict(place.sandbox.isolation),
        languages=dict(place.languages),
        versions={
            "gavel": version("gavel-judge"),
            "protocol": str(messages.VERSION),
            "rq": version("rq"),
            "python": platform.python_version(),
            "kernel": platform.release(),
        },
    )
