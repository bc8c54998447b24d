"""What a sealed paper costs: a licence of one line, rendered in the warm process and sealed here.

The floor is the libraries alone, in the same run: WeasyPrint with a page of one word in PDF/A-3a,
and one pyHanko seal over it. Seconds of processor time, of both processes together.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from statistics import median

from gateway.hub import utc_now
from gateway.issuing import issued, sealed
from gateway.rendering import Press
from gateway.seal.keys import load_certificate, load_key, new_key
from gateway.seal.pades import Sealer
from gateway.seal.sign import Signer
from handlers.licence.licence import Attached, Invoice, Licence, Line, Party, Visa
from handlers.licence.paper import view
from handlers.papers.frame import Issuer
from storage.papers import Origin

_ROUNDS = 15


@dataclass(frozen=True, slots=True, kw_only=True)
class Papers:
    """Seconds of processor time for one sealed paper, and for the bare libraries."""

    paper: float
    floor: float


async def measure() -> Papers:
    """The median of several papers, after two that warm the process up."""
    key, pem = new_key("passavant", 30, utc_now())
    signer = Signer(load_key(key), load_certificate(pem))
    floor = await asyncio.to_thread(_floor, signer)
    press = Press(timeout=60)
    try:
        for _ in range(2):
            await _print(press, signer)
        found = [await _cost(press, signer) for _ in range(_ROUNDS)]
    finally:
        press.close()
    return Papers(paper=median(found), floor=floor)


async def _cost(press: Press, signer: Signer) -> float:
    child = _clock_of(press.process)
    started = time.process_time() + time.clock_gettime(child)
    await _print(press, signer)
    return time.process_time() + time.clock_gettime(child) - started


def _clock_of(process: int) -> int:
    """The clock of another process's processor time (clock_getcpuclockid(3) on Linux)."""
    return (~process << 3) | 2


async def _print(press: Press, signer: Signer) -> None:
    now = utc_now()
    issuer = Issuer(name="Ministère du Commerce Extérieur", name_ar="وزارة التجارة الخارجية")
    paper = view(_licence(), now=now, verify_url="https://example.test/verify/x", issuer=issuer)
    origin = Origin(digest="0" * 64, message=b"<a>" * 2_000, outcome=b"<b>" * 1_000)
    whole, within = issued(paper, origin, signer)
    pdf = await press.render("licence", whole, within)
    await asyncio.to_thread(sealed, pdf, whole.frame, signer, now)


def _floor(signer: Signer) -> float:
    from weasyprint import HTML

    page = '<html lang="fr"><title>Licence</title><p>Licence</p>'
    sealer = Sealer(signer.key, signer.certificate)

    def bare() -> None:
        pdf = HTML(string=page).write_pdf(pdf_variant="pdf/a-3a")
        sealer.seal(pdf, reason="Licence", now=utc_now())

    return _median(bare)


def _median(work: Callable[[], None]) -> float:
    work()
    found = []
    for _ in range(_ROUNDS):
        started = time.process_time()
        work()
        found.append(time.process_time() - started)
    return median(found)


def _licence() -> Licence:
    file = Attached(filename="facture.pdf", digest="0" * 64, size=1_000)
    line = Line(
        number=1,
        code="1515909020",
        description="Huile d’argan vierge",
        origin="MA",
        quantity=Decimal(12_000),
        unit="LTR",
        net_weight=Decimal(10_920),
        value=Decimal(1_275_000),
        granted=Decimal(11_500),
    )
    day = date(2026, 11, 16)
    return Licence(
        number="LE-2026-0000123",
        version=1,
        state="granted",
        owner="coop-atlas",
        opened_at=utc_now(),
        exporter=Party(name="Coopérative Atlas", ice="001525315000035", country="MA"),
        consignee=Party(name="Ölmühle Rheinland GmbH", address="50735 Köln", country="DE"),
        category="LE",
        total=Decimal(1_275_000),
        currency="MAD",
        customs_procedure="060",
        customs_office="309",
        payment_terms="VF",
        incoterm="FOB",
        countries=("DE",),
        invoices=(Invoice(number="F-1", amount=Decimal(1_275_000), issued_on=day, attached=file),),
        lines=(line,),
        documents=(),
        visa=Visa(number="V-1", officer="A", granted_on=day, valid_from=day, valid_until=day),
    )
