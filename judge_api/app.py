"""The factory: one Flask application from one record of services."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from apiflask import APIFlask
from werkzeug.middleware.proxy_fix import ProxyFix

from judge_api.compat.registry import BLUEPRINTS as DIALECTS
from judge_api.container import KEY, Services
from judge_api.http.error_responses import refuse_odd_paths, register_errors
from judge_api.http.json import JsonRequest
from judge_api.http.openapi import complete_spec
from judge_api.middleware import http_metrics
from judge_api.middleware.fastpath.status import StatusFastPath
from judge_api.middleware.fastpath.submit import SubmitFastPath
from judge_api.middleware.headers import Logged, ResponseHeaders, compress_answers
from judge_api.views import (
    account,
    admin,
    admin_problems,
    docs_page,
    events,
    health,
    metrics,
    problem_files,
    problems,
    sessions,
    statuses,
    submissions,
    webhooks,
    worker_api,
)
from judge_api.views.events import SOCKET_OPTIONS, sock
from judge_api.views.pages import attach_pages

BLUEPRINTS = (
    submissions.blueprint,
    statuses.blueprint,
    events.blueprint,
    sessions.blueprint,
    admin.blueprint,
    problems.blueprint,
    problem_files.blueprint,
    account.blueprint,
    webhooks.blueprint,
    metrics.blueprint,
    health.blueprint,
    worker_api.blueprint,
    admin_problems.blueprint,
    docs_page.blueprint,
)


class GavelApp(APIFlask):
    """APIFlask with requests that read JSON strictly."""

    request_class = JsonRequest


def create_app(services: Services, counts: Path | None = None) -> APIFlask:
    """The whole web: API, events, dialects and pages. ``counts`` is where its processes count together."""
    app = GavelApp(
        "judge_api.views",
        title="Gavel",
        version=_release(),
        docs_path=None,
        static_folder=None,  # type: ignore[arg-type]
    )
    app.extensions[KEY] = services
    app.extensions[http_metrics.KEY] = counted = http_metrics.HttpMetrics(counts)
    http_metrics.note_routes(app)
    _configure(app, services)
    app.spec_processor(complete_spec)
    register_errors(app)
    for blueprint in (*BLUEPRINTS, *DIALECTS):
        app.register_blueprint(blueprint)
    attach_pages(app)
    app.before_request(refuse_odd_paths)
    app.register_blueprint(events.socket_blueprint)
    sock.init_app(app)
    compress_answers(app)
    hatch = SubmitFastPath(app.wsgi_app, services)
    envelope = ResponseHeaders(Logged(hatch), services.settings)
    answering = http_metrics.Counted(envelope, counted)
    app.wsgi_app = StatusFastPath(answering, services, envelope, counted)  # type: ignore[method-assign]
    if hops := services.settings.trusted_proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    return app


def _configure(app: APIFlask, services: Services) -> None:
    app.url_map.strict_slashes = False
    app.config.update(
        SOCK_SERVER_OPTIONS=SOCKET_OPTIONS,
        MAX_CONTENT_LENGTH=services.settings.body_bytes,
        MAX_FORM_MEMORY_SIZE=services.settings.body_bytes,
        AUTO_404_RESPONSE=False,
        AUTO_VALIDATION_ERROR_RESPONSE=False,
        AUTO_AUTH_ERROR_RESPONSE=False,
        AUTO_SERVERS=False,
        TRAP_HTTP_EXCEPTIONS=False,
        PROPAGATE_EXCEPTIONS=False,
    )
    app.security_schemes = {
        "ApiKey": {"type": "http", "scheme": "bearer", "description": "An API key"},
        "Session": {"type": "apiKey", "in": "cookie", "name": "gavel_session"},
    }


def _release() -> str:
    try:
        return version("gavel-judge")
    except PackageNotFoundError:
        return "0"
