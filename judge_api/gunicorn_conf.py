"""The configuration of gunicorn: ``gunicorn -c python:judge_api.gunicorn_conf judge_api.wsgi:app``.

One port serves everything with gevent: a waiting client costs a few kilobytes. gunicorn's gevent worker
patches the standard library before the application is imported, which is why it must not be preloaded;
while psycopg or redis waits, other requests go on.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

from judge_api.settings import Settings

_settings = Settings.from_env(os.environ)
_METRICS_PREFIX = "gavel-counts-"

bind = f"{_settings.host}:{_settings.port}"
workers = _settings.web_processes
worker_class = "gevent"
worker_connections = 10_000
keepalive = 75
backlog = 2048
timeout = 60
graceful_timeout = 10
max_requests = 0
certfile = _settings.tls_certificate or None
keyfile = _settings.tls_key or None
forwarded_allow_ips = "*" if _settings.trusted_proxies else "127.0.0.1"
limit_request_line = 8190
accesslog = None
errorlog = "-"
loglevel = "warning"
proc_name = "gavel-api"


def on_starting(_server: Any) -> None:
    """Make the folder in which the worker processes add up their HTTP metrics, and remove old ones."""
    temporary = Path(tempfile.gettempdir())
    for old in temporary.glob(f"{_METRICS_PREFIX}*"):
        if not Path("/proc", old.name.removeprefix(_METRICS_PREFIX)).exists():
            shutil.rmtree(old, ignore_errors=True)
    folder = temporary / f"{_METRICS_PREFIX}{os.getpid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(folder)


def on_exit(_server: Any) -> None:
    shutil.rmtree(os.environ["PROMETHEUS_MULTIPROC_DIR"], ignore_errors=True)
