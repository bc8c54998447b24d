"""The messages of the licence's whole life: what their schemas let pass, and what they do not."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from schemas import bind
from schemas.catalogue import catalogue
from schemas.codelists import codelist
from schemas.envelope import payload
from schemas.parse import parse
from schemas.validate import validate
from tests.schemas.samples import FOLDER


def text(name: str) -> str:
    return (FOLDER / f"{name}.xml").read_text(encoding="utf-8")


def changed(name: str, old: str, new: str) -> list[Any]:
    """What is found wrong with a sample after one change."""
    assert old in text(name)
    return validate(parse(text(name).replace(old, new, 1).encode()))


def value(name: str) -> Any:
    """A sample's payload as its binding."""
    kind = name.partition("/")[0]
    return bind.read(payload(parse(text(name).encode())), catalogue()[kind].binding)


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("Reservation/valid-place", ' unit="LTR">1000<', ' unit="LTR">0<'),
        ("Reservation/valid-place", "<CustomsOffice>309<", "<CustomsOffice>٣٠٩<"),
        ("ImputationStatement/valid-agrees", ">1500<", ">-1<"),
        ("ExtensionRequest/valid-forwarded", "10:00:00Z</Deadline>", "10:00:00</Deadline>"),
        ("RepatriationProof/valid-everything", "<Amount>33750.00<", "<Amount>0.00<"),
        ("RepatriationProof/valid-everything", "<Rate>10.7485<", "<Rate>10.7485001<"),
        ("RepatriationProof/valid-everything", "<Rate>10.7485<", "<Rate>1e1<"),
        ("RepatriationProof/valid-with-deductions", ">FREIGHT<", ">freight<"),
        ("ClearanceProposal/valid-full", ">full</Proposal>", ">refused</Proposal>"),
        ("ClearanceDecision/valid-more-time", ">more-time<", ">more time<"),
        ("HistoryQuery/valid-next-page", "<Limit>2<", "<Limit>0<"),
        ("HistoryQuery/valid-next-page", "<Before>4107<", "<Before>0<"),
        ("HistoryQuery/valid-next-page", "<Before>4107<", "<Before>+4107<"),
        ("HistoryReport/valid-first-page", 'name="visa"', 'name="le visa"'),
        ("VisaDecision/valid-granted-with-control", ">both<", ">all<"),
        ("LicenceNotice/valid-replace-suspended", ' fr="Suspendu"', ""),
        ("Acknowledgement/valid-outcome-with-balance-receipt", "<Digest>c4d1", "<Digest>C4D1"),
        ("Notification/valid-suspended-in-three-languages", 'lang="ar"', 'lang="es"'),
    ],
)
def test_value_out_of_its_bounds_is_refused(name: str, old: str, new: str) -> None:
    assert changed(name, old, new)


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("HistoryQuery/valid-next-page", "<Limit>2<", "<Limit>200<"),
        ("HistoryQuery/valid-next-page", ">4107<", f">{10**18 - 1}<"),
        ("RepatriationProof/valid-everything", "<Rate>10.7485<", "<Rate>0.000001<"),
        (
            "StatusReport/valid-granted",
            "</c:Remaining>",
            "</c:Remaining><c:Reserved>800</c:Reserved>",
        ),
    ],
)
def test_value_at_its_bounds_passes(name: str, old: str, new: str) -> None:
    assert changed(name, old, new) == []


def test_everything_the_hub_fills_in_may_be_absent_when_an_extension_is_asked_for() -> None:
    asked, forwarded = (
        value("ExtensionRequest/valid-two-more-months"),
        value("ExtensionRequest/valid-forwarded"),
    )
    assert asked.dossier_number is asked.current_valid_until is asked.deadline is None
    assert (forwarded.dossier_number, forwarded.declarant) == ("LE-2026-12", "coop-atlas")
    assert (forwarded.valid_until, forwarded.reason) == (asked.valid_until, asked.reason)


def test_amendment_carries_the_content_as_an_application_does() -> None:
    licence = value("LicenceAmendment/valid-smaller-order").licence
    assert type(licence) is type(value("LicenceApplication/valid-submit-argan-oil").licence)
    assert sum(invoice.amount for invoice in licence.invoice) == licence.total_amount


def test_samples_of_repatriation_stay_within_what_was_imputed() -> None:
    imputed = value("Imputation/valid-original")
    deductions = codelist("deduction-codes")
    for path in sorted((FOLDER / "RepatriationProof").glob("valid-*.xml")):
        proof = value(f"RepatriationProof/{path.stem}")
        shares = (*proof.split, *proof.deduction)
        assert {share.declaration_number for share in shares} == {imputed.declaration_number}
        assert sum(share.amount for share in proof.split) == proof.amount.value
        assert sum(share.amount for share in shares) <= imputed.value.value
        for one in proof.deduction:
            assert deductions.holds(one.deduction_code, date(2026, 11, 21))


def test_receipt_tells_the_difference_that_the_adjustment_made() -> None:
    [balance] = value("Acknowledgement/valid-outcome-with-balance-receipt").balance
    original, adjustment = value("Imputation/valid-original"), value("Imputation/valid-adjustment")
    assert balance.imputed_delta == adjustment.quantity.value - original.quantity.value
    assert balance.receipt.value.value == adjustment.value.value - original.value.value
    assert balance.receipt.original_number == original.imputation_number
    assert balance.receipt.value.value == Decimal("-1125.00")
