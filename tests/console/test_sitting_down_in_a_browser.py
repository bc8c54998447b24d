"""Signing in, finding one's way by keys alone, without JavaScript, and watching the hub live."""

from __future__ import annotations

from datetime import timedelta

import pyotp
import pytest
from argon2 import PasswordHasher

from gateway.console import factor
from storage import operators, processes
from tests import letters
from tests.console.browser import PHONE, Desk
from tests.console.desk import Sit
from tests.console.doing import REASON, job_that, looked_at, recorded, told
from tests.console.scene import POISON, Scene
from tests.console.visitors import enrolled

pytestmark = pytest.mark.asyncio(loop_scope="module")

PASSWORD = "sept nuages sur l'Atlas"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


async def with_password(night: Scene, name: str, *, second: bool = False) -> None:
    """An operator who signs in by a password, and a second factor."""
    await enrolled(night.place, name, "operator", language="fr")
    found = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD.encode())
    async with night.hub.store.write() as tx:
        await operators.set_password_hash(tx, name, found, night.hub.clock())
        if second:
            sealed = factor.box(night.hub).seal(SECRET, about=name)
            await operators.set_totp(tx, name, sealed, None)


async def tab_to(desk: Desk, selector: str, *, most: int = 200) -> None:
    """Press the tabulator until what is meant has the focus, which must be seen all the way."""
    for _ in range(most):
        await desk.page.keyboard.press("Tab")
        if await desk.page.evaluate("(s) => document.activeElement.matches(s)", selector):
            await seen(desk)
            return
    raise AssertionError(f"the tabulator does not reach {selector}")


async def seen(desk: Desk) -> None:
    """What has the focus is in sight and outlined."""
    box = await desk.page.evaluate(
        """() => { const e = document.activeElement, b = e.getBoundingClientRect(),
        s = getComputedStyle(e);
        return {outline: s.outlineStyle !== "none" && parseFloat(s.outlineWidth) >= 2,
                inside: b.bottom > 0 && b.top < innerHeight && b.right > 0 && b.left < innerWidth,
                area: b.width * b.height}; }"""
    )
    assert box["outline"], await desk.page.evaluate("document.activeElement.outerHTML")
    assert box["inside"]
    assert box["area"] > 0


async def test_one_signs_in_by_password_and_code_and_lands_where_one_wanted(
    night: Scene, sit: Sit
) -> None:
    await with_password(night, "karima", second=True)
    desk = await sit(None)
    await desk.go("/queue?kind=timer")
    assert "/console/login" in desk.page.url
    await desk.page.locator("#name").fill("karima")
    await desk.page.locator("#password").fill("autre chose, tout à fait")
    await desk.press("Sign in")
    assert await desk.page.get_by_role("alert").count() == 1
    await desk.page.locator("#name").fill("karima")
    await desk.page.locator("#password").fill(PASSWORD)
    await desk.press("Sign in")
    code = pyotp.TOTP(SECRET).at(night.hub.clock())
    await desk.page.locator("#code").fill(code)
    await desk.press("Sign in")
    assert desk.page.url.endswith("/console/queue?kind=timer")
    cookies = [cookie for cookie in await desk.context.cookies() if cookie["name"] == "passavant"]
    assert [(cookie["httpOnly"], cookie["sameSite"]) for cookie in cookies] == [(True, "Strict")]
    assert await desk.page.evaluate("document.cookie") == ""


