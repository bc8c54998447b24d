"""What declarations hold of a licence in reservations, and what becomes of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal

from handlers.days import today
from handlers.licence.licence import Licence
from handlers.licence.life import Reservation
from handlers.licence.notices import notify
from schemas.errors import Code, Finding
from schemas.workflow import Entry, Reply


def held_by(licence: Licence, office: str, declaration: str, line: int) -> Reservation | None:
    """What a declaration holds of a line."""
    key = (office, declaration, line)
    return next(
        (one for one in licence.reservations if (one.office, one.declaration, one.line) == key),
        None,
    )


def without(licence: Licence, held: Reservation | None, *instead: Reservation) -> Licence:
    """The licence without a reservation, or with others in its place."""
    others = tuple(one for one in licence.reservations if one != held)
    return replace(licence, reservations=(*others, *instead))


def reservation_ended(licence: Licence, held: Reservation, last: date) -> tuple[Reply, ...]:
    """To who placed a reservation and to the declarant: it held until that day."""
    fr = (
        f"La réservation de la déclaration {held.declaration} sur la ligne {held.line} de la"
        f" licence {licence.number} a pris fin le {last:%d/%m/%Y}."
    )
    en = (
        f"The reservation of the declaration {held.declaration} on line {held.line} of the"
        f" licence {licence.number} ended on {last}."
    )
    return tuple(
        notify(to, licence, "reservation-ended", fr=fr, en=en) for to in (held.owner, licence.owner)
    )


def consumed(licence: Licence, entry: Entry) -> Licence:
    """The licence after an imputation took what its declaration had reserved of the line."""
    held = held_by(licence, entry.office, entry.declaration, entry.line)
    if held is None or entry.corrects is not None:
        return licence
    quantity, value = held.quantity - entry.quantity, held.value - entry.value
    if quantity <= 0:
        return without(licence, held)
    return without(licence, held, replace(held, quantity=quantity, value=max(value, Decimal(0))))


def unreserved(licence: Licence, now: datetime) -> Iterator[Finding]:
    """A finding for the first declaration that still holds a part of the licence."""
    day = today(now)
    held = next((one for one in licence.reservations if one.expires_on >= day), None)
    if held is not None:
        yield Finding(
            code=Code.LICENCE_RESERVED,
            fields={"declaration": held.declaration, "line": held.line, "until": held.expires_on},
        )
