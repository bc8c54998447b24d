"""Where an operator's command acts: the settings, the store beside a running hub, the journal."""

from __future__ import annotations

import asyncio
import getpass
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from pydantic import ValidationError

from gateway.clock import utc_now
from gateway.commands.say import refuse
from gateway.config import Settings, find_file, load
from storage import StoreUnavailable, journal
from storage.engine import Connection, Store

if TYPE_CHECKING:
    from gateway.acts.act import By
    from gateway.hub import Hub

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """One command's surroundings."""

    settings: Settings
    store: Store
    now: datetime

    async def note(self, tx: Connection, kind: str, subject: str, **facts: str) -> None:
        """Write the operator's act into the journal, in the act's own transaction."""
        record = journal.Record(
            at=self.now,
            kind=kind,
            subject=subject,
            dossier=None,
            actor=f"operator {getpass.getuser()}",
            digest=None,
            facts=facts,
        )
        await journal.append(tx, [record])

    def by(self, reason: str) -> By:
        """Whoever sits at this machine, as one who acts: he has the database in any case."""
        from gateway.acts.act import By, Rank

        return By(name=getpass.getuser(), rank=Rank.ADMINISTRATOR, at=self.now, reason=reason)

    def hub(self) -> Hub:
        """The hub as acts need it, with nothing running."""
        from gateway.directory import Directory
        from gateway.hub import Hub
        from gateway.serve import load_seal

        signer, stamp = load_seal(self.settings)
        return Hub(
            settings=self.settings,
            store=self.store,
            signer=signer,
            stamp=stamp,
            directory=Directory(self.store),
        )


def settings_of(config: Path | None) -> Settings:
    """The settings, or a sentence and status 1."""
    file = find_file(config)
    try:
        return load(file)
    except FileNotFoundError:
        refuse(f"There is no {file}: run `passavant init` first, or name it with --config.")
    except ValidationError as problem:
        lines = [f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in problem.errors()]
        refuse(f"{file} cannot be used:\n  " + "\n  ".join(lines))


def at_office(config: Path | None, act: Callable[[Office], Awaitable[T]]) -> T:
    """Run an act on the hub's database, beside whatever else runs on it."""
    settings = settings_of(config)

    async def run() -> T:
        store = await Store.open(settings.database_url, checkpoint=False)
        try:
            return await act(Office(settings=settings, store=store, now=utc_now()))
        finally:
            await store.close()

    try:
        return asyncio.run(run())
    except StoreUnavailable as problem:
        refuse(f"The database cannot be used: {problem}")