async def test_keys_alone_are_enough(night: Scene, sit: Sit) -> None:
    """Sign in, skip to the content, find a message, try a job again, sign out."""
    await with_password(night, "driss")
    desk = await sit(None)
    await desk.go("/login")
    keys = desk.page.keyboard
    await tab_to(desk, "#name")
    await keys.type("driss")
    await tab_to(desk, "#password")
    await keys.type(PASSWORD)
    async with desk.page.expect_navigation():
        await keys.press("Enter")

    await desk.go("/messages")
    await keys.press("Tab")
    await seen(desk)
    await keys.press("Enter")
    assert await desk.page.evaluate("document.activeElement.id") == "main"
    await keys.press("/")
    assert await desk.page.evaluate("document.activeElement.matches('[data-search]')")
    await keys.type("Hassan II")
    async with desk.page.expect_navigation():
        await keys.press("Enter")
    await tab_to(desk, "main a[href*='/messages/received/']")
    async with desk.page.expect_navigation():
        await keys.press("Enter")
    assert "Hassan II" in await desk.says()

    waiting = await job_that(night, lambda one: one.kind == "deliver" and one.attempts > 0)
    await desk.go(f"/queue/{waiting.id}")
    await tab_to(desk, "a[href*='act=retry']")
    async with desk.page.expect_navigation():
        await keys.press("Enter")
    await tab_to(desk, "#reason")
    await keys.type(REASON)
    await tab_to(desk, "main form button[type=submit]")
    async with desk.page.expect_navigation():
        await keys.press("Enter")
    await told(desk, "Done; it stands in the journal.")
    assert (await recorded(night, "job retried")).actor == "operator driss"

    await tab_to(desk, "form[action='/console/logout'] button")
    async with desk.page.expect_navigation():
        await keys.press("Enter")
    await told(desk, "You have signed out.")
    await desk.go("/queue")
    assert "/console/login" in desk.page.url


async def test_the_console_works_without_javascript(night: Scene, sit: Sit) -> None:
    desk = await sit(java_script_enabled=False)
    await desk.go("/messages")
    await desk.page.locator("#id").fill(POISON)
    await desk.press("Search")
    await desk.follow_to("/messages/received/")
    assert POISON in await desk.says()
    waiting = await job_that(night, lambda one: one.kind == "deliver" and one.attempts > 0)
    await looked_at(desk, act="retry", job=waiting.id)
    await desk.page.locator("#reason").fill(REASON)
    await desk.press("Confirm")
    await told(desk, "Done; it stands in the journal.")


async def test_what_arrives_is_seen_without_a_reload(night: Scene, sit: Sit) -> None:
    desk = await sit("viewer")
    await desk.go("/")
    mark = "() => (window.untouched = true)"
    await desk.page.evaluate(mark)
    counted = desk.page.locator("#now-figures .figure").nth(1)
    before = int(await counted.inner_text())
    for number in range(3):
        await night.drop("coop-atlas", letters.application(), called=f"live-{number}")
    await desk.page.wait_for_function(
        "(n) => +document.querySelectorAll('#now-figures .figure')[1].textContent >= n",
        arg=before + 3,
        timeout=20_000,
    )
    assert await desk.page.evaluate("window.untouched")


async def test_a_process_that_dies_is_seen_silent(night: Scene, sit: Sit) -> None:
    desk = await sit("viewer")
    await desk.go("/")
    long_ago = night.hub.clock() - timedelta(minutes=5)
    async with night.hub.store.write() as tx:
        await processes.beat(
            tx,
            processes.Process(
                name="far/4711",
                host="far",
                pid=4711,
                version="1",
                loops={},
                started_at=long_ago,
                seen_at=long_ago,
            ),
        )
    silent = desk.page.get_by_text(desk.word("Silent"), exact=True)
    await silent.first.wait_for(timeout=20_000)


async def test_a_phone_is_enough_to_release_a_message(night: Scene, sit: Sit) -> None:
    desk = await sit(viewport=PHONE, has_touch=True)
    parked = (await night.poison())[0]
    await desk.go(f"/queue/{parked.id}")
    assert await desk.overflow() <= 0
    await desk.follow_to("act=release")
    assert await desk.overflow() <= 0
    await desk.page.locator("#reason").fill(REASON)
    await desk.press("Confirm")
    await told(desk, "Done; it stands in the journal.")


async def test_the_language_is_changed_and_kept(sit: Sit) -> None:
    desk = await sit(name="polyglot")
    await desk.go("/acts")
    async with desk.page.expect_navigation():
        await desk.page.locator("a[hreflang=ar]").click()
    assert await desk.page.locator("html").get_attribute("dir") == "rtl"
    await desk.go("/queue")
    assert await desk.page.locator("html").get_attribute("lang") == "ar"
