"""A report on paper and as a spreadsheet: the same rows, in French."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from decimal import Decimal

from gateway import sheet
from gateway.config import PaperSettings
from gateway.reports import LABELS_OF, SUMS, Report, cells, days, facts
from handlers.papers import figures
from handlers.papers.frame import Frame, Issuer
from handlers.papers.labels import LABELS, Label
from handlers.papers.report import ReportPaper, chart

TEMPLATE = "report"
DIRHAMS = "MAD"
_TENTHS = -1  #: the exponent of what `days` gives
_WIDTHS = {"state": 34, "category": 34, "agent": 22, "goods_value": 18}


def spreadsheet(report: Report, now: datetime) -> bytes:
    """The .xlsx, one row for each of the report's."""
    labels = LABELS[TEMPLATE]
    names = [LABELS_OF[column] for column in report.asked.by] + list(SUMS)
    table = sheet.Table(
        name="Bilan",
        title=f"{report.title[0]} {_period(report)}",
        columns=[(labels[name].fr, _WIDTHS.get(name, 14)) for name in names],
        rows=cells(report),
    )
    return sheet.written(table, title=report.title[0], created=now)


def view(report: Report, now: datetime, settings: PaperSettings) -> ReportPaper:
    """The page: key figures, bars per state and category, and the rows."""
    asked, whole = report.asked, report.whole
    mean = days(whole)
    states = [report.procedure.state(name) for name, _ in report.states]
    return ReportPaper(
        frame=_frame(report, now, settings),
        period=_period(report),
        restricted=_restricted(report),
        indicators=(
            ("filed", _text(whole.dossiers)),
            ("open", _text(whole.dossiers - report.closed)),
            ("closed", _text(report.closed)),
            ("goods_value", figures.amount(whole.value, DIRHAMS)),
            ("delay", "" if mean is None else figures.quantity(mean)),
        ),
        charts=(
            chart(
                "by_state",
                [
                    (state.fr, state.ar, amounts.dossiers)
                    for state, (_, amounts) in zip(states, report.states, strict=True)
                    if state is not None
                ],
            ),
            chart(
                "by_category",
                [
                    (report.named("category", name), "", amounts.dossiers)
                    for name, amounts in report.categories
                ],
            ),
        ),
        columns=tuple(
            [(LABELS_OF[column], False) for column in asked.by] + [(name, True) for name in SUMS]
        ),
        rows=tuple(tuple(_text(value) for value in row) for row in cells(report)),
    )


def _frame(report: Report, now: datetime, settings: PaperSettings) -> Frame:
    french, arabic = report.title
    said = json.dumps(facts(report), ensure_ascii=False)
    return Frame(
        title=Label(fr=french, ar=arabic),
        reference=_period(report),
        version="",
        state=Label(fr=_restricted(report) or "Tous les dossiers", ar="كل الملفات"),
        watermark=None,
        issuer=Issuer(name=settings.issuer_fr, name_ar=settings.issuer_ar),
        produced_at=now,
        produced=figures.moment(now),
        digest=hashlib.sha256(said.encode()).hexdigest(),
        verify_url=None,
    )


def _period(report: Report) -> str:
    """`01/2026 – 11/2026`."""
    months = (report.asked.period_from, report.asked.period_until)
    return " – ".join(f"{month[5:]}/{month[:4]}" for month in dict.fromkeys(months))


def _restricted(report: Report) -> str:
    labels, asked = LABELS[TEMPLATE], report.asked
    narrowed = (
        ("service", asked.service),
        ("agent", asked.agent),
        ("category", asked.category and report.named("category", asked.category)),
        ("state", asked.state and report.named("state", asked.state)),
    )
    return " · ".join(f"{labels[key].fr} {figures.plain(text)}" for key, text in narrowed if text)


def _text(value: str | int | Decimal | None) -> str:
    """A cell: amounts have the decimals of the dirham, mean delays a tenth at most."""
    if isinstance(value, str):
        return figures.plain(value)
    if isinstance(value, Decimal) and value.as_tuple().exponent != _TENTHS:
        return figures.amount(value, DIRHAMS)
    return "" if value is None else figures.quantity(Decimal(value))
