"""How the goods as the agent found them differ from the exporter's lines."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from decimal import Decimal

from handlers.inspection.inspection import CraftLine, Inspection


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One field of one line before and after the agent's correction, as text; empty where absent.

    A line that the agent added or struck out differs in `line`, empty before or after.
    """

    line: int
    field: str  #: as `CraftLine` names it
    before: str
    after: str


def goods_difference(inspection: Inspection) -> tuple[Difference, ...]:
    """Where the certificate's lines differ from the exporter's, by line and field."""
    asked = {line.number: line for line in inspection.lines}
    found = {line.number: line for line in inspection.goods}
    return tuple(
        one
        for number in sorted(asked | found)
        for one in _between(number, asked.get(number), found.get(number))
    )


def _between(number: int, asked: CraftLine | None, found: CraftLine | None) -> Iterator[Difference]:
    if asked is None or found is None:
        before, after = _named(asked), _named(found)
        yield Difference(line=number, field="line", before=before, after=after)
        return
    for field in fields(CraftLine):
        before, after = getattr(asked, field.name), getattr(found, field.name)
        if before != after:  # 42 and 42.0 kilograms are the same
            yield Difference(
                line=number, field=field.name, before=_text(before), after=_text(after)
            )


def _named(line: CraftLine | None) -> str:
    return "" if line is None else line.description


def _text(value: object) -> str:
    if value is None:
        return ""
    return format(value, "f") if isinstance(value, Decimal) else str(value)
