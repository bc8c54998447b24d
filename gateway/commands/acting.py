"""Acts as commands: the same values as in the console, shown first or carried out at once.

Whoever has the database and the hub's key is the second person himself.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from gateway.commands.office import Office
from gateway.commands.say import out, refuse, show_table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gateway.acts.act import Act, Carried, Effect, Preview


@contextmanager
def in_a_sentence(nothing_found: str) -> Iterator[None]:
    """Say why an act was not done, with status 1."""
    from gateway.acts.act import Impossible, Overtaken
    from schemas.errors import Refused

    try:
        yield
    except Impossible as why:
        refuse(str(why))
    except Overtaken as moved:
        refuse(f"It moved on meanwhile: {moved}")
    except Refused:
        refuse(nothing_found)


async def carry_out(office: Office, act: Act, reason: str) -> tuple[Carried, ...]:
    """Do it, with its records in the journal; raises as the act does."""
    from gateway.acts import doing

    return await doing.carry_out(office.hub(), act, office.by(reason))


async def show(office: Office, act: Act) -> None:
    """What would happen, and nothing done; raises as the act does."""
    from gateway.acts import doing

    _told(await doing.preview(office.hub(), act))


def _told(preview: Preview) -> None:
    rows = [
        (effect.target, change.fact, change.was, change.now)
        for effect in preview.effects
        for change in effect.changes
    ]
    show_table(["target", "fact", "now", "then"], rows)
    for name, value in (fact for effect in preview.effects for fact in effect.facts):
        out.print(f"{name}: {value}", markup=False)
    if preview.more:
        out.print(f"… and {preview.more} more", markup=False)
    for effect in preview.effects:
        _told_of(effect)
    for caution in preview.cautions:
        out.print(caution, style="yellow", markup=False)


def _told_of(effect: Effect) -> None:
    """What the handler would decide, and what would be sent."""
    run = effect.dry_run
    if run is not None and run.problem:
        out.print(f"{effect.target}: it would fail: {run.problem}", style="red", markup=False)
    elif run is not None:
        before = "—" if run.before is None else run.before.en
        after = "—" if run.after is None else run.after.en
        out.print(
            f"{effect.target}: {run.dossier or 'no dossier'}: {before} → {after}", markup=False
        )
        for finding in (*run.errors, *run.warnings):
            out.print(f"  {finding.code.label} {finding.english()}", markup=False)
        for line in run.balances:
            out.print(f"  line {line.line}: {line.before} → {line.after} {line.unit}", markup=False)
    for sending in effect.sends:
        out.print(f"  {sending.what} → {sending.to} ({sending.how})", markup=False)
