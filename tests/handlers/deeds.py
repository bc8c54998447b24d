"""One message to one inspection: what is decided of it, and the inspection that results."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from handlers.inspection.inspection import Inspection
from handlers.registry import registry
from schemas.bindings.notification_1 import Notification
from schemas.errors import Code, Finding, Refused
from schemas.workflow import Decision, Role
from tests.handlers.crafts import Situation


def decide(inspection: Inspection, message: Any, **met: Any) -> Decision:
    """What the message's handler decides."""
    event = type(message).__name__
    handler = registry().handlers[event, "inspection"]
    role = next(iter(handler.roles)) if len(handler.roles) == 1 else Role.INSPECTION
    situation = Situation(inspection=inspection, role=role, **met)
    return handler.handle(message, situation.dossier, situation.context)


def after(inspection: Inspection, message: Any, **met: Any) -> Inspection:
    """The inspection to which the message has happened, where the table of moves leads."""
    decision = decide(inspection, message, **met)
    moves = registry().procedures["inspection"].moves
    to = moves[inspection.state, type(message).__name__, decision.finding or ""]
    situation = Situation(inspection=inspection)
    assert situation.dossier is not None
    content = situation.dossier.content if decision.content is None else decision.content
    return Inspection.of(replace(situation.dossier, content=content, state=to))


def findings(inspection: Inspection, message: Any, **met: Any) -> list[Finding]:
    """Why the message is refused; none where it is not."""
    try:
        decide(inspection, message, **met)
    except Refused as refusal:
        return list(refusal.findings)
    return []


def refused(inspection: Inspection, message: Any, **met: Any) -> list[Code]:
    """The codes of why the message is refused; none where it is not."""
    return [finding.code for finding in findings(inspection, message, **met)]


def news(decision: Decision) -> dict[str, Any]:
    """The notifications of a decision by their code, each with who is told and the e-mail."""
    return {
        reply.payload.code: (reply.to, reply.letter is not None)
        for reply in decision.replies
        if isinstance(reply.payload, Notification)
    }
