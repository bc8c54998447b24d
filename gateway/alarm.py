"""Who is told of an alert: e-mails and a webhook, in the transaction that opens or ends it.

So an alert is told exactly once, or the look that found it left no trace and finds it again. What
is muted is kept and not told.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

from gateway.alert_texts import Said, said
from gateway.console.languages import LANGUAGES
from gateway.hub import Hub, reply_id
from gateway.mail import compose
from gateway.validity import severity
from schemas.workflow import Letter
from storage import mails, queue
from storage.alerts import Alert
from storage.engine import Connection
from storage.queue import Kind, NewJob


class Event(StrEnum):
    """What became of an alert."""

    OPENED = "opened"
    RAISED = "raised"
    RESOLVED = "resolved"


#: What each event is called in a subject line, in French and in Arabic.
_EVENTS = {
    Event.OPENED: ("Alerte", "تنبيه"),
    Event.RAISED: ("Alerte aggravée", "تفاقم التنبيه"),
    Event.RESOLVED: ("Alerte terminée", "انتهى التنبيه"),
}

Happened = Sequence[tuple[Event, Alert]]


async def tell(tx: Connection, hub: Hub, happened: Happened, now: datetime) -> bool:
    """Store the e-mails and notices of these alerts with their jobs; whether there were any."""
    audible = [(event, alert) for event, alert in happened if not alert.muted(now)]
    letters = [mail for event, alert in audible for mail in _mails(hub, event, alert, now)]
    notices = [_notice(hub, event, alert, now) for event, alert in audible]
    if not hub.settings.alerts.webhook_url:
        notices = []
    await mails.store(tx, letters)
    if notices:
        await queue.enqueue(tx, notices, now)
    return bool(letters or notices)


def address(hub: Hub, alert: Alert) -> str:
    """The alert's page in the console."""
    return f"{hub.settings.hub.public_url.rstrip('/')}/console/alerts/{alert.id}"


def _notice(hub: Hub, event: Event, alert: Alert, now: datetime) -> NewJob:
    """The job that tells the webhook: its body is made once and is the same on every try."""
    body = document(hub, event, alert, now)
    return NewJob(
        kind=Kind.NOTIFY,
        lane=f"alert/{alert.id}",
        subject=alert.id,
        due=now,
        about=json.dumps(body, ensure_ascii=False, separators=(",", ":")),
    )


def document(hub: Hub, event: Event, alert: Alert, now: datetime) -> dict[str, object]:
    """What the webhook is told, as JSON."""
    texts = {language: said(alert, language) for language in LANGUAGES}
    return {
        "hub": hub.name,
        "alert": alert.id,
        "event": event.value,
        "at": now.isoformat(),
        "cause": alert.cause,
        "family": alert.family,
        "level": alert.level,
        "severity": severity(alert.level),
        "state": alert.state,
        "subject": alert.subject,
        "count": alert.count,
        "facts": dict(alert.facts),
        "opened_at": alert.opened_at.isoformat(),
        "texts": {
            language: {"title": text.title, "meaning": text.meaning, "repair": text.repair}
            for language, text in texts.items()
        },
        "link": address(hub, alert),
    }


def _mails(hub: Hub, event: Event, alert: Alert, now: datetime) -> list[mails.Mail]:
    if not hub.settings.mail.server:
        return []
    fr, ar = said(alert, "fr"), said(alert, "ar")
    what = f"{alert.id}/{event}/{now.isoformat()}"
    return [
        compose(
            Letter(
                to=to,
                subject_fr=f"{_EVENTS[event][0]} : {fr.title}",
                subject_ar=f"{_EVENTS[event][1]}: {ar.title}",
                fr=_told(event, fr, hub, alert),
                ar=_told(event, ar, hub, alert),
            ),
            instance=reply_id("alert", what, to),
            dossier=None,
            hub=hub,
            now=now,
        )
        for to in hub.settings.alerts.mail_to
    ]


def _told(event: Event, text: Said, hub: Hub, alert: Alert) -> str:
    lines = [text.title, address(hub, alert)]
    if event is not Event.RESOLVED:
        lines[1:1] = [text.meaning, text.repair]
    return "\n".join(lines)
