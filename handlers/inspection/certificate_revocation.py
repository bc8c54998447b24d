"""The service takes a certificate back: a corrected one shall take its place, or none."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from handlers.inspection.certificate_notice import certificate_notices
from handlers.inspection.inspection import Certificate, Inspection
from handlers.inspection.notices import tell
from handlers.inspection.processing import by_assignee
from handlers.registry import Context, handles
from schemas.bindings.certificate_notice_1 import Action
from schemas.bindings.certificate_revocation_1 import CertificateRevocation
from schemas.errors import Code, Finding, Refused
from schemas.workflow import Decision, Dossier, Role, stays

EVENT = "CertificateRevocation"

MOVES = stays("inspection", EVENT, "revoked", "closed")


@handles("CertificateRevocation", procedure="inspection", roles={Role.INSPECTION})
def certificate_revocation(
    message: CertificateRevocation, dossier: Dossier, context: Context
) -> Decision:
    """Take the certificate in force back; the exporter and customs are told, the paper says so."""
    inspection = Inspection.of(dossier)
    wrong = by_assignee(message.agent, inspection, context)
    wrong += names_what_is_in_force(message, inspection)
    if wrong or inspection.certificate is None:
        raise Refused(*wrong)
    revoked = replace(
        inspection.certificate,
        revoked_at=context.now,
        revoked_by=message.agent,
        reason=message.reason,
        to_be_replaced=message.replacement,
    )
    known = replace(inspection, certificates=(*inspection.certificates[:-1], revoked))
    return Decision(
        finding="revoked",
        content=known.content(),
        replies=(
            *certificate_notices(known, revoked, Action.REVOKED),
            tell(known, "certificate-revoked", certificate=revoked.number, reason=revoked.reason),
        ),
        reprint=True,
        note=_note(revoked),
    )


def _note(revoked: Certificate) -> dict[str, str]:
    return {
        "agent": revoked.revoked_by,
        "certificate": revoked.number,
        "reason": revoked.reason,
        "replacement": "yes" if revoked.to_be_replaced else "no",
    }


def names_what_is_in_force(
    message: CertificateRevocation, inspection: Inspection
) -> Iterator[Finding]:
    """There is a certificate to take back, and it is the one that is named."""
    one, named = inspection.certificate, message.certificate_number
    if one is None:
        yield Finding(code=Code.NO_CERTIFICATE_IN_FORCE)
    elif named not in (None, one.number):
        yield Finding(
            code=Code.OTHER_CERTIFICATE_IN_FORCE,
            path="CertificateNumber",
            value=named,
            fields={"found": named, "certificate": one.number},
        )
