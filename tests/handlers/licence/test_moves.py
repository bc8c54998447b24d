"""The licence's machine as it stands: every move that a message or a timer can cause."""

from __future__ import annotations

from handlers.licence import STATES
from handlers.registry import registry

#: Where something leads to another state; timers stand in brackets.
EXPECTED = """
— LicenceApplication draft saved
— LicenceApplication complete submitted
saved LicenceApplication complete submitted
saved LicenceCancellation given-up cancelled
submitted LicenceCancellation withdrawn cancelled
submitted VisaDecision granted granted
submitted VisaDecision rejected rejected
submitted VisaDecision returned saved
granted LicenceAmendment amended submitted
granted LicenceCancellation recalled cancelling
granted VisaDecision suspended suspended
granted VisaDecision revoked revoked
granted Imputation part partly_imputed
granted Imputation whole imputed
granted (expiry) expired expired
partly_imputed VisaDecision suspended suspended
partly_imputed VisaDecision revoked revoked
partly_imputed Imputation unused granted
partly_imputed Imputation whole imputed
partly_imputed (expiry) expired expired
imputed Imputation unused granted
imputed Imputation part partly_imputed
imputed Imputation ended expired
imputed ClearanceDecision cleared cleared
imputed (repatriation-overdue) cleared cleared
cancelling Acknowledgement recalled cancelled
cancelling Acknowledgement kept granted
cancelling Acknowledgement lapsed expired
cancelling Imputation unused granted
cancelling Imputation part partly_imputed
cancelling Imputation whole imputed
suspended VisaDecision revoked revoked
suspended VisaDecision unused granted
suspended VisaDecision part partly_imputed
suspended VisaDecision whole imputed
suspended VisaDecision expired expired
revoked ClearanceDecision cleared cleared
revoked (repatriation-overdue) cleared cleared
expired ExtensionDecision unused granted
expired ExtensionDecision part partly_imputed
expired ExtensionDecision whole imputed
expired ClearanceDecision cleared cleared
expired (repatriation-overdue) cleared cleared
expired (purge) unused closed_unused
expired (purge) cleared cleared
"""


def test_these_moves_and_no_others_lead_to_another_state() -> None:
    moves = registry().procedures["licence"].moves
    found = {
        f"{state or '—'} {event if isinstance(event, str) else f'({event.timer})'} {finding} {to}"
        for (state, event, finding), to in moves.items()
        if state != to
    }
    assert found == set(EXPECTED.strip().splitlines())


def test_a_licence_that_is_over_stays_as_it_is() -> None:
    moves = registry().procedures["licence"].moves
    final = {state.name for state in STATES if state.final}
    assert all(to == state for (state, _, _), to in moves.items() if state in final)


def test_queries_move_nothing() -> None:
    events = {event for _, event, _ in registry().procedures["licence"].moves}
    assert {"BalanceQuery", "StatusQuery"} <= {one.type for one in registry().handlers.values()}
    assert not {"BalanceQuery", "StatusQuery"} & events


def test_only_an_application_opens_a_licence() -> None:
    licence = [one for one in registry().handlers.values() if one.procedure == "licence"]
    assert [one.type for one in licence if one.opens] == ["LicenceApplication"]
