"""How an inspection certificate stands today, for whoever holds it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from itertools import pairwise

from handlers.days import today as day_of
from handlers.inspection.inspection import Certificate, Inspection
from handlers.inspection.paper import CERTIFICATE, digest, standing_of
from handlers.standing import Earlier, Standing, bad, good
from schemas.workflow import Dossier

_VERDICTS = {
    "in-force": good("in-force", "En vigueur", "سارية", "In force"),
    "revoked": bad("revoked", "Révoqué", "مسحوبة", "Revoked"),
    "preview": bad("not-issued", "Non délivré", "لم تسلم", "Not issued"),
}


def standing(dossier: Dossier, today: date) -> Standing:
    """The certificate issued last, with those whose place it took; or that there is none."""
    inspection = Inspection.of(dossier)
    last = next(iter(inspection.certificates[-1:]), None)
    state = standing_of(last)
    return Standing(
        number=dossier.number if last is None else last.number,
        state=state,
        verdict=_VERDICTS[state.name],
        content=digest(inspection, last),
        papers=frozenset({CERTIFICATE}),
        earlier=tuple(_earlier(inspection.certificates)),
    )


def _earlier(certificates: tuple[Certificate, ...]) -> Iterator[Earlier]:
    """Each certificate but the last, revoked for the one after it; the latest of them first."""
    for one, following in reversed(list(pairwise(certificates))):
        revoked_at = one.revoked_at or following.issued_at
        yield Earlier(
            number=one.number, revoked_on=day_of(revoked_at), replaced_by=following.number
        )
