"""Every role requests every route that is no stream. The roles that may use a route are listed here, and a
new route must be added."""

from __future__ import annotations

import pytest

from tests.web.app_fixture import WORKER_TOKEN, AppFixture

ASKERS = ("anonymous", "worker", "bob", "ada", "author", "admin")
EVERYBODY = set(ASKERS)
ACCOUNTS = {"bob", "ada", "author", "admin"}
OWNER = {"ada", "admin"}
AUTHORS = {"author", "admin"}
ADMINS = {"admin"}
MATRIX: dict[tuple[str, str], set[str]] = {
    ("POST", "/submissions"): ACCOUNTS,
    ("POST", "/submissions/batch"): ACCOUNTS,
    ("POST", "/runs/batch"): ACCOUNTS,
    ("GET", "/statuses"): ACCOUNTS,  # the answer has null for submissions of others: see test_batches.py
    ("GET", "/submissions"): ACCOUNTS,
    ("GET", "/submissions/<id>"): OWNER,
    ("DELETE", "/submissions/<id>"): OWNER,
    ("GET", "/submissions/<id>/place"): OWNER,
    ("POST", "/runs"): ACCOUNTS,
    ("GET", "/status/<id>"): OWNER,
    ("GET", "/problems"): EVERYBODY,
    ("GET", "/problems/<slug>"): EVERYBODY,
    ("GET", "/problems/<slug>/runtimes"): EVERYBODY,
    # Those who have solved the problem may read it too: see test_problem_solutions.py
    ("GET", "/problems/<slug>/solution"): AUTHORS,
    ("GET", "/problems/<slug>/files/<path:path>"): EVERYBODY,
    ("GET", "/languages"): EVERYBODY,
    ("GET", "/healthz"): EVERYBODY,
    ("GET", "/maintenance"): EVERYBODY,
    ("PUT", "/admin/maintenance"): ADMINS,
    ("GET", "/readyz"): EVERYBODY,
    ("GET", "/metrics"): EVERYBODY,  # only from this host, unless a token is set
    ("GET", "/openapi.json"): EVERYBODY,
    ("GET", "/docs"): EVERYBODY,
    ("GET", "/docs/style.css"): EVERYBODY,
    ("GET", "/events"): EVERYBODY,  # test_event_visibility.py tests which clients see an event in which phase
    ("GET", "/events/<slug>/state"): EVERYBODY,
    ("GET", "/events/<slug>/problems/<label>"): EVERYBODY,
    ("GET", "/events/<slug>/standings"): EVERYBODY,
    ("GET", "/events/<slug>/stream"): EVERYBODY,
    ("POST", "/events/<slug>/join"): ACCOUNTS,
    ("POST", "/events/<slug>/start"): ACCOUNTS,
    ("GET", "/events/<slug>/tries"): ACCOUNTS,
    ("PUT", "/events/<slug>/tokens/<id>"): ACCOUNTS,
    ("GET", "/events/<slug>/messages"): ACCOUNTS,
    ("POST", "/events/<slug>/messages"): ACCOUNTS,
    ("POST", "/events"): AUTHORS,
    ("PATCH", "/events/<id>"): AUTHORS,
    ("DELETE", "/events/<id>"): AUTHORS,
    ("PUT", "/events/<slug>/freeze"): AUTHORS,
    ("GET", "/events/<slug>/members"): AUTHORS,
    ("POST", "/events/<slug>/members"): AUTHORS,
    ("POST", "/events/<slug>/members/import"): AUTHORS,
    ("PATCH", "/events/<slug>/members/<id>"): AUTHORS,
    ("DELETE", "/events/<slug>/members/<id>"): AUTHORS,
    ("GET", "/events/<slug>/submissions"): AUTHORS,
    ("PUT", "/events/<slug>/submissions/<id>/disqualification"): AUTHORS,
    ("POST", "/events/<slug>/announcements"): AUTHORS,
    ("PUT", "/events/<slug>/messages/<id>/answer"): AUTHORS,
    ("POST", "/events/<slug>/recompute"): AUTHORS,
    ("GET", "/events/<slug>/results"): AUTHORS,
    ("GET", "/events/<slug>/results.csv"): AUTHORS,
    ("GET", "/events/<slug>/results.xlsx"): AUTHORS,
    ("GET", "/events/<slug>/results.tsv"): AUTHORS,
    ("GET", "/events/<slug>/members/<id>/submissions"): AUTHORS,
    ("GET", "/events/<slug>/archive.zip"): AUTHORS,
    ("GET", "/submissions/<id>/link"): OWNER,
    ("PUT", "/submissions/<id>/link"): {"ada"},
    ("DELETE", "/submissions/<id>/link"): OWNER,
    ("GET", "/shared/<token>"): EVERYBODY,  # needs a token: see test_submission_links.py
    ("GET", "/submissions/<id>/comments"): OWNER,
    ("POST", "/submissions/<id>/comments"): ACCOUNTS,  # 404 for all but the jury: see test_event_teacher.py
    ("DELETE", "/submissions/<id>/comments/<comment>"): ADMINS,
    ("GET", "/events/<slug>/invitations"): AUTHORS,
    ("GET", "/events/<slug>/invitations.csv"): AUTHORS,
    ("POST", "/events/<slug>/invitations"): AUTHORS,
    ("PATCH", "/events/<slug>/invitations/<id>"): AUTHORS,
    ("POST", "/events/<slug>/invitations/<id>/link"): AUTHORS,
    ("DELETE", "/events/<slug>/invitations/<id>"): AUTHORS,
    ("GET", "/events/<slug>/invitations/<id>/report"): AUTHORS,
    ("GET", "/events/<slug>/report"): ACCOUNTS,  # for invited persons only: see test_event_invitations.py
    ("POST", "/event-invitations"): EVERYBODY,  # needs the secret of a link
    ("POST", "/event-invitations/opening"): EVERYBODY,
    ("GET", "/events/<slug>/lti-links"): AUTHORS,
    ("POST", "/events/<slug>/lti-links"): AUTHORS,
    ("DELETE", "/events/<slug>/lti-links/<id>"): AUTHORS,
    ("POST", "/events/<slug>/lti-placements/<id>/members"): AUTHORS,
    ("GET", "/admin/lti/platforms"): ADMINS,
    ("POST", "/admin/lti/platforms"): ADMINS,
    ("DELETE", "/admin/lti/platforms/<id>"): ADMINS,
    ("GET", "/lti/keys"): EVERYBODY,
    ("GET", "/lti/login"): EVERYBODY,
    ("POST", "/lti/login"): EVERYBODY,
    ("POST", "/lti/launch"): EVERYBODY,  # needs a signed token: see test_lti.py
    ("GET", "/lti/continue"): EVERYBODY,
    ("GET", "/lti/choice"): EVERYBODY,
    ("POST", "/lti/choice"): EVERYBODY,
    ("POST", "/events/import"): AUTHORS,
    ("POST", "/events/<slug>/extension"): AUTHORS,
    ("PUT", "/events/<slug>/pause"): AUTHORS,
    ("PUT", "/events/<slug>/pauses"): AUTHORS,
    ("POST", "/events/<slug>/rejudgings"): AUTHORS,
    ("GET", "/events/<slug>/rejudgings"): AUTHORS,
    ("GET", "/events/<slug>/rejudgings/<id>"): AUTHORS,
    ("POST", "/events/<slug>/rejudgings/<id>/application"): AUTHORS,
    ("DELETE", "/events/<slug>/rejudgings/<id>"): AUTHORS,
    ("GET", "/events/<slug>/similarity"): AUTHORS,
    ("POST", "/events/<slug>/similarity"): AUTHORS,
    ("GET", "/events/<slug>/similarity/<id>"): AUTHORS,
    ("DELETE", "/events/<slug>/similarity/<id>"): AUTHORS,
    ("GET", "/events/<slug>/similarity/<id>/pairs/<int:number>"): AUTHORS,
    ("GET", "/events/<slug>/shadow"): AUTHORS,
    ("PUT", "/events/<slug>/shadow"): ADMINS,
    ("DELETE", "/events/<slug>/shadow"): ADMINS,
    ("PUT", "/events/<slug>/shadow/submissions/<id>/review"): AUTHORS,
    ("GET", "/events/<slug>/shadow.csv"): AUTHORS,
    ("GET", "/events/<slug>/balloons"): AUTHORS,
    ("PUT", "/events/<slug>/balloons/<id>/<label>"): AUTHORS,
    ("GET", "/events/<slug>/standings.csv"): AUTHORS,
    ("GET", "/me"): ACCOUNTS,
    ("GET", "/me/keys"): ACCOUNTS,
    ("POST", "/me/keys"): ACCOUNTS,
    ("DELETE", "/me/keys/<id>"): ACCOUNTS,
    ("DELETE", "/me/keys"): ACCOUNTS,
    ("GET", "/me/drafts/<slug>"): ACCOUNTS,
    ("PUT", "/me/drafts/<slug>/<language>"): ACCOUNTS,
    ("DELETE", "/me/drafts/<slug>/<language>"): ACCOUNTS,
    ("PUT", "/me/password"): ACCOUNTS,
    ("GET", "/me/second-factor"): ACCOUNTS,
    ("POST", "/me/second-factor"): ACCOUNTS,
    ("POST", "/me/second-factor/confirmation"): ACCOUNTS,
    ("POST", "/me/second-factor/recovery-codes"): ACCOUNTS,
    ("POST", "/me/second-factor/removal"): ACCOUNTS,
    ("DELETE", "/admin/accounts/<id>/second-factor"): ADMINS,
    ("PUT", "/me/email"): ACCOUNTS,
    ("PUT", "/me/locale"): ACCOUNTS,
    ("PUT", "/me/notice-mails"): ACCOUNTS,
    ("POST", "/me/email/verification"): ACCOUNTS,
    ("POST", "/email-verifications"): EVERYBODY,
    ("POST", "/password-resets/mail"): EVERYBODY,
    ("GET", "/me/export"): ACCOUNTS,
    ("POST", "/me/deletion"): ACCOUNTS,
    ("DELETE", "/me/deletion"): ACCOUNTS,
    ("POST", "/links"): EVERYBODY,
    ("POST", "/password-resets"): EVERYBODY,
    ("GET", "/me/sessions"): ACCOUNTS,
    ("DELETE", "/me/sessions"): ACCOUNTS,
    ("DELETE", "/me/sessions/<id>"): ACCOUNTS,
    ("GET", "/sso"): EVERYBODY,
    ("GET", "/sso/<provider>/sign-in"): EVERYBODY,
    ("GET", "/sso/<provider>/callback"): EVERYBODY,
    (
        "POST",
        "/sso/<provider>/backchannel-logout",
    ): EVERYBODY,  # needs a signed token: see test_single_sign_on.py
    ("GET", "/me/notices"): ACCOUNTS,
    ("POST", "/me/notices/read"): ACCOUNTS,
    ("GET", "/me/identities"): ACCOUNTS,
    ("POST", "/me/identities"): ACCOUNTS,  # needs the session of a browser: see test_single_sign_on.py
    ("DELETE", "/me/identities/<id>"): ACCOUNTS,
    ("GET", "/me/webhooks"): ACCOUNTS,
    ("POST", "/me/webhooks"): ACCOUNTS,
    ("DELETE", "/me/webhooks/<id>"): ACCOUNTS,  # 404 for the webhooks of others: see test_webhooks.py
    ("GET", "/me/webhooks/<id>/deliveries"): ACCOUNTS,
    ("POST", "/me/webhooks/<id>/deliveries/<delivery>/resend"): ACCOUNTS,
    ("GET", "/admin/webhooks"): ADMINS,
    ("POST", "/admin/webhooks"): ADMINS,
    ("DELETE", "/admin/webhooks/<id>"): ADMINS,
    ("POST", "/admin/webhooks/<id>/test"): ADMINS,
    ("GET", "/admin/webhooks/<id>/deliveries"): ADMINS,
    ("POST", "/admin/webhooks/<id>/deliveries/<delivery>/resend"): ADMINS,
    ("GET", "/session"): ACCOUNTS,
    ("DELETE", "/session"): ACCOUNTS,
    ("POST", "/session"): EVERYBODY,
    ("POST", "/accounts"): EVERYBODY,
    ("GET", "/internal/hello"): {"worker"},
    ("GET", "/internal/packages/<hash>"): {"worker"},
    ("GET", "/internal/packages/<hash>/time-limit"): {"worker"},
    ("PUT", "/internal/packages/<hash>/time-limit"): {"worker"},
    ("GET", "/admin/problems"): AUTHORS,
    ("POST", "/admin/problems"): AUTHORS,
    ("POST", "/admin/problems/<slug>/verify"): AUTHORS,
    (
        "GET",
        "/admin/problems/<slug>/faults",
    ): AUTHORS,  # test_problem_owners.py tests these routes for problems of others
    ("PUT", "/admin/problems/<slug>/suspension"): AUTHORS,
    ("GET", "/admin/problems/<slug>/submissions.zip"): ADMINS,
    ("PATCH", "/admin/problems/<slug>"): ADMINS,
    ("GET", "/admin/problems/<slug>"): AUTHORS,
    ("DELETE", "/admin/problems/<slug>"): AUTHORS,
    ("PUT", "/admin/problems/<slug>/state"): AUTHORS,
    ("PUT", "/admin/problems/<slug>/co-authors/<name>"): AUTHORS,
    ("DELETE", "/admin/problems/<slug>/co-authors/<name>"): AUTHORS,
    ("GET", "/admin/problems/<slug>/rejudge"): AUTHORS,
    ("GET", "/admin/problems/<slug>/verdicts"): AUTHORS,
    ("GET", "/admin/problems/<slug>/verification"): AUTHORS,
    ("GET", "/admin/problems/<slug>/versions/<version>"): AUTHORS,
    ("GET", "/admin/problems/<slug>/versions/<version>/package"): AUTHORS,
    ("POST", "/admin/problems/<slug>/versions/<version>/restore"): AUTHORS,
    ("GET", "/admin/problems/<slug>/versions/<version>/files"): AUTHORS,
    ("GET", "/admin/problems/<slug>/versions/<version>/files/<path:path>"): AUTHORS,
    ("POST", "/admin/problems/<slug>/versions/<version>/preview"): AUTHORS,
    ("POST", "/admin/problems/<slug>/versions/<version>/form"): AUTHORS,
    ("POST", "/admin/problems/<slug>/versions/<version>/pictures"): AUTHORS,
    ("POST", "/admin/problems/<slug>/versions/<version>/changes"): AUTHORS,
    ("GET", "/admin/queues"): ADMINS,
    ("PATCH", "/admin/queues/<tier>"): ADMINS,
    ("GET", "/admin/workers"): ADMINS,
    ("POST", "/admin/workers/<name>/drain"): ADMINS,
    ("GET", "/admin/submissions"): ADMINS,
    ("GET", "/admin/submissions/<id>/why"): ADMINS,
    ("GET", "/admin/worker-speeds"): ADMINS,
    ("GET", "/admin/logs"): ADMINS,
    ("POST", "/admin/submissions/<id>/rejudge"): ADMINS,
    ("PUT", "/admin/submissions/<id>/ignored"): ADMINS,
    ("POST", "/admin/submissions/<id>/requeue"): ADMINS,
    ("POST", "/admin/problems/<slug>/rejudge"): AUTHORS,
    ("GET", "/admin/accounts"): ADMINS,
    ("POST", "/admin/accounts"): ADMINS,
    ("PATCH", "/admin/accounts/<id>"): ADMINS,
    ("POST", "/admin/accounts/<id>/links"): ADMINS,
    ("POST", "/admin/accounts/import"): ADMINS,
    ("POST", "/admin/accounts/bulk"): ADMINS,
    ("DELETE", "/admin/accounts/<id>"): ADMINS,
    ("DELETE", "/admin/accounts/<id>/identities/<identity>"): ADMINS,
    ("GET", "/admin/groups"): ADMINS,
    ("DELETE", "/admin/groups/<name>"): ADMINS,
    ("POST", "/admin/invitations"): ADMINS,
    ("GET", "/admin/audit"): ADMINS,
}
JUDGE0 = {
    ("POST", "/submissions"): ACCOUNTS,
    ("POST", "/submissions/batch"): ACCOUNTS,
    ("GET", "/submissions/batch"): ACCOUNTS,
    ("GET", "/submissions/<token>"): OWNER,
    ("POST", "/authenticate"): ACCOUNTS,
    # These routes need Judge0's second token: see test_judge0_administration.py
    ("DELETE", "/submissions/<token>"): set(),
    ("GET", "/submissions"): set(),
    ("POST", "/authorize"): set(),
    **{
        ("GET", f"/{name}"): EVERYBODY - {"worker"}
        for name in (
            *("about", "config_info", "isolate", "languages", "languages/<int:id>", "languages/all"),
            *("license", "statistics", "statuses", "system_info", "version", "workers"),
        )
    },
}
LEETCODE = {
    ("POST", "/problems/<slug>/submit/"): ACCOUNTS,
    ("POST", "/problems/<slug>/interpret_solution/"): ACCOUNTS,
    ("GET", "/submissions/detail/<id>/check/"): OWNER,
    ("GET", "/submissions/detail/<id>/v2/check/"): OWNER,
    ("GET", "/api/submissions/"): ACCOUNTS,
    ("GET", "/api/submissions/<slug>"): ACCOUNTS,
    ("GET", "/api/problems/<category>/"): ACCOUNTS,
    ("POST", "/graphql"): ACCOUNTS,
    ("GET", "/problems/<slug>/description/"): ACCOUNTS,
    ("GET", "/submissions/detail/<id>/"): OWNER,
    ("GET", "/list/api/questions"): ACCOUNTS,
    ("POST", "/list/api/questions"): ACCOUNTS,
    ("DELETE", "/list/api/questions/<id_hash>/<number>"): ACCOUNTS,
    ("GET", "/accounts/login/"): EVERYBODY,
    ("POST", "/accounts/login/"): EVERYBODY,
}
MATRIX |= {(method, f"/judge0{path}"): who for (method, path), who in JUDGE0.items()}
MATRIX |= {(method, f"/judge0/extra{path}"): who for (method, path), who in JUDGE0.items()}
MATRIX |= LEETCODE
PISTON = {
    ("GET", "/runtimes"): EVERYBODY,
    ("GET", "/packages"): EVERYBODY,
    ("POST", "/execute"): ACCOUNTS,
}
MATRIX |= {
    ("POST", "/kattis/login"): set(),  # the request has no name and token: see test_kattis_api.py
    ("GET", "/kattis/kattisrc"): ACCOUNTS,
    ("POST", "/kattis/submit"): ACCOUNTS,
    ("GET", "/kattis/submissions/<id>"): OWNER,
}
CLICS = {  # the event of these requests does not exist: see test_clics_api.py
    ("GET", f"{prefix}/contests{path}"): EVERYBODY - {"worker"}
    for prefix in ("/api", "/api/v4")
    for path in (
        *("", "/<slug>", "/<slug>/state", "/<slug>/access", "/<slug>/scoreboard", "/<slug>/event-feed"),
        *("/<slug>/<kind>", "/<slug>/<kind>/<id>"),
        *("/<slug>/submissions/<id>/source-code", "/<slug>/submissions/<id>/files"),
        *("/<slug>/samples.zip", "/<slug>/problems/<id>/statement"),  # these are routes of DOMjudge
    )
}
MATRIX |= CLICS
for prefix in ("/api", "/api/v4"):
    MATRIX |= {("GET", f"{prefix}{path}"): EVERYBODY for path in ("", "/info", "/version", "/languages")}
    MATRIX |= {
        ("GET", f"{prefix}/config"): EVERYBODY,
        ("GET", f"{prefix}/status"): AUTHORS,
        ("GET", f"{prefix}/users"): ADMINS,
        ("GET", f"{prefix}/users/<id>"): ADMINS,
        # The event of these requests does not exist: see test_domjudge_api.py
        ("GET", f"{prefix}/contests/<slug>/status"): ACCOUNTS,
        ("GET", f"{prefix}/contests/<slug>/balloons"): ACCOUNTS,
        ("GET", f"{prefix}/contests/<slug>/contest-yaml"): ACCOUNTS,
        ("POST", f"{prefix}/contests/<slug>/balloons/<int:number>/done"): ACCOUNTS,
        ("GET", f"{prefix}/user"): ACCOUNTS,
        ("POST", f"{prefix}/contests/<slug>/submissions"): ACCOUNTS,
    }
