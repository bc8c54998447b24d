"""The certificate of an accepted request: previewed as often as wanted, issued once.

It is issued a second time only in the place of one that was revoked to be replaced.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from handlers.inspection.closing import closed
from handlers.inspection.inspection import Certificate, Inspection
from handlers.inspection.notices import tell
from handlers.inspection.processing import by_assignee
from handlers.registry import Context, Reader, handles
from schemas.bindings.certificate_issue_1 import Action, CertificateIssue
from schemas.errors import Code, Finding, Refused
from schemas.workflow import Decision, Dossier, Move, Role, Taken, stays

EVENT = "CertificateIssue"
NUMBER = "certificate"  #: the kind of number that serves once

MOVES = (
    *stays("inspection", EVENT, "previewed", "in_progress", "closed"),
    Move("inspection", "in_progress", EVENT, "issued", "closed"),
    Move("inspection", "closed", EVENT, "replaced", "closed"),
)

Rule = Callable[[CertificateIssue, Inspection, Context], Iterator[Finding]]


@handles("CertificateIssue", procedure="inspection", roles={Role.INSPECTION})
def certificate_issue(message: CertificateIssue, dossier: Dossier, context: Context) -> Decision:
    """Print the certificate, as a preview or in force; others are told of it when it is sealed."""
    inspection = Inspection.of(dossier)
    wrong = by_assignee(message.agent, inspection, context)
    wrong += (finding for rule in RULES for finding in rule(message, inspection, context))
    if wrong:
        raise Refused(*wrong)
    if message.action is Action.PREVIEW:
        return Decision(
            finding="previewed",
            content=replace(inspection, previewed=message.agent).content(),
            reprint=True,
            note={"agent": message.agent},
        )
    return _issued(message, inspection, context)


def _issued(message: CertificateIssue, inspection: Inspection, context: Context) -> Decision:
    before = inspection.certificates[-1].number if inspection.certificates else ""
    agent = context.read.agent(message.agent)
    service = context.read.service_of(inspection.exporter.registration_place)
    certificate = Certificate(
        number=message.certificate_number or free_number(inspection, context.read),
        agent=message.agent,
        issued_at=context.now,
        agent_name="" if agent is None else agent.name,
        service_name="" if service is None else service.name,
        replaces=before,
    )
    issued = replace(inspection, certificates=(*inspection.certificates, certificate), previewed="")
    issued, timer = closed(issued, context)
    note = {"agent": message.agent, "certificate": certificate.number}
    return Decision(
        finding="replaced" if before else "issued",
        content=issued.content(),
        replies=(tell(issued, "certificate-issued", certificate=certificate.number),),
        takes=(Taken(kind=NUMBER, value=certificate.number),),
        timers=(timer,),
        reprint=True,
        note=note | ({"replaces": before} if before else {}),
    )


def free_number(inspection: Inspection, read: Reader) -> str:
    """The dossier's next number, such as `BM-2026-1088/C1`, that serves nowhere."""
    serial = len(inspection.certificates) + 1
    while read.taken(NUMBER, number := f"{inspection.number}/C{serial}") is not None:
        serial += 1
    return number


def accepted(
    message: CertificateIssue, inspection: Inspection, context: Context
) -> Iterator[Finding]:
    """There is a certificate of an accepted request only; a preview waits for no answer."""
    answer = inspection.answer
    awaited = answer is None and message.action is Action.PREVIEW
    if not awaited and (answer is None or answer.decision != "accepted"):
        yield _finding(Code.APPLICATION_NOT_ACCEPTED, message)


def none_in_force(
    message: CertificateIssue, inspection: Inspection, context: Context
) -> Iterator[Finding]:
    """A dossier has one certificate at a time."""
    if (one := inspection.certificate) is not None:
        yield _finding(Code.CERTIFICATE_IN_FORCE, message, certificate=one.number)


def replacement_foreseen(
    message: CertificateIssue, inspection: Inspection, context: Context
) -> Iterator[Finding]:
    """What was revoked without replacement is not replaced."""
    revoked = inspection.certificate is None and inspection.certificates[-1:]
    if revoked and not inspection.awaits_replacement:
        number = inspection.certificates[-1].number
        yield _finding(Code.REPLACEMENT_NOT_FORESEEN, message, certificate=number)


def number_unused(
    message: CertificateIssue, inspection: Inspection, context: Context
) -> Iterator[Finding]:
    """A certificate's number serves once in the whole hub."""
    number = message.certificate_number
    if number is not None and context.read.taken(NUMBER, number) is not None:
        yield Finding(
            code=Code.CERTIFICATE_NUMBER_USED,
            path="CertificateNumber",
            value=number,
            fields={"found": number},
        )


def _finding(code: Code, message: CertificateIssue, **fields: object) -> Finding:
    return Finding(code=code, path="Action", value=message.action.value, fields=fields)


RULES: tuple[Rule, ...] = (accepted, none_in_force, replacement_foreseen, number_unused)
