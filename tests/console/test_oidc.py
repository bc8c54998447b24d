"""Signing in at an OpenID provider that is a process of its own, honest and lying."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from yarl import URL

from gateway.config import ConsoleSettings, HubSettings
from storage import operators, sessions
from storage.operators import Operator
from tests.console.openid import CLIENT, SECRET
from tests.console.test_login import code, with_factor, with_password
from tests.console.visitors import Still, Visitor, enrolled, stranger
from tests.town import Town, town

HOUSE = Path(__file__).parents[2]
SUB = "248289761001"
PUBLIC = "http://guichet.test"  #: the test follows the way back to the town by hand


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    """A provider, serving."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.console.openid"],
        cwd=HOUSE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    yield process.stdout.readline().strip()
    process.terminate()
    process.wait(timeout=10)
    process.stdout.close()


@pytest.fixture
def clock() -> Still:
    return Still()


@pytest.fixture
async def place(tmp_path: Path, sqlite_url: str, issuer: str, clock: Still) -> AsyncIterator[Town]:
    (tmp_path / "oidc.secret").write_text(f"{SECRET}\n", encoding="utf-8")
    console = ConsoleSettings(
        oidc_issuer=issuer, oidc_client_id=CLIENT, oidc_secret_file=Path("oidc.secret")
    )
    hub = HubSettings(public_url=PUBLIC)
    async with town(
        tmp_path, sqlite_url, workers=0, names=(), console=console, hub=hub, clock=clock
    ) as found:
        await told(issuer)
        yield found


async def told(issuer: str, **lies: Any) -> None:
    """Tell the provider how to lie."""
    async with aiohttp.ClientSession() as http, http.post(f"{issuer}/behave", json=lies) as answer:
        assert answer.status == 200


async def away(visitor: Visitor, target: str = "/console/me") -> URL:
    """Through the provider, up to the way back."""
    sent = await visitor.get("/oidc/start", params={"next": target})
    assert sent.status == 303
    provider = sent.headers["Location"]
    async with (
        aiohttp.ClientSession() as http,
        http.get(provider, allow_redirects=False) as answer,
    ):
        assert answer.status == 302
        return URL(answer.headers["Location"])


async def back(visitor: Visitor, way: URL) -> tuple[aiohttp.ClientResponse, str]:
    """Home, as a browser would come: from another site."""
    assert str(way).startswith(f"{PUBLIC}/console/oidc/callback?")
    async with visitor.http.get(
        URL(visitor.town.url).join(way.relative()),
        headers={"Sec-Fetch-Site": "cross-site", "Accept-Language": "en"},
        allow_redirects=False,
    ) as answer:
        return answer, await answer.text()


async def signed_in(place: Town, name: str = "amina") -> list[sessions.Session]:
    async with place.hub.store.read() as connection:
        return await sessions.of(connection, name)


async def known(place: Town, name: str) -> Operator:
    async with place.hub.store.read() as connection:
        found = await operators.get(connection, name)
    assert found is not None
    return found


async def linked(place: Town, issuer: str, name: str = "amina", **more: Any) -> None:
    await enrolled(place, name, subject=f"{issuer}|{SUB}", **more)


async def refused(place: Town, visitor: Visitor, way: URL) -> None:
    """It is refused in one sentence, and nobody is signed in."""
    answer, text = await back(visitor, way)
    assert answer.status == 401
    assert "did not vouch" in text
    assert "passavant" not in answer.cookies
    assert await place.count("sessions") == 0


async def test_whom_the_provider_vouches_for_comes_in_where_they_wanted(
    place: Town, issuer: str
) -> None:
    await linked(place, issuer)
    visitor = await stranger(place)
    answer, text = await back(visitor, await away(visitor))
    assert answer.status == 200
    assert 'content="0; url=/console/me"' in text
    assert answer.cookies["passavant"]["samesite"] == "Strict"
    assert answer.cookies["passavant-oidc"].value == ""
    assert (await visitor.get("/me")).status == 200
    assert [session.content["by"] for session in await signed_in(place)] == ["provider"]


