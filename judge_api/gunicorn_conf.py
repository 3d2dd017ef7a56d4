"""How gunicorn serves: ``gunicorn -c python:judge_api.gunicorn_conf judge_api.wsgi:app``.

One port for everything, gevent underneath: thousands of waiting clients cost a few kilobytes each.
gunicorn's gevent worker patches the standard library before the application is imported, since it is
not preloaded; psycopg and redis then wait without holding up others.
"""

from __future__ import annotations

import os

from judge_api.settings import Settings

_settings = Settings.from_env(os.environ)

bind = f"{_settings.host}:{_settings.port}"
workers = _settings.web_processes
worker_class = "gevent"
worker_connections = 10_000
keepalive = 75
backlog = 2048
timeout = 60
graceful_timeout = 10
max_requests = 0
forwarded_allow_ips = "*" if _settings.trusted_proxies else "127.0.0.1"
limit_request_line = 8190
accesslog = None
errorlog = "-"
loglevel = "warning"
proc_name = "gavel-api"
