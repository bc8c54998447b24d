"""The licence's machine as it stands: every move that a message can cause."""

from __future__ import annotations

from handlers.registry import registry

EXPECTED = """
— LicenceApplication draft saved
— LicenceApplication complete submitted
saved LicenceApplication draft saved
saved LicenceApplication complete submitted
saved LicenceCancellation given-up cancelled
submitted LicenceCancellation withdrawn cancelled
granted LicenceCancellation recalled cancelled
submitted VisaDecision granted granted
submitted VisaDecision rejected rejected
submitted VisaDecision returned saved
granted Imputation part partly_imputed
granted Imputation whole imputed
partly_imputed Imputation part partly_imputed
partly_imputed Imputation whole imputed
partly_imputed Imputation unused granted
imputed Imputation part partly_imputed
imputed Imputation whole imputed
imputed Imputation unused granted
"""


def test_the_moves_are_these_and_no_others() -> None:
    moves = registry().procedures["licence"].moves
    found = {
        f"{state or '—'} {event} {finding} {to}" for (state, event, finding), to in moves.items()
    }
    assert found == set(EXPECTED.strip().splitlines())


def test_queries_move_nothing() -> None:
    events = {event for _, event, _ in registry().procedures["licence"].moves}
    assert {"BalanceQuery", "StatusQuery"} <= {one.type for one in registry().handlers.values()}
    assert not {"BalanceQuery", "StatusQuery"} & events


def test_only_an_application_opens_a_licence() -> None:
    licence = [one for one in registry().handlers.values() if one.procedure == "licence"]
    assert [one.type for one in licence if one.opens] == ["LicenceApplication"]
