"""One run of `gavel up`, from an empty data folder to the end of the last process. Read this file first."""

from __future__ import annotations

import errno
import os
import socket
import threading
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from gavel_client import ClientError, Gavel
from judge_api.supervisor import CannotStart, Interrupted
from judge_api.supervisor.console import Console, format_summary
from judge_api.supervisor.data_folder import Credentials, DataFolder, read_credentials
from judge_api.supervisor.orphans import clean_up_after_death, record_processes, remove_abandoned_cgroups
from judge_api.supervisor.process_manager import ProcessManager
from judge_api.supervisor.process_specs import Addresses, ProcessSpecs, Secrets, UpOptions, redis_spec
from judge_api.supervisor.redis_server import find_redis, redis_url, wait_for_redis
from judge_api.supervisor.smoke_test import SAMPLE_PROBLEM, SmokeTest, SmokeTestFailed, has_sample_problem
from judge_core.languages import BrokenLanguage, UnknownLanguage, parse_offered, read_own_languages
from judge_core.local_urls import url_of_listener

if TYPE_CHECKING:
    from judge_api.supervisor.seed import SeedResult

LISTEN_BACKLOG = 2048
DATABASE_SECONDS = 60.0
"""The longest wait for a database server, which may be starting at the same time."""


def supervise(options: UpOptions, console: Console) -> None:
    """Start all processes, keep them running until a signal, and end them.

    Raises CannotStart with a message for the operator. By then every process that was started has ended.
    """
    check_languages(options.environment)
    refuse_tls(options.environment)
    folder = DataFolder(options.data)
    folder.prepare()
    with folder.lock():
        clean_up_after_death(folder, console)
        with open_listen_socket(options.host, options.port) as listener:
            Supervisor(options, folder, console, listener).run()


def check_languages(environment: Mapping[str, str]) -> None:
    """Raise CannotStart for a wrong list or folder of languages. Otherwise every process would refuse it by
    itself."""
    name, folder = "GAVEL_LANGUAGES_DIR", environment.get("GAVEL_LANGUAGES_DIR", "").strip()
    own = Path(folder).absolute() if folder else None
    try:
        if own is not None:
            read_own_languages(own)
        name = "GAVEL_LANGUAGES"
        parse_offered(environment.get(name, ""), own)
    except (BrokenLanguage, UnknownLanguage) as error:
        raise CannotStart(f"{name}={environment[name]!r} is wrong: {error}") from error


def refuse_tls(environment: Mapping[str, str]) -> None:
    """Raise CannotStart if a certificate is set. This program and its workers call the API at an address of
    this machine, for which no public certificate is valid, so they need plain HTTP."""
    if environment.get("GAVEL_TLS_CERTIFICATE"):
        raise CannotStart(
            "GAVEL_TLS_CERTIFICATE: `gavel up` serves plain HTTP. Leave it out and put a proxy with TLS in "
            "front (deploy/proxies), or start gunicorn, `gavel dispatcher` and `gavel worker` one by one."
        )


