"""Builds the Flask application: blueprints, error handlers and WSGI middleware."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version

from apiflask import APIFlask
from werkzeug.middleware.proxy_fix import ProxyFix

from judge_api.compat.clics.views import BLUEPRINTS as CLICS
from judge_api.compat.domjudge.views import BLUEPRINTS as DOMJUDGE
from judge_api.compat.jobe.views import BLUEPRINTS as JOBE
from judge_api.compat.judge0.views import BLUEPRINTS as JUDGE0
from judge_api.compat.kattis.views import blueprint as KATTIS
from judge_api.compat.leetcode.favorites import blueprint as LEETCODE_FAVORITES
from judge_api.compat.leetcode.sessions import blueprint as LEETCODE_SESSIONS
from judge_api.compat.leetcode.views import blueprint as LEETCODE
from judge_api.compat.piston.views import BLUEPRINTS as PISTON
from judge_api.container import KEY, Services
from judge_api.http.error_responses import register_error_handlers, reject_nul_paths
from judge_api.http.json import JsonRequest
from judge_api.http.openapi import complete_spec
from judge_api.middleware.fastpath.raw_response import send_by_server, send_response
from judge_api.middleware.fastpath.status import StatusFastPath
from judge_api.middleware.fastpath.submit import SubmitFastPath
from judge_api.middleware.headers import (
    ResponseHeaders,
    WsgiApp,
    compress_responses,
    make_redirect_relative,
)
from judge_api.middleware.request_context import (
    ClientAddress,
    HttpMetricsMiddleware,
    RequestLogContext,
    Tracing,
    record_routes,
)
from judge_api.middleware.request_time_limits import RequestBodies, TimeBudgetMiddleware
from judge_api.views import (
    account,
    admin,
    admin_accounts,
    admin_answers,
    admin_problems,
    batches,
    docs_page,
    drafts,
    emails,
    event_import,
    event_invitations,
    event_jury,
    event_member,
    event_rejudging,
    event_results,
    event_shadow,
    event_similarity,
    health,
    lti,
    lti_administration,
    maintenance,
    metrics,
    my_data,
    notices,
    operator_webhooks,
    passwords,
    problem_edits,
    problem_files,
    problem_lives,
    problem_rejudging,
    problem_solutions,
    problem_versions,
    problems,
    second_factor,
    sessions,
    single_sign_on,
    status_stream,
    statuses,
    submission_comments,
    submission_links,
    submissions,
    webhooks,
    websocket,
    worker_api,
)
from judge_api.views.first_paint import first_paint
from judge_api.views.pages import attach_pages
from judge_api.views.websocket import SOCKET_OPTIONS, sock
from judge_core.fast_paths import ALL_FAST_PATHS, FastPath
from judge_core.telemetry import Telemetry

NATIVE_API = (
    submissions.blueprint,
    batches.blueprint,
    statuses.blueprint,
    status_stream.blueprint,
    event_member.public_blueprint,
    event_member.blueprint,
    event_import.blueprint,
    event_invitations.blueprint,
    event_invitations.invited_blueprint,
    event_invitations.public_blueprint,
    event_jury.blueprint,
    event_rejudging.blueprint,
    event_results.blueprint,
    event_shadow.blueprint,
    event_shadow.admin_blueprint,
    event_similarity.blueprint,
    submission_comments.blueprint,
    submission_links.blueprint,
    submission_links.public_blueprint,
    sessions.blueprint,
    admin.blueprint,
    admin_accounts.blueprint,
    admin_answers.blueprint,
    maintenance.blueprint,
    maintenance.admin_blueprint,
    operator_webhooks.blueprint,
    problems.blueprint,
    problem_files.blueprint,
    problem_solutions.blueprint,
    account.blueprint,
    passwords.blueprint,
    passwords.public_blueprint,
    my_data.blueprint,
    drafts.blueprint,
    notices.blueprint,
    second_factor.blueprint,
    emails.blueprint,
    emails.public_blueprint,
    single_sign_on.blueprint,
    single_sign_on.owner_blueprint,
    lti.blueprint,
    lti_administration.admin_blueprint,
    lti_administration.blueprint,
    webhooks.blueprint,
    metrics.blueprint,
    health.blueprint,
    worker_api.blueprint,
    admin_problems.blueprint,
    problem_lives.blueprint,
    problem_rejudging.blueprint,
    problem_versions.blueprint,
    problem_edits.blueprint,
    docs_page.blueprint,
)
COMPATIBLE_APIS = (
    *JUDGE0,
    LEETCODE,
    LEETCODE_FAVORITES,
    LEETCODE_SESSIONS,
    *PISTON,
    *JOBE,
    KATTIS,
    *CLICS,
    *DOMJUDGE,
)


class GavelApp(APIFlask):
    """APIFlask whose requests read JSON strictly."""

    request_class = JsonRequest


def create_app(
    services: Services,
    fast_paths: frozenset[FastPath] = ALL_FAST_PATHS,
    telemetry: Telemetry | None = None,
) -> APIFlask:
    """The whole application: native API, events, compatible APIs and pages.

    Flask answers every request that no fast path takes. A fast path gives the answer that Flask would give.
    """
    app = GavelApp(
        "judge_api.views",
        title="Gavel",
        version=_release(),
        docs_path=None,
        static_folder=None,  # type: ignore[arg-type]
    )
    app.extensions[KEY] = services
    _configure(app, services)
    record_routes(app)
    app.spec_processor(complete_spec)
    register_error_handlers(app)
    for blueprint in (*NATIVE_API, *COMPATIBLE_APIS):
        app.register_blueprint(blueprint)
    attach_pages(app, first_paint=first_paint)
    app.before_request(reject_nul_paths)
    app.register_blueprint(websocket.blueprint)
    sock.init_app(app)
    compress_responses(app)
    app.after_request(make_redirect_relative)
    inner = _wrap_inside(app.wsgi_app, services, fast_paths)
    app.wsgi_app = _wrap(Tracing(inner, telemetry), services, fast_paths)  # type: ignore[method-assign,assignment]
    return app


def _wrap_inside(flask: WsgiApp, services: Services, fast_paths: frozenset[FastPath]) -> WsgiApp:
    """Wrap Flask in the middleware whose work belongs to the trace of a request."""
    inner = SubmitFastPath(flask, services) if FastPath.SUBMIT in fast_paths else flask
    inner = RequestBodies(inner, services.settings.body_seconds)
    return TimeBudgetMiddleware(inner, services.settings.database_answer_seconds)


def _wrap(inner: WsgiApp, services: Services, fast_paths: frozenset[FastPath]) -> WsgiApp:
    """Put the other middleware around ``inner``, from the innermost to the outermost."""
    headers = ResponseHeaders(RequestLogContext(inner), services.settings)
    wrapped: WsgiApp = ClientAddress(HttpMetricsMiddleware(headers, services.http_counters))
    if FastPath.STATUS in fast_paths:
        send = send_response if FastPath.RAW_RESPONSE in fast_paths else send_by_server
        wrapped = StatusFastPath(wrapped, services, headers, send)
    if hops := services.settings.trusted_proxies:
        wrapped = ProxyFix(wrapped, x_for=hops, x_proto=hops, x_host=hops)
    return wrapped


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
