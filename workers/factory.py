"""Builds one worker from its settings: sandbox slot, judge, Redis link, heartbeat."""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import os
import platform
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from judge_core import messages
from judge_core.languages import load_languages, use_own_languages
from judge_core.model.language import Language
from judge_core.model.routing import queue_of_worker
from judge_core.model.worker import LanguageOnWorker, WorkerRecord
from judge_core.redis.client import create_redis_client
from judge_core.redis.worker_users import process_name, user_of_url
from judge_core.telemetry import Telemetry
from sandbox import Sandbox, SlotConfig, open_sandbox
from sandbox.private_folder import private_folder
from sandbox.slot import JudgingMark
from workers.attempt_runner import AttemptRunner
from workers.disk_probe import DiskProbe
from workers.heartbeat import Heartbeat, HeartbeatSchedule, initial_record
from workers.judging.compile_cache import CompileCache
from workers.judging.judge import Judge, JudgeOptions, clear_scratch
from workers.judging.settings import JudgingSettings
from workers.judging.side_by_side import SideSlots
from workers.judging.toolchain_cache import BackgroundBuilder
from workers.judging.toolchains import folders_there, search_path_with, with_search_path
from workers.judging.version_cache import VersionCache, open_versions
from workers.language_watch import LanguageWatch
from workers.package_cache import PackageCache
from workers.program_streams import ProgramStreams
from workers.redis_link import RedisLink
from workers.renewable_sandbox import JudgeOfCurrentToolchains, RenewableSandbox
from workers.rq_worker import WORKER_TTL, GavelWorker, make_worker
from workers.scratch_dir import ScratchDir, claim_scratch_dir
from workers.server_client import TimeLimitClient
from workers.settings import AUTOMATIC_POOL, WorkerSettings
from workers.speed import OutsideBand, SpeedRule
from workers.verify.package_check import package_faults
from workers.verify.visualizers import draw_test

_REDIS_TIMEOUT = 2.0
_PROGRESS_TIMEOUT = 0.3


@dataclass(frozen=True, slots=True)
class WorkerResources:
    """A worker's sandbox slot, judge and folders. ``languages`` says which of the ``offered`` languages work
    here."""

    sandbox: RenewableSandbox
    side_slots: tuple[RenewableSandbox, ...]
    mark: JudgingMark
    judge: Judge
    offered: Mapping[str, Language]
    languages: Mapping[str, LanguageOnWorker]
    scratch: ScratchDir
    builder: BackgroundBuilder

    def close(self) -> None:
        """Stop the background builds and close the slots."""
        with contextlib.ExitStack() as each:  # If a part cannot be closed, the rest still are.
            each.callback(self.mark.close)
            for slot in (self.sandbox, *self.side_slots):
                each.callback(slot.close)
            each.callback(self.builder.close)

    def request_renewal(self) -> None:
        """Request that the slots are opened again before the next attempt. Any thread may call this."""
        for slot in (self.sandbox, *self.side_slots):
            slot.request_renewal()


def open_resources(settings: WorkerSettings) -> WorkerResources:
    """Open and test a sandbox slot, with a judge for it. Raises ``CannotIsolate`` if no sandbox works."""
    use_own_languages(settings.languages_dir)
    private_folder(settings.cache, 0o711)
    # Sandboxes run as other users, and need access to this folder for the files in it that are mounted.
    settings.cache.chmod(0o711)
    scratch = claim_scratch_dir(settings.cache, settings.slot, exactly=settings.is_slot_chosen)
    folder = scratch.folder
    judging = _judging_settings(settings, folder)
    clear_scratch(judging)
    mark = JudgingMark()
    with contextlib.ExitStack() as opened:
        slots = _open_slots(settings, folder, opened)
        # The time of a build is not measured, so builds may use any free core.
        builder = BackgroundBuilder(
            lambda: open_sandbox(dataclasses.replace(_slot(settings, folder / "beside"), cpus=()))
        )
        judge = _make_judge(settings, judging, slots, mark, builder)
        offered = _offered_languages(settings, judge)
        isolation = slots[0].isolation
        kind = (isolation.backend, isolation.mode, str(settings.box_root))
        with open_versions(settings.cache, kind) as versions:
            languages = _find_languages(judge, slots[0], offered, versions)
        opened.pop_all()
        return WorkerResources(slots[0], slots[1:], mark, judge, offered, languages, scratch, builder)


