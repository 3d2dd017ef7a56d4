"""One run of `gavel up`, from the empty folder to the last process ended. Read this first."""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Mapping
from dataclasses import replace

from gavel_client import Gavel
from judge_api.supervisor import orphans
from judge_api.supervisor.console import Narrator
from judge_api.supervisor.credentials import Credentials, read_credentials
from judge_api.supervisor.data_folder import DataFolder
from judge_api.supervisor.errors import CannotStart, Interrupted
from judge_api.supervisor.listen_socket import address_of, open_door
from judge_api.supervisor.options import UpPlan
from judge_api.supervisor.process_manager import Tending
from judge_api.supervisor.process_specs import Addresses, Roster, Secrets, redis_spec
from judge_api.supervisor.redis_server import find_redis, redis_url, wait_for_redis
from judge_api.supervisor.smoke_test import Greeting, SampleFailed
from judge_core.model.account import Tier


def keep_house(plan: UpPlan, narrator: Narrator) -> None:
    """Start everything, keep it running until a signal, end everything.

    Raises CannotStart with a message for the operator; by then whatever was started has been ended.
    """
    folder = DataFolder(plan.data)
    folder.prepare()
    with folder.hold():
        orphans.end(orphans.living(folder.roster))
        with open_door(plan.host, plan.port) as door:
            House(plan, folder, narrator, door).live()


class House:
    """The processes of one run around one listening socket."""

    def __init__(self, plan: UpPlan, folder: DataFolder, narrator: Narrator, door: socket.socket) -> None:
        self._plan = plan
        self._folder = folder
        self._narrator = narrator
        self._door = door
        self._tending = Tending(narrator, self._announce)
        known = read_credentials(folder.credentials)
        self._credentials = Credentials(
            url=address_of(door), accounts=known.accounts if known else {}, supervisor=os.getpid()
        )
        self._addresses = Addresses(
            url=self._credentials.url,
            redis_url=plan.redis_url or redis_url(folder),
            database_url=plan.database_url or folder.database_url,
        )

    def live(self) -> None:
        try:
            self._start_redis()
            self._furnish()
            self._start_processes()
            self._wait_until_ready()
            self._greet()
        except Interrupted:
            self._narrator.tell("gavel", "asked to end during the start-up")
        finally:
            self._end()

    def _start_redis(self) -> None:
        if self._plan.redis_url:
            whose = "your own (GAVEL_REDIS_URL)"
        else:
            binary = find_redis(self._plan.environment.get("PATH", os.defpath))
            self._folder.redis_socket.unlink(missing_ok=True)
            self._tending.start(redis_spec(binary, self._folder, self._plan.environment))
            whose = f"{binary}"
        version = wait_for_redis(self._addresses.redis_url, self._tending.check)
        self._narrator.tell("redis", f"{version} answers: {whose}")

    def _furnish(self) -> None:
        # Imported here: the database's libraries take half a second that a refused start need not spend.
        from judge_api.supervisor.seed import Furnishing

        furnished = Furnishing(self._addresses.database_url, self._folder).arrange(
            self._credentials.accounts, self._plan.problems
        )
        self._credentials = replace(self._credentials, accounts=furnished.accounts)
        self._narrator.tell("database", furnished.sentence)
        for fault in furnished.broken:
            self._narrator.tell("problems", f"left out: {fault}")
        self._tending.check()

    def _start_processes(self) -> None:
        secrets = Secrets(self._folder.secret("secret_key"), self._folder.secret("worker_token"))
        roster = Roster(self._plan, self._folder, self._addresses, secrets)
        workers = roster.workers()
        self._tending.start(roster.api(self._door.fileno()), roster.dispatcher(), *workers)
        self._narrator.tell("processes", f"api, dispatcher and {len(workers)} workers started")

    def _wait_until_ready(self) -> None:
        """All tiers served: ``/readyz``. A tier without workers of ours is served elsewhere, or later."""
        is_whole = all(self._plan.workers.get(tier) for tier in Tier)
        path = "/readyz" if is_whole else "/healthz"
        deadline = time.monotonic() + self._plan.ready_seconds
        with Gavel(self._credentials.url) as gavel:
            while not gavel.answers(path):
                self._tending.check()
                if time.monotonic() > deadline:
                    raise CannotStart(self._why_not_ready(gavel, path))
                time.sleep(0.05)
        ready = "a submission of either tier would be judged now"
        self._narrator.tell("ready", ready if is_whole else "the API answers; a tier has no workers here")

    def _why_not_ready(self, gavel: Gavel, path: str) -> str:
        seconds = self._plan.ready_seconds
        return f"not ready after {seconds:.0f} s: {gavel.reason(path)}. The logs are in {self._folder.logs}."

    def _greet(self) -> None:
        """In a thread of its own, so that children that die meanwhile are still replaced."""
        greeting = Greeting(self._credentials, self._folder, self._narrator)
        threading.Thread(target=self._judge_samples, args=(greeting,), daemon=True).start()
        self._tending.until_told_to_end()

    def _judge_samples(self, greeting: Greeting) -> None:
        """A sample that fails is told, and the house stays up: there is something to look at."""
        queues = [tier.value for tier, count in self._plan.workers.items() if count]
        try:
            greeting.judge_samples(queues if self._plan.sample else [])
        except SampleFailed as error:
            self._narrator.tell("NOT RIGHT", f"{error}. The logs are in {self._folder.logs}.")
        self._narrator.show(greeting.farewell())

    def _announce(self, processes: Mapping[str, int]) -> None:
        self._credentials = self._credentials.with_processes(processes)
        orphans.note(self._folder.roster, processes)
        if self._credentials.accounts:  # never a file with processes but no keys
            self._credentials.write(self._folder.credentials)

    def _end(self) -> None:
        self._narrator.tell("gavel", "ending: workers finish what they have in hand")
        self._tending.end()
        self._forget_processes()
        self._narrator.tell("gavel", "ended; nothing is left running")

    def _forget_processes(self) -> None:
        """What stays in the file on a full disk are names of the dead, and the next start sees that."""
        try:
            self._announce({})
        except OSError as error:
            self._narrator.tell("gavel", f"cannot note that nobody runs: {error}")
