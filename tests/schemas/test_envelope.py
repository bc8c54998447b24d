"""The envelope is read without trust, and written as the schema wants it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from lxml import etree
from xsdata.models.datatype import XmlDateTime

from schemas import bind
from schemas.bindings.acknowledgement_1 import (
    Acknowledgement,
    Answers,
    Dossier,
    Stage,
    Status,
    StatusCode,
    StatusName,
)
from schemas.bindings.common_1 import StateLabel
from schemas.bindings.status_query_1 import StatusQuery
from schemas.catalogue import catalogue
from schemas.envelope import Header, compose, payload, read_header
from schemas.errors import Code, Finding, Refused
from schemas.parse import parse
from schemas.validate import validate
from tests.schemas.samples import FOLDER, TEXTS, VALID, around, name

NOW = datetime(2026, 11, 14, 10, 0, 0, 250, tzinfo=UTC)
CANCELLATION = (FOLDER / "LicenceCancellation" / "valid-order-lost.xml").read_text(encoding="utf-8")


def header(**changes: str | datetime | None) -> Header:
    fields: dict[str, Any] = {
        "sender": "coop-atlas",
        "receiver": "passavant",
        "type": "StatusQuery",
        "version": "1.0",
        "instance": "q-1",
        "created": NOW,
    }
    return Header(**{**fields, **changes})


def faults(text: str) -> tuple[Finding, ...]:
    with pytest.raises(Refused) as caught:
        read_header(parse(text.encode()))
    return caught.value.findings


@pytest.mark.parametrize("dossier", [None, "LE-2026-12"])
@pytest.mark.parametrize("in_reply_to", [None, "m-1"])
@pytest.mark.parametrize("due", [None, NOW + timedelta(days=30)])
def test_composed_header_is_read_back(
    dossier: str | None, in_reply_to: str | None, due: datetime | None
) -> None:
    given = header(dossier=dossier, in_reply_to=in_reply_to, expects_answer_by=due)
    root = parse(compose(given, StatusQuery()))
    assert read_header(root) == given
    assert validate(root) == []


@pytest.mark.parametrize("path", VALID, ids=name)
def test_header_of_a_sample_announces_its_payload(path: Path) -> None:
    root = parse(path.read_bytes())
    found, kind = read_header(root), catalogue()[path.parent.name]
    body = etree.QName(payload(root))
    assert (found.type, found.version) == (kind.name, kind.version)
    assert (body.localname, body.namespace) == (kind.name, kind.namespace)


def test_composed_message_has_no_blank_text() -> None:
    root = parse(compose(header(dossier="LE-2026-12"), StatusQuery(changes=3)))
    assert all((node.text or "x").strip() and node.tail is None for node in root.iter())


@pytest.mark.parametrize("path", VALID, ids=name)
def test_composed_message_is_its_own_canonical_form(path: Path) -> None:
    root = parse(path.read_bytes())
    body = bind.read(payload(root), catalogue()[path.parent.name].binding)
    document = compose(read_header(root), body)
    assert etree.tostring(parse(document), method="c14n") == document


@given(text=TEXTS)
def test_any_text_is_composed_in_canonical_form_and_read_back(text: str) -> None:
    state = StateLabel(value=text, fr=text)
    body = Dossier(number=text, procedure="licence", version=1, state=state)
    acknowledgement = Acknowledgement(
        stage=Stage.OUTCOME,
        status=Status(value=StatusName.ACCEPTED, code=StatusCode.VALUE_1),
        answers=Answers(received_date_time=XmlDateTime.from_datetime(NOW)),
        dossier=body,
    )
    document = compose(header(dossier=text, in_reply_to=text), acknowledgement)
    root = parse(document)
    assert etree.tostring(root, method="c14n") == document
    assert bind.read(payload(root), Acknowledgement) == acknowledgement


@pytest.mark.parametrize("character", "\0\x0b\x1f\ud800\ufffe\uffff")
def test_what_xml_cannot_hold_is_never_written(character: str) -> None:
    with pytest.raises(ValueError, match="character"):
        compose(header(instance=f"q{character}1"), StatusQuery())


def test_moments_are_turned_to_utc() -> None:
    text = CANCELLATION.replace("2026-11-14T10:00:00Z", "2026-11-14T11:00:00+01:00")
    assert read_header(parse(text.encode())).created == datetime(2026, 11, 14, 10, tzinfo=UTC)
    casablanca = NOW.astimezone(timezone(timedelta(hours=1)))
    root = parse(compose(header(created=casablanca), StatusQuery()))
    assert root.findtext(".//{*}CreationDateAndTime") == "2026-11-14T10:00:00.000250Z"


def test_everything_that_misses_is_told_at_once() -> None:
    text = CANCELLATION.replace(">coop-atlas<", "><").replace("<Type>Lic", "<Kind>Lic")
    text = text.replace("Cancellation</Type>", "Cancellation</Kind>")
    text = text.replace("2026-11-14T10:00:00Z", "yesterday")
    found = faults(text)
    assert [finding.path.rpartition("/")[2] for finding in found] == [
        "Identifier",
        "Type",
        "CreationDateAndTime",
    ]
    assert {finding.code for finding in found} == {Code.SCHEMA_INVALID}
    assert "manque" in found[0].french()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("10:00:00Z", "10:00:00"),
        ("2026-11-14T", "0001-01-01T"),
        ("<Sender>", '<Sender><Identifier Authority="passavant">mce</Identifier>'),
        (">coop-atlas<", f">{'x' * 1_000}<"),
        ("<Scope>", "<Scope><Type>DOSSIER</Type></Scope><Scope>"),
        (">LE-2026-12<", "><"),
    ],
)
def test_header_that_could_mean_two_things_is_refused(old: str, new: str) -> None:
    assert old in CANCELLATION
    text = CANCELLATION.replace(old, new, 1)
    if old.startswith("2026"):
        text = text.replace("10:00:00Z", "00:00:00+14:00")
    assert faults(text)


@pytest.mark.parametrize("inner", ["", "<a/>", "text"])
def test_document_without_header_is_refused(inner: str) -> None:
    with pytest.raises(Refused) as caught:
        read_header(parse(around(inner)))
    assert caught.value.findings[0].path.endswith("/StandardBusinessDocumentHeader")


def test_document_without_payload_is_refused() -> None:
    path = FOLDER / "envelope" / "invalid-PSV-501-no-payload.xml"
    with pytest.raises(Refused) as caught:
        payload(parse(path.read_bytes()))
    assert caught.value.findings[0].code is Code.SCHEMA_INVALID


def test_signature_is_not_taken_for_the_payload() -> None:
    signature = '<Signature xmlns="http://www.w3.org/2000/09/xmldsig#"/>'
    root = parse(around(f"{signature}<a/>"))
    assert etree.QName(payload(root)).localname == "a"
