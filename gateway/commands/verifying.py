"""`verify`: a second opinion, with no hub at hand, on anything the hub or a partner signed."""

from __future__ import annotations

from pathlib import Path

from lxml import etree

from gateway.clock import utc_now
from gateway.commands.say import out, refuse, show_acknowledgement
from gateway.seal import independent
from gateway.seal.keys import Certificate, load_certificate
from gateway.seal.verify import Pin, verify
from gateway.verdict import read_outcome
from schemas.envelope import read_header
from schemas.errors import Refused
from schemas.parse import parse


def verify_file(file: Path, hub_cert: Path | None, config: Path | None) -> None:
    """Say what the file is and whether it holds; status 1 when it does not."""
    if not file.is_file():
        refuse(f"{file} is not there.")
    start = file.read_bytes()[:512].lstrip()
    if start.startswith(b"%PDF-"):
        _verify_paper(file, hub_cert, config)
        return
    if start.startswith(b"{"):
        # The journal's rules stand with its tables, whose library takes a second to import.
        from gateway.commands.journal import verify_export

        verify_export(file, hub_cert, config)
    else:
        _verify_message(file, hub_cert, config)


def _verify_paper(file: Path, hub_cert: Path | None, config: Path | None) -> None:
    # pyHanko takes a second to import, which only a paper is worth.
    from gateway.commands.paper import BrokenPaper, check_paper

    certificate = _trusted(hub_cert, config)
    try:
        found = check_paper(file.read_bytes(), certificate, utc_now())
    except BrokenPaper as problem:
        refuse(f"{file}: {problem}")
    out.print(
        f"{file}: sealed by {certificate.subject} on {found.sealed_at:%Y-%m-%d %H:%M} UTC,"
        " and unchanged since",
        style="green",
        markup=False,
    )
    for sentence in found.sentences:
        out.print(f"  {sentence}", markup=False)


def _verify_message(file: Path, hub_cert: Path | None, config: Path | None) -> None:
    document = file.read_bytes()
    certificate = _trusted(hub_cert, config)
    try:
        root = parse(document)
        header = read_header(root)
        pin = Pin(certificate=certificate, suspended=False)
        found = verify(root, [pin], header.sender, utc_now())
        independent.verify(document, certificate, utc_now())
    except Refused as refusal:
        refuse(f"{file}: {refusal}")
    out.print(
        f"{file}: signed by {certificate.subject}, content {found.digest}",
        style="green",
        markup=False,
    )
    if etree.QName(root[1]).localname == "Acknowledgement":
        show_acknowledgement(read_outcome(document))


def _trusted(hub_cert: Path | None, config: Path | None) -> Certificate:
    if hub_cert is None:
        from gateway.commands.office import settings_of

        settings = settings_of(config)
        hub_cert = settings.path(settings.hub.certificate)
    return load_certificate(hub_cert.read_bytes())
