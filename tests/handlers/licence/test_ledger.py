"""Whatever customs sends, in whatever order, the ledger holds."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from handlers.licence.imputation import imputation
from handlers.licence.licence import Licence
from handlers.licence.receipts import last_link
from handlers.registry import registry
from schemas.bindings.common_1 import Amount, Quantity
from schemas.bindings.imputation_1 import Imputation, ImputationType
from schemas.errors import Refused
from schemas.workflow import Role
from tests.handlers.dossiers import Settings, Situation, dossier, entry, granted
from tests.handlers.licence.test_imputation import ORIGINAL

TOLERANCE = Decimal("0.05")

quantities = st.decimals(min_value=Decimal("0.001"), max_value=1200, places=3)
values = st.decimals(min_value=0, max_value=70000, places=2)
numbers = st.integers(1, 12)
kinds = st.sampled_from(ImputationType)
steps = st.tuples(kinds, numbers, numbers, st.sampled_from([1, 2]), quantities, values)
Step = tuple[ImputationType, int, int, int, Decimal, Decimal]
CORRECTING = (ImputationType.CONTRA, ImputationType.ADJUSTMENT)


def message(step: Step) -> Imputation:
    kind, number, corrected, line, quantity, value = step
    return replace(
        ORIGINAL,
        type_value=kind,
        imputation_number=f"I-{number}",
        original_number=f"I-{corrected}" if kind in CORRECTING else None,
        line=line,
        quantity=Quantity(value=quantity, unit="KGM" if line == 1 else "LTR"),
        value=Amount(value=value, currency="MAD"),
    )


def played(steps: Iterable[Step], chosen: Settings) -> Licence:
    """The licence after the messages that were not refused."""
    licence = granted()
    moves = registry().procedures["licence"].moves
    for step in steps:
        situation = Situation(licence=licence, role=Role.CUSTOMS, settings=chosen)
        try:
            decision = imputation(message(step), dossier(licence), situation.context)
        except Refused:
            continue
        if decision.finding is None:
            continue
        stored = dossier(licence)
        licence = Licence.of(
            replace(
                stored,
                content=decision.content or stored.content,
                entries=licence.entries + decision.entries,
                state=moves[licence.state, "Imputation", decision.finding],
            )
        )
        ends = {one.line: one.receipt for one in decision.balances if one.receipt is not None}
        for line, receipt in ends.items():
            assert last_link(licence, line)[0] == receipt.digest
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
    for original in (one for one in licence.entries if one.corrects is None):
        others = [one for one in licence.entries if one.corrects == original.number]
        assert original.quantity + sum(one.quantity for one in others) >= 0
        assert original.value + sum(one.value for one in others) >= 0
    known = {one.number for one in licence.entries}
    assert {one.corrects for one in licence.entries if one.corrects} <= known
    assert not {one.number for one in licence.contras} & known
    assert not {one.corrects for one in licence.contras} & known


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


corrections = st.tuples(
    st.sampled_from(CORRECTING), st.just(1), st.just(1), st.just(1), quantities, values
)


@settings(max_examples=60, deadline=None)
@given(st.lists(corrections, max_size=4), st.randoms())
def test_whatever_passes_in_one_order_comes_to_the_same_in_another(
    corrected: list[Step], chance: Random
) -> None:
    """But for adjustments among themselves: of those, the last word counts."""
    first: Step = (ImputationType.ORIGINAL, 1, 1, 1, Decimal(700), Decimal(30000))
    contras = [step for step in corrected if step[0] is ImputationType.CONTRA]
    adjusted = [step for step in corrected if step[0] is ImputationType.ADJUSTMENT][:1]
    named: list[Step] = [
        (step[0], number, 1, 1, step[4], step[5])
        for number, step in enumerate([*contras, *adjusted], 2)
    ]
    in_order = played([first, *named], Settings())
    if len(in_order.entries) < 1 + len(named):
        return
    mixed = [first, *(step for step in named if step[0] is ImputationType.CONTRA)]
    chance.shuffle(mixed)
    again = played([*mixed, *named[len(contras) :]], Settings())
    assert again.balance(1) == in_order.balance(1)
    assert {one.number for one in again.entries} == {one.number for one in in_order.entries}


def test_the_builders_entry_is_what_the_handler_would_have_made() -> None:
    step = (ImputationType.ORIGINAL, 1, 1, 1, Decimal(400), Decimal(16000))
    licence = played([step], Settings())
    assert licence.entries == (
        replace(
            entry(),
            declaration=ORIGINAL.declaration_number,
            declared_on=ORIGINAL.declaration_date.to_date(),
            imputed_on=ORIGINAL.imputation_date.to_date(),
        ),
    )
