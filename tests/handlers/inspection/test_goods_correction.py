"""The agent's goods beside the exporter's: what is kept, what differs, when it is too late."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

from handlers.inspection.goods import Difference, goods_difference
from handlers.inspection.inspection import Certificate, CraftLine, Inspection
from handlers.registry import registry
from schemas.bindings import common_1 as xml
from schemas.bindings.goods_correction_1 import GoodsCorrection
from schemas.errors import Code
from tests.handlers.crafts import (
    AGENT,
    DEFAULTS,
    NOW,
    OTHER_AGENT,
    Situation,
    accepted,
    carpet,
    closed,
    plate,
    taken,
)
from tests.handlers.deeds import after, decide, findings, refused


def written(line: CraftLine) -> xml.CraftLine:
    return xml.CraftLine(
        line=line.number,
        commodity_code=line.code,
        category=line.category,
        product=line.product or None,
        description=line.description,
        quality=line.quality or None,
        article_number=line.article or None,
        weight=line.weight,
        surface=line.surface,
        units=line.units,
        local_value=line.local_value,
        value=line.value,
        currency=line.currency,
        pottery_certificate=line.pottery_certificate or None,
    )


def correction(*lines: CraftLine, agent: str = AGENT, reason: str | None = None) -> GoodsCorrection:
    return GoodsCorrection(agent=agent, goods_line=tuple(map(written, lines)), reason=reason)


ONE_LESS = replace(carpet(), units=11, weight=Decimal("211.2"), surface=Decimal("52.8"))


def revoked(replacement: bool) -> Inspection:
    certificate = Certificate(
        number="BM-2026-1088/C1",
        agent=AGENT,
        issued_at=NOW,
        revoked_at=NOW,
        revoked_by=AGENT,
        reason="Surface",
        to_be_replaced=replacement,
    )
    return replace(accepted(), state="closed", closed_at=NOW, certificates=(certificate,))


def test_the_certificate_shows_the_agents_lines_and_the_exporters_stay() -> None:
    corrected = after(taken(), correction(ONE_LESS, plate()))
    assert corrected.lines == taken().lines
    assert corrected.goods == corrected.corrected == (ONE_LESS, plate())
    assert corrected.corrected_by == AGENT


def test_the_history_keeps_what_differs_by_line_and_field() -> None:
    note = decide(taken(), correction(ONE_LESS, plate(), reason="Onze présentés")).note
    assert note == {
        "agent": AGENT,
        "reason": "Onze présentés",
        "line 1 weight": "230.4 → 211.2",
        "line 1 units": "12 → 11",
        "line 1 surface": "57.60 → 52.8",
    }


def test_a_line_added_or_struck_out_differs_as_a_whole() -> None:
    vase = replace(plate(), number=3, description="Vases")
    corrected = after(taken(), correction(carpet(), vase))
    assert goods_difference(corrected) == (
        Difference(line=2, field="line", before=plate().description, after=""),
        Difference(line=3, field="line", before="", after="Vases"),
    )


def test_the_same_weight_written_otherwise_is_no_difference() -> None:
    same = replace(plate(), weight=Decimal("96.00"))
    assert goods_difference(after(taken(), correction(carpet(), same))) == ()
    assert goods_difference(taken()) == ()


def test_a_second_correction_takes_the_place_of_the_first() -> None:
    first = after(taken(), correction(ONE_LESS))
    assert after(first, correction(carpet(), plate())).corrected == (carpet(), plate())


def test_the_difference_is_shown_with_the_dossier() -> None:
    corrected = after(taken(), correction(ONE_LESS, plate()))
    dossier = Situation(inspection=corrected).dossier
    assert dossier is not None
    shown: Any = registry().procedures["inspection"].show(dossier, DEFAULTS)
    assert {"line": 1, "field": "units", "before": "12", "after": "11"} in shown["difference"]


def test_the_agents_lines_keep_the_same_rules_as_the_exporters() -> None:
    bare = replace(carpet(), surface=None)
    (finding,) = findings(taken(), correction(plate(), bare))
    assert (finding.code, finding.path) == (Code.CARPET_INCOMPLETE, "GoodsLine[2]/Surface")
    assert refused(taken(), correction(carpet(), carpet())) == [Code.LINE_NUMBER_REPEATED]


def test_goods_are_frozen_once_the_answer_is_given() -> None:
    assert refused(accepted(), correction(ONE_LESS)) == [Code.FORM_FROZEN]
    assert refused(closed(), correction(ONE_LESS)) == [Code.FORM_FROZEN]


def test_what_was_wrong_with_a_revoked_certificate_is_corrected_before_its_replacement() -> None:
    assert after(revoked(replacement=True), correction(ONE_LESS)).goods == (ONE_LESS,)
    assert refused(revoked(replacement=False), correction(ONE_LESS)) == [Code.FORM_FROZEN]


def test_another_agent_corrects_nothing() -> None:
    assert refused(taken(), correction(ONE_LESS, agent=OTHER_AGENT)) == [Code.AGENT_NOT_ASSIGNEE]
