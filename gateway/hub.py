"""What every hop of a message's life shares: settings, store, seal, partners and clock."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from aiohttp import web

from gateway.clock import utc_now as utc_now
from gateway.config import Settings
from gateway.directory import Directory
from gateway.metrics import Metrics
from gateway.seal.sign import Signer
from gateway.seal.statement import Stamp
from handlers.registry import Registry, registry
from storage.engine import Store

#: The namespace of the hub's own reply ids: the same message always gets the same reply ids.
_REPLIES = uuid.UUID("6b1c2a0e-6f5e-5b0c-9a64-2f6f1f1c7e55")


def reply_id(sender: str, instance: str, part: str) -> str:
    """The InstanceIdentifier of one reply to one message, the same on every try."""
    return str(uuid.uuid5(_REPLIES, f"{sender}\n{instance}\n{part}"))


def paper_lane(number: str) -> str:
    """The lane in which a dossier's papers are printed, one after another."""
    return f"paper/{number}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hub:
    """One running hub; a value, so that a test can build one with its own clock."""

    settings: Settings
    store: Store
    signer: Signer
    stamp: Stamp
    directory: Directory
    clock: Callable[[], datetime] = utc_now
    registry: Registry = field(default_factory=registry)
    metrics: Metrics = field(default_factory=Metrics)

    @property
    def name(self) -> str:
        """The name partners write as the receiver."""
        return self.settings.hub.name


#: Where an HTTP application keeps its hub.
HUB = web.AppKey("hub", Hub)
