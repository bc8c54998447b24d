"""The hub's seal on a paper: PAdES baseline B (ETSI EN 319 142-1), and whether one holds.

The seal certifies: no change whatever is allowed after it, so a paper's seal is its last byte.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding
from pyhanko.keys.pemder import load_certs_from_pemder_data
from pyhanko.pdf_utils.content import RawContent
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.layout import BoxConstraints
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign import fields, signers
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko.sign.validation.status import PdfSignatureStatus, SignatureCoverageLevel
from pyhanko.stamp import StaticStampStyle
from pyhanko_certvalidator import ValidationContext
from typing_extensions import override

from gateway.seal.keys import Certificate, PrivateKey
from handlers.papers.frame import SEAL_BOX, Box

_FIELD = "Cachet"
_MM = 72 / 25.4
#: A CMS with one certificate of ours takes two kilobytes; the rest is for a longer subject.
_RESERVED = 8192


#: How far ahead of the reader's clock the hub's may have been.
_TOLERANCE = timedelta(days=1)


def _ring(x: float, y: float, radius: float) -> str:
    """A circle of four Bézier curves."""
    k = radius * 0.5523
    return (
        f"{x + radius} {y} m "
        f"{x + radius} {y + k} {x + k} {y + radius} {x} {y + radius} c "
        f"{x - k} {y + radius} {x - radius} {y + k} {x - radius} {y} c "
        f"{x - radius} {y - k} {x - k} {y - radius} {x} {y - radius} c "
        f"{x + k} {y - radius} {x + radius} {y - k} {x + radius} {y} c S"
    )


#: The mark of a seal, at the right of its box: two rings and a tick, without any font.
_MARK = (
    f"q 0.09 0.28 0.25 RG 1.4 w {_ring(130, 32, 17)} 0.5 w {_ring(130, 32, 14)} "
    "2.4 w 1 J 1 j 122.5 32 m 128 26 l 137.5 38.5 l S Q"
).encode()


class BrokenSeal(ValueError):
    """The paper has no seal of the hub's, or it does not hold; the sentence says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealed:
    """A seal that holds over the whole file, and the files it covers, by name.

    `at` is the time that the seal itself gives, aware UTC.
    """

    reason: str
    at: datetime
    attachments: Mapping[str, bytes]


class Sealer:
    """Seals papers with one key, loaded once; holds nothing that changes, threads may share it."""

    def __init__(self, key: PrivateKey, certificate: Certificate) -> None:
        self._signer = _HubSigner(key, certificate)

    def seal(self, pdf: bytes, *, reason: str, now: datetime, box: Box = SEAL_BOX) -> bytes:
        """The paper with the seal as one more revision, its mark in the box on the first page.

        `now` is aware UTC. Runs an event loop of its own: call it in a thread.
        """
        details = signers.PdfSignatureMetadata(
            field_name=_FIELD,
            md_algorithm="sha256",
            subfilter=fields.SigSeedSubFilter.PADES,
            certify=True,
            docmdp_permissions=fields.MDPPerm.NO_CHANGES,
            reason=reason,
        )
        place = fields.SigFieldSpec(_FIELD, on_page=0, box=_points(box))
        sealer = _AtTime(details, signer=self._signer, stamp_style=_mark(box), new_field_spec=place)
        sealer.now = now
        out = io.BytesIO()
        sealer.sign_pdf(
            IncrementalPdfFileWriter(io.BytesIO(pdf)), output=out, bytes_reserved=_RESERVED
        )
        return out.getvalue()


class _AtTime(signers.PdfSigner):
    """A signing whose time is the hub's, not the machine's."""

    now: datetime

    @override
    def init_signing_session(self, *arguments: Any, **named: Any) -> Any:
        session = super().init_signing_session(*arguments, **named)
        session.system_time = self.now
        return session


