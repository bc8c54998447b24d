"""Every way to tamper with an export, and the name the verifier gives it."""

from __future__ import annotations

import hmac
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from storage import chain
from storage.verdict import Fault, Part, Verdict

AT = "2026-03-02T09:30:00.123456Z"


def sign(message: bytes) -> bytes:
    return hmac.digest(b"the hub's key", message, "sha256")


def check(message: bytes, signature: bytes) -> bool:
    return hmac.compare_digest(sign(message), signature)


def content(number: int) -> chain.Content:
    return {
        "id": number,
        "at": AT,
        "kind": "message accepted",
        "subject": f"exporter/m-{number}",
        "dossier": None,
        "actor": "exporter",
        "digest": "aa" * 32,
        "facts": {"type": "LicenceApplication", "libellé": "« visé »"},
    }


def export(*groups: tuple[int, ...]) -> list[str]:
    closing = chain.Closing(at=AT, header=chain.header_line(AT))
    lines = [closing.header]
    previous = chain.START
    for number, ids in enumerate(groups, 1):
        entries = [content(key) for key in ids]
        seal = chain.Seal.over(
            [(entry["id"], chain.entry_hash(entry)) for entry in entries],
            number=number,
            at=AT,
            previous=previous,
        )
        lines += [chain.entry_line(entry) for entry in entries]
        lines.append(chain.seal_line(seal, sign(seal.hash.encode())))
        closing = closing.with_seal(seal)
        previous = seal.hash
    return [*lines, closing.line(sign)]


#: Ids as PostgreSQL gives them: with gaps, and 40 committed late.
GROUPS = ((10, 11, 12, 15), (20, 21, 40), (39, 50, 51), (60,))
WHOLE = export(*GROUPS)
IDS = [key for group in GROUPS for key in group]
PLACES = [place for place, line in enumerate(WHOLE) if line.startswith('{"entry"')]
SEALS = [place for place, line in enumerate(WHOLE) if line.startswith('{"seal"')]
#: For each seal, the entries proven before it.
PROVEN = [sum(len(group) for group in GROUPS[:number]) for number in range(len(GROUPS))]


def verdict(lines: list[str]) -> Verdict:
    return chain.verify(lines, check)


def edited(line: str, **changes: Any) -> str:
    found = json.loads(line)
    (part,) = (key for key in found if key != "signature")
    found[part] = {**found[part], **changes}
    return chain.canonical(found)


def named(found: Verdict) -> tuple[Fault | None, Part | None, int | None, int]:
    return found.fault, found.part, found.entry, found.position


def test_a_true_export_is_whole() -> None:
    found = verdict(WHOLE)
    assert found.whole
    assert (found.entries, found.seals) == (11, 4)
    assert str(found) == "The record is whole: 11 entries under 4 seals."
    assert verdict([line + "\n" for line in WHOLE]).whole


def test_an_export_of_nothing_is_whole() -> None:
    assert verdict(export()).whole


def test_another_hubs_signature_proves_nothing() -> None:
    found = chain.verify(WHOLE, lambda message, signature: False)
    assert (found.fault, found.part, found.seal) == (Fault.EDITED, Part.SEAL, 1)


@pytest.mark.parametrize("nth", range(len(IDS)))
@pytest.mark.parametrize(
    "changes", [{"actor": "nobody"}, {"id": 999}, {"facts": {}}, {"dossier": "LE-1"}, {"id": 21}]
)
def test_an_edited_entry_is_named(nth: int, changes: dict[str, Any]) -> None:
    lines = list(WHOLE)
    lines[PLACES[nth]] = edited(lines[PLACES[nth]], **changes)
    if lines == WHOLE:
        return
    assert named(verdict(lines)) == (Fault.EDITED, Part.ENTRY, IDS[nth], nth + 1)


@pytest.mark.parametrize("nth", range(len(IDS)))
@pytest.mark.parametrize("damage", ["{", "", '{"entry":', "\u2028", "[]", '{"entry":{}}', "null"])
def test_a_mangled_entry_is_named(nth: int, damage: str) -> None:
    lines = list(WHOLE)
    lines[PLACES[nth]] = damage
    assert named(verdict(lines)) == (Fault.EDITED, Part.ENTRY, IDS[nth], nth + 1)


