"""The configuration of gunicorn: ``gunicorn -c python:judge_api.gunicorn_conf judge_api.wsgi:app``.

One port serves everything with gevent: a waiting client costs little memory, and other requests go on while
psycopg or redis waits. The application must not be preloaded, since gunicorn's gevent worker patches the
standard library before it imports the application.
"""

from __future__ import annotations

import fcntl
import os
import resource
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any

from judge_api.settings import Settings, connection_pool, listen_address
from judge_core.startup_objects import begin_start, freeze_startup_objects

_settings = Settings.from_env(os.environ)
_METRICS_PREFIX = "gavel-counts-"
_MOST_OPEN_FILES = 65_536


def _allow_open_files() -> None:
    """Raise the limit on open files to ``_MOST_OPEN_FILES``, or as far as the host allows. Each connection of
    a client is an open file."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _MOST_OPEN_FILES if hard == resource.RLIM_INFINITY else min(hard, _MOST_OPEN_FILES)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


_allow_open_files()

bind = listen_address(_settings.host, _settings.port)
workers = _settings.web_processes
worker_class = "gevent"
worker_connections = connection_pool()
keepalive = 75
backlog = 2048
timeout = 60
graceful_timeout = 10
max_requests = 0
certfile = _settings.tls_certificate or None
keyfile = _settings.tls_key or None
# By default gunicorn lets a local peer set the path by the headers SCRIPT_NAME and PATH_INFO. A client behind
# a proxy could use them to bypass the proxy's rules about paths.
forwarder_headers = ""
forwarded_allow_ips = "*" if _settings.trusted_proxies else "127.0.0.1"
limit_request_line = 8190
accesslog = None
errorlog = "-"
loglevel = "warning"
proc_name = "gavel-api"


def on_starting(_server: Any) -> None:
    """Make the folder in which the worker processes add up their HTTP metrics, and remove the folders of
    ended servers."""
    for old in Path(tempfile.gettempdir()).glob(f"{_METRICS_PREFIX}*"):
        process = old.name.removeprefix(_METRICS_PREFIX).partition("-")[0]
        if old.lstat().st_uid == os.geteuid() and not Path("/proc", process).exists():
            _remove_unlocked(old)
    # The name ends with random characters, so no other user of the host can have made this path.
    made = tempfile.mkdtemp(prefix=f"{_METRICS_PREFIX}{os.getpid()}-")
    _lock(made)
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = made


def _lock(folder: Path | str) -> int:
    """Lock a folder until this process and its workers have ended. Raises ``OSError``."""
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(fd)
        raise
    return fd


def _remove_unlocked(folder: Path) -> None:
    """Remove a folder unless a server has locked it. That server may run in a container that shares the
    folder of temporary files; its process id does not exist here."""
    with suppress(OSError):
        fd = _lock(folder)
        shutil.rmtree(folder, ignore_errors=True)
        os.close(fd)


def post_fork(_server: Any, _worker: Any) -> None:
    """gunicorn calls this in a new worker process, which then imports the application."""
    begin_start()


def post_worker_init(worker: Any) -> None:
    """gunicorn calls this when the application is loaded and no request has come yet."""
    _keep_settings_as_attributes(worker.cfg)
    freeze_startup_objects()


def _keep_settings_as_attributes(config: Any) -> None:
    """Store each setting as an attribute. gunicorn would compute it at each read, many times a request.
    No setting changes in a process that serves requests."""
    vars(config).update({name: setting.get() for name, setting in config.settings.items()})


def on_exit(_server: Any) -> None:
    shutil.rmtree(os.environ["PROMETHEUS_MULTIPROC_DIR"], ignore_errors=True)
