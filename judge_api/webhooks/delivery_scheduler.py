"""Chooses which webhook messages are sent next. Accounts take turns, and a slow receiver delays only the
messages of its account."""

from __future__ import annotations

import time
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterable, Sequence

from judge_api.store.webhook_deliveries import DueDelivery
from judge_api.webhooks.url_policy import ForbiddenUrl, read_target

AT_ONCE = 32
PER_ACCOUNT = 4
PER_TARGET = 2
SLOW_AT_ONCE = AT_ONCE // 2
"""How many messages all accounts with slow receivers together may send at once."""
SLOW_SECONDS = 600.0
_MOST_SLOW = 10_000


class DeliveryScheduler:
    """Records which messages are being sent, and chooses which are sent next. ``clock`` is monotonic."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._sending: dict[int, DueDelivery] = {}
        self._slow_until: OrderedDict[str, float] = OrderedDict()

    @property
    def free(self) -> int:
        return AT_ONCE - len(self._sending)

    def choose(self, due: Sequence[DueDelivery]) -> list[DueDelivery]:
        """The due messages that may be sent now. Accounts take turns, and the messages of one account keep
        the order of ``due``."""
        accounts = Counter(one.account for one in self._sending.values())
        targets = Counter(target_of(one.url) for one in self._sending.values())
        slow = sum(count for account, count in accounts.items() if self._is_slow(account))
        chosen: list[DueDelivery] = []
        for one in _in_turns(due):
            target = target_of(one.url)
            is_slow = self._is_slow(one.account)
            most = 1 if is_slow else PER_ACCOUNT
            if len(chosen) == self.free:
                break
            if accounts[one.account] >= most or targets[target] >= PER_TARGET:
                continue
            if is_slow and slow >= SLOW_AT_ONCE:
                continue
            slow += is_slow
            accounts[one.account] += 1
            targets[target] += 1
            chosen.append(one)
        return chosen

    def full_accounts(self) -> set[str]:
        """The accounts that may not send a further message now."""
        accounts = Counter(one.account for one in self._sending.values())
        return {
            account
            for account, count in accounts.items()
            if count >= (1 if self._is_slow(account) else PER_ACCOUNT)
        }

    def begin(self, one: DueDelivery) -> None:
        self._sending[one.id] = one

    def end(self, id: int, was_slow: bool) -> None:
        """Record that a message was sent or has failed. If its receiver was slow, the account counts as slow
        for ``SLOW_SECONDS``."""
        account = self._sending.pop(id).account
        self._slow_until.pop(account, None)
        if was_slow:
            self._slow_until[account] = self._clock() + SLOW_SECONDS
            if len(self._slow_until) > _MOST_SLOW:
                self._slow_until.popitem(last=False)

    def _is_slow(self, account: str) -> bool:
        return self._slow_until.get(account, 0.0) > self._clock()


def target_of(url: str) -> tuple[str, int]:
    """The host and port of a URL. All URLs that cannot be parsed count as the same target."""
    try:
        target = read_target(url)
    except ForbiddenUrl:
        return "", 0
    return target.host.lower(), target.port


def _in_turns(due: Iterable[DueDelivery]) -> list[DueDelivery]:
    """The first message of each account, then the second of each, and so on."""
    seen: Counter[str] = Counter()
    ranked = []
    for place, one in enumerate(due):
        ranked.append((seen[one.account], place, one))
        seen[one.account] += 1
    return [one for *_, one in sorted(ranked, key=lambda each: each[:2])]
