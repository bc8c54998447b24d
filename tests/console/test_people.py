from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from storage import operators, sessions
from storage.operators import Operator
from storage.tables import metadata
from tests.console.test_login import PASSWORD, code, sign_in, with_factor, with_password
from tests.console.visitors import Still, Visitor, enrolled, stranger, visitor
from tests.town import Town, town

HOSTILE = '<script>alert("x")</script>\u202e'


@pytest.fixture
async def place(tmp_path: Path, sqlite_url: str) -> AsyncIterator[Town]:
    async with town(tmp_path, sqlite_url, workers=0, names=(), clock=Still()) as found:
        yield found


async def known(place: Town, name: str) -> Operator:
    async with place.hub.store.read() as connection:
        found = await operators.get(connection, name)
    assert found is not None
    return found


async def told(place: Town, subject: str) -> list[Any]:
    """What the journal says about somebody, the oldest first."""
    journal = metadata.tables["journal"]
    found = select(journal).where(journal.c.subject == subject).order_by(journal.c.id)
    async with place.hub.store.read() as connection:
        return await connection.run_sync(lambda sync: list(sync.execute(found).all()))


async def body(someone: Visitor, path: str, **options: Any) -> str:
    async with someone.http.get(someone.address(path), **options) as answer:
        return await answer.text()


async def test_an_administrator_adds_somebody_who_signs_in_and_chooses_a_password(
    place: Town,
) -> None:
    boss = await visitor(place, "administrator")
    await boss.get("/people/new")
    fields = {
        "name": "amina",
        "display": "Amina",
        "email": "amina@example.org",
        "role": "operator",
        "language": "fr",
        "reason": "she joins",
    }
    async with boss.http.post(
        boss.address("/people"),
        data={"csrf": boss.csrf, **fields},
        headers={"Origin": place.url},
    ) as answer:
        text = await answer.text()
    assert answer.status == 200
    given = re.search(r'<strong><bdi class="id" dir="ltr">([^<]+)</bdi>', text)
    assert given is not None
    amina = await known(place, "amina")
    assert (amina.role, amina.email, amina.has_password) == ("operator", "amina@example.org", True)
    [record] = await told(place, "amina")
    assert (record.kind, record.actor) == ("operator added", "operator administrator-one")
    assert record.facts == {"role": "operator", "reason": "she joins"}
    assert given.group(1) not in await body(boss, "/people/amina")
    newcomer = await stranger(place)
    assert (await sign_in(newcomer, "amina", given.group(1))).status == 303
    led = await newcomer.get("/me")
    assert led.headers["Location"] == "/console/me/password"


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"name": "Amina"}, "small letters"),
        ({"name": ""}, "small letters"),
        ({"name": "a" * 65}, "small letters"),
        ({"name": "../x"}, "small letters"),
        ({"role": "king"}, "no such role"),
        ({"language": "xx"}, "no such language"),
        ({"email": "nobody@"}, "no e-mail"),
        ({"email": "a@b.example, c@d.example"}, "no e-mail"),
        ({"display": "x" * 121}, "are called"),
        ({"display": "a\nb"}, "are called"),
        ({"reason": ""}, "Give a reason"),
        ({"reason": "  x  "}, "Give a reason"),
        ({"reason": "x" * 501}, "Give a reason"),
        ({"name": "administrator-one"}, "already"),
    ],
)
async def test_what_makes_no_operator_is_said_and_nothing_is_added(
    place: Town, fields: dict[str, str], said: str
) -> None:
    boss = await visitor(place, "administrator")
    await boss.get("/people/new")
    good = {"name": "amina", "role": "viewer", "language": "fr", "reason": "she joins"}
    async with boss.http.post(
        boss.address("/people"),
        data={"csrf": boss.csrf, **good, **fields},
        headers={"Origin": place.url},
    ) as answer:
        assert said in await answer.text()
    assert answer.status == 400
    assert await place.count("operators") == 1
    assert await place.count("journal") == 0


async def test_each_act_is_done_with_its_record_and_reason(place: Town) -> None:
    boss = await visitor(place, "administrator")
    await with_password(place, "amina", "viewer")
    await with_factor(place, "amina")
    await boss.get("/people/amina")
    for kind, more in [
        ("change", {"display": "Amina B.", "email": "", "role": "operator"}),
        ("factor", {}),
        ("revoke", {}),
        ("disable", {}),
        ("enable", {}),
        ("link", {"subject": "https://id.example|7"}),
    ]:
        answer = await boss.post(f"/people/amina/{kind}", reason=f"why {kind}", **more)
        assert (answer.status, answer.headers["Location"]) == (
            303,
            f"/console/people/amina?done={kind}",
        )
    amina = await known(place, "amina")
    assert (amina.display, amina.role, amina.email) == ("Amina B.", "operator", None)
    assert (amina.has_totp, amina.disabled_at) == (False, None)
    assert amina.subject == "https://id.example|7"
    records = await told(place, "amina")
    assert [(record.kind, record.facts["reason"]) for record in records] == [
        ("operator changed", "why change"),
        ("second factor reset", "why factor"),
        ("sessions revoked", "why revoke"),
        ("operator disabled", "why disable"),
        ("operator enabled", "why enable"),
        ("operator linked", "why link"),
    ]
    assert {record.actor for record in records} == {"operator administrator-one"}
    assert records[0].facts["role"] == "viewer → operator"


