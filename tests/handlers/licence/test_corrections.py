"""What customs sends twice, late, or corrects: the ledger takes it; a stopped licence stays so."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from xsdata.models.datatype import XmlDate

from handlers.licence.awaiting import ask
from handlers.licence.imputation import imputation
from handlers.licence.licence import Licence
from handlers.licence.life import Reservation
from handlers.licence.notices import tell_customs
from handlers.registry import registry
from schemas.bindings.common_1 import Amount, Control, Quantity
from schemas.bindings.imputation_1 import Imputation, ImputationType
from schemas.bindings.licence_notice_1 import Action, LicenceNotice
from schemas.bindings.notification_1 import Notification
from schemas.errors import Code, Refused
from schemas.workflow import Entry, LineOutcome, Role
from tests.handlers.dossiers import NOW, Settings, Situation, dossier, entry, granted, used
from tests.handlers.licence.test_imputation import CONTRA, ORIGINAL, codes, decide, refused

LATE = replace(ORIGINAL, type_value=ImputationType.LATE)
#: Corrects `entry()`, 400 kg for 16 000 MAD, to 450 kg for 18 000 MAD.
ADJUSTMENT = replace(
    CONTRA,
    type_value=ImputationType.ADJUSTMENT,
    quantity=Quantity(value=Decimal(450), unit="KGM"),
    value=Amount(value=Decimal(18000), currency="MAD"),
)


def until(licence: Licence, day: date) -> Licence:
    """The licence with another end of validity."""
    assert licence.visa is not None
    return replace(licence, visa=replace(licence.visa, valid_until=day))


def amounts(message: Imputation, quantity: str, value: str, unit: str = "KGM") -> Imputation:
    return replace(
        message,
        quantity=Quantity(value=Decimal(quantity), unit=unit),
        value=Amount(value=Decimal(value), currency="MAD"),
    )


def back(quantity: int, value: int, number: str = "I-8") -> Entry:
    """A contra of `entry()` in the ledger."""
    return replace(entry(number, -quantity, -value), kind="contra", corrects="I-1")


# Late imputations.


def test_a_late_imputation_is_told_after_the_validity_of_what_was_declared_in_time() -> None:
    ended = until(replace(granted(), state="expired"), date(2026, 11, 18))
    decision = decide(LATE, ended)
    assert decision.finding == "part"
    assert decision.entries[0].kind == "late"


def test_a_late_imputation_of_what_was_declared_too_late_is_refused() -> None:
    ended = until(replace(granted(), state="expired"), date(2026, 11, 17))
    (finding,) = refused(LATE, ended)
    assert (finding.code, finding.path) == (Code.OUTSIDE_VALIDITY, "DeclarationDate")


def test_an_expired_licence_takes_no_original() -> None:
    assert codes(ORIGINAL, replace(granted(), state="expired")) == [Code.MOVE_FORBIDDEN]


@pytest.mark.parametrize("state", ["suspended", "revoked", "imputed", "submitted", "cleared"])
def test_a_late_imputation_needs_a_licence_that_was_not_stopped(state: str) -> None:
    assert codes(LATE, replace(granted(), state=state)) == [Code.MOVE_FORBIDDEN]


def test_a_late_imputation_may_be_corrected() -> None:
    late = replace(entry(), kind="late")
    (given,) = decide(CONTRA, used([late])).entries
    assert given.corrects == "I-1"
    (more,) = decide(ADJUSTMENT, used([late])).entries
    assert more.quantity == 50


# Adjustments.


def test_an_adjustment_enters_the_difference_and_changes_no_entry() -> None:
    decision = decide(ADJUSTMENT, used([entry()]))
    (entered,) = decision.entries
    assert (entered.kind, entered.corrects) == ("adjustment", "I-1")
    assert [entered.quantity, entered.value] == [50, 2000]
    (balance,) = decision.balances
    assert [balance.before, balance.delta, balance.after] == [400, 50, 450]


def test_an_adjustment_may_give_back() -> None:
    (entered,) = decide(amounts(ADJUSTMENT, "0.001", "0"), used([entry()])).entries
    assert [entered.quantity, entered.value] == [Decimal("-399.999"), -16000]


def test_the_next_adjustment_starts_from_the_last_ones_total() -> None:
    earlier = replace(entry("I-5", 50, 2000), kind="adjustment", corrects="I-1")
    (entered,) = decide(amounts(ADJUSTMENT, "430", "17000"), used([entry(), earlier])).entries
    assert [entered.quantity, entered.value] == [-20, -1000]


def test_what_was_given_back_stays_given_back() -> None:
    licence = used([entry(), back(100, 4000)])
    (entered,) = decide(ADJUSTMENT, licence).entries
    assert [entered.quantity, entered.value] == [50, 2000]
    findings = refused(amounts(ADJUSTMENT, "99.9", "3999.99"), licence)
    assert [(one.code, one.path) for one in findings] == [
        (Code.ADJUSTED_BELOW_GIVEN_BACK, "Quantity"),
        (Code.ADJUSTED_BELOW_GIVEN_BACK, "Value"),
    ]
    assert decide(amounts(ADJUSTMENT, "100", "4000"), licence).finding == "unused"


def test_a_contra_gives_back_what_an_adjustment_left() -> None:
    smaller = replace(entry("I-5", -350, -14000), kind="adjustment", corrects="I-1")
    findings = refused(CONTRA, used([entry(), smaller]))
    assert [one.fields["available"] for one in findings] == [50, 2000]


def test_an_adjustment_upwards_is_limited_as_an_original_is() -> None:
    licence = used([entry(), entry("I-9", 550)])
    assert decide(ADJUSTMENT, licence).balances[0].remaining == 0
    (finding,) = refused(amounts(ADJUSTMENT, "450.001", "18000"), licence)
    assert (finding.code, finding.fields["available"]) == (Code.QUANTITY_EXCEEDED, "50")


def test_an_adjustment_upwards_leaves_others_what_they_reserved() -> None:
    licence = reserving(used([entry()]), 560)
    assert codes(ADJUSTMENT, licence) == [Code.QUANTITY_EXCEEDED]


def test_an_adjustment_names_what_it_corrects() -> None:
    assert codes(replace(ADJUSTMENT, original_number=None), used([entry()])) == [
        Code.ORIGINAL_NUMBER_MISSING
    ]
    assert codes(replace(ADJUSTMENT, original_number="I-7"), used([entry()])) == [
        Code.ORIGINAL_UNKNOWN
    ]


def test_an_adjustment_of_another_line_is_refused() -> None:
    other = amounts(replace(ADJUSTMENT, line=2), "450", "18000", "LTR")
    assert set(codes(other, used([entry()]))) == {Code.CONTRA_DIFFERS}


# The states they leave.


@pytest.mark.parametrize("state", ["expired", "suspended", "revoked"])
@pytest.mark.parametrize("message", [CONTRA, ADJUSTMENT, amounts(CONTRA, "400", "16000")])
def test_a_stopped_licence_stays_stopped_whatever_is_corrected(
    state: str, message: Imputation
) -> None:
    decision = decide(message, used([entry()], state))
    moves = registry().procedures["licence"].moves
    assert moves[state, "Imputation", str(decision.finding)] == state


@pytest.mark.parametrize("message", [CONTRA, ADJUSTMENT])
def test_what_was_never_used_has_nothing_to_correct(message: Imputation) -> None:
    whole = used([entry(), back(400, 16000)], "granted")
    assert codes(message, whole)[0] is Code.MOVE_FORBIDDEN


def test_a_contra_after_the_validity_lets_a_licence_used_up_expire() -> None:
    full = used([entry(quantity=1000), entry("I-9", 500, line=2)], state="imputed")
    decision = decide(CONTRA, until(full, date(2026, 11, 20)))
    assert decision.finding == "ended"
    told = [one.payload for one in decision.replies]
    assert {type(one) for one in told} == {LicenceNotice, Notification}
    assert "purge" in {timer.name for timer in decision.timers}
    assert decide(CONTRA, until(full, date(2026, 11, 21))).finding == "part"


def test_an_expired_licence_all_of_which_was_given_back_is_looked_at_again() -> None:
    expired = until(used([entry()], "expired"), date(2026, 11, 20))
    (timer,) = decide(amounts(CONTRA, "400", "16000"), expired).timers
    assert (timer.name, timer.due) == ("purge", NOW + timedelta(days=90))
    assert decide(CONTRA, expired).timers == ()


def test_a_correction_leaves_a_licence_used_up_as_it_is_when_nothing_remains() -> None:
    full = used([entry(quantity=1000), entry("I-9", 500, line=2)], state="imputed")
    cheaper = amounts(ADJUSTMENT, "1000", "15000")
    assert decide(cheaper, until(full, date(2026, 11, 20))).finding == "whole"


def test_an_original_overtakes_a_cancellation() -> None:
    leaving = replace(granted(), state="cancelling", reason="Commande perdue")
    decision = decide(ORIGINAL, leaving)
    assert decision.finding == "part"
    told, notice = (one.payload for one in decision.replies)
    assert isinstance(told, Notification)
    assert told.code == "cancellation-refused"
    assert any(ORIGINAL.declaration_number in text.value for text in told.text)
    assert isinstance(notice, LicenceNotice)
    assert notice.action.value == "replace"
    assert notice.status is not None
    assert notice.status.value == "partly_imputed"
    assert decision.content is not None
    assert "Commande perdue" not in decision.content


def test_customs_that_uses_a_licence_need_not_acknowledge_it() -> None:
    licence, _, _ = ask(
        granted(), "Acknowledgement", "insert/1", role=Role.CUSTOMS, now=NOW, days=2
    )
    content = decide(ORIGINAL, licence).content
    assert content is not None
    assert Licence.of(replace(dossier(licence), content=content)).awaited == ()


# Seen before.


def test_the_same_imputation_again_does_nothing_twice() -> None:
    made = decide(ORIGINAL, granted()).entries[0]
    decision = decide(ORIGINAL, used([made]))
    assert (decision.finding, decision.entries, decision.content) == (None, (), None)
    assert [one.code for one in decision.warnings] == [Code.ALREADY_IMPUTED]
    (balance,) = decision.balances
    assert [balance.outcome, balance.delta, balance.receipt] == [LineOutcome.ALREADY_SEEN, 0, None]
    assert balance.before == balance.after == 600


@pytest.mark.parametrize("state", ["imputed", "expired", "revoked"])
def test_it_is_seen_in_whatever_state_the_licence_has_come_to(state: str) -> None:
    made = decide(ORIGINAL, granted()).entries[0]
    assert decide(ORIGINAL, used([made], state)).warnings[0].code is Code.ALREADY_IMPUTED


def test_the_same_quantity_in_another_unit_is_the_same() -> None:
    made = decide(ORIGINAL, granted()).entries[0]
    tonnes = amounts(ORIGINAL, "0.6", "24000.00", "TNE")
    assert decide(tonnes, used([made])).warnings[0].code is Code.ALREADY_IMPUTED


@pytest.mark.parametrize(
    "other",
    [
        amounts(ORIGINAL, "600.1", "24000"),
        amounts(ORIGINAL, "600", "24000.01"),
        amounts(replace(ORIGINAL, line=2), "600", "24000", "LTR"),
        replace(ORIGINAL, declaration_number="309060202600012399C"),
        replace(ORIGINAL, declaration_date=XmlDate(2026, 11, 17)),
        replace(ORIGINAL, imputation_date=XmlDate(2026, 11, 20)),
        replace(ORIGINAL, type_value=ImputationType.LATE),
        replace(ORIGINAL, commodity_code="1509100000"),
        replace(ORIGINAL, value=Amount(value=Decimal(24000), currency="EUR")),
    ],
)
def test_the_same_number_with_other_content_is_refused(other: Imputation) -> None:
    made = decide(ORIGINAL, granted()).entries[0]
    assert Code.IMPUTATION_NUMBER_USED in codes(other, used([made]))


def test_an_adjustment_is_known_again_after_others_have_followed() -> None:
    first = decide(ADJUSTMENT, used([entry()])).entries[0]
    later = amounts(replace(ADJUSTMENT, imputation_number="I-4"), "300", "12000")
    second = decide(later, used([entry(), first])).entries[0]
    licence = used([entry(), first, second])
    assert decide(ADJUSTMENT, licence).warnings[0].code is Code.ALREADY_IMPUTED
    assert decide(later, licence).warnings[0].code is Code.ALREADY_IMPUTED
    assert codes(amounts(ADJUSTMENT, "451", "18000"), licence) == [Code.IMPUTATION_NUMBER_USED]


def test_the_same_content_on_another_licence_is_another_imputation() -> None:
    made = decide(ORIGINAL, granted()).entries[0]
    situation = Situation(licence=granted(), role=Role.CUSTOMS, elsewhere=(made,))
    with pytest.raises(Refused) as refusal:
        imputation(ORIGINAL, dossier(granted()), situation.context)
    assert [one.code for one in refusal.value.findings] == [Code.IMPUTATION_NUMBER_USED]


# What is controlled.


def valued(value: int | None) -> Licence:
    """The licence with a value on its first line."""
    first, *others = granted().lines
    worth = None if value is None else Decimal(value)
    return replace(granted(), lines=(replace(first, value=worth), *others))


def test_a_line_with_a_value_is_controlled_by_it() -> None:
    settings = Settings(control="value")
    (finding,) = refused(ORIGINAL, valued(23999), settings)
    assert (finding.code, finding.fields["line"]) == (Code.LINE_VALUE_EXCEEDED, 1)
    assert decide(ORIGINAL, valued(24000), settings).finding == "part"
    assert decide(ORIGINAL, valued(None), settings).finding == "part"
    assert decide(ORIGINAL, valued(1), Settings(control="quantity")).finding == "part"


def test_the_visa_says_what_is_controlled_before_the_configuration_does() -> None:
    licence = granted()
    assert licence.visa is not None
    much = amounts(ORIGINAL, "1001", "60000")
    by_value = replace(licence, visa=replace(licence.visa, control="value"))
    assert codes(much, licence) == [Code.QUANTITY_EXCEEDED]
    assert decide(much, by_value).finding == "whole"
    opened = replace(licence, visa=replace(licence.visa, control="open"))
    assert decide(much, opened, Settings(control="both")).finding == "part"


def test_customs_is_told_what_the_visa_controls() -> None:
    licence = granted()
    assert licence.visa is not None
    by_value = replace(licence, visa=replace(licence.visa, control="value"))
    notice = tell_customs(by_value, Action.INSERT, Settings()).payload
    assert isinstance(notice, LicenceNotice)
    assert notice.control is Control.VALUE


# Hostile numbers.


def test_no_sum_grows_beyond_what_a_message_can_write() -> None:
    settings = Settings(control="open")
    greatest = amounts(ORIGINAL, "999999999999.999999", "999999999999999.99")
    decision = decide(greatest, granted(), settings)
    assert decision.balances[0].remaining == Decimal("-999999998999.999999")
    licence = used(decision.entries)
    one_more = amounts(replace(ORIGINAL, imputation_number="I-4"), "0.000001", "0.01")
    findings = refused(one_more, licence, settings)
    assert [(one.code, one.path) for one in findings] == [
        (Code.SUM_TOO_LARGE, "Value"),
        (Code.SUM_TOO_LARGE, "Quantity"),
    ]


def test_no_digit_is_lost_at_the_limits() -> None:
    settings = Settings(control="open")
    first = decide(amounts(ORIGINAL, "999999999999.999998", "1"), granted(), settings).entries
    smallest = amounts(replace(ORIGINAL, imputation_number="I-4"), "0.000001", "1")
    (balance,) = decide(smallest, used(first), settings).balances
    assert str(balance.after) == "999999999999.999999"


@pytest.mark.parametrize(
    ("currency", "good", "bad"),
    [("JPY", "24000", "24000.5"), ("TND", "24000.125", None), ("EUR", "24000.12", "24000.125")],
)
def test_a_value_has_the_decimals_of_its_currency(
    currency: str, good: str, bad: str | None
) -> None:
    licence = replace(granted(), currency=currency)
    message = replace(ORIGINAL, value=Amount(value=Decimal(good), currency=currency))
    assert decide(message, licence).entries[0].value == Decimal(good)
    if bad is not None:
        wrong = replace(ORIGINAL, value=Amount(value=Decimal(bad), currency=currency))
        assert codes(wrong, licence) == [Code.AMOUNT_DECIMALS]


def reserving(licence: Licence, quantity: int, declaration: str = "309060202600099999Z") -> Licence:
    """The licence with so much of its first line held by a declaration."""
    held = Reservation(
        owner="customs",
        office="309",
        declaration=declaration,
        line=1,
        quantity=Decimal(quantity),
        value=Decimal(quantity) * 40,
        expires_on=NOW.date() + timedelta(days=9),
    )
    return replace(licence, reservations=(held,))


@pytest.mark.parametrize(("control", "code"), [("quantity", 707), ("value", 708)])
def test_what_others_reserved_is_not_available(control: str, code: int) -> None:
    licence, settings = reserving(granted(), 1000), Settings(control=control)
    message = amounts(ORIGINAL, "1", "20001")
    assert [one.number for one in codes(message, licence, settings)] == [code]


def test_an_imputation_takes_what_its_own_declaration_reserved() -> None:
    licence = reserving(granted(), 1000, ORIGINAL.declaration_number)
    content = decide(ORIGINAL, licence).content
    assert content is not None
    (left,) = Licence.of(replace(dossier(licence), content=content)).reservations
    assert [left.quantity, left.value] == [400, 16000]
    whole = decide(amounts(ORIGINAL, "1000", "1"), licence).content
    assert whole is not None
    assert Licence.of(replace(dossier(licence), content=whole)).reservations == ()