class Supervisor:
    """Starts and ends the processes of one run. The socket on which the API listens belongs to the
    supervisor."""

    def __init__(
        self, options: UpOptions, folder: DataFolder, console: Console, listener: socket.socket
    ) -> None:
        self._options = options
        self._folder = folder
        self._console = console
        self._listener = listener
        self._manager = ProcessManager(console, self._write_processes)
        known = read_credentials(folder.credentials)
        self._credentials = Credentials(
            url=base_url(listener),
            accounts=known.accounts if known else {},
            supervisor=os.getpid(),
            redis_url=options.redis_url or redis_url(folder),
        )
        self._addresses = Addresses(
            url=self._credentials.url,
            redis_url=options.redis_url or redis_url(folder),
            database_url=options.database_url or folder.database_url,
        )

    def run(self) -> None:
        try:
            self._start_redis()
            self._seed()
            self._start_processes()
            self._wait_until_ready()
            self._start_smoke_test()
            self._manager.run_until_signal()
        except Interrupted:
            self._console.progress("gavel", "asked to end during the start-up")
        finally:
            self._stop()

    def _start_redis(self) -> None:
        if self._options.redis_url:
            source = "your own (GAVEL_REDIS_URL)"
        else:
            binary = find_redis(self._options.environment.get("PATH", os.defpath))
            self._folder.redis_socket.unlink(missing_ok=True)
            self._manager.start(redis_spec(binary, self._folder, self._options.environment))
            source = f"{binary}"
        version = wait_for_redis(self._addresses.redis_url, self._manager.check)
        self._console.progress("redis", f"{version} answers: {source}")

    def _seed(self) -> None:
        seeded = self._seed_database()
        self._credentials = replace(self._credentials, accounts=seeded.accounts)
        self._console.progress("database", seeded.summary)
        for error in seeded.broken_packages:
            self._console.progress("problems", f"left out: {error}")
        self._manager.check()

    def _seed_database(self) -> SeedResult:
        """Add what is missing in the database. A database server may still be starting, so this waits for
        it."""
        # This is imported here, because the database's libraries are slow to import, and a refused start does
        # not need them.
        from judge_api.supervisor.seed import seed_database, until_it_answers

        options, accounts = self._options, self._credentials.accounts
        return until_it_answers(
            lambda: seed_database(
                self._addresses.database_url, self._folder, accounts, options.problems, options.tiers
            ),
            DATABASE_SECONDS if options.database_url else 0.0,
            lambda sentence: self._console.progress("database", sentence),
            self._manager.check,
        )

    def _start_processes(self) -> None:
        secrets = Secrets(self._folder.secret("secret_key"), self._folder.secret("worker_token"))
        specs = ProcessSpecs(self._options, self._folder, self._addresses, secrets)
        workers = specs.workers()
        self._manager.start(specs.api(self._listener.fileno()), specs.dispatcher(), *workers)
        self._console.progress("processes", f"api, dispatcher and {len(workers)} workers started")

    def _wait_until_ready(self) -> None:
        """Wait for ``/readyz``, or for ``/healthz`` if a tier has no workers in this run."""
        all_tiers = all(self._options.workers.get(tier) for tier in self._options.tiers)
        path = "/readyz" if all_tiers else "/healthz"
        deadline = time.monotonic() + self._options.ready_seconds
        with Gavel(self._credentials.url) as gavel:
            while not gavel.answers(path):
                self._manager.check()
                if time.monotonic() > deadline:
                    raise CannotStart(self._not_ready_message(gavel, path))
                time.sleep(0.05)
        ready = "a submission of every tier would be judged now"
        self._console.progress("ready", ready if all_tiers else "the API answers; a tier has no workers here")

    def _not_ready_message(self, gavel: Gavel, path: str) -> str:
        seconds = self._options.ready_seconds
        return f"not ready after {seconds:.0f} s: {gavel.reason(path)}. The logs are in {self._folder.logs}."

    def _start_smoke_test(self) -> None:
        """Run the smoke test in a thread, so that processes that die meanwhile are restarted."""
        threading.Thread(target=self._smoke_test, daemon=True).start()

    def _smoke_test(self) -> None:
        """Run the smoke test, and print the summary. If the test fails, the failure is printed, and the
        processes keep running, so that the operator can find the cause."""
        queues = [tier.value for tier, count in self._options.workers.items() if count]
        try:
            if self._options.smoke_test:
                SmokeTest(self._credentials, self._console).run(queues)
        except SmokeTestFailed as error:
            self._console.progress("SAMPLE FAILED", f"{error}. The logs are in {self._folder.logs}.")
        problem, sign_in = self._sample_problem(), self._sign_in_link()
        self._console.print(format_summary(self._credentials, self._folder, problem, sign_in))

    def _sign_in_link(self) -> str | None:
        from judge_api.supervisor.seed import make_sign_in_link

        url = self._options.environment.get("GAVEL_PUBLIC_URL") or self._credentials.url
        return make_sign_in_link(self._addresses.database_url, url, self._credentials.accounts["admin"].name)

    def _sample_problem(self) -> str | None:
        try:
            with Gavel(self._credentials.url, self._credentials.accounts["normal"].key) as gavel:
                return SAMPLE_PROBLEM if has_sample_problem(gavel) else None
        except ClientError:
            return None  # The summary then has commands that need no problem.

    def _write_processes(self, processes: Mapping[str, int]) -> None:
        self._credentials = self._credentials.with_processes(processes)
        record_processes(self._folder.processes_file, processes)
        if self._credentials.accounts:  # Before the keys are known, the file is not written.
            self._credentials.write(self._folder.credentials)

    def _stop(self) -> None:
        self._console.progress("gavel", "ending: workers finish their submissions")
        self._manager.stop()
        remove_abandoned_cgroups()
        self._clear_processes()
        self._console.progress("gavel", "ended; nothing is left running")

    def _clear_processes(self) -> None:
        """Empty the list of processes. If the disk is full, the list stays, and the next start sees that
        these processes are gone."""
        try:
            self._write_processes({})
        except OSError as error:
            self._console.progress("gavel", f"cannot clear the list of processes: {error}")


def open_listen_socket(host: str, port: int) -> socket.socket:
    """A socket that listens at this address. Raises CannotStart with advice.

    The API gets this socket from the supervisor. While the API is started again after a crash, the socket
    stays open, so clients wait in its backlog and are not refused.
    """
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except socket.gaierror as error:
        raise CannotStart(f"--host {host}: no such address ({error.strerror}).") from error
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(address)
        listener.listen(LISTEN_BACKLOG)
    except OSError as error:
        listener.close()
        raise CannotStart(_bind_error(host, port, error)) from error
    return listener


def _bind_error(host: str, port: int, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return (
            f"port {port} on {host} is taken by another program. "
            f"End that one, or choose another port: --port {port + 1} (make run PORT={port + 1})."
        )
    if error.errno == errno.EACCES:
        return f"port {port} needs more rights than this user has; choose one above 1023 with --port."
    return f"cannot listen on {host} port {port}: {error.strerror}."


def base_url(listener: socket.socket) -> str:
    """The base URL of the socket for clients on this machine."""
    host, port = listener.getsockname()[:2]
    return url_of_listener(host, port)