async def test_the_way_there_has_a_challenge_and_a_cookie_of_a_few_minutes(
    place: Town, issuer: str
) -> None:
    visitor = await stranger(place)
    one = await visitor.get("/oidc/start")
    asked = URL(one.headers["Location"]).query
    cookie = one.cookies["passavant-oidc"]
    assert (cookie["samesite"], cookie["httponly"], cookie["max-age"]) == ("Lax", True, "600")
    assert asked["response_type"] == "code"
    assert asked["code_challenge_method"] == "S256"
    for secret in (asked["state"], asked["nonce"]):
        assert len(secret) >= 43
        assert secret not in cookie.value
    other = URL((await visitor.get("/oidc/start")).headers["Location"]).query
    for name in ("state", "nonce", "code_challenge"):
        assert asked[name] != other[name]


async def test_a_verified_e_mail_links_an_operator_without_password_once(
    place: Town, issuer: str
) -> None:
    await enrolled(place, "amina", email="Amina@Example.org")
    visitor = await stranger(place)
    answer, _ = await back(visitor, await away(visitor))
    assert answer.status == 200
    assert (await known(place, "amina")).subject == f"{issuer}|{SUB}"
    await told(issuer, claims={"email": "another@example.org"})
    again = await stranger(place)
    answer, _ = await back(again, await away(again))
    assert answer.status == 200


@pytest.mark.parametrize(
    ("claims", "password"),
    [
        ({"email_verified": False}, False),
        ({"email_verified": "true"}, False),
        ({"email_verified": None}, False),
        ({"email": "somebody@example.org"}, False),
        ({"email": None}, False),
        ({"email": ["amina@example.org"]}, False),
        ({}, True),  # who has a password here is linked by an administrator
    ],
)
async def test_nothing_else_links_anybody(
    place: Town, issuer: str, claims: dict[str, Any], password: bool
) -> None:
    if password:
        await with_password(place, "amina", email="amina@example.org")
    else:
        await enrolled(place, "amina", email="amina@example.org")
    await told(issuer, claims=claims)
    visitor = await stranger(place)
    await refused(place, visitor, await away(visitor))
    assert (await known(place, "amina")).subject is None


async def test_two_operators_of_one_e_mail_are_not_linked(place: Town) -> None:
    for name in ("amina", "alias"):
        await enrolled(place, name, email="amina@example.org")
    visitor = await stranger(place)
    await refused(place, visitor, await away(visitor))


async def test_nobody_becomes_an_operator_by_it_and_nobody_disabled_comes_in(
    place: Town, issuer: str
) -> None:
    visitor = await stranger(place)
    await refused(place, visitor, await away(visitor))
    assert await place.count("operators") == 0
    await linked(place, issuer)
    async with place.hub.store.write() as tx:
        await operators.disable(tx, "amina", place.hub.clock())
    await refused(place, visitor, await away(visitor))


NOW = int(time.time())
LIES: dict[str, dict[str, Any]] = {
    "another nonce": {"claims": {"nonce": "x" * 43}},
    "no nonce": {"claims": {"nonce": None}},
    "another issuer": {"claims": {"iss": "https://evil.example"}},
    "no issuer": {"claims": {"iss": None}},
    "another audience": {"claims": {"aud": "another-client"}},
    "our audience among others, for another party": {
        "claims": {"aud": [CLIENT, "another"], "azp": "another"}
    },
    "our audience among others, for nobody": {"claims": {"aud": [CLIENT, "another"]}},
    "no audience": {"claims": {"aud": None}},
    "expired": {"claims": {"exp": NOW - 3600}},
    "no expiry": {"claims": {"exp": None}},
    "an expiry that is no time": {"claims": {"exp": "never"}},
    "issued in the future": {"claims": {"iat": NOW + 86400}},
    "no subject": {"claims": {"sub": None}},
    "an empty subject": {"claims": {"sub": ""}},
    "a subject that is no text": {"claims": {"sub": 5}},
    "no signature": {"sign": "none"},
    "a signature by the public key as a secret": {"sign": "shared secret"},
    "another key": {"sign": "another key"},
    "changed claims": {"sign": "broken"},
    "garbage": {"sign": "garbage"},
    "no token": {"token": {"status": 200, "text": "{}"}},
    "no JSON": {"token": {"status": 200, "text": "<html>"}},
    "a list": {"token": {"status": 200, "text": "[]"}},
    "an error": {"token": {"status": 500, "text": "{}"}},
    "a flood": {"token": {"status": 200, "text": '{"id_token": "' + "x" * 300_000 + '"}'}},
    "a redirect": {"token": {"status": 307, "headers": {"Location": "http://127.0.0.1:9/"}}},
}


