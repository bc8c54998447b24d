from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pyotp
import pytest
from aiohttp import ClientResponse
from argon2 import PasswordHasher

from gateway.config import ConsoleSettings
from gateway.console import factor
from gateway.console.sessions import digest_of
from gateway.passwords import Passwords
from storage import journal, operators, sessions
from tests.console.visitors import Still, Visitor, enrolled, stranger
from tests.town import Town, town

PASSWORD = "sept nuages sur l'Atlas"
QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


@pytest.fixture
def clock() -> Still:
    return Still()


@pytest.fixture
async def place(tmp_path: Path, sqlite_url: str, clock: Still) -> AsyncIterator[Town]:
    """A hub with one operator, Amina, who has a password."""
    async with town(tmp_path, sqlite_url, workers=0, names=(), clock=clock) as found:
        await with_password(found, "amina")
        yield found


async def with_password(found: Town, name: str, role: str = "operator", **more: object) -> None:
    await enrolled(found, name, role, **more)
    async with found.hub.store.write() as tx:
        await operators.set_password_hash(tx, name, QUICK.hash(PASSWORD), found.hub.clock())


async def with_factor(found: Town, name: str) -> None:
    async with found.hub.store.write() as tx:
        await operators.set_totp(tx, name, factor.box(found.hub).seal(SECRET, about=name), None)


def code(found: Town, steps: int = 0) -> str:
    return pyotp.TOTP(SECRET).at(found.hub.clock() + timedelta(seconds=30 * steps))


async def sign_in(
    visitor: Visitor, name: str = "amina", password: str = PASSWORD, **more: str
) -> ClientResponse:
    await visitor.get("/login")
    return await visitor.post("/login", name=name, password=password, **more)


async def open_sessions(found: Town, name: str = "amina") -> list[sessions.Session]:
    async with found.hub.store.read() as connection:
        return await sessions.of(connection, name)


async def test_the_right_password_opens_the_page_that_was_asked_for(place: Town) -> None:
    visitor = await stranger(place)
    sent = await visitor.get("/me?lang=en")
    assert (sent.status, sent.headers["Location"]) == (
        303,
        "/console/login?next=/console/me%3Flang%3Den",
    )
    await visitor.get(sent.headers["Location"])
    answer = await visitor.post("/login", name=" Amina", password=PASSWORD, next="/console/me")
    assert (answer.status, answer.headers["Location"]) == (303, "/console/me")
    assert (await visitor.get("/me")).status == 200


async def test_the_cookie_is_for_this_host_and_no_script_and_no_other_site(place: Town) -> None:
    visitor = await stranger(place)
    answer = await sign_in(visitor)
    cookie = answer.cookies["passavant"]
    assert cookie["httponly"]
    assert (cookie["samesite"], cookie["path"]) == ("Strict", "/console")
    assert not cookie["max-age"]
    assert len(cookie.value) >= 43
    [session] = await open_sessions(place)
    assert session.digest == digest_of(cookie.value)
    assert cookie.value not in str(session)


async def test_over_https_the_cookie_is_bound_to_the_host(tmp_path: Path, sqlite_url: str) -> None:
    from gateway.config import HubSettings

    hub = HubSettings(public_url="https://guichet.example.org")
    async with town(tmp_path, sqlite_url, workers=0, names=(), hub=hub) as found:
        await with_password(found, "amina")
        visitor = await stranger(found)
        first = await visitor.get("/login")
        # The test speaks HTTP behind the name: what a browser keeps, it carries by hand.
        form = first.cookies["__Host-passavant-form"]
        answer = await visitor.ask(
            "POST",
            "/login",
            data={"csrf": visitor.csrf, "name": "amina", "password": PASSWORD},
            headers={
                "Origin": "https://guichet.example.org",
                "Cookie": f"__Host-passavant-form={form.value}",
            },
        )
        cookie = answer.cookies["__Host-passavant"]
        assert (cookie["secure"], cookie["path"], cookie["domain"]) == (True, "/", "")
        assert answer.headers["Strict-Transport-Security"]


