"""Whatever customs sends, in whatever order, the ledger holds."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from handlers.licence.imputation import MOVES, imputation
from handlers.licence.licence import Licence
from schemas.bindings.common_1 import Amount, Quantity
from schemas.bindings.imputation_1 import Imputation, ImputationType
from schemas.errors import Refused
from schemas.workflow import Role
from tests.handlers.dossiers import Settings, Situation, dossier, entry, granted
from tests.handlers.licence.test_imputation import ORIGINAL

TOLERANCE = Decimal("0.05")
TABLE = {(move.state, move.finding): move.to for move in MOVES}

quantities = st.decimals(min_value=Decimal("0.001"), max_value=1200, places=3)
values = st.decimals(min_value=0, max_value=70000, places=2)
numbers = st.integers(1, 12)
steps = st.tuples(st.booleans(), numbers, numbers, st.sampled_from([1, 2]), quantities, values)
Step = tuple[bool, int, int, int, Decimal, Decimal]


def message(step: Step) -> Imputation:
    contra, number, corrected, line, quantity, value = step
    return replace(
        ORIGINAL,
        type_value=ImputationType.CONTRA if contra else ImputationType.ORIGINAL,
        imputation_number=f"I-{number}",
        original_number=f"I-{corrected}" if contra else None,
        line=line,
        quantity=Quantity(value=quantity, unit="KGM" if line == 1 else "LTR"),
        value=Amount(value=value, currency="MAD"),
    )


def played(steps: Iterable[Step], chosen: Settings) -> Licence:
    """The licence after the messages that were not refused."""
    licence = granted()
    for step in steps:
        situation = Situation(licence=licence, role=Role.CUSTOMS, settings=chosen)
        try:
            decision = imputation(message(step), dossier(licence), situation.context)
        except Refused:
            continue
        assert decision.finding is not None
        licence = replace(
            licence,
            entries=licence.entries + decision.entries,
            state=TABLE[licence.state, decision.finding],
        )
    return licence


@settings(max_examples=60, deadline=None)
@given(st.lists(steps, max_size=25))
def test_no_sequence_takes_more_than_granted_and_its_tolerance(sequence: list[Step]) -> None:
    licence = played(sequence, Settings(tolerance=TOLERANCE, control="both"))
    for line in licence.lines:
        balance = licence.balance(line.number)
        entered = sum(one.quantity for one in licence.entries if one.line == line.number)
        assert balance.imputed == entered
        assert balance.remaining == balance.granted - entered
        assert 0 <= balance.imputed <= balance.granted * (1 + TOLERANCE)
    value = sum(one.value for one in licence.entries)
    assert 0 <= value <= licence.total * (1 + TOLERANCE)


@settings(max_examples=60, deadline=None)
@given(st.lists(steps, max_size=25))
def test_no_original_gives_back_more_than_it_took(sequence: list[Step]) -> None:
    licence = played(sequence, Settings())
    assert len({one.number for one in licence.entries}) == len(licence.entries)
    for original in licence.entries:
        back = [one for one in licence.entries if one.corrects == original.number]
        assert original.quantity + sum(one.quantity for one in back) >= 0 or back == []
        assert original.value + sum(one.value for one in back) >= 0 or back == []


@settings(max_examples=60, deadline=None)
@given(st.lists(steps, max_size=25))
def test_the_state_says_what_the_ledger_says(sequence: list[Step]) -> None:
    licence = played(sequence, Settings())
    balances = [licence.balance(line.number) for line in licence.lines]
    idle = all(one.imputed == 0 for one in balances) and not sum(
        one.value for one in licence.entries
    )
    full = all(one.remaining <= 0 for one in balances)
    expected = "granted" if idle else "imputed" if full else "partly_imputed"
    assert licence.state == expected


def test_the_builders_entry_is_what_the_handler_would_have_made() -> None:
    step = (False, 1, 1, 1, Decimal(400), Decimal(16000))
    licence = played([step], Settings())
    assert licence.entries == (
        replace(
            entry(),
            declaration=ORIGINAL.declaration_number,
            declared_on=ORIGINAL.declaration_date.to_date(),
            imputed_on=ORIGINAL.imputation_date.to_date(),
        ),
    )
