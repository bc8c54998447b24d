"""Every notice in three languages: whole, short, and unharmed by what a partner wrote."""

from __future__ import annotations

import re
import string
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from handlers.licence.letters import letter
from handlers.licence.licence import Licence
from handlers.licence.notices import tell
from handlers.licence.texts import IN_WORDS, NOTICES, OPTIONAL, WORDS
from handlers.notices import Notice
from schemas.bind import write
from schemas.bindings.notification_1 import Notification
from schemas.workflow import Reply, Role
from tests.handlers import dossiers

FACTS: dict[str, object] = {
    "reason": "Facture illisible",
    "declaration": "30006020260000123",
    "due": date(2027, 4, 20),
    "amount": Decimal("25000.00"),
    "partner": Role.MINISTRY,
    "type": "VisaDecision",
    "since": datetime(2026, 11, 21, 23, 30, tzinfo=UTC),
    "decision": "more-time",
    "bank": "Banque Atlas",
    "attestation": "BA-2026-0001",
}


@pytest.fixture
def licence() -> Licence:
    granted = dossiers.granted()
    exporter = replace(granted.exporter, email="contact@huilerie.example")
    return replace(granted, exporter=exporter)


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
def test_every_notice_can_be_told_and_written(licence: Licence, code: str) -> None:
    reply = tell(licence, code, **FACTS)
    assert reply.to == licence.owner
    assert set(texts(reply)) == {"fr", "en", "ar"}
    for text in texts(reply).values():
        assert licence.number in text
        assert "{" not in text
    write(reply.payload)
    assert (reply.letter is not None) == NOTICES[code].mailed


def test_a_reservation_is_no_news_for_the_exporter(licence: Licence) -> None:
    assert tell(licence, "reservation-placed", **FACTS).letter is None


@pytest.mark.parametrize("word", WORDS)
def test_what_a_message_says_in_a_code_has_words_in_each_language(word: str) -> None:
    assert set(WORDS[word]) == {"fr", "en", "ar"}


def test_days_and_amounts_are_written_as_each_language_writes_them(licence: Licence) -> None:
    said = texts(tell(licence, "repatriation-due", **FACTS))
    assert "20/04/2027" in said["fr"]
    assert "2027-04-20" in said["en"]
    assert "\u206820/04/2027\u2069" in said["ar"]  # isolated: a figure in a sentence from the right
    assert "25,000.00 MAD" in said["en"]
    assert re.search(r"25\s000,00 MAD", said["fr"])


def test_a_moment_is_the_day_that_it_is_in_morocco(licence: Licence) -> None:
    said = texts(tell(licence, "no-answer", **FACTS))
    assert "22/11/2026" in said["fr"]
    assert "(ministère : décision de visa)" in said["fr"]
    assert "(الوزارة: قرار التأشير)" in said["ar"]


def test_a_reason_that_is_not_given_leaves_no_trace(licence: Licence) -> None:
    said = texts(tell(licence, "licence-reinstated"))
    assert said["fr"].endswith("est levée.")
    assert "Motif : Retard" in texts(tell(licence, "licence-reinstated", reason="Retard"))["fr"]


def test_a_fact_that_is_missing_is_a_bug_and_not_a_gap(licence: Licence) -> None:
    with pytest.raises(KeyError):
        tell(licence, "repatriation-due", due=date(2027, 4, 20))
    with pytest.raises(KeyError):
        tell(licence, "no-such-notice")


def test_a_reason_cannot_turn_the_text_or_add_lines_or_facts_to_it(licence: Licence) -> None:
    hostile = "a\r\nBcc: x@y.example\u202e\u2067\u2069 {visa} {0} \x00\x1b" + "é" * 5000
    reply = tell(licence, "licence-rejected", reason=hostile)
    for text in (*texts(reply).values(), reply.letter.fr if reply.letter else ""):
        assert "{visa} {0}" in text
        assert not set("\r\u202e\u2067\x00\x1b") & set(text)
        assert len(text) < 2000
    assert texts(reply)["fr"].count("\n") == 0
    arabic = texts(reply)["ar"]
    assert arabic.count("\u2068") == arabic.count("\u2069") == 2
    write(reply.payload)


def test_without_an_address_there_is_no_letter(licence: Licence) -> None:
    silent = replace(licence, exporter=replace(licence.exporter, email=""))
    assert letter(silent, "licence-cleared") is None
    sent: Any = letter(licence, "licence-cleared")
    assert sent.to == licence.exporter.email
    assert licence.exporter.name in sent.fr
    assert licence.exporter.name in sent.ar


def test_a_reason_that_is_a_code_word_stays_what_was_written(licence: Licence) -> None:
    assert "reason" not in IN_WORDS
    assert OPTIONAL["why"][0] == "reason"
    assert "Motif : refused" in texts(tell(licence, "licence-rejected", reason="refused"))["fr"]
