"""Adds the persons of a learning platform to events: at a launch, and from the list of a course's members."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from judge_api.events.rules import Category
from judge_api.lti.launches import Launch, has_role, is_test_user
from judge_api.lti.platform_client import PlatformClient, PlatformFault, ServiceCall
from judge_api.services.oidc_client import SsoFault, SsoRefused, is_provider_id
from judge_api.services.single_sign_on import SingleSignOn
from judge_api.store.events import EventStore
from judge_api.store.lti import LtiLink, LtiPlatform, LtiStore, NewPlacement, Placement
from judge_core.model.account import Account
from judge_core.model.errors import Conflict, NotFound
from judge_core.model.identity_provider import IdentityProvider

PROVIDER = "lti"
"""The provider's name in the identities and sessions of persons from learning platforms."""
LINK_PARAMETER = "gavel_link"
"""The custom parameter of a resource link that has the id of the stored link."""
_AGS = "https://purl.imsglobal.org/spec/lti-ags/claim/endpoint"
_NRPS = "https://purl.imsglobal.org/spec/lti-nrps/claim/namesroleservice"
SCORE_SCOPE = "https://purl.imsglobal.org/spec/lti-ags/scope/score"
MEMBERS_SCOPE = "https://purl.imsglobal.org/spec/lti-nrps/scope/contextmembership.readonly"
_MEMBERS_KIND = "application/vnd.ims.lti-nrps.v2.membershipcontainer+json"
_MOST_PAGES = 100
MEMBERS_SECONDS = 20.0
"""The longest time for reading the list of a course's members. A person waits for the result."""
_LONGEST_URL, _LONGEST_ID = 2048, 255


@dataclass(frozen=True, slots=True)
class ImportedCourse:
    """How many learners a course has, how many of them became members now, and the names of those who could
    not, with reasons."""

    learners: int
    added: int
    left_out: tuple[tuple[str, str], ...]


class Courses:
    """Finds the accounts of learners and adds them to events. Methods raise ``SsoRefused``. Methods that call
    a platform also raise ``PlatformFault``."""

    def __init__(
        self, store: LtiStore, events: EventStore, sign_on: SingleSignOn, client: PlatformClient
    ) -> None:
        self._store = store
        self._events = events
        self._sign_on = sign_on
        self._client = client

    def account_of(self, launch: Launch) -> Account:
        """The account of the person with this issuer and subject. The first launch makes the account."""
        return self._sign_on.sign_in(provider_of(launch.platform), launch.claims)

    def enter(self, launch: Launch, account: Account) -> LtiLink | None:
        """Add a learner to the event of the launched link. Returns the link, or ``None`` if the launch names
        no link.

        A platform's test user becomes a hidden member: it may try the event, and only the jury sees it.
        """
        id = launch.part("custom").get(LINK_PARAMETER)
        if not isinstance(id, str) or not is_provider_id(id):
            return None
        link = self._store.link(id)
        if link is None or link.platform_id != launch.platform.id:
            raise SsoRefused(SsoFault.BAD_ANSWER, f"there is no link {id[:64]!r} of this platform")
        category = Category.HIDDEN if launch.is_test_user else Category.OFFICIAL
        try:
            placement = self._store.place(link, self._new_placement(launch))
            if launch.is_learner:
                self._add_member(link, account, category)
                self._store.add_learner(placement, account.id, launch.subject)
        except (NotFound, Conflict) as error:
            raise SsoRefused(SsoFault.BAD_ANSWER, str(error)) from error
        return link

    def import_members(self, platform: LtiPlatform, placement: Placement) -> ImportedCourse:
        """Make every active learner of the course a member of the event."""
        if placement.memberships_url is None:
            raise PlatformFault("it has not offered the names and roles of this course")
        learners, added = 0, 0
        left_out: list[tuple[str, str]] = []
        for person in self._members(platform, placement.memberships_url):
            learners += 1
            claims = {**person, "sub": person["user_id"]}
            try:
                account = self._sign_on.account_for(provider_of(platform), claims)
            except SsoRefused as refused:
                left_out.append((str(person.get("name") or person["user_id"])[:128], refused.fault.value))
                continue
            added += self._add_member(placement.link, account)
            self._store.add_learner(placement.id, account.id, person["user_id"])
        return ImportedCourse(learners, added, tuple(left_out))

    def _members(self, platform: LtiPlatform, url: str) -> Iterator[Mapping[str, Any]]:
        call = ServiceCall("GET", url, MEMBERS_SCOPE, _MEMBERS_KIND)
        for page in self._client.pages(platform, call, _MOST_PAGES, MEMBERS_SECONDS):
            found = page.get("members")
            for person in found if isinstance(found, list) else ():
                is_person = isinstance(person, Mapping) and is_provider_id(person.get("user_id"))
                is_active = is_person and person.get("status", "Active") == "Active"
                roles = person.get("roles") if is_active else None
                if has_role(roles, "Learner") and not is_test_user(roles):
                    yield person

    def _add_member(self, link: LtiLink, account: Account, category: Category = Category.OFFICIAL) -> int:
        """Add a member unless the account is one. Returns how many were added."""
        if self._events.member_of(link.event_id, account.id) is not None:
            return 0
        return self._events.add_account(link.event_id, account, category)

    def _new_placement(self, launch: Launch) -> NewPlacement:
        resource, scopes = launch.part("resource_link"), launch.part(_AGS).get("scope")
        may_score = isinstance(scopes, list) and SCORE_SCOPE in scopes
        id = resource.get("id")
        if not is_provider_id(id):
            raise SsoRefused(SsoFault.BAD_ANSWER, "the resource link has no id")
        context = launch.part("context").get("title") or resource.get("title")
        return NewPlacement(
            deployment=launch.deployment,
            resource_link=id,
            title=context[:_LONGEST_ID] if isinstance(context, str) and context.isprintable() else None,
            lineitem_url=self._url(launch.part(_AGS).get("lineitem")) if may_score else None,
            memberships_url=self._url(launch.part(_NRPS).get("context_memberships_url")),
        )

    def _url(self, value: Any) -> str | None:
        """The address of a service, if it may be called."""
        is_text = isinstance(value, str) and len(value) <= _LONGEST_URL
        return value if is_text and self._client.fault_of(value) is None else None


def provider_of(platform: LtiPlatform) -> IdentityProvider:
    """The platform as a provider of single sign-on. It gives names, but no roles of accounts."""
    return IdentityProvider(PROVIDER, platform.title, platform.issuer, platform.client_id)