async def test_a_cookie_that_a_browser_brings_is_never_made_a_session(place: Town) -> None:
    planted = "chosen-by-the-attacker-chosen-by-the-attacker"
    visitor = await stranger(place)
    visitor.http.cookie_jar.update_cookies({"passavant": planted})
    answer = await sign_in(visitor)
    assert answer.cookies["passavant"].value != planted
    [session] = await open_sessions(place)
    assert session.digest != digest_of(planted)


async def test_signing_in_again_ends_the_session_that_was_there(place: Town) -> None:
    visitor = await stranger(place)
    first = (await sign_in(visitor)).cookies["passavant"].value
    await visitor.get("/me")
    answer = await visitor.post("/login", name="amina", password=PASSWORD)
    assert answer.cookies["passavant"].value != first
    assert [session.digest for session in await open_sessions(place)] == [
        digest_of(answer.cookies["passavant"].value)
    ]


async def test_unknown_wrong_disabled_and_locked_are_answered_alike(place: Town) -> None:
    await with_password(place, "closed", disabled_at=None)
    await with_password(place, "tired")
    await enrolled(place, "outside")  # comes by the provider alone
    async with place.hub.store.write() as tx:
        await operators.disable(tx, "closed", place.hub.clock())
        for _ in range(5):
            await operators.failed(tx, "tired", place.hub.clock())
    pages = set()
    for name, password in [
        ("nobody", PASSWORD),
        ("amina", "a wrong password"),
        ("closed", PASSWORD),
        ("tired", PASSWORD),
        ("outside", ""),
        ("", ""),
        ("amina' OR 1=1 --", PASSWORD),
    ]:
        visitor = await stranger(place)
        await visitor.get("/login")
        async with visitor.http.post(
            visitor.address("/login"),
            data={"csrf": visitor.csrf, "name": name, "password": password},
            headers={"Origin": place.url, "Accept-Language": "en"},
            allow_redirects=False,
        ) as answer:
            text = re.sub(r'name="csrf" value="[^"]*"', "", await answer.text())
            assert "passavant" not in answer.cookies
            pages.add((answer.status, text))
    assert [status for status, _ in pages] == [401]
    assert "Name or password is wrong" in next(iter(pages))[1]


async def test_an_unknown_name_takes_as_long_as_a_wrong_password() -> None:
    passwords = Passwords()
    known = await passwords.hash(PASSWORD)
    loop, taken = asyncio.get_running_loop(), {}
    await passwords.verify(None, "warm")
    for who, stored in (("known", known), ("unknown", None)):
        begun = loop.time()
        for _ in range(3):
            assert not await passwords.verify(stored, "wrong")
        taken[who] = loop.time() - begun
    assert 1 / 3 < taken["known"] / taken["unknown"] < 3


async def test_after_five_failures_the_right_password_does_not_help_for_a_minute(
    place: Town, clock: Still
) -> None:
    visitor = await stranger(place)
    for _ in range(5):
        assert (await sign_in(visitor, password="wrong wrong wrong")).status == 401
    assert (await sign_in(visitor)).status == 401
    clock.leap = timedelta(seconds=61)
    assert (await sign_in(visitor)).status == 303
    async with place.hub.store.read() as connection:
        found = await operators.get(connection, "amina")
    assert found is not None
    assert (found.failures, found.locked_until) == (0, None)


async def test_guesses_at_once_get_no_further_than_guesses_in_a_row(place: Town) -> None:
    visitor = await stranger(place)
    await visitor.get("/login")
    guesses = [f"wrong password {n}" for n in range(8)] + [PASSWORD] * 4
    answers = await asyncio.gather(
        *(visitor.post("/login", name="amina", password=guess) for guess in guesses)
    )
    statuses = [answer.status for answer in answers]
    assert set(statuses) <= {401, 429, 303}
    async with place.hub.store.read() as connection:
        found = await operators.get(connection, "amina")
    assert found is not None
    if 303 not in statuses:  # then the wrong ones came first, and the lock held
        assert found.failures == 5
        assert found.locked_until is not None


