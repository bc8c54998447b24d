"""A hub of the bench, with the partners a licence application needs."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from gateway.config import DatabaseSettings, HttpSettings, Settings
from gateway.hub import Hub, utc_now
from gateway.private import write_private
from gateway.seal.keys import load_certificate, load_key, new_key
from gateway.seal.sign import Signer
from gateway.serve import opened
from schemas.workflow import Role
from storage import partners

SENDER = "coop-atlas"
_PARTNERS = {SENDER: Role.DECLARANT, "mce": Role.MINISTRY, "adii": Role.CUSTOMS}


@asynccontextmanager
async def hub_in(folder: Path, *, port: int = 0) -> AsyncIterator[tuple[Hub, Signer]]:
    """A fresh embedded hub, and the declarant's signer."""
    settings = Settings(
        folder=folder,
        database=DatabaseSettings(url=f"sqlite:///{folder}/hub.db"),
        http=HttpSettings(port=port),
    )
    key, certificate = new_key("passavant", 30, utc_now())
    write_private(folder / "hub.key.pem", key)
    (folder / "hub.cert.pem").write_bytes(certificate)
    async with opened(settings) as hub:
        signers = {name: await _add(hub, name, role) for name, role in _PARTNERS.items()}
        yield hub, signers[SENDER]


async def _add(hub: Hub, name: str, role: Role) -> Signer:
    key, pem = new_key(name, 30, utc_now())
    certificate = load_certificate(pem)
    async with hub.store.write() as tx:
        await partners.add(tx, name=name, role=role, now=utc_now())
        stored = partners.StoredCertificate(
            fingerprint=certificate.fingerprint,
            pem=pem.decode(),
            not_before=certificate.not_before,
            not_after=certificate.not_after,
            added_at=utc_now(),
        )
        await partners.add_certificate(tx, name, stored)
    return Signer(load_key(key), certificate)
