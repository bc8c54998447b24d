"""Charts made here: bars of what passed, one row a kind; the template draws them and tells them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from storage.traffic import Passed, Point, Span

WIDTH, ROW, GAP, BASE = 720, 56, 20, 18  #: of the drawing, in its own units

#: The rows of a chart with what they add up.
ROWS: dict[str, tuple[Passed, ...]] = {
    "received": (Passed.ACCEPTED,),
    "refused": (Passed.REJECTED, Passed.REFUSED),
    "delivered": (Passed.DELIVERED,),
}


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar, in the units of the drawing."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Row:
    """One kind's bars over a base line, with its greatest count and their sum."""

    name: str
    base: int
    bars: tuple[Bar, ...]
    most: int
    total: int


@dataclass(frozen=True, slots=True)
class Chart:
    """A drawing, and the same numbers in words; `marks` are instants along the base with their x.

    `lines` are the instants at which something passed, the latest first, with the count of each
    row.
    """

    name: str
    rows: tuple[Row, ...]
    height: int
    marks: tuple[tuple[float, datetime], ...]
    lines: tuple[tuple[datetime, tuple[int, ...]], ...]


def chart(name: str, points: Sequence[Point], span: Span, end: datetime, slots: int) -> Chart:
    """The last `slots` spans of time up to the one that `end` is in."""
    last = span.beginning(end)
    ats = [last - span.length * (slots - 1 - place) for place in range(slots)]
    found = {point.at: point.counts for point in points}
    counts = {
        row: [sum(found.get(at, {}).get(kind, 0) for kind in kinds) for at in ats]
        for row, kinds in ROWS.items()
    }
    step = WIDTH / slots
    told = zip(ats, zip(*counts.values(), strict=True), strict=True)
    return Chart(
        name=name,
        rows=tuple(_row(row, place, counts[row], step) for place, row in enumerate(ROWS)),
        height=len(ROWS) * (ROW + GAP) + BASE,
        marks=tuple((round(place * step, 1), ats[place]) for place in range(0, slots, slots // 6)),
        lines=tuple((at, line) for at, line in reversed(list(told)) if any(line)),
    )


def _row(name: str, place: int, counts: Sequence[int], step: float) -> Row:
    base = (place + 1) * (ROW + GAP)
    most = max(counts)
    bars = []
    for slot, count in enumerate(counts):
        if count:
            height = max(2.0, ROW * count / most)
            x, width = slot * step + step * 0.1, step * 0.8
            bars.append(
                Bar(round(x, 2), round(base - height, 2), round(width, 2), round(height, 2))
            )
    return Row(name=name, base=base, bars=tuple(bars), most=most, total=sum(counts))