MATRIX[("GET", "/team/submission/<uuid:id>")] = EVERYBODY
JOBE = {
    ("GET", "/languages"): EVERYBODY,
    ("POST", "/runs"): ACCOUNTS,
    ("PUT", "/files/<id>"): ACCOUNTS,
}
for prefix in ("/jobe/index.php/restapi", "/jobe/restapi"):
    MATRIX |= {(method, f"{prefix}{path}"): who for (method, path), who in JOBE.items()}
for prefix in ("/api/v2", "/api/v2/piston"):
    MATRIX |= {(method, f"{prefix}{path}"): who for (method, path), who in PISTON.items()}
STREAMS = {("GET", "/events/<id>"), ("GET", "/admin/stream"), ("GET", "/ws")}
STREAMS |= {("GET", f"/api/v2{path}/connect") for path in ("", "/piston")}
NOT_ALLOWED = (401, 403)


def _headers(app: AppFixture, who: str) -> dict[str, str]:
    if who == "anonymous":
        return {}
    return {"Authorization": f"Bearer {WORKER_TOKEN}"} if who == "worker" else app.headers(who)


@pytest.fixture(scope="module")
def path_of(app: AppFixture) -> dict[str, str]:
    version = app.services.problems.list()[0].version
    id = app.submit("ada").get_json()["id"]
    serial = app.client.get(f"/status/{id}", headers=app.headers()).get_json()["serial"]
    run = {"source_code": "print(1)", "language_id": 71}
    posted = app.client.post("/judge0/submissions", json=run, headers=app.headers())
    return {
        "detail/<id>": f"detail/{serial}",
        "kattis/submissions/<id>": f"kattis/submissions/{serial}",
        "<id>": id,
        "<token>": posted.get_json()["token"],
        "<int:id>": "71",
        "<int:number>": "1",
        "<uuid:id>": id,
        "<category>": "algorithms",
        "<slug>": "aplusb",
        "<hash>": version,
        "<version>": version,
        "<tier>": "normal",
        "<name>": "nobody",
    }


