"""The whole machine under random lives: whatever comes in whatever order, the ledger holds.

A life is a licence to which messages of every kind happen, most of them fitting, some stale, forged
or too much, while time passes and timers ring.
"""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from random import Random

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from handlers.licence import STATES
from handlers.licence.ledger import control
from handlers.licence.licence import Licence
from handlers.registry import registry
from schemas.errors import Refused
from schemas.workflow import After
from tests.handlers.dossiers import Settings
from tests.handlers.life import Life, names_its_rule
from tests.handlers.walk import OVER, step

START = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
TOLERANCE = Decimal("0.05")
STEPS = 60


def live(life: Life, dice: Random, steps: int = STEPS) -> None:
    """Let things happen, and hold the licence against its promises after each."""
    for _ in range(steps):
        if life.state in OVER and dice.random() < 0.5:
            return
        drawn = step(life, dice)
        if drawn is not None:
            before = life.dossier
            outcome = life.send(*drawn)
            if isinstance(outcome, Refused):
                assert life.dossier is before, "a refusal leaves nothing behind"
                names_its_rule(outcome)
        if life.dossier is not None:
            holds(life)


def holds(life: Life) -> None:
    """The ledger is the sum of what was accepted, and no more than was granted."""
    licence = life.licence
    assert life.dossier is not None
    assert Licence.of(life.dossier).content() == life.dossier.content
    for line in licence.lines:
        balance = licence.balance(line.number)
        entries = [entry.quantity for entry in licence.entries if entry.line == line.number]
        assert balance.imputed == sum(entries, Decimal(0)) == life.counted[line.number]
        assert balance.imputed >= 0
        if control(licence, life.settings) in {"quantity", "both"}:
            assert balance.imputed <= balance.granted * (1 + life.settings.tolerance)
    value = sum((entry.value for entry in licence.entries), Decimal(0))
    assert value >= 0
    if control(licence, life.settings) in {"value", "both"}:
        assert value <= licence.total * (1 + life.settings.tolerance)
    if licence.state in {"granted", "saved", "submitted", "cancelled", "closed_unused"}:
        assert all(licence.balance(line.number).imputed == 0 for line in licence.lines)


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(dice=st.randoms(use_true_random=False), tolerance=st.sampled_from([Decimal(0), TOLERANCE]))
def test_the_ledger_holds_whatever_happens(dice: Random, tolerance: Decimal) -> None:
    live(Life(now=START, settings=Settings(tolerance=tolerance)), dice)


@cache
def lives() -> tuple[Life, ...]:
    """Many lives, the same on every run."""
    dice = Random(1963)  # noqa: S311 (a walk that repeats, not a secret)
    lived = []
    for _ in range(400):
        life = Life(now=START)
        live(life, dice)
        lived.append(life)
    return tuple(lived)


def test_every_state_is_reached() -> None:
    reached = set().union(*(life.states for life in lives()))
    assert reached == {state.name for state in STATES}


#: Moves that need several rare things at once; each has a test of its own beside its handler.
RARE = {
    ("cancelling", "Acknowledgement", "kept"),
    ("cancelling", "Acknowledgement", "lapsed"),
    ("cancelling", "Acknowledgement", "recalled"),
    ("cancelling", "Imputation", "unused"),
    ("cancelling", "Imputation", "whole"),
    ("expired", "ExtensionDecision", "unused"),
    ("expired", "ExtensionDecision", "whole"),
    ("expired", After("purge"), "cleared"),
    ("imputed", "Imputation", "unused"),
    ("imputed", After("repatriation-overdue"), "cleared"),
    ("revoked", After("repatriation-overdue"), "cleared"),
    ("suspended", "VisaDecision", "whole"),
}


def test_every_move_between_two_states_is_taken() -> None:
    taken = set().union(*(life.taken_moves for life in lives()))
    table = registry().procedures["licence"].moves
    leading = {move for move, to in table.items() if move[0] != to}
    assert leading - taken - RARE == set()
    assert set(table) >= RARE
