"""Routes for learning platforms (LTI 1.3): sign-in, launch, keys; and for the browsers that platforms send
here.

A platform's form comes from another site, so a browser sends no cookie with it. The launch therefore goes on
by a redirect to ``/lti/continue``. The address contains the hash of a secret. Only the cookie of the browser
that began the launch has the secret itself.
"""

from __future__ import annotations

import hmac
from dataclasses import asdict
from typing import Any

from apiflask import APIBlueprint
from flask import Response, request
from itsdangerous import BadSignature, URLSafeTimedSerializer

from judge_api.container import services
from judge_api.http.auth import browser_account, sign_in_client
from judge_api.http.json import json_response
from judge_api.http.openapi import public
from judge_api.lti.courses import PROVIDER
from judge_api.lti.deep_linking import ChoiceRequest, ChosenLink, choice_request, signed_choice
from judge_api.lti.launches import STATE_SECONDS, Launch, LoginRequest, MessageType
from judge_api.lti.platform_client import PlatformFault, public_keys
from judge_api.schemas.lti import ChoiceIn, LaunchIn, LtiKeysOut
from judge_api.services.event_access import EventView
from judge_api.services.oidc_client import SsoFault, SsoRefused
from judge_api.store.lti import LtiLink
from judge_api.store.one_time_links import ProviderSession
from judge_api.store.secret_tokens import hash_secret
from judge_api.views.event_member import changed
from judge_api.views.lti_pages import answer_page, choice_page
from judge_api.views.sessions import set_cookie
from judge_api.views.single_sign_on import redirect, refused, signed_in
from judge_core.model.account import Account

blueprint = APIBlueprint("lti", __name__, url_prefix="/lti", tag="Learning platforms")
COOKIE = "gavel_lti"
_COOKIE_PATH = "/lti"
_CONTINUING, _CHOOSING = "an LTI launch that goes on", "a choice for an LTI platform"
_CONTINUE_SECONDS = 120
_CHOICE_SECONDS = 3600
_REDIRECTED: dict[int | str, Any] = {303: {"description": "Where the browser goes on"}}
_PAGE: dict[int | str, Any] = {
    200: {"description": "A page", "content": {"text/html": {"schema": {"type": "string"}}}},
    **_REDIRECTED,
}


