"""Writes the e-mail that says a notice again, in French and in Arabic (RFC 5322, RFC 2045).

The same notice gives the same bytes on every try. The parts are put together by hand: the standard
library's messages parse each header again and cost as much as all the rest of handling a message.
What partners wrote reaches a header only as one
line without control or direction characters, and the page only escaped.
"""

from __future__ import annotations

import base64
import hashlib
import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from email.header import Header
from email.utils import format_datetime
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

from jinja2 import Environment, FileSystemLoader, select_autoescape

from gateway.config import ADDRESS, Settings
from gateway.hub import Hub
from gateway.token import paper_address
from schemas.workflow import Letter
from storage.mails import Mail

EOL = "\r\n"
LETTERS = Path(__file__).parent / "letters"

_ONE_ADDRESS = re.compile(ADDRESS)
_LONGEST_ADDRESS = 254  #: RFC 5321, with its errata
_LONGEST_SUBJECT = 300

#: An isolate ends where it began; within a line they are kept in pairs only.
_ISOLATE, _END = "\u2068", "\u2069"
#: Joiners are letters' own, in Arabic too.
_JOINERS = frozenset("\u200c\u200d")
_UNWRITTEN = frozenset({"Cc", "Cf", "Cs", "Cn", "Co"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """What a mail bears besides its letter; `page` is the dossier's public address."""

    instance: str
    dossier: str | None
    page: str | None
    now: datetime


def compose(letter: Letter, *, instance: str, dossier: str | None, hub: Hub, now: datetime) -> Mail:
    """The mail of a letter, ready to be stored.

    Never raises for what a partner wrote: an address that is none is found when it is to be sent.
    """
    heading = Heading(
        instance=instance,
        dossier=dossier,
        page=None if dossier is None else paper_address(hub, dossier),
        now=now,
    )
    return Mail(
        instance=instance,
        dossier=dossier,
        recipient=one_address(letter.to) or one_line(letter.to)[:_LONGEST_ADDRESS],
        subject=subject(letter),
        content=write(letter, heading, hub.settings),
        created_at=now,
    )


def write(letter: Letter, heading: Heading, settings: Settings) -> bytes:
    """The bytes that are sent: text and page, each in both languages."""
    recipient = one_address(letter.to)
    # `=_` stands in no base64: the boundary cannot occur within a part.
    boundary = f"=_{hashlib.sha256(heading.instance.encode()).hexdigest()[:40]}"
    lines = [
        _sender(settings.papers.issuer_fr, settings.mail.sender),
        f"To: {recipient or 'undisclosed-recipients:;'}",
        f"Subject: {_encoded('Subject', subject(letter))}",
        f"Date: {format_datetime(heading.now)}",
        f"Message-ID: <{_word(heading.instance)}@{host(settings)}>",
        "Auto-Submitted: auto-generated",  # RFC 3834: no holiday notice answers it
        "Content-Language: fr, ar",
        "MIME-Version: 1.0",
        f'Content-Type: multipart/alternative;{EOL} boundary="{boundary}"',
        "",
    ]
    words = {
        "subject": subject(letter),
        "fr": body(letter.fr),
        "ar": body(letter.ar),
        "dossier": heading.dossier,
        "address": heading.page,
        "hub": settings.hub.name,
        "issuer_fr": settings.papers.issuer_fr,
        "issuer_ar": settings.papers.issuer_ar,
    }
    for kind, template in (("plain", "letter.txt"), ("html", "letter.html")):
        lines += [f"--{boundary}", *_part(kind, _templates().get_template(template).render(words))]
    return EOL.join([*lines, f"--{boundary}--", ""]).encode("ascii")


def _part(kind: str, text: str) -> list[str]:
    """One alternative, in lines; base64 passes every server unharmed."""
    canonical = text.replace("\n", EOL).encode()
    return [
        f"Content-Type: text/{kind}; charset=utf-8",
        "Content-Transfer-Encoding: base64",
        "",
        *base64.encodebytes(canonical).decode().splitlines(),
    ]


@cache
def _sender(name: str, address: str) -> str:
    return f"From: {_encoded('From', name)}{EOL} <{address}>"


def _encoded(name: str, text: str) -> str:
    """A header's text in encoded words (RFC 2047), folded."""
    return Header(one_line(text), "utf-8", header_name=name).encode(linesep=EOL)


def subject(letter: Letter) -> str:
    """Both languages on one line."""
    both = f"{one_line(letter.subject_fr)} – {one_line(letter.subject_ar)}"
    return both[:_LONGEST_SUBJECT].rstrip()


def one_address(text: str) -> str | None:
    """The address as it travels, its domain in ASCII; None when it is none, or several."""
    local, at, domain = text.rpartition("@")
    try:
        address = f"{local}{at}{domain.encode('idna').decode()}"
    except UnicodeError:
        return None
    fits = len(address) <= _LONGEST_ADDRESS and _ONE_ADDRESS.fullmatch(address)
    return address if fits else None


def one_line(text: str) -> str:
    """A text fit for a header: one line, no control and no direction characters."""
    return " ".join(_written(text.replace(_ISOLATE, "").replace(_END, "")).split())


def body(text: str) -> str:
    """A text fit for a body: its lines, with isolates in pairs and no other direction."""
    return "\n".join(_line(line) for line in text.splitlines())


def _line(line: str) -> str:
    kept = _written(line)
    depth = 0
    for character in kept:
        depth += (character == _ISOLATE) - (character == _END)
        if depth not in (0, 1):
            break
    return kept if depth == 0 else kept.replace(_ISOLATE, "").replace(_END, "")


def _written(text: str) -> str:
    return "".join(
        " " if character.isspace() else character
        for character in text
        if character.isspace()
        or character in _JOINERS
        or character in (_ISOLATE, _END)
        or unicodedata.category(character) not in _UNWRITTEN
    )


def host(settings: Settings) -> str:
    """The hub's name on the network, as mail writes it."""
    name = urlsplit(settings.hub.public_url).hostname or "localhost"
    return f"[IPv6:{name}]" if ":" in name else name


def _word(instance: str) -> str:
    """An identifier as the left side of a Message-ID."""
    return re.sub(r"[^A-Za-z0-9_-]", "-", instance)


@cache
def _templates() -> Environment:
    return Environment(
        loader=FileSystemLoader(LETTERS),
        autoescape=select_autoescape(["html"], default=False),
        trim_blocks=True,
        lstrip_blocks=True,
    )
