"""Claim 44: deliveries cannot be steered inward."""

from __future__ import annotations

import aiohttp
import pytest

from gateway.addresses import Forbidden, judge_url
from gateway.config import DeliverySettings
from gateway.outside import session

OPEN = DeliverySettings()
SANDBOX = DeliverySettings(allow_private=True)


@pytest.mark.parametrize(
    "url",
    [
        "http://partner.example/inbox",
        "https://127.0.0.1/inbox",
        "https://10.0.0.8/inbox",
        "https://192.168.1.1/",
        "https://169.254.169.254/latest/meta-data",
        "https://[::1]/",
        "https://[fe80::1]/",
        "https://[::ffff:127.0.0.1]/",
        "https://0.0.0.0/",
        "https://user:secret@partner.example/",
        "ftp://partner.example/",
        "file:///etc/passwd",
        "https:///nothing",
    ],
)
def test_an_address_that_leads_inward_is_forbidden(url: str) -> None:
    with pytest.raises(Forbidden):
        judge_url(url, OPEN)


def test_a_public_https_address_is_allowed() -> None:
    judge_url("https://partner.example/inbox", OPEN)


def test_only_allowed_hosts_are_called_when_there_is_a_list() -> None:
    listed = DeliverySettings(allowed_hosts=("partner.example",))
    judge_url("https://partner.example/inbox", listed)
    with pytest.raises(Forbidden):
        judge_url("https://elsewhere.example/inbox", listed)


async def test_a_name_that_resolves_inward_is_forbidden_when_called() -> None:
    judge_url("https://localhost/inbox", OPEN)
    async with session(OPEN) as http:
        with pytest.raises((Forbidden, aiohttp.ClientError)) as caught:
            await http.post("https://localhost:9/inbox", data=b"")
    assert "not a public address" in str(caught.value) or isinstance(caught.value, Forbidden)


async def test_a_sandbox_may_call_its_own_machine() -> None:
    judge_url("http://127.0.0.1:9/inbox", SANDBOX)
    async with session(SANDBOX) as http:
        with pytest.raises(aiohttp.ClientConnectorError):
            await http.post("http://localhost:9/inbox", data=b"")
