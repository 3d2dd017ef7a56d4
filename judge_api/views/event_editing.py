"""Makes and changes events for their jury.

The faults of the slug, the times, the problems, the password and the rules are reported together. A wrong
network, language or tier is reported by itself.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import fields, replace
from datetime import UTC, timedelta
from ipaddress import ip_network
from math import ceil
from typing import Any

from judge_api.container import services
from judge_api.events.rules import (
    OF_ANY_OTHER,
    EventRules,
    EventService,
    GradeStep,
    IcpcRules,
    IoiRules,
    Joining,
    LateStep,
    Scoring,
    Ties,
    Visibility,
    rule_faults,
)
from judge_api.events.windows import (
    EventTimes,
    Pause,
    closes_at,
    fault_of_pauses,
    freeze_at,
    window_of,
)
from judge_api.schemas.event_requests import EventChange, EventIn, EventRulesIn, PauseIn, ProblemInEventIn
from judge_api.services.event_access import EventView
from judge_api.services.password_hashing import hash_password
from judge_api.store.events import ChangedProblems, ProblemInEvent, StoredEvent
from judge_api.store.tables import new_id
from judge_core.languages import find_language
from judge_core.model.account import Account
from judge_core.model.errors import Conflict, FieldFault, Forbidden, Invalid

LONGEST = timedelta(days=10 * 366)
NONE = timedelta(0)
_UUID_LENGTH = 36


def create_event(account: Account, body: EventIn) -> StoredEvent:
    """A new event with its problems."""
    times = EventTimes(body.starts_at.astimezone(UTC), body.ends_at.astimezone(UTC))
    event = StoredEvent(
        id=new_id(),
        slug=body.slug,
        title=body.title,
        description=body.description,
        times=times,
        rules=_rules(body.rules),
        visibility=body.visibility,
        joining=body.joining,
        password_hash=None,
        created_by=account.id,
        service=_service(account, body, OF_ANY_OTHER),
    )
    problems, faults = _problems(account, body.problems)
    _check(event, body.password, faults)
    services().events.add(replace(event, password_hash=_hashed(body.password)), problems)
    return event


def change_event(account: Account, view: EventView, body: EventChange) -> StoredEvent:
    """Change an event. Fields that are left out stay as they are.

    Raises ``Conflict`` if another request has just changed the same event. All functions below that change an
    event raise it too.
    """
    before = view.event
    times = replace(
        before.times,
        starts_at=body.starts_at.astimezone(UTC) if body.starts_at else before.times.starts_at,
        ends_at=body.ends_at.astimezone(UTC) if body.ends_at else before.times.ends_at,
    )
    event = replace(
        before,
        title=body.title or before.title,
        description=before.description if body.description is None else body.description,
        times=times,
        rules=_rules(body.rules) if body.rules else _with_freeze_kept(view, times),
        visibility=body.visibility or before.visibility,
        joining=body.joining or before.joining,
        service=_service(account, body, before.service),
    )
    problems, faults = _problems(account, body.problems, {each.slug for each in view.problems})
    has_password = body.password or before.password_hash
    _check(event, has_password, faults)
    event = replace(event, password_hash=_hashed(body.password) or before.password_hash)
    changed = None if body.problems is None else ChangedProblems(view.problems, problems)
    services().events.change(before, event, changed)
    if view.now >= before.times.starts_at:
        _notify_members(view, event)
    return event


def extend_event(view: EventView, more: timedelta) -> None:
    """Let an event end later. Members with their own time get more only if the earlier end cut it short."""
    times = view.event.times.longer(more)
    event = replace(view.event, times=times, rules=_with_freeze_kept(view, times))
    if times.ends_at - times.starts_at > LONGEST:
        raise Invalid(FieldFault("minutes", "the event must end within ten years of its start"))
    services().events.change(view.event, event)
    _notify_members(view, event)


def _notify_members(view: EventView, after: StoredEvent) -> None:
    """Notify the accounts of members that have more time after the change of the event."""
    before = view.event
    if before.rules.length is None and after.rules.length is None:
        notify_of_time(view, after.times.ends_at - before.times.ends_at)
        return
    for row in services().events.members(before.id):
        had, has = (window_of(each.rules, each.times, row.member.times) for each in (before, after))
        if had is not None and has is not None:
            notify_of_time(view, has.end - had.end, row.member.id)


def notify_of_time(view: EventView, more: timedelta, member_id: str | None = None) -> None:
    """Notify the accounts of a member, or of all members, that they have more time."""
    minutes = more // timedelta(minutes=1)
    if minutes > 0:
        accounts = services().events.account_ids(view.event.id, member_id)
        services().notices.add_extension(accounts, view.event.slug, view.event.title, minutes)


def _with_freeze_kept(view: EventView, times: EventTimes) -> EventRules:
    """Keep the start of a freeze that has begun when the event gets a later end.

    Otherwise results that were held back would be shown.
    """
    rules, begun = view.event.rules, view.freeze_at
    later = freeze_at(rules, times)
    if begun is None or later is None or not view.is_frozen or later <= begun:
        return rules
    counted = times.length - times.counted(begun)
    return replace(rules, freeze_minutes=ceil(counted / timedelta(minutes=1)))


def pause_event(view: EventView) -> None:
    """Stop the clock of a running event. Raises ``Conflict`` if the event is paused already or is not
    running."""
    times, rules = view.event.times, view.event.rules
    if times.paused_at is not None:
        raise Conflict("the event is paused already: resume it instead")
    longest = max(
        (row.member.times.extension for row in services().events.members(view.event.id)), default=NONE
    )
    if not times.starts_at <= view.now < closes_at(rules, times, longest):
        raise Conflict("the event is not running now, so it cannot be paused")
    services().events.change(view.event, replace(view.event, times=replace(times, paused_at=view.now)))


def resume_event(view: EventView) -> None:
    """Start the stopped clock again. The event then ends later by the length of the pause. Raises
    ``Conflict``."""
    times = view.event.times
    if times.paused_at is None:
        raise Conflict("the event is not paused")
    pauses = (*times.pauses, *((Pause(times.paused_at, view.now),) if times.paused_at < view.now else ()))
    after = replace(times, paused_at=None).with_pauses(pauses)
    services().events.change(view.event, replace(view.event, times=after))


def replace_pauses(view: EventView, bodies: Sequence[PauseIn]) -> None:
    """Replace the finished pauses. The new pauses may include times in which the clock ran. Raises
    ``Invalid``."""
    times = view.event.times.with_pauses(
        Pause(each.starts_at.astimezone(UTC), each.ends_at.astimezone(UTC)) for each in bodies
    )
    if (fault := fault_of_pauses(times, view.now)) is not None:
        raise Invalid(FieldFault("pauses", fault))
    if times.ends_at - times.starts_at > LONGEST:
        raise Invalid(FieldFault("pauses", "the event must end within ten years of its start"))
    services().events.change(view.event, replace(view.event, times=times))


def change_freeze(view: EventView, thawed: bool) -> None:
    """Show the public the results that were held back, or hold them back again."""
    if view.freeze_at is None:
        raise Conflict("the standings of this event do not freeze")
    if thawed and view.clock < view.event.times.ends_at:
        raise Conflict("the event has not ended: the standings are thawed after its end")
    times = replace(view.event.times, thawed_at=view.now if thawed else None)
    services().events.change(view.event, replace(view.event, times=times))


def _rules(body: EventRulesIn) -> EventRules:
    ties = body.ties or (Ties.LAST_ACCEPTED if body.scoring is Scoring.ICPC else Ties.SHARED)
    same = (
        *("scoring", "freeze_minutes", "length_minutes", "max_tries", "exam", "standings"),
        *("feedback", "one_address"),
    )
    return EventRules(
        icpc=IcpcRules(**_values(IcpcRules, body.icpc)),
        ioi=IoiRules(**_values(IoiRules, body.ioi)),
        ties=ties,
        late=tuple(LateStep(each.minutes, each.percent) for each in body.late),
        languages=_languages(body.languages),
        networks=_networks(body.networks),
        grades=tuple(GradeStep(each.points, each.grade) for each in body.grades),
        **{name: getattr(body, name) for name in same},
    )


def _service(account: Account, body: EventIn | EventChange, before: EventService) -> EventService:
    """The event's service class and tier.

    Only administrators change them, because they can delay other accounts' submissions. Raises ``Forbidden``.
    """
    given = body.model_fields_set
    kind = body.service_class if "service_class" in given and body.service_class else before.kind
    tier = body.service_tier if "service_tier" in given else before.tier
    if (kind, tier) == (before.kind, before.tier):
        return before
    if not account.is_admin:
        raise Forbidden("service_class and service_tier need an administrator: ask one")
    if tier is not None:
        services().settings.tiers.require(tier, "service_tier")
    return EventService(kind, tier)


def _networks(texts: Sequence[str]) -> tuple[str, ...]:
    """The networks in their full notation. Raises ``Invalid``."""
    found = []
    for text in texts:
        try:
            found.append(str(ip_network(text.strip(), strict=False)))
        except ValueError as error:
            why = f"{text!r} is not an address or a network such as 10.1.0.0/16"
            raise Invalid(FieldFault("rules.networks", why)) from error
    return tuple(found)


def _languages(names: Sequence[str]) -> tuple[str, ...]:
    found = [find_language(name, services().languages) for name in names]
    unknown = [name for name, language in zip(names, found, strict=True) if language is None]
    if unknown:
        raise Invalid(FieldFault("rules.languages", f"there is no language {unknown[0][:64]!r}"))
    return tuple(language.id for language in found if language is not None)


def _problems(
    account: Account, bodies: Sequence[ProblemInEventIn] | None, known: Collection[str] = ()
) -> tuple[list[ProblemInEvent], list[FieldFault]]:
    """The problems with their labels. A jury can add only problems that it may see itself."""
    faults, found = [], []
    for number, body in enumerate(bodies or ()):
        if body.slug not in known and not _may_use(account, body.slug):
            faults.append(FieldFault(f"problems.{number}.slug", f"there is no problem {body.slug[:64]!r}"))
        label = body.label or _letters(number)
        found.append(ProblemInEvent(body.slug, label, body.weight, body.colour, body.withdrawn))
    for name in ("slug", "label"):
        values = [getattr(each, name) for each in found]
        twice = {value for value in values if values.count(value) > 1}
        faults += [FieldFault("problems", f"has the {name} {value!r} twice") for value in sorted(twice)]
    return found, faults


def _may_use(account: Account, slug: str) -> bool:
    row = services().problems.get(slug)
    return row is not None and services().problem_access.may_see(account, row)


def _check(event: StoredEvent, password: str | None, faults: list[FieldFault]) -> None:
    times = event.times
    if len(event.slug) == _UUID_LENGTH and event.slug.count("-") == 4:
        faults.append(FieldFault("slug", "looks like the id of a submission: choose another"))
    if times.ends_at <= times.starts_at:
        faults.append(FieldFault("ends_at", "must be later than starts_at"))
    if times.ends_at - times.starts_at > LONGEST:
        faults.append(FieldFault("ends_at", "must be within ten years of starts_at"))
    if event.joining is Joining.PASSWORD and not password:
        faults.append(FieldFault("password", "is needed to join by password"))
    if event.joining is not Joining.CLOSED and event.visibility is Visibility.JURY:
        faults.append(FieldFault("joining", "must be closed while only the jury sees the event"))
    faults += rule_faults(event.rules)
    if faults:
        raise Invalid(*faults)


def _values(kind: Any, body: Any) -> dict[str, Any]:
    return {each.name: getattr(body, each.name) for each in fields(kind)}


def _hashed(password: str | None) -> str | None:
    return hash_password(password) if password else None


def _letters(number: int) -> str:
    """The labels A, B, ... Z, AA, AB, ..."""
    letters = ""
    number += 1
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters
