"""Every sample of a rule provokes exactly its code; every valid sample passes."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from handlers.licence.licence import Licence, Visa
from handlers.licence.life import Clearance, Extension, Proof, Reservation, Share, WaitingContra
from handlers.licence.notices import tell_customs
from handlers.licence.read import files
from handlers.licence.repatriation_rules import ATTESTATION, WARNINGS
from handlers.registry import registry
from schemas import bind
from schemas.bindings.licence_application_1 import LicenceApplication
from schemas.bindings.licence_notice_1 import Action
from schemas.catalogue import catalogue
from schemas.envelope import payload
from schemas.errors import Code, Refused
from schemas.parse import parse
from schemas.problems import problem
from schemas.validate import validate
from schemas.workflow import Decision, Entry, Role, Sent
from tests.handlers import craft_samples, crafts
from tests.handlers.dossiers import DEFAULTS, NUMBER, Settings, Situation, dossier, saved
from tests.schemas.samples import FOLDER, VALID, announced, name, provoking

#: The samples' decisions and declarations are of the end of November.
NOW = datetime(2026, 12, 5, 9, 0, tzinfo=UTC)
SENDERS = {
    "LicenceApplication": Role.DECLARANT,
    "LicenceCancellation": Role.DECLARANT,
    "VisaDecision": Role.MINISTRY,
    "Imputation": Role.CUSTOMS,
    "BalanceQuery": Role.CUSTOMS,
    "StatusQuery": Role.DECLARANT,
    "HistoryQuery": Role.DECLARANT,
    "RepatriationProof": Role.BANK,
    "ClearanceDecision": Role.EXCHANGE_OFFICE,
    "LicenceAmendment": Role.DECLARANT,
    "ExtensionRequest": Role.DECLARANT,
    "ExtensionDecision": Role.MINISTRY,
    "Acknowledgement": Role.CUSTOMS,
    "Reservation": Role.CUSTOMS,
    "ImputationStatement": Role.CUSTOMS,
}
HANDLED = SENDERS.keys() | craft_samples.SENDERS.keys()
RULES = [path for path in provoking(*range(600, 900)) if path.parent.name in HANDLED]
HUB = b'<Identifier Authority="passavant">passavant</Identifier>\n    </Sender>'
PASSING = [path for path in VALID if path.parent.name in HANDLED and HUB not in path.read_bytes()]


def read(path: Path) -> Any:
    """The payload of a sample as its binding."""
    root = payload(parse(path.read_bytes()))
    return bind.read(root, catalogue()[path.parent.name].binding)


def large() -> bytes:
    """What is sent beside the sample of the attachment that is too large."""
    return b"%PDF-1.4\n" + bytes(3 * 1024 * 1024)


@cache
def parts() -> dict[str, bytes]:
    """The files that stand beside the samples that name them by digest."""
    application: LicenceApplication = read(
        FOLDER / "LicenceApplication" / "valid-submit-argan-oil.xml"
    )
    contents = [file.content for file in files(application.licence, {})]
    beside = [content for content in (*contents, large()) if content is not None]
    return {hashlib.sha256(content).hexdigest(): content for content in beside}


@cache
def submitted() -> Licence:
    """The licence that the sample of an application asks for."""
    path = FOLDER / "LicenceApplication" / "valid-submit-argan-oil.xml"
    decision = decide(path, Situation(now=NOW, parts=parts()))
    assert decision.content is not None
    blank = replace(dossier(saved()), content=decision.content, state="submitted")
    return Licence.of(blank)


def granted() -> Licence:
    """The same licence with its visa."""
    visa = Visa(
        number="MCE-2026-00412",
        officer="N. Bennani",
        granted_on=date(2026, 11, 16),
        valid_from=date(2026, 11, 16),
        valid_until=date(2027, 5, 15),
    )
    return replace(submitted(), state="granted").granted({}, visa)


def imputed() -> Licence:
    """The same licence after the sample's original imputation."""
    entry = Entry(
        number="309-2026-4711-1",
        office="309",
        kind="original",
        line=1,
        quantity=Decimal(1500),
        value=Decimal(33750),
        declaration="30906020260004711A",
        declared_on=date(2026, 11, 19),
        imputed_on=date(2026, 11, 20),
    )
    return replace(granted(), state="partly_imputed", entries=(entry,))


def proved() -> Licence:
    """The same licence when all that it owes has come home."""
    proof = Proof(
        bank="Banque du Littoral",
        number="BL-2026-08831",
        attested_on=date(2026, 11, 21),
        amount=Decimal(33750),
        rate=Decimal("10.7485"),
        shares=(Share(declaration=imputed().entries[0].declaration, amount=Decimal(33750)),),
        filed_by="banque-littoral",
    )
    return replace(imputed(), proofs=(proof,))


def cleared() -> Licence:
    """The same licence when that declaration is cleared, and more may still be imputed."""
    decision = Clearance(
        declaration=imputed().entries[0].declaration,
        decision="full",
        officer="S. El Fassi",
        decided_on=date(2026, 11, 22),
        imputed=Decimal(33750),
    )
    return replace(proved(), clearances=(decision,))


def given_back() -> Licence:
    """The same licence when a contra has given all its value back, and a little quantity not."""
    licence = imputed()
    entry = replace(
        licence.entries[0],
        number="309-2026-4711-2",
        kind="contra",
        quantity=Decimal(-1499),
        value=Decimal(-33750),
        corrects=licence.entries[0].number,
    )
    return replace(licence, entries=(*licence.entries, entry))


def reserved() -> Licence:
    """The same licence while a declaration holds a part of it."""
    held = Reservation(
        owner="adii",
        office="309",
        declaration="30906020260004712B",
        line=1,
        quantity=Decimal(100),
        value=Decimal(2250),
        expires_on=date(2026, 12, 31),
    )
    return replace(granted(), reservations=(held,))


def held(owner: str = "customs") -> Licence:
    """The same licence while the sample's declaration holds a part of it."""
    (other,) = reserved().reservations
    declaration, quantity = "30906020260004720C", Decimal(1000)
    mine = replace(other, owner=owner, declaration=declaration, quantity=quantity)
    return replace(granted(), reservations=(mine,))


def crowded() -> Licence:
    """The same licence when as many contras wait as may."""
    contra = WaitingContra(
        sender="customs",
        number="309-2026-4760-1",
        office="309",
        corrects="309-2026-4759-1",
        line=1,
        quantity=Decimal(1),
        value=Decimal(1),
        declaration="30906020260004759A",
        declared_on=date(2026, 11, 19),
        imputed_on=date(2026, 11, 20),
        since=NOW,
    )
    return replace(granted(), contras=(contra,) * 99)


def unpriced() -> Licence:
    """The same licence without a value on any line."""
    licence = granted()
    return replace(licence, lines=tuple(replace(line, value=None) for line in licence.lines))


def partly_given_back() -> Licence:
    """The same licence when a contra has given back a part of its imputation."""
    *others, contra = given_back().entries
    contra = replace(contra, quantity=Decimal(-200), value=Decimal(-4500))
    return replace(imputed(), entries=(*others, contra))


def asking() -> Licence:
    """The same licence while the ministry thinks about two more months."""
    extension = Extension(until=date(2027, 7, 15), reason="Le navire est reporté.", asked_at=NOW)
    return replace(granted(), extension=extension)


def over() -> Licence:
    """The same licence on the day after its validity, which the hub has not noticed yet."""
    licence = granted()
    assert licence.visa is not None
    return replace(licence, visa=replace(licence.visa, valid_until=date(2026, 12, 4)))


def cancelling() -> Licence:
    """The same licence when it is recalled from customs."""
    return replace(granted(), state="cancelling", known_to_customs=True)


def recall(number: str) -> Sent:
    """The notice that recalled it."""
    reply = tell_customs(cancelling(), Action.CANCEL, DEFAULTS)
    return Sent(
        instance="LicenceNotice-2026-0071",
        type="LicenceNotice",
        receiver="customs",
        dossier=number,
        digest="b1946ac92492d2347c6235b4d2611184" * 2,
        payload=reply.payload,
    )


#: What each message type meets, and the samples that meet something else.
LICENCES: dict[str, Callable[[], Licence | None]] = {
    "LicenceApplication": lambda: None,
    "VisaDecision": submitted,
    "LicenceCancellation": granted,
    "Imputation": granted,
    "BalanceQuery": granted,
    "StatusQuery": granted,
    "HistoryQuery": granted,
    "RepatriationProof": imputed,
    "ClearanceDecision": proved,
    "ClearanceDecision/invalid-PSV-760-cleared-before": cleared,
    "ClearanceDecision/invalid-PSV-761-all-given-back": given_back,
    "ClearanceDecision/invalid-PSV-762-full-while-money-is-missing": imputed,
    "LicenceAmendment": granted,
    "ExtensionRequest": granted,
    "ExtensionDecision": asking,
    "Acknowledgement": cancelling,
    "VisaDecision/valid-suspended": granted,
    "VisaDecision/valid-revoked": granted,
    "VisaDecision/valid-reinstated": lambda: replace(imputed(), state="suspended"),
    "VisaDecision/invalid-PSV-631-suspended-without-reason": granted,
    "VisaDecision/invalid-PSV-631-revoked-without-reason": granted,
    "VisaDecision/invalid-PSV-631-reinstated-without-reason": lambda: replace(
        granted(), state="suspended"
    ),
    "VisaDecision/invalid-PSV-802-suspended-older-version": granted,
    "LicenceAmendment/invalid-PSV-641-reserved": reserved,
    "LicenceCancellation/invalid-PSV-641-reserved": reserved,
    "ExtensionRequest/invalid-PSV-643-validity-over": over,
    "ExtensionRequest/invalid-PSV-644-extended-before": lambda: replace(granted(), extensions=1),
    "ExtensionRequest/invalid-PSV-645-asked-before": asking,
    "ExtensionDecision/invalid-PSV-646-nobody-asked": granted,
    "LicenceApplication/valid-submit-saved-draft": lambda: replace(submitted(), state="saved"),
    "Imputation/valid-contra": imputed,
    "Imputation/valid-adjustment": imputed,
    "Imputation/invalid-PSV-707-adjusted-to-more-than-remains": imputed,
    "Imputation/invalid-PSV-707-reserved-for-another-declaration": held,
    "Imputation/invalid-PSV-708-more-value-than-remains": unpriced,
    "Imputation/invalid-PSV-721-adjusted-below-what-was-given-back": partly_given_back,
    "Imputation/invalid-PSV-722-sum-of-thirteen-digits": imputed,
    "Imputation/invalid-PSV-723-too-many-contras-wait": crowded,
    "Reservation": granted,
    "Reservation/valid-change": held,
    "Reservation/valid-release": held,
    "Reservation/invalid-PSV-725-placed-before": held,
    "Reservation/invalid-PSV-727-placed-by-another": lambda: held("another-customs"),
    "Reservation/invalid-PSV-801-licence-not-granted": submitted,
    "ImputationStatement": imputed,
    "Imputation/invalid-PSV-709-number-used-before": imputed,
    "Imputation/invalid-PSV-710-contra-without-original": imputed,
    "Imputation/invalid-PSV-711-original-unknown": imputed,
    "Imputation/invalid-PSV-712-contra-of-more-than-imputed": imputed,
    "Imputation/invalid-PSV-713-contra-of-more-value": imputed,
    "Imputation/invalid-PSV-714-contra-of-another-line": imputed,
    "Imputation/invalid-PSV-801-licence-not-granted": submitted,
}
#: Rules that the settings switch on.
SETTINGS = {
    "Imputation/invalid-PSV-706-other-office": Settings(other_office="error"),
    "Imputation/invalid-PSV-708-more-value-than-remains": Settings(control="both"),
    "Imputation/invalid-PSV-718-more-value-than-the-line-has": Settings(control="both"),
    "Imputation/invalid-PSV-722-sum-of-thirteen-digits": Settings(control="open"),
    "Reservation/invalid-PSV-706-other-office": Settings(other_office="error"),
}
#: Numbers that have served before.
NUMBERS = {
    "RepatriationProof/invalid-PSV-755-attestation-used-before": {
        (ATTESTATION, "banque du littoral bl-2026-08790"): "LE-2026-11"
    },
}
#: Where the notice that a sample answers was about another licence.
ELSEWHERE = {"Acknowledgement/invalid-PSV-650-other-dossier": "LE-2026-11"}