async def test_nothing_is_done_without_a_reason(place: Town) -> None:
    boss = await visitor(place, "administrator")
    await with_password(place, "amina", "viewer")
    await boss.get("/people/amina")
    before = await known(place, "amina")
    for kind in ("change", "disable", "password", "revoke", "link"):
        assert (await boss.post(f"/people/amina/{kind}", reason=" ")).status == 409
    assert await known(place, "amina") == before
    assert await place.count("journal") == 0


async def test_a_reset_password_ends_the_sessions_and_must_be_changed(place: Town) -> None:
    boss = await visitor(place, "administrator")
    await with_password(place, "amina")
    there = await stranger(place)
    await sign_in(there)
    await boss.get("/people/amina")
    assert (await boss.post("/people/amina/password", reason="forgotten")).status == 200
    assert (await there.get("/me")).headers["Location"].startswith("/console/login")
    assert (await sign_in(await stranger(place))).status == 401
    assert (await known(place, "amina")).password_at is None


@pytest.mark.parametrize(("kind", "more"), [("disable", {}), ("change", {"role": "operator"})])
async def test_the_last_administrator_stays_one(
    place: Town, kind: str, more: dict[str, str]
) -> None:
    boss = await visitor(place, "administrator")
    await enrolled(place, "retired", "administrator", disabled_at=None)
    async with place.hub.store.write() as tx:
        await operators.disable(tx, "retired", place.hub.clock())
    await boss.get("/people/administrator-one")
    answer = await boss.post(
        f"/people/administrator-one/{kind}", reason="I leave", display="Boss", **more
    )
    assert answer.status == 409
    left = await known(place, "administrator-one")
    assert (left.role, left.disabled_at) == ("administrator", None)


async def test_a_disabled_operator_is_out_with_the_next_click(place: Town) -> None:
    boss, there = await visitor(place, "administrator"), await visitor(place, "operator")
    assert (await there.get("/me")).status == 200
    await boss.get("/people/operator-one")
    await boss.post("/people/operator-one/disable", reason="left")
    assert (await there.get("/me")).status == 303
    await boss.post("/people/operator-one/enable", reason="came back")
    assert (await there.get("/me")).status == 303  # the session is gone, not asleep


async def test_another_role_counts_from_the_next_click(place: Town) -> None:
    boss, there = await visitor(place, "administrator"), await visitor(place, "operator")
    assert (await there.get("/people")).status == 403
    await boss.get("/people/operator-one")
    fields = {"display": "x", "role": "administrator", "reason": "promoted"}
    await boss.post("/people/operator-one/change", **fields)
    assert (await there.get("/people")).status == 200
    await boss.post("/people/operator-one/change", **{**fields, "role": "viewer"})
    assert (await there.get("/people")).status == 403


@pytest.mark.parametrize("language", ["fr", "ar", "en"])
async def test_the_pages_speak_each_language_and_show_hostile_names_as_text(
    place: Town, language: str
) -> None:
    boss = await visitor(place, "administrator", language=language)
    await enrolled(place, "mallory", "viewer", display=HOSTILE)
    for path in ("/people", "/people/new", "/people/mallory", "/me", "/me/password", "/me/factor"):
        async with boss.http.get(boss.address(path)) as answer:
            text = await answer.text()
        assert answer.status == 200, path
        assert f'lang="{language}" dir="{"rtl" if language == "ar" else "ltr"}"' in text
        assert "<script>alert" not in text
        assert "script-src 'self'" in answer.headers["Content-Security-Policy"]


async def test_somebody_unknown_is_not_found(place: Town) -> None:
    boss = await visitor(place, "administrator")
    for path in ("/people/nobody", "/people/..%2f..%2fetc", "/people/%00"):
        assert (await boss.get(path)).status == 404
    await boss.get("/people/administrator-one")
    assert (await boss.post("/people/administrator-one/fly", reason="why not")).status == 404
    assert (await boss.post("/people/nobody/disable", reason="why not")).status == 404


