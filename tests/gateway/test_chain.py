"""What `verify` says of links that do not fit: each fault is named in a sentence of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from gateway.commands import chain
from gateway.commands.chain import Step, opened, show_chains
from handlers.licence.receipts import Link, movements
from tests.handlers.dossiers import NUMBER, entry, granted

FILES = (Path("a.xml"), Path("b.xml"))


def steps() -> list[Step]:
    """The links of four imputations of 10 kg as their outcomes state them."""
    licence, found = granted(), []
    entries = [entry(f"I-{number}", 10) for number in range(1, 5)]
    for one in movements(licence, entries):
        assert one.receipt is not None
        link = Link.of(licence, one.receipt.entry, one.receipt.previous, one.before)
        found.append(
            Step(
                file=FILES[0],
                link=link,
                digest=one.receipt.digest,
                granted=one.granted,
                remaining=one.remaining,
            )
        )
    return found


def altered(step: Step, **changes: Any) -> Step:
    """The link with other facts and the digest that fits them: a hub that lies consistently."""
    link = replace(step.link, **changes)
    return replace(step, link=link, digest=link.digest(), remaining=step.granted - link.after)


def faults(
    given: Sequence[Step], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> list[str]:
    monkeypatch.setattr(chain, "_steps", lambda file: given if file == FILES[0] else [])
    good = show_chains(FILES, whole=True)
    found = capsys.readouterr()
    assert good == (found.err == "")
    assert good == ("links hold" in found.out)
    return found.err.splitlines()


def test_whole_chains_hold_in_whatever_order_they_come(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert faults(steps(), monkeypatch, capsys) == []
    assert faults(steps()[::-1] + steps(), monkeypatch, capsys) == []


def test_a_missing_beginning_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (fault,) = faults(steps()[1:], monkeypatch, capsys)
    assert fault.startswith(f"{NUMBER} line 1: a link is missing before the original I-2")
    assert "its beginning is not among them" in fault


def test_every_gap_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    first, _, third, _ = steps()
    fifth = altered(steps()[3], number="I-5", previous="f" * 64)
    found = faults([first, third, fifth], monkeypatch, capsys)
    assert len(found) == 2
    assert all("holds up to the original I-1 of the office 309, 10" in fault for fault in found)


def test_two_histories_of_one_line_are_a_fork(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    given = steps()
    (fault,) = faults([*given, altered(given[3], value=Decimal(1))], monkeypatch, capsys)
    assert "the chain forks: the original I-4 of the office 309 and the original I-4" in fault
    (fault,) = faults([*given, altered(given[0], number="I-0")], monkeypatch, capsys)
    assert "both begin the line" in fault


def test_an_altered_digest_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    *others, last = steps()
    (fault,) = faults([*others, replace(last, digest="0" * 64)], monkeypatch, capsys)
    assert "the digest of the original I-4 of the office 309 is not that of what it says" in fault
    assert "a.xml" in fault


def test_sums_that_do_not_add_up_are_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    *others, last = steps()
    (fault,) = faults([*others, altered(last, after=Decimal(39))], monkeypatch, capsys)
    assert "30 and 10 are not 39" in fault
    wrong = replace(last, remaining=Decimal(961))
    (fault,) = faults([*others, wrong], monkeypatch, capsys)
    assert "1000 without 40 is not 961" in fault


def test_a_balance_that_does_not_carry_over_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    *others, last = steps()
    lie = altered(last, before=Decimal(20), after=Decimal(30))
    (fault,) = faults([*others, lie], monkeypatch, capsys)
    assert "starts from 20 KGM, where the chain stands at 30 KGM" in fault
    first = altered(steps()[0], before=Decimal(5), after=Decimal(15))
    (fault,) = faults([first], monkeypatch, capsys)
    assert "starts from 5 KGM, where the chain stands at 0 KGM" in fault


def test_one_outcome_alone_shows_only_its_own_link(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    third = steps()[2]
    monkeypatch.setattr(chain, "_steps", lambda _: [third])
    assert show_chains(FILES[:1], whole=False)
    monkeypatch.setattr(chain, "_steps", lambda _: [replace(third, digest="0" * 64)])
    assert not show_chains(FILES[:1], whole=False)
    assert "the digest of" in capsys.readouterr().err


def test_a_folder_stands_for_its_messages(tmp_path: Path) -> None:
    for name in ("2.xml", "1.xml", "note.txt"):
        (tmp_path / name).touch()
    alone = tmp_path / "note.txt"
    assert opened([tmp_path, alone]) == [tmp_path / "1.xml", tmp_path / "2.xml", alone]
