from __future__ import annotations

from datetime import timedelta

import pytest

from schemas.workflow import Role
from storage import partners
from storage.engine import Connection, Store
from storage.partners import Partner, StoredCertificate, Taken
from tests.storage.values import NOW

CERTIFICATE = StoredCertificate(
    fingerprint="ab" * 32,
    pem="-----BEGIN CERTIFICATE-----",
    not_before=NOW,
    not_after=NOW + timedelta(days=730),
    added_at=NOW,
)


async def add(store: Store, name: str, role: Role = Role.MINISTRY) -> None:
    async with store.write() as tx:
        await partners.add(tx, name=name, role=role, now=NOW)


async def test_a_partner_comes_back_with_its_certificates(store: Store) -> None:
    second = StoredCertificate(
        fingerprint="cd" * 32,
        pem="second",
        not_before=NOW,
        not_after=NOW,
        added_at=NOW + timedelta(days=1),
    )
    async with store.write() as tx:
        await partners.add(
            tx, name="customs", role=Role.CUSTOMS, now=NOW, push_url="https://c/", types=["B", "A"]
        )
        await partners.add_certificate(tx, "customs", second)
        await partners.add_certificate(tx, "customs", CERTIFICATE)
    async with store.read() as connection:
        assert await partners.get(connection, "customs") == Partner(
            name="customs",
            role=Role.CUSTOMS,
            push_url="https://c/",
            types=("A", "B"),
            created_at=NOW,
            certificates=(CERTIFICATE, second),
        )
        assert await partners.get(connection, "bank") is None


async def test_a_name_and_a_certificate_are_taken_once(store: Store) -> None:
    await add(store, "mce")
    with pytest.raises(Taken):
        await add(store, "mce")
    async with store.write() as tx:
        await partners.add_certificate(tx, "mce", CERTIFICATE)
    await add(store, "other")
    with pytest.raises(Taken):
        async with store.write() as tx:
            await partners.add_certificate(tx, "other", CERTIFICATE)


async def test_a_role_is_held_by_those_not_suspended(store: Store) -> None:
    for name in ("b", "a", "c"):
        await add(store, name)
    await add(store, "bank", Role.BANK)
    async with store.write() as tx:
        assert await partners.suspend(tx, "a", "unpaid", NOW)
        assert not await partners.suspend(tx, "a", "again", NOW)
        held = await partners.by_role(tx, Role.MINISTRY)
        suspended = await partners.get(tx, "a")
        assert [found.name for found in held] == ["b", "c"]
        assert suspended is not None
        assert (suspended.suspended_at, suspended.suspension_reason) == (NOW, "unpaid")
        assert await partners.resume(tx, "a")
        held = await partners.by_role(tx, Role.MINISTRY)
        every = await partners.all(tx)
    assert [found.name for found in held] == ["a", "b", "c"]
    assert [found.name for found in every] == ["a", "b", "bank", "c"]


async def test_a_certificate_is_suspended_alone(store: Store) -> None:
    await add(store, "mce")
    async with store.write() as tx:
        await partners.add_certificate(tx, "mce", CERTIFICATE)
        assert await partners.suspend_certificate(tx, CERTIFICATE.fingerprint, NOW)
        assert not await partners.suspend_certificate(tx, CERTIFICATE.fingerprint, NOW)
        assert not await partners.suspend_certificate(tx, "00", NOW)
        found = await partners.get(tx, "mce")
    assert found is not None
    assert found.suspended_at is None
    assert found.certificates[0].suspended_at == NOW


async def test_a_partner_is_found_by_its_token_alone(store: Store) -> None:
    await add(store, "mce")
    await add(store, "bank", Role.BANK)
    async with store.write() as tx:
        assert await partners.set_token_hash(tx, "mce", "11" * 32)
        assert not await partners.set_token_hash(tx, "nobody", "22" * 32)
        found = await partners.by_token_hash(tx, "11" * 32)
        assert found is not None
        assert found.name == "mce"
        assert await partners.by_token_hash(tx, "22" * 32) is None
        assert await partners.set_token_hash(tx, "mce", None)
        assert await partners.by_token_hash(tx, "11" * 32) is None
        assert await partners.set_push_url(tx, "bank", "https://bank/")


async def test_a_partner_who_only_consults_may_be_let_act_and_back(store: Store) -> None:
    async with store.write() as tx:
        await partners.add(tx, name="audit", role=Role.MINISTRY, now=NOW, consults=True)
        assert (await partner_of(tx, "audit")).consults
        assert await partners.set_consults(tx, "audit", consults=False)
        assert not (await partner_of(tx, "audit")).consults
        assert not await partners.set_consults(tx, "nobody", consults=True)


async def partner_of(tx: Connection, name: str) -> Partner:
    found = await partners.get(tx, name)
    assert found is not None
    return found


async def test_partners_are_paged_by_name(store: Store) -> None:
    async with store.write() as tx:
        for name in ("mce", "adii", "coop"):
            await partners.add(tx, name=name, role=Role.CUSTOMS, now=NOW)
        first = await partners.page(tx, limit=2)
        rest = await partners.page(tx, after=first[-1].name, limit=2)
    assert [one.name for one in (*first, *rest)] == ["adii", "coop", "mce"]
