"""The envelope of every message: the UN/CEFACT Standard Business Document Header, mapped by hand.

It is read before the schema has judged the message, since the sender's name decides whose key must
fit; so nothing is taken on trust here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime

from lxml import etree

from schemas import bind
from schemas.errors import Code, Finding, Refused, refused

SBDH = "http://www.unece.org/cefact/namespaces/StandardBusinessDocumentHeader"
SIGNATURE = "{http://www.w3.org/2000/09/xmldsig#}Signature"
AUTHORITY = "passavant"

_H = f"{{{SBDH}}}"
_HEADER = f"{_H}StandardBusinessDocumentHeader"
_SCOPE = f"{_H}Scope"
_SECTIONS = {_SCOPE, *(f"{_H}{name}" for name in ("Sender", "Receiver", "DocumentIdentification"))}
_TYPE = f"{_H}Type"
_INSTANCE = f"{_H}InstanceIdentifier"
_REQUESTING = f"{_H}RequestingDocumentInstanceIdentifier"
_EXPECTED = f"{_H}ExpectedResponseDateTime"
#: Characters that XML 1.0 can hold (§2.2); no other can even be written as a reference.
_CHARACTERS = re.compile("[\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]*")
#: No value of a header is longer; the schema is stricter still.
LONGEST = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """Who sends what to whom: partner names, message type and version, identifiers, times.

    `instance` is the message's identifier, unique per sender for ever. Times are aware, in UTC.
    """

    sender: str
    receiver: str
    type: str
    version: str
    instance: str
    created: datetime
    dossier: str | None = None
    in_reply_to: str | None = None
    expects_answer_by: datetime | None = None


def read_header(root: etree._Element) -> Header:
    """What the envelope says. Raises `Refused` with PSV-501 and every fault at once."""
    reader = _Reader(root)
    dossier, in_reply_to, expects = reader.scopes()
    sender = reader.text("Sender", "Identifier")
    receiver = reader.text("Receiver", "Identifier")
    kind = reader.text("DocumentIdentification", "Type")
    version = reader.text("DocumentIdentification", "TypeVersion")
    instance = reader.text("DocumentIdentification", "InstanceIdentifier")
    created = reader.moment("DocumentIdentification", "CreationDateAndTime")
    if reader.findings or created is None:
        raise Refused(*reader.findings)
    return Header(
        sender=sender,
        receiver=receiver,
        type=kind,
        version=version,
        instance=instance,
        created=created,
        dossier=dossier,
        in_reply_to=in_reply_to,
        expects_answer_by=expects,
    )


def payload(root: etree._Element) -> etree._Element:
    """The one element between header and signature. Raises `Refused` with PSV-501."""
    for child in root:
        if child.tag not in (_HEADER, SIGNATURE):
            return child
    raise refused(
        Code.SCHEMA_INVALID,
        path="/StandardBusinessDocument",
        reason="the message has no payload",
        raison="le message n'a pas de contenu",
    )


def compose(header: Header, body: object) -> bytes:
    """The unsigned message, ready to be signed: `body` is a binding.

    Inclusive Canonical XML 1.0 in UTF-8 without blank text; the root declares the envelope's
    namespace alone. Raises `ValueError` for a character that XML cannot hold.
    """
    document = (
        f'<StandardBusinessDocument xmlns="{SBDH}"><StandardBusinessDocumentHeader>'
        "<HeaderVersion>1.0</HeaderVersion>"
        f"<Sender>{_partner(header.sender)}</Sender>"
        f"<Receiver>{_partner(header.receiver)}</Receiver>"
        "<DocumentIdentification>"
        f"{_leaf('Standard', bind.namespace_of(type(body)))}"
        f"{_leaf('TypeVersion', header.version)}"
        f"{_leaf('InstanceIdentifier', header.instance)}"
        f"{_leaf('Type', header.type)}"
        f"{_leaf('CreationDateAndTime', _written(header.created))}"
        f"</DocumentIdentification>{_scope(header)}</StandardBusinessDocumentHeader>"
        f"{bind.write(body)}</StandardBusinessDocument>"
    )
    if not _CHARACTERS.fullmatch(document):
        raise ValueError("a value has a character that XML cannot hold")
    return document.encode()


class _Reader:
    """Reads the header's values and gathers what is wrong with them."""

    def __init__(self, root: etree._Element) -> None:
        self.findings: list[Finding] = []
        self.values: dict[tuple[str, str], str | None] = {}
        self.scoped: list[dict[str, str]] = []
        if not len(root) or root[0].tag != _HEADER:
            self._missing("")
            raise Refused(*self.findings)
        self._gather(root[0])

    def _gather(self, header: etree._Element) -> None:
        """One walk over the header; the schema judges its form later."""
        section = ""
        for element in header.iter():
            tag = str(element.tag)
            if tag in _SECTIONS:
                section = tag
                if tag == _SCOPE:
                    self.scoped.append({})
            elif section == _SCOPE:
                self.scoped[-1][tag] = element.text or ""
            elif (section, tag) in self.values:  # which of the two is meant?
                self._missing(f"{section}/{tag}", element.text)
            else:
                self.values[section, tag] = element.text

    def text(self, section: str, name: str) -> str:
        """The text of a section's leaf; a finding and an empty text when there is none."""
        text = self.values.get((f"{_H}{section}", f"{_H}{name}"))
        if not text or len(text) > LONGEST:
            self._missing(f"{section}/{name}", text)
            return ""
        return text

    def moment(self, section: str, name: str) -> datetime | None:
        """The moment of a section's leaf; a finding and None when it is none."""
        text = self.text(section, name)
        return self._moment(f"{section}/{name}", text) if text else None

    def scopes(self) -> tuple[str | None, str | None, datetime | None]:
        """The dossier, the message answered, and when an answer is due."""
        dossier = answered = due = None
        for scope in self.scoped:
            if scope.get(_TYPE) == "DOSSIER":
                if dossier is not None:
                    self._missing("BusinessScope/Scope/Type", "DOSSIER")
                dossier = scope.get(_INSTANCE)
                if not dossier or len(dossier) > LONGEST:
                    self._missing("BusinessScope/Scope/InstanceIdentifier", dossier)
            answered = scope.get(_REQUESTING) or answered
            if expected := scope.get(_EXPECTED):
                due = self._moment("BusinessScope/Scope/CorrelationInformation", expected)
        return dossier, answered, due

    def _moment(self, path: str, text: str) -> datetime | None:
        try:
            moment = datetime.fromisoformat(text.strip())
            if moment.tzinfo is not None:
                return moment.astimezone(UTC)
        except (ValueError, OverflowError):
            pass
        self._missing(path, text)
        return None

    def _missing(self, path: str, value: str | None = None) -> None:
        place = f"/StandardBusinessDocument/StandardBusinessDocumentHeader/{path}".rstrip("/")
        place = place.replace(_H, "")
        name = place.rpartition("/")[2]
        self.findings.append(
            Finding(
                code=Code.SCHEMA_INVALID,
                path=place,
                value=None if value is None else value[:LONGEST],
                fields={
                    "reason": f"“{name}” is missing or unreadable in the header",
                    "raison": f"« {name} » manque ou est illisible dans l'en-tête",
                },
            )
        )


