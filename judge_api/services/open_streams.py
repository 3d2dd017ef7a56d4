"""Limits the event streams, WebSockets and long polls that one API process holds open.

Each of them keeps a connection open for long. Without a limit, one account could use all connections of the
process, and then no other request would be answered. Each process counts only its own.
"""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import dataclass
from types import TracebackType

from judge_api.services.sign_in_guard import network_of
from judge_core.model.errors import QuotaExceeded

RETRY_SECONDS = 10
_ADVICE = "close one, or poll GET /status/<id>"


@dataclass(frozen=True, slots=True)
class StreamLimits:
    """The largest numbers of open streams: of one account, of one address, and of the process."""

    account: int
    address: int
    process: int

    @classmethod
    def within(cls, pool: int, account: int, address: int) -> StreamLimits:
        """The limits for a pool of connections.

        A fifth of the pool stays free of streams. No account has more than a quarter of the rest.
        """
        process = pool * 4 // 5
        return cls(min(account, process // 4), min(address, process // 2), process)


class OpenStream:
    """One counted stream. ``close`` lets another stream be opened. A second call does nothing."""

    __slots__ = ("_account", "_network", "_streams")

    def __init__(self, streams: OpenStreams, account: str, network: str) -> None:
        self._streams: OpenStreams | None = streams
        self._account = account
        self._network = network

    def close(self) -> None:
        streams, self._streams = self._streams, None
        if streams is not None:
            streams.remove(self._account, self._network)

    def __enter__(self) -> OpenStream:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class OpenStreams:
    """Counts open streams by account and by address. An IPv6 address counts as its /64 network."""

    def __init__(self, limits: StreamLimits) -> None:
        self._limits = limits
        self._accounts: Counter[str] = Counter()
        self._networks: Counter[str] = Counter()
        self._count = 0
        self._lock = threading.Lock()

    def open(self, account: str, address: str) -> OpenStream:
        """Count one more stream. Raises ``QuotaExceeded`` if a limit would be exceeded."""
        network = network_of(address, 64)
        with self._lock:
            self._require_room(account, network)
            self._accounts[account] += 1
            self._networks[network] += 1
            self._count += 1
        return OpenStream(self, account, network)

    def try_open(self, account: str, address: str) -> OpenStream | None:
        """Like :meth:`open`, but returns ``None`` instead of raising."""
        try:
            return self.open(account, address)
        except QuotaExceeded:
            return None

    def remove(self, account: str, network: str) -> None:
        """Stop counting a stream. :meth:`OpenStream.close` calls this."""
        with self._lock:
            _decrease(self._accounts, account)
            _decrease(self._networks, network)
            self._count -= 1

    def count(self) -> int:
        """The number of open streams of this process."""
        return self._count

    def _require_room(self, account: str, network: str) -> None:
        limits = self._limits
        if self._accounts[account] >= limits.account:
            raise _too_many(f"this account has {limits.account} event streams or waiting requests open")
        if self._networks[network] >= limits.address:
            raise _too_many(f"this address has {limits.address} event streams or waiting requests open")
        if self._count >= limits.process:
            raise _too_many("the server has as many event streams open as it can hold")


def _too_many(fault: str) -> QuotaExceeded:
    return QuotaExceeded(f"{fault}: {_ADVICE}", RETRY_SECONDS)


def _decrease(counts: Counter[str], key: str) -> None:
    counts[key] -= 1
    if counts[key] <= 0:
        del counts[key]