@blueprint.after_request
def _forbid_caching(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.get("/keys")
@blueprint.output(LtiKeysOut)
@public(blueprint)
def show_lti_keys() -> Response:
    """The public keys with which platforms check signatures of this tool."""
    return json_response(public_keys([services().lti_client.own_key()]))


@blueprint.get("/login")
@public(blueprint, 429, responses=_REDIRECTED)
def begin_lti_login() -> Response:
    """Begin a sign-in for a platform, and send the browser on to the platform."""
    return _begin(request.args)


@blueprint.post("/login")
@public(blueprint, 413, 429, responses=_REDIRECTED)
def begin_lti_login_by_form() -> Response:
    """Begin a sign-in as ``GET`` does, with the parameters in a form."""
    return _begin(request.form)


def _begin(given: Any) -> Response:
    services().sign_in_guard.count_sign_in(sign_in_client())
    asked = LoginRequest(
        given.get("iss", ""),
        given.get("login_hint", ""),
        given.get("client_id"),
        given.get("lti_message_hint"),
    )
    try:
        begun = services().lti_launches.begin(asked)
    except SsoRefused as fault:
        return refused(PROVIDER, fault)
    response = redirect(begun.url)
    set_cookie(response, COOKIE, begun.browser, STATE_SECONDS, _COOKIE_PATH)
    return response


@blueprint.post("/launch")
@blueprint.input(LaunchIn, location="form")
@public(blueprint, 413, 422, 429, responses=_REDIRECTED)
def launch_by_lti(form_data: LaunchIn) -> Response:
    """Accept a platform's signed launch, and send the browser on to ``/lti/continue``."""
    services().sign_in_guard.count_sign_in(sign_in_client())
    try:
        if form_data.error or not form_data.id_token:
            raise SsoRefused(SsoFault.PROVIDER_REFUSED, form_data.error[:200] or "no id_token")
        launch = services().lti_launches.finish(form_data.state, form_data.id_token)
        going_on = _accepted(launch)
    except SsoRefused as fault:
        return refused(PROVIDER, fault)
    sealed = _sealer(_CONTINUING).dumps({**going_on, "browser": launch.browser})
    return redirect(f"/lti/continue?launch={sealed}")


@blueprint.get("/continue")
@public(blueprint, 429, responses=_REDIRECTED)
def continue_lti_launch() -> Response:
    """Sign in the browser that began the launch. A browser without the launch's cookie is refused."""
    services().sign_in_guard.count_sign_in(sign_in_client())
    try:
        going_on = _unsealed(_CONTINUING, request.args.get("launch", ""), _CONTINUE_SECONDS)
        if not hmac.compare_digest(hash_secret(request.cookies.get(COOKIE, "")), going_on["browser"]):
            raise SsoRefused(SsoFault.OUTDATED, "the browser has no cookie of this launch")
        account = services().accounts.get(going_on["account"])
        if account is None or account.disabled:
            raise SsoRefused(SsoFault.DISABLED)
    except SsoRefused as fault:
        return refused(PROVIDER, fault)
    next = going_on["next"]
    if going_on.get("choice"):
        kept = {name: going_on[name] for name in ("account", "platform", "choice")}
        next = f"/lti/choice?launch={_sealer(_CHOOSING).dumps(kept)}"
    response = signed_in(account, ProviderSession(PROVIDER), next)
    set_cookie(response, COOKIE, "", 0, _COOKIE_PATH)
    return response


@blueprint.get("/choice")
@public(blueprint, responses=_PAGE)
def show_lti_choice() -> Response:
    """A page with the events of which the account is the jury, to link one of them or one of its problems."""
    try:
        _, account, _ = _choosing(request.args.get("launch", ""))
    except SsoRefused as fault:
        return refused(PROVIDER, fault)
    return choice_page(request.args["launch"], _own_events(account))


@blueprint.post("/choice")
@blueprint.input(ChoiceIn, location="form")
@public(blueprint, 403, 404, 413, 422, responses=_PAGE)
def choose_for_lti(form_data: ChoiceIn) -> Response:
    """Make a link to an event or to one of its problems. The browser takes the link to the platform."""
    try:
        platform_id, account, asked = _choosing(form_data.launch)
        platform = services().lti.platform(platform_id)
        if platform is None:
            raise SsoRefused(SsoFault.UNKNOWN_PROVIDER, "the platform was removed")
        view = services().event_access.for_jury(account, form_data.event)
        label = form_data.problem or None
        title = title_of(view, label)
    except SsoRefused as fault:
        return refused(PROVIDER, fault)
    id = services().lti.add_link(platform.id, view.event.id, label, account.id)
    services().audit.record(account.name, "lti.link", form_data.event, platform=platform.title, link=id)
    launch_url = services().lti_launches.launch_url
    token = signed_choice(services().lti_client, platform, asked, ChosenLink(id, title), launch_url)
    return answer_page(asked.return_url, token)


def title_of(view: EventView, label: str | None) -> str:
    """The title of a link. Raises ``SsoRefused`` if the event does not have the problem."""
    if label is None:
        return view.event.title
    found = next((each for each in view.problems if each.label == label), None)
    if found is None:
        raise SsoRefused(SsoFault.BAD_ANSWER, f"the event has no problem {label[:16]!r}")
    return f"{view.event.title}: {found.label} {found.slug}"


def _accepted(launch: Launch) -> dict[str, Any]:
    """The account of a launch, and the address at which its browser goes on."""
    choice = choice_request(launch) if launch.kind is MessageType.DEEP_LINKING else None
    try:
        account = services().lti_courses.account_of(launch)
        link = services().lti_courses.enter(launch, account) if choice is None else None
    except PlatformFault as fault:
        raise SsoRefused(SsoFault.PROVIDER_AWAY, str(fault)) from fault
    services().auth_cache.clear()
    changed()
    return {
        "account": account.id,
        "platform": launch.platform.id,
        "next": _page_of(link),
        "choice": asdict(choice) if choice else None,
    }


def _page_of(link: LtiLink | None) -> str:
    if link is None:
        return "/events"
    return f"/events/{link.event}" + (f"/problems/{link.problem}" if link.problem else "")


def _choosing(sealed: str) -> tuple[str, Account, ChoiceRequest]:
    """The platform, account and request of a choice of content (deep linking). The account must be signed in
    at Gavel."""
    found = _unsealed(_CHOOSING, sealed, _CHOICE_SECONDS)
    account = browser_account()
    if account is None or account.id != found.get("account") or not found.get("choice"):
        raise SsoRefused(SsoFault.OUTDATED, "the account that began this choice is not signed in")
    return str(found["platform"]), account, ChoiceRequest(**found["choice"])


def _own_events(account: Account) -> list[EventView]:
    views = [view for view in services().event_access.visible(account) if view.is_jury]
    return [services().event_access.for_jury(account, view.event.slug) for view in views[:100]]


def _sealer(purpose: str) -> URLSafeTimedSerializer:
    """Signs data for one purpose. Data that was signed for another purpose is refused as unknown."""
    return URLSafeTimedSerializer(services().settings.secret_key, salt=purpose)


def _unsealed(purpose: str, sealed: str, seconds: int) -> dict[str, Any]:
    try:
        found: dict[str, Any] = _sealer(purpose).loads(sealed, max_age=seconds)
    except BadSignature as error:
        raise SsoRefused(SsoFault.OUTDATED, "the launch is unknown or too old") from error
    return found
