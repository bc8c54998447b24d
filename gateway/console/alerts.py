"""The room Alerts: what needs somebody, by family; what it means and what to do about it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from urllib.parse import quote

from aiohttp import web

from gateway import attending
from gateway.acts.act import By, Overtaken, Rank
from gateway.alert_texts import TEXTS, Text, fields, title_of
from gateway.console.render import render
from gateway.console.visit import Access, Page, Visit, visit_of
from gateway.validity import severity
from schemas.errors import Code, refused
from storage import alerts
from storage.alerts import Alert
from storage.console_tables import ALERT_STATES

PAGE = 50
SHOWN = 200  #: alerts that stand, on one page
HOURS = (1, 4, 12, 24, 72, 168)
SHORTEST, LONGEST = 3, 500  #: characters of a reason
#: Facts that are instants.
INSTANTS = frozenset(("since", "until", "last"))
#: Facts that titles and links tell already.
TOLD = frozenset(("days", "percent", "first", "proposal", "verification"))
DONE = ("acknowledge", "mute", "unmute", "resolve")


async def overview(request: web.Request) -> web.Response:
    """`GET /console/alerts`: what stands, grouped by family; `?state=` lists one state."""
    visit = visit_of(request)
    state, before = request.query.get("state", ""), request.query.get("before", "")
    wrong = state not in ("", *ALERT_STATES) or not _is_number(before)
    if wrong:
        state = before = ""
    async with visit.hub.store.read() as conn:
        if state:
            from_id = int(before) if before else 2**62
            found = await alerts.listing(conn, state=state, before=from_id, limit=PAGE)
        else:
            found = await alerts.standing(conn, SHOWN)
    full = bool(state) and len(found) == PAGE
    return render(
        request,
        "alerts.html",
        status=400 if wrong else 200,
        wrong=wrong,
        state=state,
        states=ALERT_STATES,
        groups=_grouped(found),
        shown=_shown,
        many=not state and len(found) == SHOWN,
        said=request.query.get("said", ""),
        next=f"/console/alerts?state={state}&before={found[-1].id}" if full else None,
        first=f"/console/alerts?state={state}" if before else None,
    )


def _is_number(text: str) -> bool:
    return not text or (text.isascii() and text.isdigit() and len(text) <= 18)


def _grouped(found: Sequence[Alert]) -> list[tuple[Text, list[Alert]]]:
    """By family, the families with the worst first, and in each the worst first."""
    families: dict[str, list[Alert]] = {}
    for alert in found:
        families.setdefault(alert.family, []).append(alert)
    worst = {name: max(alert.level for alert in group) for name, group in families.items()}
    return [
        (TEXTS[name], sorted(families[name], key=lambda alert: (-alert.level, alert.subject)))
        for name in sorted(families, key=lambda name: (-worst[name], name))
    ]


class _Shown:
    """An alert as a page shows it."""

    def __init__(self, alert: Alert, now: datetime) -> None:
        self.alert = alert
        self.text = TEXTS[alert.family]
        self.title, self.fields = title_of(alert), fields(alert)
        self.severity = severity(alert.level)
        self.muted = alert.muted(now) and alert.state != "resolved"
        self.page = self.text.page % {"subject": quote(alert.subject, safe="")}
        self.facts = [
            (name, datetime.fromisoformat(value) if name in INSTANTS else value)
            for name, value in alert.facts.items()
            if name not in TOLD and value
        ]


def _shown(alert: Alert, visit: Visit) -> _Shown:
    return _Shown(alert, visit.hub.clock())


async def one(request: web.Request) -> web.Response:
    """`GET /console/alerts/{id}`."""
    return await _one(request)


async def _one(
    request: web.Request, *, problem: str = "", moved: Overtaken | None = None, reason: str = ""
) -> web.Response:
    visit, number = visit_of(request), request.match_info["id"]
    async with visit.hub.store.read() as conn:
        found = await alerts.find(conn, int(number)) if _is_number(number) else None
    if found is None:
        raise refused(Code.NOT_FOUND)
    return render(
        request,
        "alert.html",
        status=409 if moved else 400 if problem else 200,
        shown=_shown(found, visit),
        hours=HOURS,
        problem=problem,
        moved=moved,
        reason=reason,
    )


async def attend(request: web.Request) -> web.StreamResponse:
    """`POST /console/alerts/{id}/{done}`: with a reason; muting with a number of hours."""
    visit, form = visit_of(request), await request.post()
    number, done = request.match_info["id"], request.match_info["done"]
    reason, hours = str(form.get("reason", "")).strip(), str(form.get("hours", ""))
    if not SHORTEST <= len(reason) <= LONGEST:
        return await _one(request, problem="reason", reason=reason[:LONGEST])
    if done == "mute" and hours not in map(str, HOURS):
        return await _one(request, problem="hours", reason=reason)
    if not _is_number(number):
        raise refused(Code.NOT_FOUND)
    try:
        await _attend(visit, int(number), done, _by(visit, reason), hours)
    except Overtaken as moved:
        return await _one(request, moved=moved)
    return web.Response(status=303, headers={"Location": f"/console/alerts?said={done}"})


def _by(visit: Visit, reason: str) -> By:
    rank = Rank.of(visit.who.role)
    return By(name=visit.who.name, rank=rank, at=visit.hub.clock(), reason=reason)


async def _attend(visit: Visit, number: int, done: str, by: By, hours: str) -> None:
    match done:
        case "acknowledge":
            await attending.acknowledge(visit.hub, number, by)
        case "mute":
            await attending.mute(visit.hub, number, by.at + timedelta(hours=int(hours)), by)
        case "unmute":
            await attending.unmute(visit.hub, number, by)
        case _:
            await attending.resolve(visit.hub, number, by)


_ACTS = "|".join(DONE)

PAGES = (
    Page("GET", "/alerts", Access.VIEWER, overview),
    Page("GET", r"/alerts/{id:\d{1,18}}", Access.VIEWER, one),
    Page("POST", rf"/alerts/{{id:\d{{1,18}}}}/{{done:{_ACTS}}}", Access.OPERATOR, attend),
)