def _leaf(name: str, text: str) -> str:
    return f"<{name}>{bind.escaped(text)}</{name}>"


def _partner(name: str) -> str:
    return f'<Identifier Authority="{AUTHORITY}">{bind.escaped(name)}</Identifier>'


def _scope(header: Header) -> str:
    """The dossier's scope, or an exchange's when there is an answer to name but no dossier."""
    correlation = ""
    if header.in_reply_to is not None:
        correlation = _leaf("RequestingDocumentInstanceIdentifier", header.in_reply_to)
    if header.expects_answer_by is not None:
        correlation += _leaf("ExpectedResponseDateTime", _written(header.expects_answer_by))
    if correlation:
        correlation = f"<CorrelationInformation>{correlation}</CorrelationInformation>"
    elif header.dossier is None:
        return ""
    kind, instance = "DOSSIER", header.dossier
    if instance is None:
        kind, instance = "EXCHANGE", header.in_reply_to or header.instance
    scope = _leaf("Type", kind) + _leaf("InstanceIdentifier", instance) + correlation
    return f"<BusinessScope><Scope>{scope}</Scope></BusinessScope>"


def _written(moment: datetime) -> str:
    """A moment in UTC as the schema wants it, e.g. `2026-03-01T09:30:00.000250Z`."""
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat() + "Z"
