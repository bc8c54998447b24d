"""A paper's public page: what its procedure says of it, with the files in force and the hour."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from gateway.hub import Hub
from handlers.standing import Standing
from schemas.workflow import Dossier
from storage.papers import Leaf


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicPaper:
    """All that the public may know of a paper; `papers` are the files in force, with digests."""

    standing: Standing
    version: int
    papers: tuple[tuple[str, str], ...]
    changed: str
    now: str

    def facts(self) -> dict[str, Any]:
        """The same for programs."""
        standing = self.standing
        return {
            "number": standing.number,
            "version": self.version,
            "state": standing.state.name,
            "verdict": standing.verdict.name,
            "good": standing.verdict.good,
            "valid_from": _iso(standing.valid_from),
            "valid_until": _iso(standing.valid_until),
            "remaining": [asdict(one) for one in standing.remaining],
            "earlier": [
                {**asdict(one), "revoked_on": _iso(one.revoked_on)} for one in standing.earlier
            ],
            "content_sha256": standing.content,
            "papers": [{"name": name, "sha256": digest} for name, digest in self.papers],
            "changed_at": self.changed,
            "answered_at": self.now,
        }


def public_paper(hub: Hub, dossier: Dossier, kept: Sequence[Leaf] = ()) -> PublicPaper | None:
    """What a dossier's page shows now; None for a state that no table knows."""
    procedure = hub.registry.procedures[dossier.procedure]
    if procedure.state(dossier.state) is None:
        return None
    now = hub.clock()
    standing = procedure.standing(dossier, now.date())
    return PublicPaper(
        standing=standing,
        version=dossier.version,
        papers=tuple(
            (leaf.name, leaf.digest)
            for leaf in kept
            if leaf.state == "current" and leaf.name in standing.papers
        ),
        changed=f"{dossier.changed_at:%Y-%m-%d %H:%M} UTC",
        now=f"{now:%Y-%m-%d %H:%M} UTC",
    )


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