async def test_an_address_that_fails_often_waits_whatever_name_it_tries(
    place: Town, clock: Still
) -> None:
    visitor = await stranger(place)
    for number in range(20):
        assert (await sign_in(visitor, name=f"guess{number}")).status == 401
    answer = await sign_in(visitor)
    assert answer.status == 429
    assert 0 < int(answer.headers["Retry-After"]) <= 600
    clock.leap = timedelta(minutes=11)
    assert (await sign_in(visitor)).status == 303


async def test_many_passwords_at_once_are_told_to_wait(place: Town) -> None:
    visitor = await stranger(place)
    await visitor.get("/login")
    answers = await asyncio.gather(
        *(visitor.post("/login", name=f"n{n}", password="x" * 20) for n in range(18))
    )
    statuses = [answer.status for answer in answers]
    assert 429 in statuses
    assert set(statuses) == {401, 429}


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example/",
        "/console//evil.example",
        "/console/../evil",
        "/console/\\evil.example",
        "/console/x\r\nSet-Cookie: a=b",
        "/console/\x00",
        "javascript:alert(1)",
        "/elsewhere",
        "/console/logout",
        "/console",
        "",
    ],
)
async def test_after_signing_in_nobody_is_led_outside(place: Town, target: str) -> None:
    visitor = await stranger(place)
    answer = await sign_in(visitor, next=target)
    assert (answer.status, answer.headers["Location"]) == (303, "/console/")
    again = await visitor.get("/login", params={"next": target})
    assert (again.status, again.headers["Location"]) == (303, "/console/")


async def test_signing_out_ends_the_session_in_the_database(place: Town) -> None:
    visitor = await stranger(place)
    cookie = (await sign_in(visitor)).cookies["passavant"].value
    await visitor.get("/me")
    answer = await visitor.post("/logout")
    assert answer.headers["Location"].startswith("/console/login")
    assert answer.cookies["passavant"].value == ""
    assert await open_sessions(place) == []
    thief = await stranger(place)
    thief.http.cookie_jar.update_cookies({"passavant": cookie})
    assert (await thief.get("/me")).status == 303


async def test_hashes_of_other_parameters_are_renewed(place: Town) -> None:
    await sign_in(await stranger(place))
    async with place.hub.store.read() as connection:
        known = await operators.password_hash(connection, "amina")
    assert known is not None
    assert known.startswith("$argon2id$")
    assert "m=65536,t=3,p=4" in known


async def test_the_password_alone_opens_nothing_where_there_is_a_second_factor(place: Town) -> None:
    await with_factor(place, "amina")
    visitor = await stranger(place)
    answer = await sign_in(visitor, next="/console/me")
    assert answer.headers["Location"] == "/console/login/code?next=/console/me"
    half = answer.cookies["passavant"].value
    page = await visitor.get("/me")
    assert (page.status, page.headers["Location"]) == (303, "/console/login/code")
    await visitor.get("/login/code?next=/console/me")
    answer = await visitor.post("/login/code", code=code(place), next="/console/me")
    assert (answer.status, answer.headers["Location"]) == (303, "/console/me")
    assert answer.cookies["passavant"].value != half
    assert [session.content["stage"] for session in await open_sessions(place)] == ["in"]
    assert (await visitor.get("/me")).status == 200


