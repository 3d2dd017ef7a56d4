"""Webhooks may call only the addresses that the policy allows."""

from __future__ import annotations

from ipaddress import ip_address, ip_network

import pytest

from judge_api.webhooks.url_policy import ForbiddenUrl, UrlPolicy, read_target

INSIDE = (
    "http://127.0.0.1/",
    "http://127.1/",
    "http://2130706433/",
    "http://0x7f.1/",
    "http://0177.0.0.1/",
    "http://localhost:6379/",
    "http://api.localhost/",
    "http://10.0.0.5/",
    "http://172.16.4.4/",
    "http://192.168.1.1/",
    "http://169.254.169.254/latest/meta-data",
    "http://100.64.0.1/",
    "http://0.0.0.0/",
    "http://224.0.0.1/",
    "http://255.255.255.255/",
    "http://[::1]/",
    "http://[::]/",
    "http://[fe80::1]/",
    "http://[fd00::1]/",
    "http://[::ffff:127.0.0.1]/",
    "http://[64:ff9b::7f00:1]/",
    "http://[2002:7f00:1::]/",
    "http://[fec0::1]/",
    "http://[3fff::1]/",
    "http://192.88.99.1/",
    "http://192.0.0.8/",
    "http://[2001:30::1]/",
    "http://[2606:4700::5efe:7f00:1]/",
    "http://[2606:4700::200:5efe:a00:1]/",
)
NOT_URLS = (
    "",
    "verdicts",
    "ftp://example.org/",
    "file:///etc/passwd",
    "gopher://example.org/",
    "http://",
    "http:///path",
    "http://user:secret@example.org/",
    "http://example.org:99999/",
    "http://exa mple.org/",
    "http://example.org/\r\nX: y",
    "http://ex\N{LATIN SMALL LETTER E WITH ACUTE}mple.org/",
    "https://example.org/" + "x" * 2050,
)


@pytest.mark.parametrize("url", INSIDE)
def test_internal_addresses_are_refused(url: str) -> None:
    with pytest.raises(ForbiddenUrl, match="public"):
        UrlPolicy().check(url)


@pytest.mark.parametrize("url", NOT_URLS)
def test_an_invalid_webhook_url_is_refused(url: str) -> None:
    with pytest.raises(ForbiddenUrl):
        UrlPolicy().check(url)


def test_public_addresses_and_names_are_allowed() -> None:
    for url in (
        "https://example.org/verdicts?of=ada",
        "http://93.184.216.34:8080/",
        "https://[2606:4700::1]/",
    ):
        UrlPolicy().check(url)


def test_an_operator_can_allow_an_internal_network_and_other_networks_stay_forbidden() -> None:
    guide = UrlPolicy([ip_network("10.1.0.0/16")])
    assert guide.allows(ip_address("10.1.2.3"))
    assert guide.allows(ip_address("::ffff:10.1.2.3"))
    assert not guide.allows(ip_address("10.2.0.1"))
    assert not guide.allows(ip_address("127.0.0.1"))


def test_a_host_name_with_an_internal_address_is_refused_at_the_call() -> None:
    with pytest.raises(ForbiddenUrl, match="not public"):
        UrlPolicy().resolve(read_target("http://localhost:8000/"))
