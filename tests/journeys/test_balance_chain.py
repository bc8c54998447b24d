"""Balances that prove themselves, contras in any order, and reservations, through a real hub."""

from __future__ import annotations

import asyncio
import os
import sys
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import typer

from gateway.commands.hub import verify
from schemas.bindings.balance_report_1 import BalanceReport
from schemas.bindings.common_1 import Amount, MeasuredQuantity, Quantity
from schemas.bindings.imputation_1 import Imputation, ImputationType
from schemas.bindings.imputation_statement_1 import ImputationStatement, LineTotal
from schemas.bindings.notification_1 import Notification
from schemas.bindings.reservation_1 import Action, Reservation
from tests import letters
from tests.journeys.test_clearance import post, said, told
from tests.journeys.test_licence import granted
from tests.town import Clock, Town

DECLARATION = f"{letters.OFFICE}{letters.PROCEDURE}{letters.today().year}0000123"


def adjustment(number: str, original: str, quantity: str) -> Imputation:
    """The original's corrected total."""
    return letters.imputation(
        number, quantity, type_value=ImputationType.ADJUSTMENT, original_number=original
    )


def reservation(action: Action = Action.PLACE, quantity: str = "900") -> Reservation:
    """A part of the first line for the imputations' declaration, until tomorrow."""
    return Reservation(
        action=action,
        customs_office=letters.OFFICE,
        declaration_number=DECLARATION,
        line=1,
        quantity=Quantity(value=Decimal(quantity), unit="KGM"),
        value=Amount(value=Decimal(quantity) * 25, currency="EUR"),
        expiry_date=letters.day(letters.today() + timedelta(days=1)),
    )


#: Five imputations, one given back in part and one corrected.
STORY = (
    *(letters.imputation(f"IMP-{n}", "100") for n in range(1, 6)),
    letters.contra("IMP-6", "IMP-2", "40"),
    adjustment("IMP-7", "IMP-3", "130.5"),
)


async def told_outcomes(place: Town, folder: Path) -> str:
    """The signed outcomes of the story as customs keeps them; returns the licence's number."""
    number = await granted(place)
    customs = await place.client("adii")
    outcomes = []
    for message in STORY:
        reply = await customs.send(customs.signed(message, dossier=number), wait=20)
        assert reply.facts["status"] == "accepted", reply.facts
        outcomes.append(reply.document)
    keep(folder, outcomes)
    return number


def keep(folder: Path, outcomes: list[bytes]) -> None:
    """Put outcomes into files numbered from 1."""
    folder.mkdir()
    for position, outcome in enumerate(outcomes, 1):
        (folder / f"{position}.xml").write_bytes(outcome)


