"""What partners wrote reaches an e-mail as words, never as headers, markup or direction."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import html

from gateway.config import HubSettings, MailSettings, PaperSettings, Settings
from gateway.mail import Heading, host, one_address, one_line, write
from schemas.workflow import Letter

NOW = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
SETTINGS = Settings(
    hub=HubSettings(public_url="https://guichet.example:8443/hub"),
    mail=MailSettings(server="relay.example", sender="guichet@hub.example"),
)
HEADING = Heading(
    instance="6f1c7f5e-0000-5000-8000-000000000001",
    dossier="LE-2026-0000042",
    page="https://guichet.example:8443/hub/verify/LE-2026-0000042.abc",
    now=NOW,
)
LETTER = Letter(
    to="contact@coop.example",
    subject_fr="Licence visée",
    subject_ar="تم التأشير على الرخصة",
    fr="La licence est visée.\nExportateur : Coopérative Atlas",
    ar="تم التأشير على رخصة التصدير رقم \u2068LE-2026-0000042\u2069.",
)
HEADERS = [
    "From",
    "To",
    "Subject",
    "Date",
    "Message-ID",
    "Auto-Submitted",
    "Content-Language",
    "MIME-Version",
    "Content-Type",
]
TURNING = "\u202a\u202b\u202d\u202e\u2066\u2067\u200e\u200f\u061c"


def read(letter: Letter, settings: Settings = SETTINGS) -> EmailMessage:
    parsed: Any = message_from_bytes(write(letter, HEADING, settings), policy=default)
    assert isinstance(parsed, EmailMessage)
    assert not any(part.defects for part in parsed.walk())
    return parsed


def content(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    assert part is not None
    return str(part.get_content())


def test_the_same_notice_gives_the_same_bytes() -> None:
    assert write(LETTER, HEADING, SETTINGS) == write(LETTER, HEADING, SETTINGS)
    message = read(LETTER)
    assert message["Message-ID"] == f"<{HEADING.instance}@guichet.example>"
    assert message["Date"].datetime == NOW
    other = write(LETTER, replace(HEADING, instance="other"), SETTINGS)
    assert other != write(LETTER, HEADING, SETTINGS)


def test_both_languages_stand_whole_in_the_subject_and_in_both_parts() -> None:
    message = read(LETTER)
    assert message["Subject"] == f"{LETTER.subject_fr} – {LETTER.subject_ar}"
    address = message["From"].addresses[0]
    assert (address.display_name, address.addr_spec) == (
        SETTINGS.papers.issuer_fr,
        SETTINGS.mail.sender,
    )
    text, page = content(message, "plain"), content(message, "html")
    for line in (*LETTER.fr.splitlines(), *LETTER.ar.splitlines(), str(HEADING.page)):
        assert line in text
        assert line in page
    assert text.index("Ne répondez pas") < text.index("المرجو عدم الرد")
    (arabic,) = html.fromstring(page).xpath("//div[@lang='ar']")
    assert arabic.get("dir") == "rtl"
    assert SETTINGS.papers.issuer_ar in arabic.text_content()


@pytest.mark.parametrize("name", ["subject_fr", "subject_ar", "fr", "ar", "to"])
@pytest.mark.parametrize(
    "hostile",
    [
        "a\r\nBcc: victim@y.example",
        "a\nSubject: b\n\n<html>",
        "a\r\n\r\n--=_\r\nContent-Type: text/html\r\n\r\nb",
        "a\x0bBcc: v@y.example\x85X: y\u2028Z: z\x00",
        "=?utf-8?b?DQpCY2M6IHZAeS5leGFtcGxl?=",
        "é" * 3000 + "\r\nBcc: v@y.example",
    ],
)
def test_no_field_of_a_letter_adds_a_header_or_a_part(name: str, hostile: str) -> None:
    message = read(replace(LETTER, **{name: hostile}))
    assert list(message.keys()) == HEADERS
    assert len(list(message.iter_parts())) == 2
    assert "victim" not in str(message["To"])
    raw = write(replace(LETTER, **{name: hostile}), HEADING, SETTINGS)
    assert all(len(line) <= 998 for line in raw.split(b"\r\n"))
    assert b"\n" not in raw.replace(b"\r\n", b"")


def test_an_encoded_word_that_a_partner_wrote_is_read_as_it_was_written() -> None:
    hostile = "=?utf-8?b?DQpCY2M6IHZAeS5leGFtcGxl?="
    assert hostile in read(replace(LETTER, subject_fr=hostile))["Subject"]


def test_markup_is_words() -> None:
    hostile = '<script>alert(1)</script><img src=x onerror=y> & "quoted" {{ 7*7 }} {% raw %}'
    message = read(replace(LETTER, fr=hostile, ar=hostile, subject_fr=hostile))
    page = html.fromstring(content(message, "html"))
    assert page.xpath("//script|//img|//@onerror") == []
    assert page.text_content().count(hostile) == 3
    assert hostile in content(message, "plain")


def test_no_text_turns_what_follows_it() -> None:
    hostile = f"a{TURNING}b\u2069\u2068c"
    message = read(replace(LETTER, fr=hostile, ar=hostile, subject_fr=hostile, subject_ar=hostile))
    everything = message["Subject"] + content(message, "plain") + content(message, "html")
    assert not set(TURNING + "\u2068\u2069") & set(everything)
    assert "abc" in everything


def test_isolates_in_pairs_stay_around_the_figures_of_an_arabic_sentence() -> None:
    assert "\u2068LE-2026-0000042\u2069" in content(read(LETTER), "plain")
    joined = "می\u200cخواهم"  # a joiner is a letter's own
    assert joined in content(read(replace(LETTER, ar=joined)), "plain")


@given(st.text(max_size=200), st.text(max_size=200))
def test_whatever_is_written_the_mail_is_one_mail(first: str, second: str) -> None:
    message = read(replace(LETTER, subject_fr=first, subject_ar=second, fr=second, ar=first))
    assert list(message.keys()) == HEADERS
    assert len(one_line(first).splitlines()) <= 1


def test_the_issuer_of_the_settings_adds_no_header_either() -> None:
    papers = PaperSettings(issuer_fr='Ministère" <x@y.example>,\r\nBcc: v@y.example')
    message = read(LETTER, SETTINGS.model_copy(update={"papers": papers}))
    assert list(message.keys()) == HEADERS
    assert [one.addr_spec for one in message["From"].addresses] == [SETTINGS.mail.sender]


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("a@b.example", "a@b.example"),
        ("prénom@b.example", None),
        ("a.b+c@مثال.example", "a.b+c@xn--mgbh0fb.example"),
        ("a@b.example,c@d.example", None),
        ("a@b.example;c@d.example", None),
        ("<a@b.example>", None),
        ("A <a@b.example>", None),
        ('"a b"@b.example', None),
        ("a@b.example\r\nRCPT TO:<v@y.example>", None),
        ("a@b.example\n", None),
        ("a..b@c.example", None),
        ("a@localhost", None),
        ("a@" + "b" * 300 + ".example", None),
        ("", None),
    ],
)
def test_one_address_is_taken_and_nothing_else(text: str, address: str | None) -> None:
    assert one_address(text) == address


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://guichet.example/x", "guichet.example"),
        ("http://127.0.0.1:8080", "127.0.0.1"),
        ("http://[::1]:8080", "[IPv6:::1]"),
    ],
)
def test_the_hub_bears_the_name_of_its_public_address(url: str, name: str) -> None:
    assert host(Settings(hub=HubSettings(public_url=url))) == name
