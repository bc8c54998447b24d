"""The chain of seals over the journal, and its verifier, which needs nothing but an export.

An export is JSON Lines, each line in canonical form (keys sorted, no spaces): a header, then each
seal after the entries it covers, then a closing statement.

    {"entry": {id, at, kind, subject, dossier, actor, digest, facts}}
    {"seal": {number, at, entries: [[id, SHA-256 of the entry], …], previous, hash, signature}}
    {"closing": {at, header, seals, entries, hash}, "signature": …}

An entry's hash is over its canonical JSON. A seal's is over the previous seal's hash followed by
the canonical JSON of its number, instant and entries; its signature is over that hash as text, in
hexadecimal. The closing statement is signed over its canonical JSON, and says what the end is.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any, Self

from storage.verdict import Fault, Part, Verdict

Content = dict[str, Any]
Pair = tuple[int, str]  #: an entry's id and hash
Check = Callable[[bytes, bytes], bool]

START = "0" * 64  #: what stands for the hash before the first seal


#: The one way to write a value as JSON: keys sorted, no spaces, letters as they are.
canonical = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode


def _hash(text: str) -> str:
    return sha256(text.encode()).hexdigest()


def entry_hash(content: Content) -> str:
    """SHA-256 (hex) of an entry's canonical JSON."""
    return _hash(canonical(content))


@dataclass(frozen=True, slots=True, kw_only=True)
class Seal:
    """One link: which entries it covers, and the link before."""

    number: int
    at: str
    entries: tuple[Pair, ...]
    previous: str
    hash: str

    @classmethod
    def over(cls, entries: Sequence[Pair], *, number: int, at: str, previous: str) -> Self:
        """The seal that follows the one whose hash is `previous`."""
        listed = [list(pair) for pair in entries]
        body = canonical({"number": number, "at": at, "entries": listed})
        return cls(
            number=number,
            at=at,
            entries=tuple(entries),
            previous=previous,
            hash=_hash(previous + body),
        )


def header_line(at: str) -> str:
    """The first line of an export made at this instant."""
    return canonical({"journal": "passavant", "format": 1, "exported_at": at})


def entry_line(content: Content) -> str:
    """An entry's line."""
    return canonical({"entry": content})


def seal_line(seal: Seal, signature: bytes) -> str:
    """A seal's line."""
    body = {
        "number": seal.number,
        "at": seal.at,
        "entries": [list(pair) for pair in seal.entries],
        "previous": seal.previous,
        "hash": seal.hash,
        "signature": base64.b64encode(signature).decode(),
    }
    return canonical({"seal": body})


@dataclass(frozen=True, slots=True, kw_only=True)
class Closing:
    """What an export holds, as its last line says it."""

    at: str
    header: str  #: the header line
    seals: int = 0
    entries: int = 0
    hash: str = START

    def with_seal(self, seal: Seal) -> Closing:
        """The same after one more seal."""
        return replace(
            self, seals=seal.number, entries=self.entries + len(seal.entries), hash=seal.hash
        )

    def statement(self) -> Content:
        """What is signed."""
        return {
            "at": self.at,
            "header": _hash(self.header),
            "seals": self.seals,
            "entries": self.entries,
            "hash": self.hash,
        }

    def line(self, sign: Callable[[bytes], bytes]) -> str:
        """The last line of the export."""
        statement = self.statement()
        signature = base64.b64encode(sign(canonical(statement).encode())).decode()
        return canonical({"closing": statement, "signature": signature})


@dataclass(frozen=True, slots=True)
class _Line:
    """One line as read: `part` None is a line that is none of ours, or no more."""

    number: int
    part: Part | None
    value: Any = None
    signature: bytes = b""
    pair: Pair | None = None


_KEYS = {
    ("entry",): Part.ENTRY,
    ("seal",): Part.SEAL,
    ("closing", "signature"): Part.CLOSING,
    ("exported_at", "format", "journal"): Part.HEADER,
}


def _parsed(number: int, text: str) -> _Line:
    """Read one line; whatever is not exactly as this module writes it is nobody's line."""
    try:
        found = json.loads(text)
        if not isinstance(found, dict) or canonical(found) != text:
            return _Line(number, None, text)
        part = _KEYS.get(tuple(sorted(found)))
        return _as_part(number, part, found) if part else _Line(number, None, text)
    except (ValueError, TypeError, KeyError, RecursionError):
        return _Line(number, None, text)