def situation(path: Path) -> Situation | crafts.Situation:
    """What a sample meets."""
    kind = path.parent.name
    if kind in craft_samples.SENDERS:
        return craft_samples.situation(path)
    return Situation(
        licence=LICENCES.get(name(path), LICENCES[kind])(),
        role=SENDERS[kind],
        settings=SETTINGS.get(name(path), DEFAULTS),
        numbers=NUMBERS.get(name(path), {}),
        outbox=(recall(ELSEWHERE.get(name(path), NUMBER)),),
        parts=parts(),
        now=NOW,
    )


def decide(path: Path, met: Situation | crafts.Situation) -> Decision:
    """What the handler of the sample's type decides."""
    procedure = "licence" if isinstance(met, Situation) else "inspection"
    handler = registry().handlers[path.parent.name, procedure]
    return handler.handle(read(path), met.dossier, met.context)


@pytest.mark.parametrize("path", RULES, ids=name)
def test_the_sample_provokes_exactly_its_code(path: Path) -> None:
    assert validate(parse(path.read_bytes())) == []
    with pytest.raises(Refused) as refusal:
        decide(path, situation(path))
    assert {finding.code.number for finding in refusal.value.findings} == {announced(path)}
    for finding in refusal.value.findings:
        assert problem(finding).code == finding.code.label  # its texts have all their fields


@pytest.mark.parametrize("path", PASSING, ids=name)
def test_the_valid_sample_passes(path: Path) -> None:
    decision = decide(path, situation(path))
    assert decision.finding is not None or decision.replies


#: What customs is told of the ledger when nothing is wrong with its message.
OF_THE_LEDGER = {
    Code.ALREADY_IMPUTED,
    Code.CONTRA_WAITS,
    Code.STATEMENT_QUANTITY_DIFFERS,
    Code.STATEMENT_VALUE_DIFFERS,
    Code.STATEMENT_LINE_ABSENT,
}
#: The codes of the rules that the handlers apply, but for those that refuse nothing.
CODES = [code for code in Code if 600 <= code.number < 900 and code not in WARNINGS | OF_THE_LEDGER]


@pytest.mark.parametrize("code", CODES, ids=lambda code: code.label)
def test_every_code_of_a_rule_has_a_sample(code: Code) -> None:
    assert code.number in {announced(path) for path in RULES}


def test_every_place_of_a_finding_is_in_the_message() -> None:
    for path in RULES:
        with pytest.raises(Refused) as refusal:
            decide(path, situation(path))
        root = payload(parse(path.read_bytes()))
        for finding in refusal.value.findings:
            missing = finding.code in MISSING
            assert found(root, finding.path) is not missing, f"{name(path)} {finding.path}"


#: Findings that name the place where something should be.
MISSING = {
    Code.CARPET_INCOMPLETE,
    Code.ELEMENT_MISSING,
    Code.POTTERY_CERTIFICATE_MISSING,
    Code.OBSERVATION_MISSING,
    Code.REASON_MISSING,
    Code.VISA_NUMBER_MISSING,
    Code.ORIGINAL_NUMBER_MISSING,
    Code.DUE_DATE_MISSING,
    Code.EXTENSION_END_MISSING,
    Code.RESERVATION_INCOMPLETE,
}


def found(root: Any, path: str) -> bool:
    """Is there an element, or an attribute, at a finding's path?"""
    for step in path.split("/") if path else []:
        tag, _, position = step.rstrip("]").partition("[")
        if tag.startswith("@"):
            return tag[1:] in root.attrib
        matches = root.findall(f"{{*}}{tag}")
        if len(matches) < int(position or 1):
            return False
        root = matches[int(position or 1) - 1]
    return True


def test_the_number_of_a_licence_is_the_one_the_context_gives() -> None:
    assert submitted().number == NUMBER
