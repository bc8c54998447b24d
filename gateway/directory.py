"""Who the partners are and which certificates they signed up with, kept in memory for a second."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from gateway.seal.keys import load_certificate
from gateway.seal.verify import Pin
from schemas.workflow import Role
from storage import partners
from storage.engine import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A partner with its certificates loaded: keys are read from PEM once, not per message."""

    name: str
    role: Role
    push_url: str | None
    types: frozenset[str]  #: message types it may send beyond those of its role
    suspended: bool
    consults: bool = False  #: may only ask, never act
    pins: tuple[Pin, ...]


@dataclass(frozen=True, slots=True)
class Partners:
    """The partners as they were when last read."""

    by_name: Mapping[str, Known]

    def get(self, name: str) -> Known | None:
        """The partner of that name, suspended or not."""
        return self.by_name.get(name)

    def pins(self) -> Iterator[Pin]:
        """Every certificate in force."""
        for known in self.by_name.values():
            yield from (pin for pin in known.pins if not pin.suspended)

    def by_fingerprint(self, fingerprint: str) -> str | None:
        """The name of the partner whose certificate in force has this SHA-256 fingerprint."""
        return next(
            (
                known.name
                for known in self.by_name.values()
                for pin in known.pins
                if pin.certificate.fingerprint == fingerprint and not pin.suspended
            ),
            None,
        )

    def holder(self, role: Role) -> Known | None:
        """The active partner that holds a role; the first by name when several do."""
        holders = (known for known in self.by_name.values() if known.role is role)
        return min(
            (known for known in holders if not known.suspended),
            key=lambda known: known.name,
            default=None,
        )


class Directory:
    """Reads the partners again when what it holds is older than `age` seconds."""

    def __init__(self, store: Store, *, age: float = 1.0) -> None:
        self._store = store
        self._age = age
        self._read_at = float("-inf")
        self._lock = asyncio.Lock()
        self._partners = Partners({})
        self._pins: dict[tuple[str, bool], Pin] = {}

    async def look(self) -> Partners:
        """The partners, at most `age` seconds old."""
        if time.monotonic() - self._read_at < self._age:
            return self._partners
        async with self._lock:
            if time.monotonic() - self._read_at >= self._age:
                async with self._store.read() as connection:
                    rows = await partners.all(connection)
                self._partners = Partners({row.name: self._known(row) for row in rows})
                self._read_at = time.monotonic()
        return self._partners

    def forget(self) -> None:
        """Read again at the next look: something was just changed."""
        self._read_at = float("-inf")

    def _known(self, row: partners.Partner) -> Known:
        return Known(
            name=row.name,
            role=row.role,
            push_url=row.push_url,
            types=frozenset(row.types),
            suspended=row.suspended_at is not None,
            consults=row.consults,
            pins=tuple(self._pin(certificate) for certificate in row.certificates),
        )

    def _pin(self, certificate: partners.StoredCertificate) -> Pin:
        key = (certificate.fingerprint, certificate.suspended_at is not None)
        if key not in self._pins:
            self._pins[key] = Pin(
                certificate=load_certificate(certificate.pem.encode()), suspended=key[1]
            )
        return self._pins[key]
