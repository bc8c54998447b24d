"""Documents asked for: sent, changed, answered, validated, and in no other order."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from xsdata.models.datatype import XmlDate, XmlDateTime

from handlers.awaiting import awaits
from handlers.inspection.inspection import Flag, Inspection
from schemas.bindings.common_1 import Attachment, CraftDocument
from schemas.bindings.complement_reply_1 import ComplementReply
from schemas.bindings.complement_request_1 import Action, ComplementRequest, FlaggedDocument
from schemas.bindings.taking_charge_1 import TakingCharge
from schemas.errors import Code
from schemas.workflow import Role
from tests.handlers.crafts import (
    AGENT,
    DEFAULTS,
    EXPORTER,
    NOW,
    OTHER_AGENT,
    accepted,
    assigned,
    taken,
)
from tests.handlers.deeds import after, decide, findings, news, refused
from tests.handlers.dossiers import pdf

LATER = NOW + timedelta(days=2)
TAKEN = after(assigned(), TakingCharge(agent=AGENT))


def request(action: Action, **given: Any) -> ComplementRequest:
    said: dict[str, Any] = {"agent": AGENT, "action": action, "message": "La liste de colisage"}
    return ComplementRequest(**said | given)


def moment(at: datetime) -> XmlDateTime:
    return XmlDateTime.from_datetime(at)


def document(**changes: Any) -> CraftDocument:
    filed: dict[str, Any] = {
        "type_value": "PACKING",
        "issue_date": XmlDate.from_date(date(2026, 11, 20)),
        "attachment": Attachment(
            file_name="colisage.pdf", media_type="application/pdf", content=pdf()
        ),
    }
    return CraftDocument(**filed | changes)


SEND, CHANGE = request(Action.SEND), request(Action.CHANGE, message="Et les photos")
VALIDATE = request(Action.VALIDATE, message=None)
REPLY = ComplementReply(document=(document(),), message="La voici")


def sent() -> Inspection:
    return after(taken(), SEND)


def answered() -> Inspection:
    return after(sent(), REPLY, now=LATER)


def test_a_request_waits_for_the_exporter_by_the_default_deadline() -> None:
    waiting = sent()
    (complement,) = waiting.complements
    assert waiting.state == "awaiting_complement"
    assert (complement.number, complement.state) == (1, "sent")
    assert complement.due == NOW + timedelta(days=DEFAULTS.complement_days)
    (owed,) = waiting.awaited
    assert (owed.answer, owed.role, owed.by) == ("ComplementReply", "declarant", complement.due)
    decision = decide(taken(), SEND)
    assert [timer.due for timer in decision.timers] == [complement.due]
    assert decision.replies[0].expects_answer_by == complement.due


def test_the_exporter_is_told_by_message_and_by_mail() -> None:
    decision = decide(taken(), SEND)
    assert news(decision) == {"complement-requested": (EXPORTER, True)}
    letter = decision.replies[0].letter
    assert letter is not None
    assert "La liste de colisage" in letter.fr


def test_the_agent_may_name_a_day_and_documents() -> None:
    flag = FlaggedDocument(type_value="PACKING", file_name="packing.pdf", remark="Illisible")
    message = request(Action.SEND, deadline=moment(LATER), flagged_document=(flag,))
    (complement,) = after(taken(), message).complements
    assert complement.due == LATER
    assert complement.flags == (Flag(kind="PACKING", filename="packing.pdf", remark="Illisible"),)


def test_the_agent_owes_no_answer_while_the_exporter_has_the_dossier() -> None:
    assert awaits(TAKEN, "InspectionDecision")
    assert not awaits(after(TAKEN, SEND), "InspectionDecision")


def test_a_request_without_message_is_refused() -> None:
    assert refused(taken(), request(Action.SEND, message=None)) == [Code.ELEMENT_MISSING]
    assert refused(sent(), request(Action.CHANGE, message=None)) == [Code.ELEMENT_MISSING]


def test_a_deadline_that_has_passed_is_refused() -> None:
    assert refused(taken(), request(Action.SEND, deadline=moment(NOW))) == [Code.DEADLINE_PAST]


def test_flags_name_types_of_the_list_and_files_that_were_filed() -> None:
    flags = (
        FlaggedDocument(type_value="SELFIE"),
        FlaggedDocument(type_value="INVOICE", file_name="packing.pdf"),
        FlaggedDocument(type_value="OTHER"),
    )
    found = findings(taken(), request(Action.SEND, flagged_document=flags))
    assert [(one.code, one.path) for one in found] == [
        (Code.DOCUMENT_TYPE_UNKNOWN, "FlaggedDocument[1]/Type"),
        (Code.FLAGGED_FILE_UNKNOWN, "FlaggedDocument[2]/FileName"),
    ]


def test_what_was_asked_may_be_changed_until_it_is_answered() -> None:
    changed = after(sent(), request(Action.CHANGE, deadline=moment(LATER)))
    assert changed.state == "awaiting_complement"
    assert [(one.number, one.due) for one in changed.complements] == [(1, LATER)]
    assert [one.by for one in changed.awaited] == [LATER]
    assert after(sent(), CHANGE).complements[0].message == "Et les photos"
    assert after(sent(), CHANGE).complements[0].due == sent().complements[0].due
    assert news(decide(sent(), CHANGE)) == {"complement-changed": (EXPORTER, True)}
    assert refused(answered(), CHANGE) == [Code.COMPLEMENT_ANSWERED]


def test_one_request_at_a_time() -> None:
    assert refused(sent(), SEND) == [Code.COMPLEMENT_PENDING]
    again = after(answered(), SEND)
    assert [one.state for one in again.complements] == ["answered", "sent"]


def test_the_answer_adds_documents_and_gives_the_dossier_back_to_its_agent() -> None:
    back = answered()
    assert back.state == "in_progress"
    assert back.documents[:-1] == taken().documents
    assert (back.documents[-1].complement, back.documents[-1].filed_at) == (1, LATER)
    (complement,) = back.complements
    assert (complement.state, complement.answer) == ("answered", "La voici")
    (owed,) = back.awaited
    assert owed.answer == "InspectionDecision"
    assert owed.by == LATER + timedelta(days=DEFAULTS.processing_days)


def test_the_service_is_told_of_the_answer() -> None:
    told = news(decide(sent(), REPLY))
    assert told == {"complement-answered": (Role.INSPECTION, False)}


def test_an_answer_without_a_document_is_none() -> None:
    assert refused(sent(), ComplementReply(document=())) == [Code.ELEMENT_MISSING]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"type_value": "SELFIE"}, Code.DOCUMENT_TYPE_UNKNOWN),
        ({"issue_date": XmlDate.from_date(date(2026, 12, 1))}, Code.DATE_IN_FUTURE),
        (
            {
                "attachment": Attachment(
                    file_name="a.pdf", media_type="application/pdf", content=b"MZ"
                )
            },
            Code.ATTACHMENT_NOT_PDF,
        ),
    ],
)
def test_what_is_filed_keeps_the_rules_of_documents(changes: dict[str, Any], code: Code) -> None:
    reply = ComplementReply(document=(document(), document(**changes)))
    (finding,) = findings(sent(), reply)
    assert finding.code is code
    assert finding.path.startswith("Document[2]/")


def test_the_agent_validates_an_answer_once() -> None:
    validated = after(answered(), VALIDATE)
    assert validated.state == "in_progress"
    assert validated.complements[0].state == "validated"
    assert news(decide(answered(), VALIDATE)) == {"complement-validated": (EXPORTER, True)}
    assert refused(validated, VALIDATE) == [Code.COMPLEMENT_VALIDATED]
    assert refused(sent(), VALIDATE) == [Code.COMPLEMENT_PENDING]


def test_after_the_deadline_the_agent_goes_on_without_an_answer() -> None:
    due = sent().complements[0].due
    assert refused(sent(), VALIDATE, now=due - timedelta(seconds=1)) == [Code.COMPLEMENT_PENDING]
    alone = after(sent(), VALIDATE, now=due)
    assert (alone.state, alone.complements[0].state) == ("in_progress", "validated")
    assert not awaits(alone, "ComplementReply")
    assert awaits(alone, "InspectionDecision")


def test_an_earlier_answer_is_validated_while_another_is_awaited() -> None:
    waiting = after(after(answered(), SEND), request(Action.VALIDATE, complement_number=1))
    assert [one.state for one in waiting.complements] == ["validated", "sent"]
    assert waiting.state == "awaiting_complement"


def test_a_request_that_there_is_not_is_neither_changed_nor_validated() -> None:
    assert refused(taken(), CHANGE) == [Code.COMPLEMENT_UNKNOWN]
    assert refused(taken(), VALIDATE) == [Code.COMPLEMENT_UNKNOWN]
    assert refused(sent(), request(Action.CHANGE, complement_number=2)) == [Code.COMPLEMENT_UNKNOWN]


def test_nothing_is_asked_once_the_answer_is_given() -> None:
    assert refused(accepted(), SEND) == [Code.FORM_FROZEN]


def test_another_agent_asks_for_nothing() -> None:
    assert refused(taken(), request(Action.SEND, agent=OTHER_AGENT)) == [Code.AGENT_NOT_ASSIGNEE]
