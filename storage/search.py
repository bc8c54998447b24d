"""Dossiers by what they are found by, those changed last first: no question reads them all.

A question is driven from one of two ends. When few dossiers bear one of the facets asked for, they
are looked up by number and sorted; otherwise the dossiers are walked from the last change on along
an index, and each is asked for its facets, until a page is full.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, literal, select, text, tuple_, union_all
from sqlalchemy.sql import func

from schemas.workflow import Dossier
from storage.columns import Instant
from storage.dossiers import assembled, columns
from storage.engine import Connection, SyncConnection
from storage.statement import Statement, unindexed
from storage.tables import dossiers, facets

#: From how many bearers on a facet is too common to begin with.
FEW = 1_000

#: From when to when, half-open; None is open.
Range = tuple[datetime | None, datetime | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which dossiers are asked for; each of these narrows; of several states or procedures it is
    any."""

    number: str | None = None
    owner: str | None = None
    procedures: tuple[str, ...] | None = None  #: an empty one finds nothing
    states: tuple[str, ...] | None = None  #: likewise
    facets: frozenset[tuple[str, str]] = frozenset()  #: names and values, all of them
    opened: Range = (None, None)
    changed: Range = (None, None)


_FEW_BEARERS = Statement(
    select(func.count()).select_from(
        select(literal(1))
        .select_from(facets)
        .where(facets.c.name == bindparam("name"), facets.c.value == bindparam("value"))
        .limit(bindparam("most"))
        .subquery()
    )
)


def _any(name: str, many: int) -> ColumnElement[bool]:
    """That a column holds one of so many values, whatever is walked along."""
    values: list[Any] = [bindparam(f"{name}_{place}") for place in range(many)]
    return unindexed(dossiers.c[name]).in_(values)


def _bears(place: int) -> ColumnElement[bool]:
    """That a dossier bears a facet, asked of each one alone: an EXISTS may be turned about."""
    found = (
        select(literal(1))
        .where(
            facets.c.dossier == dossiers.c.number,
            facets.c.name == bindparam(f"name_{place}"),
            facets.c.value == bindparam(f"value_{place}"),
        )
        .limit(1)
    )
    return found.scalar_subquery() == text("1")


def _bearers() -> Select[Any]:
    """The few dossiers that bear the first facet; the limit keeps it a list of its own."""
    return (
        select(facets.c.dossier)
        .where(facets.c.name == bindparam("name_0"), facets.c.value == bindparam("value_0"))
        .limit(bindparam("few"))
    )


@dataclass(frozen=True, slots=True)
class _Shape:
    """What a question is made of, without its values: each shape is one statement."""

    given: frozenset[str]
    procedures: int
    states: int
    facets: int
    driven: bool  #: by the first facet


def _bounds(shape: _Shape) -> list[ColumnElement[bool]]:
    """The conditions on instants; a dossier has changed when it was opened, or later."""
    each = {
        "opened_from": dossiers.c.opened_at >= bindparam("opened_from", type_=Instant),
        "opened_until": dossiers.c.opened_at < bindparam("opened_until", type_=Instant),
        "changed_from": dossiers.c.changed_at >= bindparam("changed_from", type_=Instant),
        "changed_until": dossiers.c.changed_at < bindparam("changed_until", type_=Instant),
        "at": tuple_(dossiers.c.changed_at, dossiers.c.number)
        < tuple_(bindparam("at", type_=Instant), bindparam("beyond", type_=dossiers.c.number.type)),
    }
    found = [each[name] for name in sorted(each.keys() & shape.given)]
    if "opened_from" in shape.given:
        found.append(dossiers.c.changed_at >= bindparam("opened_from", type_=Instant))
    return found


def _walked(shape: _Shape, state: int | None) -> Select[Any]:
    """One walk along one index; `state` is the place of the one state it keeps to."""
    found = select(*columns).where(*_bounds(shape))
    free = not shape.driven and "number" not in shape.given  # nothing else drives it yet
    for name in ("number", "owner"):
        if name in shape.given:
            plain = free or name == "number"
            column = dossiers.c[name] if plain else unindexed(dossiers.c[name])
            found = found.where(column == bindparam(name))
    if shape.driven:
        found = found.where(dossiers.c.number.in_(_bearers()))
    for place in range(1 if shape.driven else 0, shape.facets):
        found = found.where(_bears(place))
    if shape.procedures:
        found = found.where(_any("procedure", shape.procedures))
    if state is not None:
        found = found.where(dossiers.c.state == bindparam(f"state_{state}"))
    elif shape.states:
        found = found.where(_any("state", shape.states))
    order = (dossiers.c.changed_at.desc(), dossiers.c.number.desc())
    return found.order_by(*order).limit(bindparam("most"))


@cache
def _statement(shape: _Shape) -> Statement:
    apart = not shape.driven and not shape.given & {"number", "owner"}
    if shape.states == 0 or not apart:
        return Statement(_walked(shape, None))
    if shape.states == 1:
        return Statement(_walked(shape, 0))
    each = [select(_walked(shape, place).subquery()) for place in range(shape.states)]
    merged = union_all(*each).subquery()
    names = [merged.c[column.name] for column in columns]
    order = (merged.c.changed_at.desc(), merged.c.number.desc())
    return Statement(select(*names).order_by(*order).limit(bindparam("most")))


def _asked(
    connection: SyncConnection, wanted: Wanted, limit: int, before: tuple[datetime, str] | None
) -> tuple[_Shape, dict[str, Any]]:
    """The shape of a question with its values, the rarest facet first."""
    at, beyond = before or (None, None)
    given = {
        "number": wanted.number,
        "owner": wanted.owner,
        "opened_from": wanted.opened[0],
        "opened_until": wanted.opened[1],
        "changed_from": wanted.changed[0],
        "changed_until": wanted.changed[1],
        "at": at,
    }
    values: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
    procedures = tuple(dict.fromkeys(wanted.procedures or ()))
    states = tuple(dict.fromkeys(wanted.states or ()))
    counted = sorted(
        (
            _FEW_BEARERS.rows(connection, {"name": name, "value": value, "most": FEW})[0][0],
            name,
            value,
        )
        for name, value in wanted.facets
    )
    shape = _Shape(
        frozenset(values),
        len(procedures),
        len(states),
        len(counted),
        bool(counted) and counted[0][0] < FEW,
    )
    values |= {"most": limit, "few": FEW, "beyond": beyond}
    values |= {f"procedure_{place}": name for place, name in enumerate(procedures)}
    values |= {f"state_{place}": state for place, state in enumerate(states)}
    for place, (_, name, value) in enumerate(counted):
        values |= {f"name_{place}": name, f"value_{place}": value}
    return shape, values


def _latest(
    connection: SyncConnection, wanted: Wanted, limit: int, before: tuple[datetime, str] | None
) -> Sequence[Dossier]:
    shape, values = _asked(connection, wanted, limit, before)
    return assembled(connection, _statement(shape).rows(connection, values))


async def latest(
    conn: Connection,
    wanted: Wanted | None = None,
    *,
    limit: int = 10,
    before: tuple[datetime, str] | None = None,
) -> Sequence[Dossier]:
    """The dossiers changed last among those wanted, the latest first.

    `before` is the `(changed_at, number)` of the last one of the page before.
    """
    wanted = wanted or Wanted()
    if wanted.states == () or wanted.procedures == ():
        return []
    return await conn.run_sync(_latest, wanted, limit, before)