async def test_one_sets_up_a_second_factor_with_a_code_and_needs_it_from_then_on(
    place: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tests.console.test_login import SECRET

    await with_password(place, "amina")
    there, elsewhere = await stranger(place), await stranger(place)
    await sign_in(there)
    await sign_in(elsewhere)
    monkeypatch.setattr("gateway.console.factor.new_secret", lambda: SECRET)
    page = await body(there, "/console/me/factor")
    assert SECRET in page
    drawn = await there.get("/me/factor.svg")
    assert (drawn.status, drawn.content_type) == (200, "image/svg+xml")
    await there.get("/me/factor")
    assert (await there.post("/me/factor", code="000000", password=PASSWORD)).status == 400
    assert (await there.post("/me/factor", code=code(place), password="wrong")).status == 400
    assert not (await known(place, "amina")).has_totp
    assert (await there.post("/me/factor", code=code(place), password=PASSWORD)).status == 303
    assert (await known(place, "amina")).has_totp
    assert (await there.get("/me")).status == 200
    assert (await elsewhere.get("/me")).status == 303
    again = await stranger(place)
    assert (await sign_in(again)).headers["Location"].startswith("/console/login/code")
    await again.get("/login/code")
    assert (await again.post("/login/code", code=code(place))).status == 401  # it served already
    assert (await again.post("/login/code", code=code(place, 1))).status == 303


async def test_the_secret_stands_sealed_wherever_it_is_kept(
    place: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tests.console.test_login import SECRET

    await with_password(place, "amina")
    there = await stranger(place)
    await sign_in(there)
    monkeypatch.setattr("gateway.console.factor.new_secret", lambda: SECRET)
    await there.get("/me/factor")
    async with place.hub.store.read() as connection:
        [session] = await sessions.of(connection, "amina")
    assert SECRET not in str(session.content)
    await there.post("/me/factor", code=code(place), password=PASSWORD)
    async with place.hub.store.read() as connection:
        sealed, step = await operators.totp(connection, "amina")
    assert sealed is not None
    assert SECRET not in sealed
    assert step is not None
    key = place.hub.settings.path(place.hub.settings.console.key)
    assert key.stat().st_mode & 0o777 == 0o600
    assert len(key.read_bytes()) == 32


async def test_a_second_factor_is_removed_by_password_and_code(place: Town) -> None:
    await with_password(place, "amina")
    await with_factor(place, "amina")
    there = await stranger(place)
    await sign_in(there)
    await there.get("/login/code")
    await there.post("/login/code", code=code(place, -1))
    await there.get("/me/factor")
    remove = "/me/factor/remove"
    assert (await there.post(remove, code=code(place), password="wrong")).status == 400
    assert (await there.post(remove, code="000000", password=PASSWORD)).status == 400
    assert (await known(place, "amina")).has_totp
    assert (await there.post(remove, code=code(place), password=PASSWORD)).status == 303
    assert not (await known(place, "amina")).has_totp


@pytest.mark.parametrize(
    ("old", "new", "again"),
    [
        ("wrong", "une autre phrase, longue", "une autre phrase, longue"),
        (PASSWORD, "une autre phrase, longue", "une autre phrase, courte"),
        (PASSWORD, PASSWORD, PASSWORD),
        (PASSWORD, "court", "court"),
        (PASSWORD, "amina-amina-amina", "amina-amina-amina"),
    ],
)
async def test_a_password_that_does_not_do_is_not_taken(
    place: Town, old: str, new: str, again: str
) -> None:
    await with_password(place, "amina")
    there = await stranger(place)
    await sign_in(there)
    await there.get("/me/password")
    assert (await there.post("/me/password", old=old, new=new, again=again)).status == 400
    assert (await sign_in(await stranger(place))).status == 303


async def test_a_changed_password_ends_the_other_sessions_and_renews_this_one(place: Town) -> None:
    await with_password(place, "amina")
    there, elsewhere = await stranger(place), await stranger(place)
    before = (await sign_in(there)).cookies["passavant"].value
    await sign_in(elsewhere)
    await there.get("/me/password")
    new = "une autre phrase, longue"
    answer = await there.post("/me/password", old=PASSWORD, new=new, again=new)
    assert answer.cookies["passavant"].value not in ("", before)
    assert (await there.get("/me")).status == 200
    assert (await elsewhere.get("/me")).status == 303
    assert (await sign_in(await stranger(place))).status == 401
    assert (await sign_in(await stranger(place), password=new)).status == 303


async def test_one_ends_ones_own_sessions_and_nobody_elses(place: Town) -> None:
    there, elsewhere = await visitor(place, "viewer"), await visitor(place, "viewer")
    other = await visitor(place, "operator")
    async with place.hub.store.read() as connection:
        [theirs] = await sessions.of(connection, "operator-one")
    await there.get("/me")
    await there.post("/me/sessions", digest=theirs.digest)
    assert (await other.get("/me")).status == 200
    assert (await there.post("/me/sessions", digest="others")).status == 303
    assert (await there.get("/me")).status == 200
    assert (await elsewhere.get("/me")).status == 303
    assert (await other.get("/me")).status == 200
