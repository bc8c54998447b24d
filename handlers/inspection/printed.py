"""Who is told that a paper was sealed: a certificate is made known with the digest of its PDF."""

from __future__ import annotations

from handlers.inspection.certificate_notice import certificate_notices
from handlers.inspection.inspection import Inspection
from schemas.bindings.certificate_notice_1 import Action
from schemas.workflow import Dossier, Reply

CERTIFICATE = "certificate.pdf"


def printed(dossier: Dossier, name: str, digest: str) -> tuple[Reply, ...]:
    """The notices of the certificate in force; a preview, or a revoked one, is told to nobody."""
    inspection = Inspection.of(dossier)
    certificate = inspection.certificate
    if name != CERTIFICATE or certificate is None:
        return ()
    action = Action.REPLACED if certificate.replaces else Action.ISSUED
    return certificate_notices(inspection, certificate, action, digest)
