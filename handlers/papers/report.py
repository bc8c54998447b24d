"""A report as it is printed: key figures, bars, and the table behind them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from handlers.papers.frame import Frame

#: The length of the longest bar, in the units of the drawing.
LONGEST = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One bar: what it stands for, in French and Arabic, its figure and its length."""

    fr: str
    ar: str
    figure: str
    length: int  #: of `LONGEST`


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """Bars under the label of that name."""

    label: str
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportPaper:
    """What the template `report` prints; columns and indicators are named by their labels."""

    frame: Frame
    period: str
    restricted: str  #: to which service, agent, category and state; empty for all
    indicators: tuple[tuple[str, str], ...]
    charts: tuple[Chart, ...]
    columns: tuple[tuple[str, bool], ...]  #: a label, and whether its cells are figures
    rows: tuple[tuple[str, ...], ...]


def chart(label: str, counts: Sequence[tuple[str, str, int]]) -> Chart:
    """Bars for counts, each with its French and Arabic name, the longest over the whole width."""
    most = max((count for _, _, count in counts), default=0)
    return Chart(
        label=label,
        bars=tuple(
            Bar(fr=fr, ar=ar, figure=str(count), length=count * LONGEST // most if most else 0)
            for fr, ar, count in counts
        ),
    )