class _HubSigner(signers.Signer):
    """Signs with a loaded key: the library's own signer decodes it for every signature."""

    def __init__(self, key: PrivateKey, certificate: Certificate) -> None:
        (own,) = load_certs_from_pemder_data(certificate.pem)
        super().__init__(signing_cert=own)
        self._key = key

    @override
    async def async_sign_raw(
        self, data: bytes, digest_algorithm: str, dry_run: bool = False
    ) -> bytes:
        if isinstance(self._key, ec.EllipticCurvePrivateKey):
            return self._key.sign(data, ec.ECDSA(hashes.SHA256()))
        return self._key.sign(data, padding.PKCS1v15(), hashes.SHA256())


def _points(box: Box) -> tuple[int, int, int, int]:
    """The box in whole points: left, bottom, right, top."""
    return (
        round(box.left * _MM),
        round(box.bottom * _MM),
        round((box.left + box.width) * _MM),
        round((box.bottom + box.height) * _MM),
    )


def _mark(box: Box) -> StaticStampStyle:
    """What only a seal draws; what the box says stands in the page, which the seal covers."""
    left, bottom, right, top = _points(box)
    drawing = RawContent(_MARK, box=BoxConstraints(width=right - left, height=top - bottom))
    return StaticStampStyle(background=drawing, border_width=0)


def check_seal(pdf: bytes, certificate: Certificate, now: datetime) -> Sealed:
    """The seal of the hub with this certificate over the whole file; raises BrokenSeal.

    `now` is aware UTC. Nothing is fetched, and no certificate but the given one is trusted. What
    the seal covers is read by the parser that checked it.
    """
    try:
        return _checked(PdfFileReader(io.BytesIO(pdf)), certificate, now)
    except BrokenSeal:
        raise
    except Exception as problem:  # whatever the parser chokes on is no sealed paper
        raise BrokenSeal(f"The paper cannot be read: {type(problem).__name__}.") from problem


def _checked(reader: PdfFileReader, certificate: Certificate, now: datetime) -> Sealed:
    found = reader.embedded_signatures
    if not found:
        raise BrokenSeal("The paper bears no seal.")
    if len(found) > 1:
        raise BrokenSeal(f"The paper bears {len(found)} seals; the hub puts one.")
    (seal,) = found
    if seal.signer_cert.dump() != certificate.der:
        raise BrokenSeal("The paper was sealed by somebody else than this hub.")
    at = _claimed_time(seal.self_reported_timestamp, certificate, now)
    trust = ValidationContext(trust_roots=[seal.signer_cert], allow_fetching=False, moment=at)
    _require_whole(validate_pdf_signature(seal, signer_validation_context=trust))
    return Sealed(
        reason=str(seal.sig_object.get("/Reason", "")),
        at=at,
        attachments=dict(_attachments(reader)),
    )


def _claimed_time(claimed: datetime | None, certificate: Certificate, now: datetime) -> datetime:
    if claimed is None:
        raise BrokenSeal("The seal does not say when it was put.")
    at = claimed.astimezone(UTC)
    if not certificate.not_before <= at <= certificate.not_after:
        raise BrokenSeal(f"The seal says {at:%Y-%m-%d}, when the certificate was not in force.")
    if at > now + _TOLERANCE:
        raise BrokenSeal(f"The seal says {at:%Y-%m-%d}, which is still to come.")
    return at


def _require_whole(status: PdfSignatureStatus) -> None:
    if not status.intact:
        raise BrokenSeal("The paper was altered after it was sealed.")
    if not status.valid:
        raise BrokenSeal("The seal's signature does not hold.")
    if status.coverage != SignatureCoverageLevel.ENTIRE_FILE:
        raise BrokenSeal("Something was added to the paper after it was sealed.")
    if not status.bottom_line:
        raise BrokenSeal("The seal is not one that the hub puts.")


def _attachments(reader: PdfFileReader) -> Iterator[tuple[str, bytes]]:
    try:
        names = reader.root["/Names"]["/EmbeddedFiles"]["/Names"]
    except KeyError:
        return
    for place in range(0, len(names), 2):
        described = names[place + 1]
        yield str(described["/UF"]), described["/EF"]["/F"].data