@pytest.mark.parametrize("lie", LIES)
async def test_what_the_provider_says_is_not_believed(place: Town, issuer: str, lie: str) -> None:
    await linked(place, issuer)
    visitor = await stranger(place)
    await told(issuer, **LIES[lie])
    await refused(place, visitor, await away(visitor))


async def test_a_provider_that_says_it_is_another_is_not_asked(place: Town, issuer: str) -> None:
    visitor = await stranger(place)
    for about in (
        {"issuer": "https://evil.example"},
        {"authorization_endpoint": "http://evil.example/authorize"},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"authorization_endpoint": None},
    ):
        await told(issuer, about=about)
        assert (await visitor.get("/oidc/start")).status == 401


@pytest.mark.parametrize(
    "change",
    [{"state": "x" * 43}, {"state": ""}, {"code": ""}, {"code": "x"}, {"iss": "https://evil.test"}],
)
async def test_a_way_back_that_was_changed_leads_nowhere(
    place: Town, issuer: str, change: dict[str, str]
) -> None:
    await linked(place, issuer)
    visitor = await stranger(place)
    await refused(place, visitor, (await away(visitor)).update_query(change))


async def test_a_refusal_of_the_provider_is_one_here(place: Town, issuer: str) -> None:
    await linked(place, issuer)
    visitor = await stranger(place)
    way = (await away(visitor)).update_query(error="access_denied")
    await refused(place, visitor, way)


async def test_the_way_back_serves_the_browser_that_went_and_once(place: Town, issuer: str) -> None:
    await linked(place, issuer)
    visitor, victim = await stranger(place), await stranger(place)
    way = await away(visitor)
    await refused(place, victim, way)  # an attacker's link signs nobody in as the attacker
    assert (await back(visitor, way))[0].status == 200
    assert (await back(visitor, way))[0].status == 401


async def test_who_comes_back_too_late_is_not_let_in(
    place: Town, issuer: str, clock: Still
) -> None:
    await linked(place, issuer)
    visitor = await stranger(place)
    way = await away(visitor)
    clock.leap = timedelta(minutes=11)
    await refused(place, visitor, way)


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example", "/console\\x", ""])
async def test_afterwards_nobody_is_led_outside(place: Town, issuer: str, target: str) -> None:
    await linked(place, issuer)
    visitor = await stranger(place)
    _, text = await back(visitor, await away(visitor, target))
    assert re.findall(r'content="0; url=([^"]*)"', text) == ["/console/"]


async def test_a_second_factor_here_is_asked_for_after_the_provider(
    place: Town, issuer: str
) -> None:
    await linked(place, issuer)
    await with_factor(place, "amina")
    visitor = await stranger(place)
    _, text = await back(visitor, await away(visitor))
    assert "/console/login/code?next=/console/me" in text
    assert (await visitor.get("/me")).status == 303
    await visitor.get("/login/code")
    assert (await visitor.post("/login/code", code=code(place))).status == 303
    assert (await visitor.get("/me")).status == 200


async def test_without_a_provider_there_is_no_way_to_one(tmp_path: Path, sqlite_url: str) -> None:
    async with town(tmp_path, sqlite_url, workers=0, names=()) as found:
        visitor = await stranger(found)
        for path in ("/oidc/start", "/oidc/callback?code=x&state=y"):
            assert (await visitor.get(path)).status == 404


async def test_a_dead_provider_is_said_on_the_login_page(tmp_path: Path, sqlite_url: str) -> None:
    console = ConsoleSettings(oidc_issuer="http://127.0.0.1:9", oidc_client_id=CLIENT)
    async with town(tmp_path, sqlite_url, workers=0, names=(), console=console) as found:
        assert (await (await stranger(found)).get("/oidc/start")).status == 401
