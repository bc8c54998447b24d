"""Who may open what: every page of the table, by everybody, and every form with every forgery."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from aiohttp_session import get_session, session_middleware

from gateway.console.application import pages
from gateway.console.guard import guard, own_path, still
from gateway.console.sessions import StoredSessions, digest_of
from gateway.console.visit import VISIT, Access, Page
from gateway.hub import HUB
from storage import operators, sessions
from tests.console.visitors import Still, Visitor, stranger, visitor
from tests.town import Town, town

IDLE, ABSOLUTE = timedelta(minutes=30), timedelta(hours=12)
TABLE = pages()
GUARDED = [page for page in TABLE if page.access > Access.OPEN]
FORMS = [page for page in TABLE if page.method == "POST"]
RANKS = {"viewer": Access.VIEWER, "operator": Access.OPERATOR, "administrator": 3}


@pytest.fixture
def clock() -> Still:
    return Still()


@pytest.fixture
async def place(tmp_path: Path, sqlite_url: str, clock: Still) -> AsyncIterator[Town]:
    async with town(tmp_path, sqlite_url, workers=0, names=(), clock=clock) as found:
        yield found


def path_of(page: Page) -> str:
    """An address of the page: its parts are `1`, or the first word of those that it knows."""

    def part(found: re.Match[str]) -> str:
        words = (found.group(1) or "").split("|")
        return words[0] if len(words) > 1 else "1"

    return re.sub(r"{\w+(?::((?:[^{}]|{[^{}]*})+))?}", part, page.path)


async def ask(someone: Visitor, page: Page) -> tuple[int, str]:
    """What a page answers, without reading a stream to its end; and where it leads."""
    request = someone.http.request(
        page.method,
        someone.address(path_of(page)),
        data={"csrf": someone.csrf} if page.method == "POST" else None,
        headers={"Origin": someone.town.url},
        allow_redirects=False,
    )
    async with request as answer:
        return answer.status, answer.headers.get("Location", "")


def test_every_room_says_who_may_enter_and_only_signing_in_is_open_to_all() -> None:
    assert len(GUARDED) >= 13
    open_to_all = {(page.method, page.path) for page in TABLE if page.access is Access.OPEN}
    assert open_to_all == {
        ("GET", "/static/{digest}/{name:.+}"),
        ("GET", "/login"),
        ("POST", "/login"),
        ("GET", "/login/code"),
        ("POST", "/login/code"),
        ("POST", "/logout"),
        ("GET", "/oidc/start"),
        ("GET", "/oidc/callback"),
    }


def test_what_changes_something_is_never_a_link() -> None:
    assert {page.method for page in TABLE} <= {"GET", "POST"}


async def test_nobody_sees_a_page_without_signing_in(place: Town) -> None:
    somebody = await stranger(place)
    for page in GUARDED:
        status, location = await ask(somebody, page)
        assert (page, status) == (page, 303)
        assert location.startswith("/console/login?next=/console/"), page


@pytest.mark.parametrize("role", ["viewer", "operator"])
async def test_a_page_above_ones_role_is_refused_on_every_route(place: Town, role: str) -> None:
    somebody = await visitor(place, role)
    above = [page for page in GUARDED if page.access > RANKS[role]]
    assert above
    for page in above:
        assert (page, *await ask(somebody, page)) == (page, 403, "")
    assert await place.count("journal") == 0


async def test_who_has_the_role_is_let_through(place: Town) -> None:
    for role, rank in RANKS.items():
        somebody = await visitor(place, role)
        for page in GUARDED:
            if page.method == "GET" and page.access <= rank:
                status, _ = await ask(somebody, page)
                assert status not in (401, 403), page


FORGERIES = {
    "no token": ({}, {"Origin": "{own}"}),
    "another token": ({"csrf": "x" * 43}, {"Origin": "{own}"}),
    "an empty token": ({"csrf": ""}, {"Origin": "{own}"}),
    "a foreign origin": ({"csrf": "{token}"}, {"Origin": "https://evil.example"}),
    "a null origin": ({"csrf": "{token}"}, {"Origin": "null"}),
    "our host by another scheme": ({"csrf": "{token}"}, {"Origin": "{other-scheme}"}),
    "our origin as the beginning of another": ({"csrf": "{token}"}, {"Origin": "{own}.evil.com"}),
    "neither origin nor referrer": ({"csrf": "{token}"}, {}),
    "a foreign referrer": ({"csrf": "{token}"}, {"Referer": "https://evil.example/console/"}),
    "a fetch from another site": (
        {"csrf": "{token}"},
        {"Origin": "{own}", "Sec-Fetch-Site": "cross-site"},
    ),
    "a fetch from a neighbour": (
        {"csrf": "{token}"},
        {"Origin": "{own}", "Sec-Fetch-Site": "same-site"},
    ),
}


@pytest.mark.parametrize("forgery", FORGERIES)
async def test_a_forged_form_is_refused_on_every_route(place: Town, forgery: str) -> None:
    boss = await visitor(place, "administrator")
    own = place.url
    said = {
        "{own}": own,
        "{token}": boss.csrf,
        "{other-scheme}": own.replace("http://", "https://"),
    }

    def filled(values: dict[str, str]) -> dict[str, str]:
        return {
            name: value.replace("{own}", own) if "{own}" in value else said.get(value, value)
            for name, value in values.items()
        }

    fields, headers = FORGERIES[forgery]
    for page in FORMS:
        if page.path.startswith("/login"):
            continue  # these have tokens of their own; see below
        async with boss.http.post(
            boss.address(path_of(page)),
            data=filled(fields),
            headers=filled(headers),
            allow_redirects=False,
        ) as answer:
            assert (page, answer.status) == (page, 403)
    assert (await boss.get("/me")).status == 200  # nobody was signed out by it
    assert await place.count("journal") == 0


async def test_a_login_is_not_forged_either(place: Town) -> None:
    somebody = await stranger(place)
    await somebody.get("/login")
    for token, origin in [("", place.url), ("x", place.url), (somebody.csrf, "https://evil.test")]:
        answer = await somebody.ask(
            "POST",
            "/login",
            data={"csrf": token, "name": "a", "password": "b"},
            headers={"Origin": origin},
        )
        assert answer.status == 403


async def test_the_token_of_one_session_does_not_serve_another(place: Town) -> None:
    one, other = await visitor(place, "operator"), await visitor(place, "operator")
    assert one.csrf != other.csrf
    assert (await one.post("/me/sessions", _csrf=other.csrf, digest="others")).status == 403
    assert (await one.post("/me/sessions", digest="others")).status == 303


@pytest.mark.parametrize(
    "content",
    [
        ("application/json", b'{"csrf": "x"}'),
        ("multipart/form-data; boundary=x", b"no form at all"),
        ("multipart/form-data", b""),
        ("application/x-www-form-urlencoded", b"csrf=%ff%fe&csrf=2"),
        ("application/x-www-form-urlencoded; charset=nonsense", b"csrf=1"),
        ("text/plain", b"csrf=1"),
    ],
)
async def test_a_body_that_is_no_form_is_refused(place: Town, content: tuple[str, bytes]) -> None:
    one = await visitor(place, "operator")
    answer = await one.ask(
        "POST",
        "/me/sessions",
        data=content[1],
        headers={"Content-Type": content[0], "Origin": place.url},
    )
    assert answer.status in (400, 403)


async def test_a_session_ends_after_idling_and_in_any_case_after_its_hours(
    place: Town, clock: Still
) -> None:
    one = await visitor(place, "viewer")
    clock.leap = IDLE - timedelta(seconds=1)
    assert (await one.get("/me")).status == 200
    while clock.leap + IDLE < ABSOLUTE:
        clock.leap += IDLE - timedelta(seconds=1)
        assert (await one.get("/me")).status == 200
    clock.leap = ABSOLUTE - timedelta(seconds=1)
    assert (await one.get("/me")).status == 200
    clock.leap = ABSOLUTE
    assert (await one.get("/me")).status == 303


async def test_what_a_page_fetches_by_itself_keeps_nobody_signed_in(
    place: Town, clock: Still
) -> None:
    one = await visitor(place, "viewer")
    for minutes in range(5, 30, 5):
        clock.leap = timedelta(minutes=minutes)
        answer = await one.ask("GET", "/me", headers={"HX-Request": "true"})
        assert answer.status == 200
    clock.leap = IDLE
    assert (await one.get("/me")).status == 303


async def test_an_act_after_the_session_ended_is_not_done_and_leads_back_to_its_page(
    place: Town, clock: Still
) -> None:
    boss = await visitor(place, "administrator")
    await visitor(place, "viewer")
    clock.leap = timedelta(hours=1)
    answer = await boss.ask(
        "POST",
        "/people/viewer-one/disable",
        data={"csrf": boss.csrf, "reason": "left"},
        headers={"Origin": place.url, "Referer": f"{place.url}/console/people/viewer-one?x=1"},
    )
    target = "/console/login?next=/console/people/viewer-one%3Fx%3D1&expired=1"
    assert (answer.status, answer.headers["Location"]) == (303, target)
    async with boss.http.get(boss.address(target)) as page:
        text = await page.text()
    assert "session" in text.lower()
    assert 'name="next" value="/console/people/viewer-one?x=1"' in text
    async with place.hub.store.read() as connection:
        found = await operators.get(connection, "viewer-one")
    assert found is not None
    assert found.disabled_at is None


async def test_a_foreign_referrer_is_not_gone_back_to(place: Town, clock: Still) -> None:
    boss = await visitor(place, "administrator")
    clock.leap = timedelta(hours=1)
    for referrer in ("https://evil.example/console/x", "//evil.example", "x" * 9, "http://[::1"):
        answer = await boss.ask("POST", "/people", headers={"Referer": referrer})
        assert answer.headers["Location"] == "/console/login?next=/console/&expired=1"


async def test_a_part_of_a_page_sends_its_whole_page_to_the_login(
    place: Town, clock: Still
) -> None:
    one = await visitor(place, "viewer")
    clock.leap = timedelta(hours=1)
    headers = {"HX-Request": "true", "HX-Current-URL": f"{place.url}/console/me"}
    answer = await one.ask("GET", "/me", headers=headers)
    assert answer.status == 204
    assert answer.headers["HX-Redirect"] == "/console/login?next=/console/me&expired=1"
    stream = await one.ask("GET", "/me", headers={"Accept": "text/event-stream"})
    assert stream.status == 401


async def test_a_revoked_session_is_over_with_the_next_click_and_in_an_open_stream(
    place: Town,
) -> None:
    one = await visitor(place, "viewer")
    assert (await one.get("/me")).status == 200
    asked: list[bool] = []

    async def stream(request: web.Request) -> web.Response:
        asked.append(await still(request))
        async with place.hub.store.write() as tx:
            await sessions.revoke_all(tx, request[VISIT].who.name)
        asked.append(await still(request))
        return web.Response()

    await _visited(place, Page("GET", "/stream", Access.VIEWER, stream), one.cookie)
    assert asked == [True, False]
    assert (await one.get("/me")).status == 303


async def _visited(place: Town, page: Page, cookie: str) -> int:
    """What a room of one page answers, behind the console's own guard and sessions."""
    known: dict[web.AbstractRoute, Page] = {}
    app = web.Application(middlewares=[session_middleware(StoredSessions(place.hub)), guard(known)])
    app[HUB] = place.hub
    known[app.router.add_route(page.method, page.path, page.handle)] = page
    client = TestClient(TestServer(app), cookies={"passavant": cookie})
    async with client, client.get(page.path) as answer:
        return answer.status


