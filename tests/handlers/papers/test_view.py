from __future__ import annotations

import hashlib
import pickle
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from handlers.licence import STATES
from handlers.licence.accounts import Account
from handlers.licence.licence import Licence
from handlers.licence.paper import LicencePaper, view
from schemas.workflow import State
from tests.handlers.papers.licences import ADDRESS, GRANTED, ISSUER, NOW, entry, line


def seen(licence: Licence) -> LicencePaper:
    return view(licence, now=NOW, verify_url=ADDRESS, issuer=ISSUER)


@pytest.mark.parametrize(
    ("state", "mark"),
    [
        ("saved", "PROVISOIRE"),
        ("submitted", "PROVISOIRE"),
        ("granted", None),
        ("partly_imputed", None),
        ("imputed", None),
        ("cancelled", "ANNULÉ"),
        ("rejected", "REJETÉ"),
    ],
)
def test_the_watermark_follows_the_state(state: str, mark: str | None) -> None:
    found = seen(replace(GRANTED, state=state)).frame.watermark
    assert (None if found is None else found.fr) == mark


def test_a_state_is_printable_whatever_it_is() -> None:
    assert [seen(replace(GRANTED, state=state.name)).frame.state.fr for state in STATES] == [
        state.fr for state in STATES
    ]


def test_each_imputation_shows_what_it_left_on_its_line() -> None:
    used = replace(
        GRANTED,
        lines=(line(1), line(2)),
        entries=(entry("I1", "4000"), entry("I2", "500", line=2), entry("I3", "-1000.5")),
    )
    assert [row.balance for row in seen(used).imputations] == [
        "7\u202f500 l",
        "11\u202f000 l",
        "8\u202f500,5 l",
    ]


def test_a_much_used_licence_still_has_free_rows() -> None:
    used = replace(GRANTED, entries=tuple(entry(f"I{n}", "1") for n in range(30)))
    assert seen(used).free_rows >= 5
    assert seen(GRANTED).free_rows > seen(used).free_rows


def test_values_are_summed_only_when_every_line_has_one() -> None:
    both = replace(GRANTED, lines=(line(1), line(2)))
    assert seen(both).value == "2\u202f550\u202f000,00"
    assert seen(replace(both, lines=(line(1), replace(line(2), value=None)))).value == ""


def test_a_draft_may_leave_its_boxes_empty() -> None:
    draft = Licence(
        **{
            **{name: getattr(GRANTED, name) for name in GRANTED.__dataclass_fields__},
            "state": "saved",
            "consignee": None,
            "visa": None,
            "total": Decimal(0),
            "currency": "",
            "customs_procedure": "",
            "customs_office": "",
            "payment_terms": "",
            "incoterm": "",
            "countries": (),
            "invoices": (),
            "lines": (),
            "documents": (),
        }
    )
    empty = seen(draft)
    assert (empty.office, empty.payment, empty.currency, empty.in_words) == ("", "", "", "")
    assert empty.total == ""


def test_the_digest_is_that_of_the_stored_content() -> None:
    assert seen(GRANTED).frame.digest == hashlib.sha256(GRANTED.content().encode()).hexdigest()


def test_a_view_travels_to_another_process() -> None:
    paper = seen(GRANTED)
    assert pickle.loads(pickle.dumps(paper)) == paper  # noqa: S301 -- our own bytes


def test_each_declaration_s_account_stands_on_the_paper() -> None:
    owed = Account(
        declaration="30906020260004512L",
        imputed=Decimal(400_000),
        repatriated=Decimal(150_000),
        deducted=Decimal(0),
        due_on=date(2027, 4, 17),
        decision=None,
        cleared=False,
    )
    accounts = (owed, replace(owed, repatriated=Decimal(400_000)), replace(owed, cleared=True))
    paper = view(GRANTED, now=NOW, verify_url=None, issuer=ISSUER, accounts=accounts)
    assert [row.standing for row in paper.accounts] == [
        "Reste 250\u202f000,00",
        "Couvert, à apurer",
        "Apuré",
    ]
    assert (paper.accounts[0].due_on, paper.accounts[0].imputed) == (
        "17/04/2027",
        "400\u202f000,00",
    )


@pytest.mark.parametrize("state", STATES, ids=lambda state: state.name)
def test_only_a_good_licence_states_anything_offline(state: State) -> None:
    stated = seen(replace(GRANTED, state=state.name)).frame
    assert (stated.statement is None) == (stated.watermark is not None)
