"""How gunicorn serves: ``gunicorn -c python:judge_api.gunicorn_conf judge_api.wsgi:app``.

One port for everything, gevent underneath: thousands of waiting clients cost a few kilobytes each.
gunicorn's gevent worker patches the standard library before the application is imported, since it is
not preloaded; psycopg and redis then wait without holding up others.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

from judge_api.settings import Settings

_settings = Settings.from_env(os.environ)
_COUNTS = "gavel-counts-"

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
    """The processes to come count HTTP together, in a folder that lives as long as they do."""
    top = Path(tempfile.gettempdir())
    for left in top.glob(f"{_COUNTS}*"):
        if not Path("/proc", left.name.removeprefix(_COUNTS)).exists():
            shutil.rmtree(left, ignore_errors=True)
    folder = top / f"{_COUNTS}{os.getpid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(folder)


def on_exit(_server: Any) -> None:
    shutil.rmtree(os.environ["PROMETHEUS_MULTIPROC_DIR"], ignore_errors=True)