@pytest.mark.parametrize("nth", range(len(IDS)))
def test_an_entry_written_in_another_way_is_edited(nth: int) -> None:
    lines = list(WHOLE)
    lines[PLACES[nth]] = lines[PLACES[nth]].replace(",", ", ", 1)
    assert named(verdict(lines)) == (Fault.EDITED, Part.ENTRY, IDS[nth], nth + 1)


@pytest.mark.parametrize("nth", range(len(IDS)))
def test_a_deleted_entry_is_named(nth: int) -> None:
    lines = list(WHOLE)
    del lines[PLACES[nth]]
    assert named(verdict(lines)) == (Fault.DELETED, Part.ENTRY, IDS[nth], nth + 1)


@pytest.mark.parametrize("one", range(len(IDS)))
@pytest.mark.parametrize("other", range(len(IDS)))
def test_two_entries_that_changed_places_are_named_by_the_first_place(one: int, other: int) -> None:
    if one >= other:
        return
    lines = list(WHOLE)
    lines[PLACES[one]], lines[PLACES[other]] = lines[PLACES[other]], lines[PLACES[one]]
    found = verdict(lines)
    assert (found.part, found.position) == (Part.ENTRY, one + 1)
    assert found.entry == IDS[one]


@pytest.mark.parametrize("nth", range(len(IDS)))
@pytest.mark.parametrize("to", range(len(IDS)))
def test_an_entry_that_was_moved_is_named_at_the_first_place_disturbed(nth: int, to: int) -> None:
    if nth == to:
        return
    lines = list(WHOLE)
    line = lines.pop(PLACES[nth])
    lines.insert(PLACES[to], line)
    found = verdict(lines)
    assert (found.fault, found.part) == (Fault.REORDERED, Part.ENTRY)
    assert found.position == min(nth, to) + 1


@pytest.mark.parametrize("nth", range(len(IDS)))
@pytest.mark.parametrize("to", range(1, len(WHOLE) - 1))
def test_an_entry_that_stands_twice_is_named(nth: int, to: int) -> None:
    lines = list(WHOLE)
    lines.insert(to, WHOLE[PLACES[nth]])
    if to in (PLACES[nth], PLACES[nth] + 1):  # beside itself: the second one is too many
        position = nth + 2
    else:
        position = sum(place < to for place in PLACES) + 1
    found = verdict(lines)
    assert (found.fault, found.part, found.entry) == (Fault.INSERTED, Part.ENTRY, IDS[nth])
    assert found.position == position


@pytest.mark.parametrize("to", range(1, len(WHOLE)))
def test_a_forged_entry_is_named(to: int) -> None:
    lines = list(WHOLE)
    lines.insert(to, chain.entry_line(content(77)))
    found = verdict(lines)
    assert (found.fault, found.part, found.entry) == (Fault.INSERTED, Part.ENTRY, 77)
    assert found.position == sum(place < to for place in PLACES) + 1


@pytest.mark.parametrize("nth", range(len(SEALS)))
def test_a_deleted_seal_is_named(nth: int) -> None:
    lines = list(WHOLE)
    del lines[SEALS[nth]]
    found = verdict(lines)
    assert (found.fault, found.part, found.seal) == (Fault.DELETED, Part.SEAL, nth + 1)
    assert (found.position, found.entry) == (PROVEN[nth] + 1, GROUPS[nth][0])


@pytest.mark.parametrize("nth", range(len(SEALS)))
@pytest.mark.parametrize(
    "changes",
    [{"at": "2026"}, {"entries": []}, {"hash": "0" * 64}, {"signature": "AAAA"}, {"number": 9}],
)
def test_an_edited_seal_is_named(nth: int, changes: dict[str, Any]) -> None:
    lines = list(WHOLE)
    lines[SEALS[nth]] = edited(lines[SEALS[nth]], **changes)
    found = verdict(lines)
    assert (found.fault, found.part, found.seal) == (Fault.EDITED, Part.SEAL, nth + 1)
    assert found.position == PROVEN[nth] + 1


