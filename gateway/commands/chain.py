"""`verify` over several acknowledgements: each line's chain of balances, proven without the hub.

The acknowledgements' signatures were checked before; here each link's digest is made again from
what it says (docs/explanation/balance-receipts.md), and the links are put in order.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from lxml import etree

from gateway.commands.say import err, out
from handlers.licence.receipts import Link, plain
from schemas import bind
from schemas.bindings.acknowledgement_1 import Acknowledgement, Movement, Receipt
from schemas.envelope import payload
from schemas.parse import parse


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One link as an acknowledgement states it; `link` is what it says, `digest` what it claims."""

    file: Path
    link: Link
    digest: str
    granted: Decimal
    remaining: Decimal

    @property
    def name(self) -> str:
        """How a sentence names it."""
        return f"{self.link.kind} {self.link.number} of the office {self.link.office}"


def opened(paths: Iterable[Path]) -> list[Path]:
    """The files themselves, and of each folder its XML files by name."""
    found: list[Path] = []
    for path in paths:
        found += sorted(path.glob("*.xml")) if path.is_dir() else [path]
    return found


def show_chains(files: Sequence[Path], *, whole: bool) -> bool:
    """Say what each line's chain proves, or what is wrong with it; False when anything is.

    One acknowledgement alone shows its own link only; of several, each chain must be `whole`.
    """
    lines: defaultdict[tuple[str, int], dict[tuple[str, Link], Step]] = defaultdict(dict)
    for step in (step for file in files for step in _steps(file)):
        lines[step.link.dossier, step.link.line].setdefault((step.digest, step.link), step)
    good = True
    for (dossier, line), steps in sorted(lines.items()):
        chain = tuple(steps.values())
        faults = [*_wrong(chain), *(_broken(chain) if whole else ())]
        for fault in faults:
            err.print(f"{dossier} line {line}: {fault}", style="red", markup=False)
        if whole and not faults:
            _prove(dossier, line, chain)
        good = good and not faults
    return good


def _prove(dossier: str, line: int, chain: Sequence[Step]) -> None:
    before = {step.link.previous for step in chain}
    last = next(step for step in chain if step.digest not in before)
    unit = last.link.unit
    out.print(
        f"{dossier} line {line}: {len(chain)} links hold; {plain(last.link.after)} {unit} imputed,"
        f" {plain(last.remaining)} {unit} remain after the {last.name}",
        style="green",
        markup=False,
    )


def _steps(file: Path) -> Iterator[Step]:
    """The links that a file states, if it is an acknowledgement."""
    document = file.read_bytes()
    if not document.lstrip().startswith(b"<"):
        return
    body = payload(parse(document))
    if etree.QName(body).localname != "Acknowledgement":
        return
    found = bind.read(body, Acknowledgement)
    for balance in found.balance:
        if balance.receipt is not None and found.dossier is not None:
            yield _step(file, found.dossier.number or "", balance, balance.receipt)


def _step(file: Path, dossier: str, balance: Movement, receipt: Receipt) -> Step:
    link = Link(
        previous=receipt.previous,
        dossier=dossier,
        line=balance.line,
        unit=balance.unit,
        office=receipt.customs_office,
        number=receipt.imputation_number,
        kind=receipt.type_value.value,
        corrects=receipt.original_number,
        declaration=receipt.declaration_number,
        delta=balance.imputed_delta,
        before=balance.imputed_before,
        after=balance.imputed_after,
        value=receipt.value.value,
        currency=receipt.value.currency,
    )
    return Step(
        file=file,
        link=link,
        digest=receipt.digest,
        granted=balance.granted,
        remaining=balance.remaining,
    )


def _wrong(chain: Sequence[Step]) -> Iterator[str]:
    """What is wrong with links by themselves: an altered digest, a sum that does not add up."""
    for step in chain:
        link = step.link
        if link.digest() != step.digest:
            yield f"the digest of the {step.name} is not that of what it says ({step.file})"
        if link.before + link.delta != link.after:
            yield (
                f"the sum of the {step.name} is wrong: {plain(link.before)} and"
                f" {plain(link.delta)} are not {plain(link.after)} ({step.file})"
            )
        if step.granted - link.after != step.remaining:
            yield (
                f"the remainder after the {step.name} is wrong: {plain(step.granted)} without"
                f" {plain(link.after)} is not {plain(step.remaining)} ({step.file})"
            )


def _broken(chain: Sequence[Step]) -> Iterator[str]:
    """What is wrong between links: a gap, a fork, a balance that does not carry over."""
    known = {step.digest: step for step in chain}
    followers: defaultdict[str | None, list[Step]] = defaultdict(list)
    for step in chain:
        followers[step.link.previous].append(step)
    reached = _reached(followers)
    for digest, next_ones in followers.items():
        before = known.get(digest or "")
        if len(next_ones) > 1:
            names = " and ".join(f"the {step.name}" for step in next_ones)
            after = "begin the line" if digest is None else f"follow the link {digest[:12]}"
            yield f"the chain forks: {names} both {after}"
        for step in next_ones:
            yield from _carried(step, before, reached)


def _reached(followers: Mapping[str | None, Sequence[Step]]) -> str:
    """How far the chain holds from its beginning."""
    last, digest = None, None
    seen: set[str] = set()
    while len(following := followers.get(digest, ())) == 1 and following[0].digest not in seen:
        last, digest = following[0], following[0].digest
        seen.add(digest)
    if last is None:
        return "its beginning is not among them"
    return f"from its beginning the chain holds up to the {last.name}, {plain(last.link.after)}"


def _carried(step: Step, before: Step | None, reached: str) -> Iterator[str]:
    link = step.link
    if link.previous is not None and before is None:
        yield (
            f"a link is missing before the {step.name}, which starts from {plain(link.before)}"
            f" {link.unit}: {link.previous[:12]} is in none of the files; {reached}"
        )
    imputed = Decimal(0) if before is None else before.link.after
    if (before is not None or link.previous is None) and link.before != imputed:
        yield (
            f"the {step.name} starts from {plain(link.before)} {link.unit}, where the chain stands"
            f" at {plain(imputed)} {link.unit}"
        )