def _open_slots(
    settings: WorkerSettings, folder: Path, opened: contextlib.ExitStack
) -> tuple[RenewableSandbox, ...]:
    """The worker's own slot, then its side slots."""
    slots = []
    for number, cpus in enumerate((settings.cpus, *settings.side_cpus)):
        boxes = folder / ("boxes" if number == 0 else f"boxes-{number}")

        def open_again(boxes: Path = boxes, cpus: tuple[int, ...] | None = cpus) -> Sandbox:
            return open_sandbox(dataclasses.replace(_slot(settings, boxes), cpus=cpus))

        slots.append(RenewableSandbox(open_again(), open_again))
        opened.callback(slots[-1].close)
    return tuple(slots)


def _slot(settings: WorkerSettings, scratch: Path) -> SlotConfig:
    """The slot's settings, with the toolchains' folders that exist now."""
    return SlotConfig(
        settings.slot,
        (settings.cache,),
        scratch,
        settings.sandbox,
        settings.cpus,
        extra_roots=folders_there(settings.toolchain_paths),
        root=settings.box_root,
        own_files=settings.own_files,
        copies=settings.cache / "systems" / scratch.parent.name,
        copy_bytes=settings.copy_bytes,
    )


def _judging_settings(settings: WorkerSettings, folder: Path) -> JudgingSettings:
    return JudgingSettings(
        folder / "runs",
        settings.cache / "prepared",
        run_all=settings.run_all,
        search_path=search_path_with(settings.toolchain_paths),
        host_path=settings.host_path,
    )


def _make_judge(
    settings: WorkerSettings,
    judging: JudgingSettings,
    slots: Sequence[RenewableSandbox],
    mark: JudgingMark,
    builder: BackgroundBuilder,
) -> Judge:
    server, token, cache = settings.server_url, settings.worker_token, settings.cache
    packages = PackageCache(cache / "packages", server, token, settings.cache_bytes)
    compiled = CompileCache(cache / "compiled", settings.compile_cache_bytes)
    limits = TimeLimitClient(server, token)
    languages = with_search_path(load_languages(), judging.search_path)
    side = SideSlots(tuple(slots[1:]), mark.is_alone)
    options = JudgeOptions(limits, builder, side, package_faults, draw_test)
    return Judge(slots[0], packages, languages, compiled, judging, options)


def _offered_languages(settings: WorkerSettings, judge: Judge) -> dict[str, Language]:
    """The whole catalog, or the languages that ``GAVEL_LANGUAGES`` names. Checkers may use any language."""
    catalog = judge.context.languages
    return {id: catalog[id] for id in catalog if not settings.languages or id in settings.languages}


def _find_languages(
    judge: Judge, sandbox: RenewableSandbox, offered: Mapping[str, Language], versions: VersionCache
) -> dict[str, LanguageOnWorker]:
    offers = judge.toolchains.offer(sandbox, offered.values(), versions)
    return {id: LanguageOnWorker(offer.version, offer.reason) for id, offer in offers.items()}