@pytest.mark.parametrize("nth", range(len(SEALS)))
@pytest.mark.parametrize("damage", ['{"seal":', "", '{"seal":{}}', "7"])
def test_a_mangled_seal_is_named(nth: int, damage: str) -> None:
    lines = list(WHOLE)
    lines[SEALS[nth]] = damage
    found = verdict(lines)
    assert (found.fault, found.part, found.seal) == (Fault.EDITED, Part.SEAL, nth + 1)


def test_a_group_deleted_with_its_seal_is_named_by_its_seal() -> None:
    lines = WHOLE[: SEALS[0] + 1] + WHOLE[SEALS[1] + 1 :]
    found = verdict(lines)
    assert (found.fault, found.part, found.seal) == (Fault.DELETED, Part.SEAL, 2)
    assert found.position == PROVEN[1] + 1


def test_groups_that_changed_places_are_reordered() -> None:
    first, second, third = SEALS[0] + 1, SEALS[1] + 1, SEALS[2] + 1
    found = verdict(WHOLE[:first] + WHOLE[second:third] + WHOLE[first:second] + WHOLE[third:])
    assert (found.fault, found.part, found.seal) == (Fault.REORDERED, Part.SEAL, 2)


def test_a_seal_that_stands_twice_is_inserted() -> None:
    lines = list(WHOLE)
    lines.insert(SEALS[1], WHOLE[SEALS[0]])
    assert (verdict(lines).fault, verdict(lines).part) == (Fault.INSERTED, Part.SEAL)


@pytest.mark.parametrize("kept", range(1, len(WHOLE)))
def test_an_export_cut_off_anywhere_names_the_first_entry_missing(kept: int) -> None:
    found = verdict(WHOLE[:kept])
    assert found.fault is Fault.CUT_OFF
    assert found.position == sum(place < kept for place in PLACES) + 1
    assert found.entries == max(proven for proven in _proven_at(kept))


@pytest.mark.parametrize("kept", range(1, len(WHOLE) - 2))
def test_a_cut_off_end_is_not_hidden_by_the_closing_statement(kept: int) -> None:
    found = verdict([*WHOLE[:kept], WHOLE[-1]])
    entries = sum(place < kept for place in PLACES)
    assert found.fault in (Fault.CUT_OFF, Fault.DELETED)
    assert found.position <= entries + 1
    assert found.position > found.entries


def _proven_at(kept: int) -> list[int]:
    ends = [sum(len(group) for group in GROUPS[: number + 1]) for number in range(len(GROUPS))]
    return [0, *(end for end, place in zip(ends, SEALS, strict=True) if place < kept)]


def test_a_deleted_closing_statement_is_a_cut_off_record() -> None:
    found = verdict(WHOLE[:-1])
    assert (found.fault, found.part) == (Fault.CUT_OFF, Part.CLOSING)
    assert (found.position, found.entries) == (12, 11)


@pytest.mark.parametrize(
    "changes", [{"seals": 3}, {"at": "2026"}, {"hash": "0" * 64}, {"entries": 10}, {"header": ""}]
)
def test_an_edited_closing_statement_is_named(changes: dict[str, Any]) -> None:
    found = verdict([*WHOLE[:-1], edited(WHOLE[-1], **changes)])
    assert (found.fault, found.part, found.entries) == (Fault.EDITED, Part.CLOSING, 11)


def test_another_exports_closing_statement_does_not_close_this_one() -> None:
    shorter, longer = export(*GROUPS[:3]), export(*GROUPS, (70,))
    assert verdict([*WHOLE[:-1], shorter[-1]]).part is Part.CLOSING
    assert verdict([*WHOLE[:-1], longer[-1]]).fault is Fault.CUT_OFF


def test_a_closing_statement_in_the_middle_is_reordered() -> None:
    for place in range(1, len(WHOLE) - 1):
        lines = WHOLE[:-1]
        lines.insert(place, WHOLE[-1])
        found = verdict(lines)
        assert (found.fault, found.part) == (Fault.REORDERED, Part.CLOSING), place