async def test_a_click_during_a_revocation_does_not_bring_the_session_back(place: Town) -> None:
    one = await visitor(place, "viewer")

    async def slow(request: web.Request) -> web.Response:
        (await get_session(request))["note"] = "changed"
        async with place.hub.store.write() as tx:
            await sessions.revoke_all(tx, "viewer-one")
        return web.Response()

    assert await _visited(place, Page("GET", "/slow", Access.VIEWER, slow), one.cookie) == 200
    assert await place.count("sessions") == 0


async def test_a_link_from_another_site_is_followed_once_more_from_here(place: Town) -> None:
    somebody = await stranger(place)
    headers = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}
    async with somebody.http.get(
        somebody.address("/me"), headers=headers, allow_redirects=False
    ) as answer:
        text = await answer.text()
    assert answer.status == 200
    assert 'content="0; url=/console/login?next=/console/me"' in text


async def test_an_unknown_page_is_not_found_and_shows_nothing_of_the_console(place: Town) -> None:
    somebody = await stranger(place)
    async with somebody.http.get(somebody.address("/nowhere")) as answer:
        text = await answer.text()
    assert answer.status == 404
    assert 'class="menu"' not in text


async def test_each_page_bears_the_headers(place: Town) -> None:
    somebody = await stranger(place)
    for path in ("/login", "/nowhere", "/me"):
        answer = await somebody.get(path)
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Referrer-Policy"] == "same-origin"
        assert answer.headers["Cache-Control"] == "no-store"


