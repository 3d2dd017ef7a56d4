"""The address of the client whose request is being handled. Events may allow only some networks."""

from __future__ import annotations

from collections.abc import Sequence
from contextvars import ContextVar
from ipaddress import IPv6Address, ip_address, ip_network

current_address: ContextVar[str | None] = ContextVar("current_address", default=None)
"""The client's address, or ``None`` outside of a request.

:class:`judge_api.middleware.request_context.ClientAddress` sets it for each request.
"""


def is_in_networks(address: str | None, networks: Sequence[str]) -> bool:
    """Whether an address is in one of these networks. An IPv4 address may be written as an IPv6 one."""
    try:
        found = ip_address(address or "")
    except ValueError:
        return False
    if isinstance(found, IPv6Address) and found.ipv4_mapped is not None:
        found = found.ipv4_mapped
    return any(found in ip_network(each, strict=False) for each in networks)