def build_worker(
    settings: WorkerSettings,
    resources: WorkerResources,
    speed: float = 0.0,
    telemetry: Telemetry | None = None,
) -> GavelWorker:
    """A worker that is ready to start. It has a new name at every start, so it does not mistake the leases of
    an earlier process for its own."""
    name = process_name(user_of_url(settings.redis_url), f"{settings.name}-{secrets.token_hex(3)}")
    record = _with_speed(_worker_record(name, settings, resources), settings.speed_rule, speed)
    queue = queue_of_worker(record)
    link = _make_link(settings, record, _REDIS_TIMEOUT)
    streams = ProgramStreams(create_redis_client(settings.redis_url, _REDIS_TIMEOUT))
    resources.judge.live_clients = streams.open
    progress_link = _make_link(settings, record, _PROGRESS_TIMEOUT)
    overhead_ms = resources.sandbox.pop_overhead_ms
    slots = (resources.sandbox, *resources.side_slots)
    judge = JudgeOfCurrentToolchains(resources.judge, slots, resources.mark)
    runner = AttemptRunner(name, judge, link, progress_link, overhead_ms=overhead_ms)
    schedule = HeartbeatSchedule(settings.lease_seconds, settings.attempt_seconds)
    redis = create_redis_client(settings.redis_url, _REDIS_TIMEOUT)
    worker_redis = create_redis_client(settings.redis_url, WORKER_TTL, name=name)
    worker = make_worker(worker_redis, queue, name)
    runner.telemetry = telemetry
    worker.runner = runner
    worker.faults_allowed = settings.faults_allowed
    worker.job_bytes = settings.job_bytes
    worker.worker_heartbeat = Heartbeat(record, runner, link, redis, schedule)
    runner.language_fault = worker.worker_heartbeat.language_fault
    worker.disk_probe = DiskProbe((settings.cache, resources.scratch.folder), settings.free_bytes)
    watch = _watch_languages(resources, worker.worker_heartbeat)

    def on_beat() -> None:
        worker.on_beat()
        watch.check()

    worker.worker_heartbeat.on_beat = on_beat
    worker.worker_heartbeat.on_drain = worker.drain_by_command
    return worker


def _watch_languages(resources: WorkerResources, heartbeat: Heartbeat) -> LanguageWatch:
    def register(languages: Mapping[str, LanguageOnWorker]) -> None:
        resources.request_renewal()
        heartbeat.set_languages(languages)

    judge = resources.judge
    return LanguageWatch(
        judge.toolchains, resources.offered, resources.languages, resources.builder, on_change=register
    )


def _make_link(settings: WorkerSettings, record: WorkerRecord, timeout_seconds: float) -> RedisLink:
    redis = create_redis_client(settings.redis_url, timeout_seconds)
    return RedisLink(redis, record.name, settings.lease_seconds, queue_of_worker(record))


def _pool(settings: WorkerSettings, languages: Mapping[str, LanguageOnWorker]) -> str:
    """The pool that the settings name. With ``auto`` all workers with the same languages share a pool, so
    that no worker gets a submission that it cannot judge."""
    if settings.pool != AUTOMATIC_POOL:
        return settings.pool
    available = sorted(id for id, each in languages.items() if each.version is not None)
    return f"auto-{hashlib.sha256(' '.join(available).encode()).hexdigest()[:8]}"


def _with_speed(record: WorkerRecord, rule: SpeedRule, speed: float) -> WorkerRecord:
    """The record with the speed. Outside the band the worker gets another pool, if the settings say so."""
    fault = rule.fault(speed) if speed else None
    is_apart = fault is not None and rule.outside is OutsideBand.POOL
    pool = rule.pool(record.pool, speed) if is_apart else record.pool
    return dataclasses.replace(record, speed=speed, outside_band=fault, pool=pool)


def _memory_mb() -> int:
    """The memory of this host in MiB."""
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") >> 20


def _worker_record(name: str, settings: WorkerSettings, resources: WorkerResources) -> WorkerRecord:
    return dataclasses.replace(
        initial_record(name, settings.queue),
        pool=_pool(settings, resources.languages),
        architecture=platform.machine(),
        memory_mb=_memory_mb(),
        sandbox=dataclasses.asdict(resources.sandbox.isolation),
        languages=dict(resources.languages),
        versions={
            "gavel": version("gavel-judge"),
            "protocol": str(messages.VERSION),
            "rq": version("rq"),
            "python": platform.python_version(),
            "kernel": platform.release(),
        },
    )
