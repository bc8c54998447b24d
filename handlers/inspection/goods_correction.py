"""The agent states the goods as found, on which the certificate is based.

The manual's « marchandise duplicata »: the exporter's own lines stay as they were. Where a
certificate was revoked to be replaced, what was wrong with it is corrected here too.
"""

from __future__ import annotations

from dataclasses import replace

from handlers.days import today
from handlers.inspection.goods import goods_difference
from handlers.inspection.goods_rules import Goods, goods_findings, read_line
from handlers.inspection.inspection import Inspection
from handlers.inspection.processing import by_assignee, form_open
from handlers.registry import Context, handles
from schemas.bindings.goods_correction_1 import GoodsCorrection
from schemas.errors import Refused
from schemas.workflow import Decision, Dossier, Role, stays

EVENT = "GoodsCorrection"

MOVES = stays("inspection", EVENT, "corrected", "in_progress", "closed")


@handles("GoodsCorrection", procedure="inspection", roles={Role.INSPECTION})
def goods_correction(message: GoodsCorrection, dossier: Dossier, context: Context) -> Decision:
    """Keep the agent's lines beside the exporter's, and in the history what differs."""
    inspection = Inspection.of(dossier)
    wrong = by_assignee(message.agent, inspection, context)
    wrong += form_open(inspection)
    wrong += goods_findings(Goods(lines=message.goods_line, day=today(context.now)))
    if wrong:
        raise Refused(*wrong)
    corrected = replace(
        inspection,
        corrected=tuple(read_line(line) for line in message.goods_line),
        corrected_by=message.agent,
    )
    return Decision(
        finding="corrected", content=corrected.content(), note=_note(message, corrected)
    )


def _note(message: GoodsCorrection, corrected: Inspection) -> dict[str, str]:
    """Each difference by its line and field, what stood there before and what does now."""
    note = {"agent": message.agent}
    if message.reason is not None:
        note["reason"] = message.reason
    for one in goods_difference(corrected):
        note[f"line {one.line} {one.field}"] = f"{one.before or '—'} → {one.after or '—'}"
    return note