def _as_part(number: int, part: Part, found: Content) -> _Line:
    match part:
        case Part.ENTRY:
            content = found["entry"]
            return _Line(number, part, content, pair=(content["id"], entry_hash(content)))
        case Part.SEAL:
            body = found["seal"]
            seal = Seal(
                number=int(body["number"]),
                at=body["at"],
                entries=tuple((key, digest) for key, digest in body["entries"]),
                previous=str(body["previous"]),
                hash=str(body["hash"]),
            )
            signature = base64.b64decode(body["signature"], validate=True)
            if seal_line(seal, signature) != canonical(found):
                return _Line(number, None)
            return _Line(number, part, seal, signature)
        case Part.CLOSING:
            signature = base64.b64decode(found["signature"], validate=True)
            return _Line(number, part, found["closing"], signature)
        case _:
            return _Line(number, part, canonical(found))


class _Reader:
    """Walks an export once and stops at the first thing that is wrong."""

    def __init__(self, lines: Iterable[str], check: Check) -> None:
        texts = (text.removesuffix("\n") for text in lines)
        self._lines = (_parsed(number, text) for number, text in enumerate(texts, 1))
        self._check = check
        self._header = ""
        self._entries = 0
        self._seals = 0
        self._hash = START
        self._group: list[_Line] = []

    def verdict(self) -> Verdict:
        first = next(self._lines, None)
        if first is None:
            return self._fault(Fault.CUT_OFF, Part.HEADER)
        if first.part is not Part.HEADER:
            return self._headless(first)
        self._header = first.value
        for line in self._lines:
            if line.part is Part.CLOSING:
                return self._closed(line)
            if line.part is not Part.SEAL:
                self._group.append(line)
            elif wrong := self._sealed(line):
                return wrong
        return self._unfinished()

    def _fault(
        self, fault: Fault, part: Part, *, entry: int | None = None, ahead: int = 0
    ) -> Verdict:
        """A fault `ahead` entries beyond the last proven one."""
        return Verdict(
            fault=fault,
            part=part,
            entry=entry,
            seal=self._seals + 1 if part is Part.SEAL else None,
            position=self._entries + ahead + 1,
            entries=self._entries,
            seals=self._seals,
        )

    def _headless(self, first: _Line) -> Verdict:
        if first.part is None:
            return self._fault(Fault.EDITED, Part.HEADER)
        moved = any(line.part is Part.HEADER for line in self._lines)
        return self._fault(Fault.REORDERED if moved else Fault.DELETED, Part.HEADER)

    def _sealed(self, line: _Line) -> Verdict | None:
        """Hold the entries read since the last seal against this one."""
        seal: Seal = line.value
        true = Seal.over(seal.entries, number=seal.number, at=seal.at, previous=seal.previous)
        if true.hash != seal.hash or not self._check(seal.hash.encode(), line.signature):
            return self._fault(Fault.EDITED, Part.SEAL, entry=self._first_id())
        if seal.number != self._seals + 1:
            return self._seal_missing(seal)
        if seal.previous != self._hash:
            return self._fault(Fault.EDITED, Part.SEAL, entry=self._first_id())
        for place, pair in enumerate(seal.entries):
            if place >= len(self._group) or self._group[place].pair != pair:
                return self._misplaced(place, seal)
        if len(self._group) > len(seal.entries):
            return self._foreign(len(seal.entries))
        self._entries += len(seal.entries)
        self._seals = seal.number
        self._hash = seal.hash
        self._group.clear()
        return None

    def _first_id(self) -> int | None:
        return next((line.pair[0] for line in self._group if line.pair is not None), None)

    def _seal_missing(self, seal: Seal) -> Verdict:
        if seal.number <= self._seals:
            return self._fault(Fault.INSERTED, Part.SEAL)
        wanted = self._seals + 1
        if any(line.part is Part.SEAL and line.value.number == wanted for line in self._lines):
            fault = Fault.REORDERED
        else:
            mangled = any(line.part is None for line in self._group)
            fault = Fault.EDITED if mangled else Fault.DELETED
        return self._fault(fault, Part.SEAL, entry=self._first_id())

    def _misplaced(self, place: int, seal: Seal) -> Verdict:
        """Another entry than the seal's stands at this place of the group, or none does."""
        want = seal.entries[place]
        found = self._group[place].pair if place < len(self._group) else None
        here = [line.pair for line in self._group]
        known = found is not None and found in seal.entries[place + 1 :]
        if want in here[place:]:
            if not known or here.count(found) > 1:
                return self._foreign(place)
            return self._fault(Fault.REORDERED, Part.ENTRY, entry=want[0], ahead=place)
        if place < len(self._group) and not known:
            fault = Fault.EDITED
        elif any(line.pair == want for line in self._lines):
            fault = Fault.REORDERED
        else:
            fault = Fault.DELETED
        return self._fault(fault, Part.ENTRY, entry=want[0], ahead=place)

    def _foreign(self, place: int) -> Verdict:
        """A line that this seal does not know: added, or moved here from further on."""
        pair = self._group[place].pair
        listed = standing = False
        for line in self._lines:
            listed |= line.part is Part.SEAL and pair in line.value.entries
            standing |= pair is not None and line.pair == pair
        fault = Fault.REORDERED if listed and not standing else Fault.INSERTED
        return self._fault(fault, Part.ENTRY, entry=None if pair is None else pair[0], ahead=place)

    def _closed(self, line: _Line) -> Verdict:
        """The closing statement: is it true, and is it the end?"""
        if not self._check(canonical(line.value).encode(), line.signature):
            return self._fault(Fault.EDITED, Part.CLOSING, ahead=len(self._group))
        said = line.value
        if self._group or (said["seals"], said["hash"]) != (self._seals, self._hash):
            return self._short(said)
        if said["header"] != _hash(self._header):
            return replace(self._fault(Fault.EDITED, Part.HEADER), position=1)
        if next(self._lines, None) is not None:
            return self._fault(Fault.INSERTED, Part.CLOSING)
        return Verdict(entries=self._entries, seals=self._seals, position=self._entries)

    def _short(self, said: Content) -> Verdict:
        """A true closing statement, but not after what it closes."""
        behind = said["seals"] - self._seals
        if next(self._lines, None) is not None and behind > 0:
            return self._fault(Fault.REORDERED, Part.CLOSING)
        if behind == 1 and said["entries"] == self._entries + self._own():
            mangled = len(self._group) > self._own()
            fault = Fault.EDITED if mangled else Fault.DELETED
            return self._fault(fault, Part.SEAL, entry=self._first_id())
        if behind > 0:
            return self._fault(Fault.CUT_OFF, Part.ENTRY, ahead=len(self._group))
        if self._group and behind == 0:
            return self._foreign(0)
        return self._fault(Fault.EDITED, Part.CLOSING, ahead=len(self._group))

    def _own(self) -> int:
        """How many of the lines since the last seal still are entries."""
        return sum(line.pair is not None for line in self._group)

    def _unfinished(self) -> Verdict:
        """The lines end and nothing closes them."""
        last = self._group[-1] if self._group else None
        if last is not None and last.part is None and str(last.value).startswith('{"closing":'):
            return self._fault(Fault.EDITED, Part.CLOSING, ahead=len(self._group) - 1)
        part = Part.ENTRY if self._own() else Part.CLOSING
        return self._fault(Fault.CUT_OFF, part, ahead=self._own())


def differences(lines: Sequence[str]) -> Iterator[tuple[Fault, int]]:
    """What entries say otherwise than the seal after them, by their ids; `verify` judges.

    `lines` are those of one seal: its entries, and itself. Of lines without a seal nothing is said.
    """
    *group, last = (_parsed(number, text) for number, text in enumerate(lines, 1))
    if last.part is not Part.SEAL:
        return
    wanted = dict(last.value.entries)
    found = dict(line.pair for line in group if line.pair is not None)
    for key in sorted(wanted.keys() | found.keys()):
        if key not in found:
            yield Fault.DELETED, key
        elif key not in wanted:
            yield Fault.INSERTED, key
        elif found[key] != wanted[key]:
            yield Fault.EDITED, key


def verify(lines: Iterable[str], check: Check) -> Verdict:
    """Read an export and name the first thing in it that is not as it was sealed.

    `check(message, signature)` says whether the hub signed these bytes. Nothing but the export is
    read, once, line by line.
    """
    return _Reader(lines, check).verdict()
