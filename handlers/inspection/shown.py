"""How a dossier of the inspection is shown outside of messages: facts, facets, reports, papers."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from handlers.days import today
from handlers.inspection.goods import goods_difference
from handlers.inspection.inspection import (
    Complement,
    CraftLine,
    Filed,
    Inspection,
    Visit,
)
from handlers.inspection.paper import PAPERS as PAPERS  # the registry finds it here
from handlers.inspection.printed import printed as printed  # the registry finds it here
from handlers.inspection.settings import InspectionSettings
from schemas.facets import words
from schemas.workflow import Amounts, Cell, Dossier

GENERAL, CATEGORY = "general", "category"  #: the manual's « bilan général », « par catégorie »


def show(dossier: Dossier, settings: InspectionSettings) -> dict[str, Any]:
    """What was asked, who treats it and what was found; decimals and moments as text."""
    inspection = Inspection.of(dossier)
    exporter, consignee, answer = inspection.exporter, inspection.consignee, inspection.answer
    return {
        "exporter": exporter.name,
        "registration": {
            "number": exporter.registration_number,
            "place": exporter.registration_place,
        },
        "consignee": None if consignee is None else consignee.name,
        "service": inspection.service,
        "transport": inspection.transport,
        "exit_point": inspection.exit_point,
        "submitted_at": _text(inspection.submitted_at),
        "assignee": inspection.assignee or None,
        "assigned_at": _text(inspection.assigned_at),
        "taken_at": _text(inspection.taken_at),
        "closed_at": _text(inspection.closed_at),
        "lines": [_line(one) for one in inspection.lines],
        "corrected": [_line(one) for one in inspection.corrected],
        "difference": [
            {"line": one.line, "field": one.field, "before": one.before, "after": one.after}
            for one in goods_difference(inspection)
        ],
        "documents": [_document(one) for one in inspection.documents],
        "complements": [_complement(one) for one in inspection.complements],
        "visits": [_visit(one) for one in inspection.visits],
        "answer": None
        if answer is None
        else {
            "decision": answer.decision,
            "agent": answer.agent,
            "observation": answer.observation,
            "given_at": answer.given_at.isoformat(),
        },
        "certificates": [
            {
                "number": one.number,
                "issued_at": one.issued_at.isoformat(),
                "replaces": one.replaces or None,
                "revoked_at": _text(one.revoked_at),
                "reason": one.reason,
            }
            for one in inspection.certificates
        ],
        "reason": inspection.reason,
        "awaited": [
            {
                "answer": one.answer,
                "role": one.role,
                "since": one.since.isoformat(),
                "by": one.by.isoformat(),
                "overdue": one.overdue,
            }
            for one in inspection.awaited
        ],
    }


def _line(line: CraftLine) -> dict[str, Any]:
    return {
        "line": line.number,
        "code": line.code,
        "category": line.category,
        "product": line.product or None,
        "description": line.description,
        "quality": line.quality or None,
        "article": line.article or None,
        "weight": str(line.weight),
        "surface": _text(line.surface),
        "units": line.units,
        "local_value": _text(line.local_value),
        "value": str(line.value),
        "currency": line.currency,
        "pottery_certificate": line.pottery_certificate or None,
    }


def _document(filed: Filed) -> dict[str, Any]:
    return {
        "type": filed.kind,
        "description": filed.description,
        "issued_on": filed.issued_on.isoformat(),
        "filename": filed.filename,
        "digest": filed.digest,
        "size": filed.size,
        "filed_at": filed.filed_at.isoformat(),
        "complement": filed.complement or None,
    }


def _complement(complement: Complement) -> dict[str, Any]:
    return {
        "number": complement.number,
        "agent": complement.agent,
        "message": complement.message,
        "state": complement.state,
        "sent_at": complement.sent_at.isoformat(),
        "due": complement.due.isoformat(),
        "flags": [{"type": flag.kind, "remark": flag.remark} for flag in complement.flags],
        "answer": complement.answer,
        "answered_at": _text(complement.answered_at),
    }


def _visit(visit: Visit) -> dict[str, Any]:
    return {
        "agent": visit.agent,
        "day": visit.day.isoformat(),
        "message": visit.message,
        "reason": visit.reason,
        "result": visit.result or None,
        "held_on": _text(visit.held_on),
        "minutes": visit.minutes,
    }


def _text(value: date | datetime | Decimal | None) -> str | None:
    if value is None:
        return None
    return str(value) if isinstance(value, Decimal) else value.isoformat()


def facets(dossier: Dossier) -> frozenset[tuple[str, str]]:
    """What a dossier is found by: each value exact, each word of a name by itself."""
    inspection = Inspection.of(dossier)
    exporter, consignee = inspection.exporter, inspection.consignee
    each: dict[str, Iterable[str]] = {
        "exporter": words(exporter.name),
        "ice": (exporter.ice,),
        "registration": (exporter.registration_number,),
        "consignee": () if consignee is None else words(consignee.name),
        "service": (inspection.service,),
        "assignee": (inspection.assignee,),
        "exit_point": (inspection.exit_point,),
        "transport": (inspection.transport,),
        "category": (line.category for line in inspection.goods),
        "code": (line.code for line in inspection.goods),
        "certificate": (one.number for one in inspection.certificates),
    }
    return frozenset((name, value) for name, values in each.items() for value in values if value)


def tally(dossier: Dossier) -> Mapping[Cell, Amounts]:
    """What a submitted dossier adds to the general report, and to that of each category.

    Values are in dirhams where the exporter gave them, as the goods stand now; the time is that
    from submission to closing.
    """
    inspection = Inspection.of(dossier)
    if inspection.submitted_at is None:
        return {}
    whole = _amounts(inspection, inspection.goods)
    return {_cell(inspection, GENERAL): whole} | dict(_by_category(inspection))


def _by_category(inspection: Inspection) -> Iterator[tuple[Cell, Amounts]]:
    """A dossier of several categories counts in each of them, with its lines of that one."""
    for category in dict.fromkeys(line.category for line in inspection.goods):
        lines = [line for line in inspection.goods if line.category == category]
        yield _cell(inspection, CATEGORY, category), _amounts(inspection, lines)


def _amounts(inspection: Inspection, lines: Collection[CraftLine]) -> Amounts:
    seconds = _seconds(inspection)
    return Amounts(
        dossiers=1,
        lines=len(lines),
        value=_worth(lines),
        finished=int(seconds is not None),
        seconds=seconds or 0,
    )


def _cell(inspection: Inspection, report: str, category: str = "") -> Cell:
    filed_at = inspection.submitted_at or inspection.opened_at
    return Cell(
        report=report,
        period=f"{today(filed_at):%Y-%m}",
        service=inspection.service,
        agent=inspection.assignee,
        category=category,
        state=inspection.state,
    )


def _worth(lines: Iterable[CraftLine]) -> Decimal:
    return sum((line.local_value or Decimal(0) for line in lines), Decimal(0))


def _seconds(inspection: Inspection) -> int | None:
    """From submission to closing; None while it is open."""
    start, end = inspection.submitted_at, inspection.closed_at
    return None if start is None or end is None else int((end - start).total_seconds())
