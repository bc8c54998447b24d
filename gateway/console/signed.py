"""What a document's signature says, and whether it holds now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from gateway.seal.keys import Certificate
from gateway.seal.profile import Profile, check
from gateway.seal.verify import Pin, confirm
from schemas.errors import Finding, Refused
from schemas.parse import parse


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """The facts of a signature; `problem` is why it would not be accepted now."""

    problem: Finding | None
    algorithm: str | None = None  #: the end of its URI
    xades: bool = False
    signing_time: datetime | None = None  #: as the signer claims
    digest: str | None = None  #: of the signed content, hex
    fingerprint: str | None = None  #: of the certificate that signed, or that the signature names
    certificate: Certificate | None = None  #: when it is one of those that are pinned
    suspended: bool = False


def examined(document: bytes, pins: Sequence[Pin], sender: str, now: datetime) -> Signed:
    """Hold the document against the profile and the pinned certificates, as the door would."""
    try:
        profile = check(parse(document))
    except Refused as refusal:
        return Signed(problem=refusal.findings[0])
    problem, fingerprint = None, _named(profile)
    try:
        fingerprint = confirm(profile, pins, sender, now).fingerprint
    except Refused as refusal:
        problem = refusal.findings[0]
    pin = next((pin for pin in pins if pin.certificate.fingerprint == fingerprint), None)
    return Signed(
        problem=problem,
        algorithm=profile.method.rpartition("#")[2],
        xades=profile.properties is not None,
        signing_time=None if profile.properties is None else profile.properties.signing_time,
        digest=profile.document.digest.hex(),
        fingerprint=fingerprint,
        certificate=None if pin is None else pin.certificate,
        suspended=pin is not None and pin.suspended,
    )


def _named(profile: Profile) -> str | None:
    if profile.certificate is not None:
        return profile.certificate
    return None if profile.properties is None else profile.properties.certificate
