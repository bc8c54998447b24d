"""Message types are found in the folder of XSDs, and nowhere else."""

from __future__ import annotations

from dataclasses import fields

import pytest

from schemas.catalogue import MessageType, catalogue
from tests.schemas.samples import FOLDER, VALID


def test_catalogue_holds_the_message_types_of_both_procedures() -> None:
    assert set(catalogue()) == {
        "Acknowledgement",
        "Archiving",
        "Assignment",
        "BalanceQuery",
        "BalanceReport",
        "CertificateIssue",
        "CertificateNotice",
        "CertificateRevocation",
        "ClearanceDecision",
        "ClearanceProposal",
        "ComplementReply",
        "ComplementRequest",
        "ExtensionDecision",
        "ExtensionRequest",
        "GoodsCorrection",
        "HistoryQuery",
        "HistoryReport",
        "Imputation",
        "ImputationStatement",
        "InspectionAmendment",
        "InspectionApplication",
        "InspectionDecision",
        "InspectionWithdrawal",
        "LicenceAmendment",
        "LicenceApplication",
        "LicenceCancellation",
        "LicenceNotice",
        "Notification",
        "PhysicalInspectionOrder",
        "PhysicalInspectionResult",
        "RepatriationProof",
        "Reservation",
        "StatusQuery",
        "StatusReport",
        "TakingCharge",
        "VisaDecision",
        "VisaRequest",
    }


@pytest.mark.parametrize("kind", catalogue().values(), ids=lambda kind: kind.name)
def test_message_type_names_its_parts(kind: MessageType) -> None:
    found = catalogue()[kind.name]
    assert found.namespace == f"urn:passavant:{found.name}:{found.version.partition('.')[0]}"
    assert found.binding.__name__ == found.name
    assert found.binding.Meta.namespace == found.namespace
    assert fields(found.binding)
    assert found.xsd.exists()


def test_every_message_type_has_a_valid_sample() -> None:
    assert {path.parent.name for path in VALID} == set(catalogue())


def test_every_folder_of_samples_belongs_to_a_message_type() -> None:
    folders = {path.name for path in FOLDER.iterdir() if path.name[0].isupper()}
    assert folders == set(catalogue())