async def test_a_code_serves_once_and_one_step_before_or_after_its_time(
    place: Town, clock: Still
) -> None:
    await with_factor(place, "amina")
    statuses: dict[int, list[int]] = {}
    for steps in (-2, 2, -1, 0, 1, 1, 0):
        visitor = await stranger(place)
        await sign_in(visitor)
        await visitor.get("/login/code")
        answer = await visitor.post("/login/code", code=code(place, steps))
        statuses.setdefault(steps, []).append(answer.status)
    assert statuses == {-2: [401], 2: [401], -1: [303], 0: [303, 401], 1: [303, 401]}


async def test_wrong_codes_lock_the_account_and_a_right_password_forgives_none(
    place: Town,
) -> None:
    await with_factor(place, "amina")
    visitor = await stranger(place)
    for _ in range(5):
        assert (await sign_in(visitor)).status == 303
        await visitor.get("/login/code")
        assert (await visitor.post("/login/code", code="000000")).status == 401
    assert (await visitor.post("/login/code", code=code(place))).status == 401
    assert (await sign_in(await stranger(place))).status == 401


@pytest.mark.parametrize("typed", ["", "12345", "abcdef", "1" * 300, "١٢٣", "\x00", "0000000"])
async def test_what_is_no_code_is_refused(place: Town, typed: str) -> None:
    await with_factor(place, "amina")
    visitor = await stranger(place)
    await sign_in(visitor)
    await visitor.get("/login/code")
    assert (await visitor.post("/login/code", code=typed)).status == 401


async def test_codes_are_taken_in_arabic_digits_and_with_blanks(place: Town) -> None:
    await with_factor(place, "amina")
    visitor = await stranger(place)
    await sign_in(visitor)
    await visitor.get("/login/code")
    typed = code(place).translate({ord("0") + n: 0x0660 + n for n in range(10)})
    assert (await visitor.post("/login/code", code=f"{typed[:3]} {typed[3:]}")).status == 303


async def test_a_required_second_factor_is_set_up_before_anything_else(
    tmp_path: Path, sqlite_url: str
) -> None:
    console = ConsoleSettings(second_factor="required")
    async with town(tmp_path, sqlite_url, workers=0, names=(), console=console) as found:
        await with_password(found, "amina")
        visitor = await stranger(found)
        await sign_in(visitor)
        for path in ("/me", "/me/password"):
            led = await visitor.get(path)
            assert (led.status, led.headers["Location"]) == (303, "/console/me/factor")
        assert (await visitor.get("/me/factor")).status == 200


async def test_a_password_from_somebody_else_is_changed_before_anything_else(place: Town) -> None:
    async with place.hub.store.write() as tx:
        await operators.set_password_hash(tx, "amina", QUICK.hash(PASSWORD), None)
    visitor = await stranger(place)
    await sign_in(visitor)
    led = await visitor.get("/me")
    assert (led.status, led.headers["Location"]) == (303, "/console/me/password")
    await visitor.get("/me/password")
    new = "une autre phrase, longue"
    answer = await visitor.post("/me/password", old=PASSWORD, new=new, again=new)
    assert answer.status == 303
    assert (await visitor.get("/me")).status == 200


async def test_signing_in_and_out_and_locks_stand_in_the_journal_and_no_secret(
    place: Town,
) -> None:
    visitor = await stranger(place)
    for _ in range(5):
        await sign_in(visitor, password="wrong wrong wrong")
    async with place.hub.store.write() as tx:
        await operators.succeeded(tx, "amina")
    await sign_in(visitor)
    await visitor.get("/me")
    await visitor.post("/logout")
    sign, now = place.hub.stamp.sign, place.hub.clock()
    async with place.hub.store.write() as tx:
        await journal.seal(tx, sign, now)
    async with place.hub.store.read() as connection:
        lines = [entry async for entry in journal.export(connection, sign, now)]
    told = "\n".join(map(str, lines))
    assert re.findall(r"operator (?:locked|signed in|signed out)", told) == [
        "operator locked",
        "operator signed in",
        "operator signed out",
    ]
    assert PASSWORD not in told
    assert "wrong wrong" not in told
