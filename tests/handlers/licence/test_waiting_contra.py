"""A contra that comes before its original waits for it; in the end the ledger is the same."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from handlers.licence.imputation import imputation
from handlers.licence.licence import Licence
from handlers.licence.life import WaitingContra
from handlers.licence.waiting_contra import out_of_patience
from handlers.registry import Ring
from schemas.bindings.common_1 import Amount, Quantity
from schemas.bindings.imputation_1 import Imputation, ImputationType
from schemas.bindings.notification_1 import Notification
from schemas.errors import Code, Refused
from schemas.workflow import Decision, LineOutcome, Role
from tests.handlers.dossiers import (
    DEFAULTS,
    NOW,
    Ledgers,
    Situation,
    dossier,
    entry,
    granted,
    used,
)
from tests.handlers.licence.test_imputation import CONTRA, ORIGINAL, codes, decide

#: The original that `EARLY` gives a part of back.
FIRST = replace(
    ORIGINAL,
    imputation_number="I-1",
    declaration_number=CONTRA.declaration_number,
    declaration_date=CONTRA.declaration_date,
)
EARLY = CONTRA


def carried(licence: Licence, decision: Decision) -> Licence:
    """The licence after a decision, in the state it had."""
    stored = dossier(licence)
    return Licence.of(
        replace(
            stored,
            content=decision.content or stored.content,
            entries=licence.entries + decision.entries,
        )
    )


def waiting(message: Imputation = EARLY, licence: Licence | None = None) -> Licence:
    """A licence in which the contra waits."""
    start = granted() if licence is None else licence
    return carried(start, decide(message, start))


def news(decision: Decision) -> list[Notification]:
    """What partners are told."""
    assert {reply.to for reply in decision.replies} <= {"customs"}
    return [one.payload for one in decision.replies if isinstance(one.payload, Notification)]


@pytest.mark.parametrize(
    "state",
    ["granted", "partly_imputed", "imputed", "cancelling", "expired", "suspended", "revoked"],
)
def test_a_contra_before_its_original_waits(state: str) -> None:
    decision = decide(EARLY, replace(granted(), state=state))
    assert (decision.finding, decision.entries) == ("waits", ())
    assert [one.code for one in decision.warnings] == [Code.CONTRA_WAITS]
    (balance,) = decision.balances
    assert [balance.outcome, balance.delta, balance.receipt] == [LineOutcome.WAITING, 0, None]
    (timer,) = decision.timers
    assert (timer.name, timer.due, timer.about) == ("contra", NOW + timedelta(days=30), "309 I-3")


def test_a_contra_waits_in_the_lines_own_unit() -> None:
    tonnes = replace(EARLY, quantity=Quantity(value=Decimal("0.1"), unit="TNE"))
    (kept,) = waiting(tonnes).contras
    assert [kept.quantity, kept.value, kept.corrects, kept.sender] == [100, 4000, "I-1", "customs"]


def test_what_can_never_fit_does_not_wait() -> None:
    unfit = replace(
        EARLY,
        line=2,
        commodity_code="1509100000",
        value=Amount(value=Decimal(4000), currency="EUR"),
    )
    assert set(codes(unfit, granted())) == {
        Code.CODE_DIFFERS,
        Code.UNIT_NOT_CONVERTIBLE,
        Code.CURRENCY_DIFFERS,
    }
    assert codes(replace(EARLY, line=3), granted()) == [Code.LINE_UNKNOWN]


@pytest.mark.parametrize("state", ["saved", "submitted", "cancelled", "cleared"])
def test_nothing_waits_on_a_licence_without_an_open_ledger(state: str) -> None:
    assert codes(EARLY, replace(granted(), state=state)) == [Code.MOVE_FORBIDDEN]


def test_a_contra_of_itself_or_of_another_correction_never_waits() -> None:
    itself = replace(EARLY, original_number=EARLY.imputation_number)
    assert Code.ORIGINAL_UNKNOWN in codes(itself, used([entry("I-7")]))
    other = replace(entry("I-8", -10, -400), kind="contra", corrects="I-7")
    named = replace(EARLY, original_number="I-8")
    assert Code.ORIGINAL_UNKNOWN in codes(named, used([entry("I-7"), other]))


def test_a_contra_of_another_licences_imputation_is_refused() -> None:
    elsewhere = Situation(licence=used([entry("I-7")]), role=Role.CUSTOMS, elsewhere=(entry(),))
    with pytest.raises(Refused) as refusal:
        imputation(EARLY, elsewhere.dossier or dossier(granted()), elsewhere.context)
    assert [one.code for one in refusal.value.findings] == [Code.ORIGINAL_UNKNOWN]


def test_it_is_applied_right_after_its_original() -> None:
    licence = waiting()
    decision = decide(FIRST, licence)
    assert [(one.number, one.kind, one.quantity) for one in decision.entries] == [
        ("I-1", "original", Decimal(600)),
        ("I-3", "contra", Decimal(-100)),
    ]
    assert [[one.before, one.delta, one.after] for one in decision.balances] == [
        [0, 600, 600],
        [600, -100, 500],
    ]
    assert [one.code for one in news(decision)] == ["contra-applied"]
    assert carried(licence, decision).contras == ()
    assert decision.note["contras"] == "I-3"


def test_the_ledger_is_the_same_in_both_orders() -> None:
    early = carried(waiting(), decide(FIRST, waiting()))
    first = replace(carried(granted(), decide(FIRST, granted())), state="partly_imputed")
    late = carried(first, decide(EARLY, first))
    assert early.entries == late.entries


def test_a_late_imputation_frees_it_too() -> None:
    late = replace(FIRST, type_value=ImputationType.LATE)
    assert len(decide(late, replace(waiting(), state="expired")).entries) == 2


def test_a_last_use_given_back_in_part_leaves_the_licence_open() -> None:
    assert decide(replace(FIRST, last_use=True), waiting()).finding == "part"


def test_all_given_back_leaves_the_licence_unused() -> None:
    whole = replace(EARLY, quantity=FIRST.quantity, value=FIRST.value)
    assert decide(FIRST, waiting(whole)).finding == "unused"


def test_one_that_exceeds_its_original_is_dropped_and_customs_told() -> None:
    large = replace(EARLY, quantity=Quantity(value=Decimal("600.1"), unit="KGM"))
    licence = waiting(large)
    decision = decide(FIRST, licence)
    assert len(decision.entries) == 1
    (told,) = news(decision)
    assert told.code == "contra-dropped"
    assert "600.1 KGM" in told.text[0].value
    assert carried(licence, decision).contras == ()


def test_one_of_another_line_or_declaration_is_dropped() -> None:
    other = replace(EARLY, declaration_number="309060202600012345B")
    assert [one.code for one in news(decide(FIRST, waiting(other)))] == ["contra-dropped"]
    moved = replace(EARLY, line=2, quantity=Quantity(value=Decimal(1), unit="LTR"))
    assert [one.code for one in news(decide(FIRST, waiting(moved)))] == ["contra-dropped"]


def test_two_that_wait_are_applied_in_turn_until_nothing_is_left() -> None:
    half = replace(EARLY, quantity=Quantity(value=Decimal(400), unit="KGM"))
    licence = waiting(replace(half, imputation_number="I-4"), waiting(half))
    decision = decide(FIRST, licence)
    assert [one.number for one in decision.entries] == ["I-1", "I-3"]
    assert [one.code for one in news(decision)] == ["contra-applied", "contra-dropped"]


def test_one_whose_number_was_taken_meanwhile_is_dropped() -> None:
    situation = Situation(licence=waiting(), role=Role.CUSTOMS, elsewhere=(entry("I-3"),))
    decision = imputation(FIRST, dossier(waiting()), situation.context)
    assert len(decision.entries) == 1
    assert [one.code for one in news(decision)] == ["contra-dropped"]


def test_another_imputation_frees_nothing() -> None:
    licence = waiting()
    decision = decide(ORIGINAL, licence)
    assert len(decision.entries) == 1
    assert len(carried(licence, decision).contras) == 1


def test_the_same_contra_again_while_it_waits_is_seen() -> None:
    decision = decide(EARLY, waiting())
    assert (decision.finding, [one.code for one in decision.warnings]) == (
        None,
        [Code.ALREADY_IMPUTED],
    )
    other = replace(EARLY, value=Amount(value=Decimal(1), currency="MAD"))
    assert codes(other, waiting()) == [Code.IMPUTATION_NUMBER_USED]


def test_the_number_of_one_that_waits_is_taken() -> None:
    assert codes(replace(ORIGINAL, imputation_number="I-3"), waiting()) == [
        Code.IMPUTATION_NUMBER_USED
    ]


def ring(licence: Licence, about: str = "309 I-3") -> Decision:
    later = NOW + timedelta(days=30)
    return out_of_patience(
        dossier(licence), Ring(about=about, now=later, settings=DEFAULTS, read=Ledgers())
    )


def test_in_the_end_it_is_dropped_and_customs_told() -> None:
    decision = ring(waiting())
    assert decision.finding == "dropped"
    assert [one.code for one in news(decision)] == ["contra-dropped"]
    assert carried(waiting(), decision).contras == ()


def test_the_timer_of_one_that_was_applied_does_nothing() -> None:
    done = carried(waiting(), decide(FIRST, waiting()))
    assert ring(done) == Decision()
    assert ring(waiting(), "309 I-9") == Decision()


def test_only_so_many_wait() -> None:
    kept: WaitingContra = waiting().contras[0]
    crowd = replace(granted(), contras=tuple(replace(kept, number=f"C-{n}") for n in range(99)))
    assert codes(EARLY, crowd) == [Code.TOO_MANY_CONTRAS_WAITING]