def test_nothing_may_follow_the_closing_statement() -> None:
    for line in ("", WHOLE[-1], WHOLE[1]):
        assert verdict([*WHOLE, line]).fault is Fault.INSERTED


def test_the_header_is_part_of_the_record() -> None:
    other = chain.header_line("2027-01-01T00:00:00.000000Z")
    assert named(verdict([other, *WHOLE[1:]])) == (Fault.EDITED, Part.HEADER, None, 1)
    assert named(verdict(["{}", *WHOLE[1:]])) == (Fault.EDITED, Part.HEADER, None, 1)
    assert named(verdict(WHOLE[1:])) == (Fault.DELETED, Part.HEADER, None, 1)
    moved = [*WHOLE[1:3], WHOLE[0], *WHOLE[3:]]
    assert named(verdict(moved)) == (Fault.REORDERED, Part.HEADER, None, 1)
    assert named(verdict([])) == (Fault.CUT_OFF, Part.HEADER, None, 1)


def test_the_verdict_is_a_sentence() -> None:
    lines = list(WHOLE)
    lines[PLACES[4]] = edited(lines[PLACES[4]], actor="nobody")
    assert str(verdict(lines)) == (
        "The entry was edited at entry 20, position 5; "
        "before it, 4 entries under 1 seals are whole."
    )


groups = st.lists(st.integers(min_value=1, max_value=5), min_size=1, max_size=5)


@st.composite
def exports(draw: st.DrawFn) -> tuple[list[str], list[int]]:
    """An export and the place of each of its entries."""
    sizes = draw(groups)
    numbers = iter(range(1, sum(sizes) + 1))
    lines = export(*(tuple(next(numbers) for _ in range(size)) for size in sizes))
    return lines, [place for place, line in enumerate(lines) if line.startswith('{"entry"')]


@settings(deadline=None)  # the machine may be busy
@given(exports(), st.data())
def test_any_changed_character_is_found_at_or_before_its_group(
    made: tuple[list[str], list[int]], data: st.DataObject
) -> None:
    lines, places = made
    place = data.draw(st.integers(0, len(lines) - 1))
    at = data.draw(st.integers(0, len(lines[place]) - 1))
    new = data.draw(st.characters(exclude_characters="\n" + lines[place][at]))
    changed = list(lines)
    changed[place] = lines[place][:at] + new + lines[place][at + 1 :]
    found = verdict(changed)
    assert not found.whole
    if place in places:
        nth = places.index(place) + 1
        assert named(found) == (Fault.EDITED, Part.ENTRY, nth, nth)
    elif place == len(lines) - 1:
        assert found.part is Part.CLOSING
        assert found.fault in (Fault.EDITED, Fault.CUT_OFF)
    elif place == 0:
        assert (found.fault, found.part) == (Fault.EDITED, Part.HEADER)
    else:
        assert (found.fault, found.part) == (Fault.EDITED, Part.SEAL)


@settings(deadline=None)  # the machine may be busy
@given(exports(), st.data())
def test_any_lines_taken_out_are_missed_at_the_first_of_them(
    made: tuple[list[str], list[int]], data: st.DataObject
) -> None:
    lines, places = made
    first = data.draw(st.integers(1, len(lines) - 1))
    last = data.draw(st.integers(first, len(lines) - 1))
    found = verdict(lines[:first] + lines[last + 1 :])
    missing = sum(place < first for place in places) + 1
    assert found.fault in (Fault.DELETED, Fault.CUT_OFF)
    assert found.entries < found.position <= missing


@settings(deadline=None)  # the machine may be busy
@given(exports(), st.data())
def test_any_other_order_is_found(made: tuple[list[str], list[int]], data: st.DataObject) -> None:
    lines, places = made
    order = data.draw(st.permutations(range(len(lines))))
    if list(order) == list(range(len(lines))):
        return
    found = verdict([lines[place] for place in order])
    assert not found.whole
    disturbed = next(place for place, other in enumerate(order) if place != other)
    assert found.position <= sum(place < disturbed for place in places) + 1