async def test_the_language_is_ones_own_and_before_signing_in_the_browsers(place: Town) -> None:
    somebody = await stranger(place)

    async def tongue(path: str, **headers: str) -> str:
        async with somebody.http.get(somebody.address(path), headers=headers) as answer:
            found = re.search(r'<html lang="(\w+)"', await answer.text())
        return found.group(1) if found else ""

    assert await tongue("/login") == "fr"
    assert await tongue("/login", **{"Accept-Language": "de, ar-MA;q=0.8, en"}) == "ar"
    assert await tongue("/login?lang=xx") == "fr"
    assert await tongue("/login?lang=en") == "en"
    assert await tongue("/login") == "en"
    one = await visitor(place, "viewer", language="fr")
    await one.get("/me?lang=ar")
    async with place.hub.store.read() as connection:
        found = await operators.get(connection, "viewer-one")
    assert found is not None
    assert found.language == "ar"


def test_only_pages_of_the_console_are_gone_to() -> None:
    for good in ("/console/", "/console/messages?x=1&y=/a", "/console/a/b", "/console/é%20"):
        assert own_path(good) == good
    for bad in (
        "/console/./x",
        "/console/a/..",
        "/console/a/../b",
        "/console/ a",
        "/console/\u0085",
    ):
        assert own_path(bad) == "/console/"


def test_a_digest_tells_nothing_of_the_cookie() -> None:
    assert digest_of("cookie") != digest_of("Cookie")
    assert re.fullmatch("[0-9a-f]{64}", digest_of("\udcff"))
