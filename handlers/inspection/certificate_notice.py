"""What exporter and customs are told of a certificate: issued, in another's place, or revoked."""

from __future__ import annotations

from xsdata.models.datatype import XmlDate

from handlers.days import today
from handlers.inspection.inspection import Certificate, CraftLine, Inspection
from schemas.bindings import common_1 as xml
from schemas.bindings.certificate_notice_1 import (
    Action,
    CertificateNotice,
    CertifiedLine,
    Revocation,
)
from schemas.workflow import Reply, Role


def certificate_notices(
    inspection: Inspection, certificate: Certificate, action: Action, digest: str | None = None
) -> tuple[Reply, ...]:
    """The notice to each; `digest` is the SHA-256 (hex) of the sealed paper, where it is known."""
    notice = _notice(inspection, certificate, action, digest)
    return tuple(Reply(to=to, payload=notice) for to in (inspection.owner, Role.CUSTOMS))


def _notice(
    inspection: Inspection, certificate: Certificate, action: Action, digest: str | None
) -> CertificateNotice:
    return CertificateNotice(
        action=action,
        certificate_number=certificate.number,
        dossier_number=inspection.number,
        version=inspection.version,
        service=inspection.service,
        issue_date=XmlDate.from_date(today(certificate.issued_at)),
        exporter=_exporter(inspection),
        consignee=_consignee(inspection),
        transport_mode=inspection.transport or None,
        exit_point=inspection.exit_point or None,
        customs_office=inspection.customs_office or None,
        line=tuple(_line(line) for line in inspection.goods),
        digest=digest,
        replaces=certificate.replaces or None,
        revocation=_revocation(certificate),
    )


def _exporter(inspection: Inspection) -> xml.Exporter:
    exporter = inspection.exporter
    return xml.Exporter(
        name=exporter.name,
        ice=exporter.ice,
        register_centre=exporter.register_centre,
        register_number=exporter.register_number,
        address=exporter.address or None,
        email=exporter.email or None,
    )


def _consignee(inspection: Inspection) -> xml.Consignee | None:
    consignee = inspection.consignee
    if consignee is None:
        return None
    return xml.Consignee(
        name=consignee.name, address=consignee.address or None, country=consignee.country
    )


def _line(line: CraftLine) -> CertifiedLine:
    return CertifiedLine(
        line=line.number,
        commodity_code=line.code,
        category=line.category,
        description=line.description,
        weight=line.weight,
        surface=line.surface,
        units=line.units,
        value=line.value,
        currency=line.currency,
    )


def _revocation(certificate: Certificate) -> Revocation | None:
    if certificate.revoked_at is None:
        return None
    return Revocation(
        revocation_date=XmlDate.from_date(today(certificate.revoked_at)),
        reason=certificate.reason,
        replacement=certificate.to_be_replaced,
    )
