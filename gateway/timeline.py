"""A dossier's one timeline as a partner may see it, and who holds the dossier now.

Everybody who may see the dossier sees its steps and what is still to come. A partner's own
messages, and those sent to it, it sees whole; of what was sent to the others the owner learns that
they were asked or told, not under which identifier. What a partner asked for itself nobody else
sees.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from gateway import look
from gateway.directory import Known, Partners
from gateway.hub import Hub
from schemas.errors import Code, refused
from schemas.workflow import Dossier
from storage import timeline
from storage.engine import Connection
from storage.timeline import Mark, MarkKind


async def page(
    connection: Connection,
    hub: Hub,
    known: Known,
    number: str,
    *,
    before: str | None,
    limit: int,
) -> dict[str, Any]:
    """Who holds the dossier, and one page of marks: what is to come first, then the latest.

    A page may show fewer than `limit`; `next` says whether there are more.
    """
    found = await look.visible(connection, hub.registry, known, number)
    everyone = await hub.directory.look()
    marks = await timeline.marks(connection, number, place(before), limit)
    views = (_VIEWS[mark.kind](mark, known, found, everyone) for mark in marks)
    last = marks[-1] if len(marks) == limit else None
    return {
        "held_by": held_by(found, hub),
        "marks": [view for view in views if view is not None],
        "next": None if last is None else place_of(last),
    }


def held_by(found: Dossier, hub: Hub) -> list[dict[str, Any]]:
    """Whose turn it is, since when and until when: those whose answer is awaited, else the owner.

    Nobody holds a dossier in a final state.
    """
    procedure = hub.registry.procedures[found.procedure]
    shown = procedure.show(found, getattr(hub.settings, found.procedure))
    awaited = shown.get("awaited") or ()
    if awaited:
        return [
            {
                "role": one["role"],
                "answer": one["answer"],
                "since": one["since"],
                "until": one["by"],
                "overdue": one["overdue"],
            }
            for one in awaited
        ]
    state = procedure.state(found.state)
    if state is None or state.final:
        return []
    return [
        {
            "role": "owner",
            "answer": None,
            "since": found.changed_at.isoformat(),
            "until": None,
            "overdue": False,
        }
    ]


View = dict[str, Any]


def _at(mark: Mark) -> str:
    return mark.at.isoformat().replace("+00:00", "Z")


def _step(mark: Mark, _known: Known, _found: Dossier, _everyone: Partners) -> View | None:
    return {
        "kind": "step",
        "at": _at(mark),
        "event": mark.about,
        "actor": mark.party,
        "from": mark.from_state,
        "to": mark.state,
        "version": mark.version,
        "note": dict(mark.note),
    }


def _received(mark: Mark, known: Known, _found: Dossier, _everyone: Partners) -> View | None:
    """One's own message; what another's led to stands among the steps."""
    if mark.party != known.name:
        return None
    return {
        "kind": "received",
        "at": _at(mark),
        "type": mark.about,
        "from": mark.party,
        "id": mark.instance,
        "state": mark.state,
        "done_at": None if mark.done_at is None else mark.done_at.isoformat(),
        "link": f"/messages/{mark.instance}",
    }


def _sent(mark: Mark, known: Known, found: Dossier, everyone: Partners) -> View | None:
    view: View = {
        "kind": "sent",
        "at": _at(mark),
        "type": mark.about,
        "state": mark.state,
        "done_at": None if mark.done_at is None else mark.done_at.isoformat(),
    }
    if mark.party == known.name:
        own = {"to": known.name, "id": mark.instance, "stage": mark.stage}
        return view | own | {"attempts": mark.attempts, "link": f"/mailbox/{mark.instance}"}
    answers_its_receiver = mark.asker == mark.party
    if found.owner != known.name or answers_its_receiver:
        return None
    receiver = everyone.get(mark.party or "")
    return view | {"to_role": None if receiver is None else receiver.role.value}


def _mail(mark: Mark, known: Known, found: Dossier, _everyone: Partners) -> View | None:
    """An e-mail goes to the owner; the others learn that it went, not where."""
    view: View = {"kind": "mail", "at": _at(mark), "state": mark.state}
    if found.owner != known.name:
        return view
    done = None if mark.done_at is None else mark.done_at.isoformat()
    return view | {"subject": mark.about, "to": mark.party, "done_at": done}


def _timer(mark: Mark, _known: Known, _found: Dossier, _everyone: Partners) -> View | None:
    return {"kind": "timer", "at": _at(mark), "timer": mark.about.partition("|")[0]}


_VIEWS: dict[MarkKind, Callable[[Mark, Known, Dossier, Partners], View | None]] = {
    MarkKind.STEP: _step,
    MarkKind.RECEIVED: _received,
    MarkKind.SENT: _sent,
    MarkKind.MAIL: _mail,
    MarkKind.TIMER: _timer,
}


def place_of(mark: Mark) -> str:
    """Where a page ends with this mark, as `before` takes it."""
    return f"{_at(mark)}~{mark.kind}~{mark.id}"


def place(before: str | None) -> timeline.Place | None:
    """Where the page before ended; raises `Refused` for anything else."""
    if before is None:
        return None
    at, kind, key = (*before.split("~"), "", "")[:3]
    try:
        found = datetime.fromisoformat(at.replace(" ", "+")).astimezone(UTC)
        return found, MarkKind(kind), int(key[:18])
    except (ValueError, OverflowError):
        raise refused(
            Code.FILTER_UNREADABLE,
            name="before",
            found=before[:64],
            wanted_fr="le « next » de la page précédente",
            wanted_en="the “next” of the page before",
        ) from None
