from __future__ import annotations

from datetime import timedelta

from storage import dossiers, mails, messages, outgoing, timeline
from storage.engine import Store
from storage.queue import Kind, NewJob
from storage.timeline import Mark, MarkKind
from tests.storage import values
from tests.storage.values import NOW, change, put

NUMBER = "LE-2026-000001"
LATER = NOW + timedelta(days=30)


async def filled(store: Store) -> None:
    """One dossier with a mark of each kind, most at the same instant, and a neighbour."""
    async with store.write() as tx:
        await messages.accept(
            tx,
            [values.received("m-1", dossier=NUMBER), values.received("m-2", dossier="LE-2")],
        )
        for number in (NUMBER, f"{NUMBER}1"):
            await dossiers.apply(tx, [change(number, note={"raison": "créé"})])
        sent = [values.outgoing("o-1", dossier=NUMBER), values.outgoing("o-2", dossier="LE-2")]
        await outgoing.store(tx, sent)
        await tx.run_sync(mails.write, [values.mail(), values.mail("x", dossier="LE-2")])
    timers = [f"{NUMBER}|validity|", f"{NUMBER}1|validity|", f"{NUMBER}|bank|A-1"]
    await put(
        store, *(NewJob(kind=Kind.TIMER, lane=None, subject=0, due=LATER, about=t) for t in timers)
    )
    render = NewJob(kind=Kind.RENDER, lane=None, subject=0, due=NOW, about=f"{NUMBER}|")
    await put(store, render)


async def pages(store: Store, size: int) -> list[Mark]:
    found: list[Mark] = []
    before: timeline.Place | None = None
    async with store.read() as connection:
        while page := await timeline.marks(connection, NUMBER, before, size):
            assert len(page) <= size
            found += page
            before = (page[-1].at, page[-1].kind, page[-1].id)
    return found


async def test_everything_about_a_dossier_stands_in_one_list(store: Store) -> None:
    await filled(store)
    found = await pages(store, 50)
    assert [(mark.kind, mark.about, mark.party, mark.state) for mark in found] == [
        (MarkKind.TIMER, "bank|A-1", None, "ready"),
        (MarkKind.TIMER, "validity|", None, "ready"),
        (MarkKind.STEP, "LicenceApplication", "exporter", "saved"),
        (MarkKind.SENT, "Acknowledgement", "exporter", "mailbox"),
        (MarkKind.RECEIVED, "LicenceApplication", "exporter", "received"),
        (MarkKind.MAIL, "Votre licence", "export@atlas.example", "queued"),
    ]
    assert found[0].at == LATER
    assert found[2].note == {"raison": "créé"}
    assert (found[2].at, found[2].from_state, found[2].version) == (NOW, None, 1)


async def test_pages_of_any_size_leave_nothing_out_and_say_nothing_twice(store: Store) -> None:
    await filled(store)
    whole = await pages(store, 50)
    for size in (1, 2, 3, 4):
        assert await pages(store, size) == whole