async def typed(*words: object) -> tuple[int, str, str]:
    """The command as it is typed, far from any hub."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        "from gateway.cli import main; main()",
        *map(str, words),
        env=dict(os.environ),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await process.communicate()
    return process.returncode or 0, out.decode(), err.decode()


async def test_a_balance_is_proven_from_the_outcomes_alone(place: Town, tmp_path: Path) -> None:
    folder, certificate = tmp_path / "kept", tmp_path / "hub.cert.pem"
    number = await told_outcomes(place, folder)
    status, out, err = await typed("verify", folder, "--hub-cert", certificate)
    assert (status, err) == (0, "")
    assert f"{number} line 1: 7 links hold; 490.5 KGM imputed, 509.5 KGM remain" in out

    (folder / "4.xml").unlink()
    status, _, err = await typed("verify", folder, "--hub-cert", certificate)
    assert status == 1
    assert "a link is missing before the original IMP-5 of the office 300" in err
    assert "which starts from 400 KGM" in err
    assert "holds up to the original IMP-3 of the office 300, 300" in err


@pytest.fixture
async def kept(later: tuple[Town, Clock], tmp_path: Path) -> tuple[Path, Path]:
    """The folder of the story's outcomes, and the hub's certificate."""
    folder = tmp_path / "kept"
    await told_outcomes(later[0], folder)
    return folder, tmp_path / "hub.cert.pem"


def failing(paths: list[Path], certificate: Path, capsys: pytest.CaptureFixture[str]) -> str:
    """What the command says of outcomes that do not hold."""
    capsys.readouterr()
    with pytest.raises(typer.Exit) as ended:
        verify(paths, certificate, None)
    assert ended.value.exit_code == 1
    return capsys.readouterr().err


async def test_an_altered_outcome_is_named_by_its_signature_and_by_its_gap(
    kept: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    folder, certificate = kept
    file = folder / "3.xml"
    altered = file.read_bytes().replace(b">100<", b">101<")
    assert altered != file.read_bytes()
    file.write_bytes(altered)
    said_of_it = failing([folder], certificate, capsys)
    assert "3.xml: PSV-310" in said_of_it
    assert "a link is missing before the original IMP-4" in said_of_it


async def test_one_outcome_alone_holds_and_the_first_ones_prove_a_beginning(
    kept: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    folder, certificate = kept
    verify([folder / "5.xml"], certificate, None)
    assert "links hold" not in capsys.readouterr().out
    verify([folder / "2.xml", folder / "1.xml", folder / "1.xml"], certificate, None)
    assert "line 1: 2 links hold; 200 KGM imputed" in capsys.readouterr().out


async def test_the_same_imputation_again_is_seen_and_changes_nothing(place: Town) -> None:
    number = await granted(place)
    first = await said(place, "adii", letters.imputation("IMP-1", "400"), number)
    assert first["balances"][0]["outcome"] == "accepted"
    assert first["balances"][0]["receipt"]["digest"]
    again = await said(place, "adii", letters.imputation("IMP-1", "400"), number)
    assert again["status"] == "accepted-with-warnings"
    assert [one["code"] for one in again["warnings"]] == ["PSV-719"]
    (balance,) = again["balances"]
    assert (balance["outcome"], balance["delta"], balance["receipt"]) == ("already-seen", "0", None)
    other = await said(place, "adii", letters.imputation("IMP-1", "401"), number)
    assert [one["code"] for one in other["errors"]] == ["PSV-709"]


async def test_a_contra_before_its_original_comes_to_the_same(place: Town, tmp_path: Path) -> None:
    number = await granted(place)
    customs = await place.client("adii")
    early = await said(place, "adii", letters.contra("IMP-2", "IMP-1", "150"), number)
    assert [one["code"] for one in early["warnings"]] == ["PSV-720"]
    assert early["balances"][0]["outcome"] == "waiting"
    original = letters.imputation("IMP-1", "400")
    reply = await customs.send(customs.signed(original, dossier=number), wait=20)
    assert [one["after"] for one in reply.facts["balances"]] == ["400", "250"]
    assert [one["receipt"]["kind"] for one in reply.facts["balances"]] == ["original", "contra"]
    notices = [mail.payload() for mail in await post(place, "adii", "Notification")]
    assert [one.code for one in notices if isinstance(one, Notification)] == ["contra-applied"]
    (tmp_path / "one.xml").write_bytes(reply.document)
    verify([tmp_path / "one.xml"] * 2, tmp_path / "hub.cert.pem", None)


async def test_a_contra_waits_only_so_long(later: tuple[Town, Clock]) -> None:
    place, clock = later
    number = await granted(place)
    await said(place, "adii", letters.contra("IMP-2", "IMP-1", "150"), number)
    clock.leap = timedelta(days=31)
    notices: list[Any] = [mail.payload() for mail in await post(place, "adii", "Notification")]
    assert "contra-dropped" in {one.code for one in notices}
    free = await said(place, "adii", letters.imputation("IMP-2", "1"), number)
    assert free["status"] == "accepted", free


async def test_a_reservation_is_seen_by_the_declarant_and_consumed(place: Town) -> None:
    number = await granted(place)
    held = await said(place, "adii", reservation(), number)
    assert held["status"] == "accepted", held
    declarant = await place.client("coop-atlas")
    await said(place, "coop-atlas", letters.balance_query(), number)
    report = (await post(place, "coop-atlas", "BalanceReport"))[0].payload()
    assert isinstance(report, BalanceReport)
    assert [report.line_balance[0].remaining, report.line_balance[0].reserved] == [1000, 900]
    (shown,) = (await declarant.look(f"/dossiers/{number}"))["reservations"]
    assert (shown["declaration"], shown["quantity"]) == (DECLARATION, "900")

    other = f"{DECLARATION}9"
    taken = letters.imputation("IMP-1", "101", declaration_number=other)
    refused = await said(place, "adii", taken, number)
    assert [one["code"] for one in refused["errors"]] == ["PSV-707"]
    await said(place, "adii", letters.imputation("IMP-2", "300"), number)
    (shown,) = (await declarant.look(f"/dossiers/{number}"))["reservations"]
    assert shown["quantity"] == "600"
    await said(place, "adii", letters.imputation("IMP-3", "600"), number)
    assert (await declarant.look(f"/dossiers/{number}"))["reservations"] == []


async def test_a_reservation_lapses_and_the_declarant_is_told(later: tuple[Town, Clock]) -> None:
    place, clock = later
    number = await granted(place)
    await said(place, "adii", reservation(), number)
    clock.leap = timedelta(days=3)
    assert await told(place, "reservation-ended")
    declarant = await place.client("coop-atlas")
    assert (await declarant.look(f"/dossiers/{number}"))["reservations"] == []


async def test_a_statement_is_compared_and_written_nowhere(place: Town) -> None:
    number = await granted(place)
    await said(place, "adii", letters.imputation("IMP-1", "400"), number)

    def stated(quantity: str) -> ImputationStatement:
        total = LineTotal(
            line=1,
            quantity=MeasuredQuantity(value=Decimal(quantity), unit="KGM"),
            value=Amount(value=Decimal(10000), currency="EUR"),
        )
        today = letters.day(letters.today())
        return ImputationStatement(period_start=today, period_end=today, line_total=(total,))

    agrees = await said(place, "adii", stated("400"), number)
    assert agrees["balances"][0]["outcome"] == "agrees"
    differs = await said(place, "adii", stated("410"), number)
    assert [one["code"] for one in differs["warnings"]] == ["PSV-729"]
    assert differs["balances"][0]["outcome"] == "differs"
    assert differs["balances"][0]["after"] == "400"
    assert differs["dossier"]["state"] == "partly_imputed"
