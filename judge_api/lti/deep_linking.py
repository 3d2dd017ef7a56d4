"""Answers a platform that asks for content to link to (Deep Linking 2.0)."""

from __future__ import annotations

import re
import secrets
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from joserfc import jwt

from judge_api.lti.courses import LINK_PARAMETER
from judge_api.lti.grades import MAXIMUM
from judge_api.lti.launches import CLAIM, Launch
from judge_api.lti.platform_client import PlatformClient
from judge_api.services.oidc_client import SsoFault, SsoRefused
from judge_api.store.lti import LtiPlatform
from judge_core.model.identity_provider import is_safe_url

_SETTINGS = "https://purl.imsglobal.org/spec/lti-dl/claim/deep_linking_settings"
_DL = "https://purl.imsglobal.org/spec/lti-dl/claim/"
_LASTS = 300
_HOST = re.compile(r"[A-Za-z0-9.\-]+(:[0-9]+)?|\[[0-9A-Fa-f:.]+\](:[0-9]+)?")
_LONGEST_URL, _LONGEST_DATA = 2048, 4096
"""Both are put, signed, into a URL of this server, which accepts at most 8190 bytes of a request's first
line."""


@dataclass(frozen=True, slots=True)
class ChoiceRequest:
    """A platform's request to choose a link: the address for the answer, and the data that the answer must
    repeat."""

    return_url: str
    data: str | None
    deployment: str


@dataclass(frozen=True, slots=True)
class ChosenLink:
    """A link that a person has chosen, with its title."""

    id: str
    title: str


def choice_request(launch: Launch) -> ChoiceRequest:
    """The request of a deep linking launch. Raises ``SsoRefused``."""
    settings = launch.part(_SETTINGS)
    url, data, kinds = (settings.get(name) for name in ("deep_link_return_url", "data", "accept_types"))
    if not isinstance(url, str) or len(url) > _LONGEST_URL or not _is_receiver(url):
        raise SsoRefused(SsoFault.BAD_ANSWER, "the address for the answer is missing or not encrypted")
    if not isinstance(kinds, list) or "ltiResourceLink" not in kinds:
        raise SsoRefused(SsoFault.BAD_ANSWER, "the platform takes no resource links")
    if data is not None and (not isinstance(data, str) or len(data) > _LONGEST_DATA or _is_broken(data)):
        raise SsoRefused(SsoFault.BAD_ANSWER, f"data is not a text of at most {_LONGEST_DATA} characters")
    return ChoiceRequest(url, data, launch.deployment)


def _is_receiver(url: str) -> bool:
    """Whether a form may be sent to this address. The page's content security policy contains its host, and
    there ``;`` ends a rule."""
    return is_safe_url(url) and url.isprintable() and _HOST.fullmatch(urlsplit(url).netloc) is not None


def _is_broken(text: str) -> bool:
    """Whether a text has half of a surrogate pair, which no page can repeat."""
    return any("\ud800" <= letter <= "\udfff" for letter in text)


def signed_choice(
    client: PlatformClient, platform: LtiPlatform, asked: ChoiceRequest, chosen: ChosenLink, launch_url: str
) -> str:
    """The signed answer to the platform, which contains the chosen link."""
    key, now = client.own_key(), int(time.time())
    item = {
        "type": "ltiResourceLink",
        "title": chosen.title,
        "url": launch_url,
        "custom": {LINK_PARAMETER: chosen.id},
        "lineItem": {"scoreMaximum": MAXIMUM, "label": chosen.title, "resourceId": chosen.id},
    }
    claims: dict[str, Any] = {
        "iss": platform.client_id,
        "aud": [platform.issuer],
        "iat": now,
        "exp": now + _LASTS,
        "nonce": secrets.token_urlsafe(16),
        f"{CLAIM}deployment_id": asked.deployment,
        f"{CLAIM}message_type": "LtiDeepLinkingResponse",
        f"{CLAIM}version": "1.3.0",
        f"{_DL}content_items": [item],
    }
    if asked.data is not None:
        claims[f"{_DL}data"] = asked.data
    return jwt.encode({"alg": "RS256", "kid": key.kid}, claims, key)