@pytest.mark.parametrize("who", ASKERS)
@pytest.mark.parametrize(("method", "rule"), MATRIX)
def test_only_the_listed_roles_may_use_each_route(
    app: AppFixture, path_of: dict[str, str], method: str, rule: str, who: str
) -> None:
    path = rule
    for name, value in path_of.items():
        path = path.replace(name, value)
    answer = app.client.open(path, method=method, headers=_headers(app, who))
    refused = answer.status_code in NOT_ALLOWED
    of_somebody = (
        "<id>" in rule and rule.startswith(("/submissions", "/status", "/kattis/submissions"))
    ) or (method == "GET" and "<token>" in rule)
    if of_somebody and who in ACCOUNTS - MATRIX[method, rule]:
        assert answer.status_code == 404
    elif (method, rule) == ("DELETE", "/session") and who == "anonymous":
        assert answer.status_code == 204
    else:
        assert refused is (who not in MATRIX[method, rule]), answer.get_json(silent=True)
    assert answer.status_code < 500 or rule == "/readyz"


def test_each_route_is_listed_here(app: AppFixture) -> None:
    found = {
        (method, rule.rule)
        for rule in app.flask.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert found - STREAMS - set(MATRIX) == set()


def test_a_stream_is_refused_to_clients_without_access(app: AppFixture) -> None:
    id = app.submit("ada").get_json()["id"]
    assert app.client.get(f"/events/{id}").status_code == 401
    assert app.client.get(f"/events/{id}", headers=app.headers("bob")).status_code == 404
    assert app.client.get("/admin/stream", headers=app.headers("author")).status_code == 403
