"""The whole machine under random lives: whatever comes in whatever order, the dossier holds.

A life is an inspection to which messages of every kind happen, most of them fitting, some from the
wrong hands, stale or too late, while time passes and timers ring.
"""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from random import Random
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from handlers.inspection import STATES
from handlers.inspection.inspection import Inspection
from handlers.registry import registry
from schemas.errors import Refused
from tests.handlers.craft_walk import DRAWS, standing, step
from tests.handlers.crafts import DEFAULTS
from tests.handlers.life import Life, names_its_rule

START = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
STEPS = 60
#: What a supervisor does; every other act of an agent is the assignee's.
SUPERVISED = {"Assignment", "Archiving"}


def new_life() -> Life:
    return Life(now=START, settings=DEFAULTS, procedure="inspection")


def live(life: Life, dice: Random, steps: int = STEPS) -> None:
    """Let things happen, and hold the dossier against its promises after each."""
    for _ in range(steps):
        if life.state == "archived" and dice.random() < 0.5:
            return
        drawn = step(life, dice)
        if drawn is not None:
            happens(life, *drawn)
        if (inspection := standing(life)) is not None:
            holds(life, inspection)


def happens(life: Life, message: Any, role: Any) -> None:
    stood, before = life.dossier, standing(life)
    outcome = life.send(message, role)
    if isinstance(outcome, Refused):
        assert life.dossier is stood, "a refusal leaves nothing behind"
        names_its_rule(outcome)
    elif before is not None and hasattr(message, "agent"):
        now = standing(life)
        assert now is not None
        by_the_right_hands(life, message, before)
        exporters_part_kept(before, now)


def by_the_right_hands(life: Life, message: Any, before: Inspection) -> None:
    agent = life.agent(message.agent)
    assert agent is not None
    assert agent.active
    assert agent.service == before.service
    if type(message).__name__ in SUPERVISED:
        assert agent.supervisor
    else:
        assert agent.identifier == before.assignee


def exporters_part_kept(before: Inspection, now: Inspection) -> None:
    """What the exporter asked for is nobody else's to change."""
    assert now.lines == before.lines
    assert now.documents == before.documents
    assert (now.exporter, now.consignee) == (before.exporter, before.consignee)
    assert (now.transport, now.exit_point) == (before.transport, before.exit_point)
    assert now.version == before.version


def holds(life: Life, inspection: Inspection) -> None:
    """The state says what the dossier holds, and a certificate has the right to be."""
    assert life.dossier is not None
    assert inspection.content() == life.dossier.content
    sent = [one for one in inspection.complements if one.state == "sent"]
    assert len(sent) == (inspection.state == "awaiting_complement")
    pending = inspection.pending_visit is not None
    assert pending == (inspection.state == "awaiting_inspection")
    if inspection.state not in {"new", "submitted", "archived"}:
        assert inspection.assignee
    if inspection.state in {"closed", "archived"}:
        assert not inspection.awaited
    else:
        assert not inspection.certificates
    certified(inspection)


def certified(inspection: Inspection) -> None:
    in_force = [one for one in inspection.certificates if one.revoked_at is None]
    numbers = [one.number for one in inspection.certificates]
    assert len(in_force) <= 1
    assert len(set(numbers)) == len(numbers)
    assert [one.replaces for one in inspection.certificates] == ["", *numbers][: len(numbers)]
    if numbers:
        assert inspection.answer is not None
        assert inspection.answer.decision == "accepted"
        assert all(one.to_be_replaced for one in inspection.certificates[:-1])


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(dice=st.randoms(use_true_random=False))
def test_the_dossier_holds_whatever_happens(dice: Random) -> None:
    live(new_life(), dice)


@cache
def lives() -> tuple[Life, ...]:
    """Many lives, the same on every run."""
    dice = Random(1970)  # noqa: S311 (a walk that repeats, not a secret)
    lived = []
    for _ in range(150):
        life = new_life()
        live(life, dice)
        lived.append(life)
    return tuple(lived)


def test_all_eight_states_are_reached() -> None:
    reached = set().union(*(life.states for life in lives()))
    assert reached == {state.name for state in STATES}
    assert len(reached) == 8


def test_every_move_between_two_states_is_taken() -> None:
    taken = set().union(*(life.taken_moves for life in lives()))
    table = registry().procedures["inspection"].moves
    assert {move for move, to in table.items() if move[0] != to} - taken == set()


def test_every_act_that_stays_is_done() -> None:
    taken = set().union(*(life.taken_moves for life in lives()))
    assert set(DRAWS) <= {event for _, event, _ in taken}
    for move in (
        ("awaiting_complement", "ComplementRequest", "changed"),
        ("in_progress", "ComplementRequest", "validated"),
        ("awaiting_inspection", "PhysicalInspectionOrder", "moved"),
        ("closed", "GoodsCorrection", "corrected"),
        ("closed", "CertificateIssue", "replaced"),
        ("closed", "CertificateIssue", "previewed"),
        ("closed", "CertificateRevocation", "revoked"),
    ):
        assert move in taken
