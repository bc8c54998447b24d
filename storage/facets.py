"""Facets: the names and values that a dossier is found by, kept in step with its content."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from sqlalchemy import ARRAY, Text, bindparam, delete, insert, select

from storage.engine import SyncConnection
from storage.statement import Statement, among
from storage.tables import facets

#: What one dossier is found by.
Facets = frozenset[tuple[str, str]]

_keys = tuple(facets.c.keys())
_OF = Statement(
    select(facets).where(among(facets.c.dossier, bindparam("numbers", type_=ARRAY(Text))))
)
_ADD = Statement(insert(facets), *_keys)
_DROP = Statement(
    delete(facets).where(
        facets.c.dossier == bindparam("of_dossier"),
        facets.c.name == bindparam("of_name"),
        facets.c.value == bindparam("of_value"),
    )
)


def replace(connection: SyncConnection, wanted: Mapping[str, Facets]) -> None:
    """Make these the facets of these dossiers, by number; inside `run_sync`.

    Only what went or came is written: a dossier changes far more often than what it is found by.
    """
    if not wanted:
        return
    held: defaultdict[str, set[tuple[str, str]]] = defaultdict(set)
    for number, name, value in _OF.of(connection, "numbers", list(wanted)):
        held[number].add((name, value))
    gone = [
        {"of_dossier": number, "of_name": name, "of_value": value}
        for number, new in wanted.items()
        for name, value in sorted(held[number] - new)
    ]
    come = [
        {"dossier": number, "name": name, "value": value}
        for number, new in wanted.items()
        for name, value in sorted(new - held[number])
    ]
    if gone:
        _DROP.many(connection, gone)
    if come:
        _ADD.many(connection, come)
