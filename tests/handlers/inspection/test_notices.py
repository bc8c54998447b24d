"""Every notice of the inspection in three languages, by message and, where promised, by e-mail."""

from __future__ import annotations

import re
import string
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from handlers.inspection.notices import notify, state_label, tell
from handlers.inspection.texts import NOTICES, WORDS
from handlers.notices import Notice
from schemas.bind import write
from schemas.bindings.notification_1 import Notification
from schemas.workflow import Reply, Role
from tests.handlers import crafts

FACTS: dict[str, object] = {
    "reason": "Envoi reporté",
    "observation": "Pièces conformes",
    "message": "Joindre la liste de colisage signée",
    "due": date(2026, 12, 6),
    "day": date(2026, 11, 27),
    "result": "not-conforming",
    "certificate": "BM-2026-1088/C1",
    "version": 2,
    "partner": Role.INSPECTION,
    "type": "TakingCharge",
    "since": datetime(2026, 11, 21, 23, 30, tzinfo=UTC),
}

#: What the manual says the exporter gets by e-mail: complement, inspection, answer, certificate.
PROMISED = {
    "complement-requested",
    "physical-inspection-ordered",
    "application-accepted",
    "application-refused",
    "certificate-issued",
}


def texts(reply: Reply) -> dict[str, str]:
    assert isinstance(reply.payload, Notification)
    return {text.lang.value: text.value for text in reply.payload.text}


def names(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("notice", NOTICES.values(), ids=NOTICES.keys())
def test_a_notice_says_the_same_facts_in_each_language(notice: Notice) -> None:
    assert names(notice.fr) == names(notice.en) == names(notice.ar)
    assert names(notice.subject_fr) == names(notice.subject_ar)
    assert re.search("[\u0621-\u064a]", notice.ar)
    assert re.search("[\u0621-\u064a]", notice.subject_ar)


@pytest.mark.parametrize("code", NOTICES)
def test_every_notice_can_be_told_and_written(code: str) -> None:
    inspection = crafts.assigned()
    reply = tell(inspection, code, **FACTS)
    assert reply.to == inspection.owner
    assert set(texts(reply)) == {"fr", "en", "ar"}
    for text in texts(reply).values():
        assert inspection.number in text
        assert "{" not in text
    write(reply.payload)
    assert (reply.letter is not None) == NOTICES[code].mailed


def test_what_the_manual_promises_by_mail_is_mailed() -> None:
    assert {code for code in PROMISED if NOTICES[code].mailed} == PROMISED


def test_the_service_gets_the_same_words_and_no_letter() -> None:
    inspection = crafts.assigned()
    to_service = notify(Role.INSPECTION, inspection, "dossier-withdrawn", **FACTS)
    assert (to_service.to, to_service.letter) == (Role.INSPECTION, None)
    assert texts(to_service) == texts(tell(inspection, "dossier-withdrawn", **FACTS))


def test_results_and_partners_are_said_in_words() -> None:
    said = texts(tell(crafts.taken(), "physical-inspection-held", **FACTS))
    assert "27/11/2026 : non conforme." in said["fr"]
    assert "2026-11-27: not conforming." in said["en"]
    late = texts(tell(crafts.assigned(), "no-answer", **FACTS))
    assert "(service de l’artisanat : prise en charge)" in late["fr"]
    assert all(set(words) == {"fr", "en", "ar"} for words in WORDS.values())


def test_a_reason_that_is_not_given_leaves_no_trace() -> None:
    silent = texts(tell(crafts.taken(), "application-accepted"))
    assert silent["fr"].endswith("est acceptée.")
    said = texts(tell(crafts.taken(), "application-accepted", observation="Très beau"))
    assert said["fr"].endswith("Observation : Très beau")


def test_a_message_cannot_bring_facts_or_lines_of_its_own() -> None:
    hostile = "a\r\nBcc: x@y.example {number}\u202e"
    said = texts(tell(crafts.taken(), "complement-requested", message=hostile, due="-"))
    assert "{number}" in said["fr"]
    assert not set("\r\n\u202e") & set(said["fr"])


def test_without_an_address_there_is_no_letter() -> None:
    silent = replace(crafts.taken(), exporter=replace(crafts.taken().exporter, email=""))
    assert tell(silent, "application-accepted").letter is None


def test_a_state_bears_the_manuals_label() -> None:
    label = state_label("awaiting_inspection")
    assert label.fr == "Dossier en attente de contrôle physique"
