"""The room Acts: what an act would do, doing it, and agreeing to what somebody else proposed.

What is confirmed is what was shown: the form carries the act itself, with its targets as they were
seen, and nothing is done to a target that moved on since.
"""

from __future__ import annotations

from urllib.parse import urlencode

from aiohttp import web

from gateway.acts import doing
from gateway.acts.act import Act, By, Impossible, NotAllowed, Overtaken, Preview
from gateway.acts.registry import ACTS, act_of
from gateway.console.render import render
from gateway.console.visit import Access, Page, Visit, visit_of
from schemas.errors import Code, refused
from storage import acts, proposals

PAGE = 50
WAITING = 100  #: open proposals on the page
SHORTEST, LONGEST = 3, 500  #: characters of a reason


async def waiting_and_done(request: web.Request) -> web.Response:
    """`GET /console/acts`: what waits for a second person, then what operators did."""
    visit = visit_of(request)
    before = request.query.get("before", "")
    wrong = bool(before) and not (before.isascii() and before.isdigit() and len(before) <= 18)
    async with visit.hub.store.read() as conn:
        waiting = await proposals.listing(conn, state="open", limit=WAITING)
        from_id = 2**62 if wrong or not before else int(before)
        done = await acts.latest(conn, before=from_id, limit=PAGE)
    now = visit.hub.clock()
    return render(
        request,
        "acts.html",
        status=400 if wrong else 200,
        wrong=wrong,
        waiting=[one for one in waiting if one.expires_at > now],
        done=done,
        titles=_titles(),
        said=request.query.get("said", ""),
        number=request.query.get("number", "")[:18],
        next=f"/console/acts?before={done[-1].id}" if len(done) == PAGE else None,
        first="/console/acts" if before and not wrong else None,
    )


def _titles() -> dict[str, str]:
    return {kind: act.title for kind, act in ACTS.items()}


async def preview(request: web.Request) -> web.Response:
    """`GET /console/acts/new?act=KIND&…`: what would happen."""
    visit = visit_of(request)
    try:
        kind = act_of(request.query.get("act", ""))
        await visit.hub.directory.look()
        async with visit.hub.store.read() as conn:
            act = await kind.from_query(request.query, visit.hub, conn)
        shown = await doing.preview(visit.hub, act)
    except (Impossible, Overtaken) as problem:
        return _not_done(request, problem, request.query_string)
    return _shown(request, act, shown, query=request.query_string)


def _shown(
    request: web.Request,
    act: Act,
    shown: Preview,
    *,
    query: str,
    reason: str = "",
    wrong: bool = False,
) -> web.Response:
    visit = visit_of(request)
    return render(
        request,
        "act.html",
        status=400 if wrong else 200,
        act=act,
        shown=shown,
        what=act.to_json(),
        query=query,
        reason=reason,
        wrong=wrong,
        allowed=_rank_fits(act, visit),
    )


def _rank_fits(act: Act, visit: Visit) -> bool:
    return visit.rank is not None and visit.rank >= act.needs


def _not_done(
    request: web.Request, problem: Impossible | Overtaken | NotAllowed, query: str
) -> web.Response:
    """Nothing was done: what is in the way, or what changed, and the way on."""
    return render(
        request,
        "act_not_done.html",
        status=403 if isinstance(problem, NotAllowed) else 409,
        changes=problem.changes if isinstance(problem, Overtaken) else (),
        impossible=problem if isinstance(problem, Impossible) else None,
        needs=problem.needs if isinstance(problem, NotAllowed) else None,
        again=f"/console/acts/new?{query}" if query else None,
    )


async def confirm(request: web.Request) -> web.StreamResponse:
    """`POST /console/acts`: do what was shown, or propose it."""
    visit, form = visit_of(request), await request.post()
    reason, query = str(form.get("reason", "")).strip(), str(form.get("query", ""))
    try:
        act = act_of(str(form.get("act", ""))).from_json(str(form.get("what", "")))
        if not SHORTEST <= len(reason) <= LONGEST:
            shown = await doing.preview(visit.hub, act)
            return _shown(request, act, shown, query=query, reason=reason[:LONGEST], wrong=True)
        done = await doing.perform(visit.hub, act, _by(visit, reason))
    except (Impossible, Overtaken, NotAllowed) as problem:
        return _not_done(request, problem, query)
    except ValueError as problem:  # the hidden field is not what the page wrote there
        raise web.HTTPBadRequest from problem
    if done.proposal is not None:
        return _see(said="proposed", number=done.proposal)
    return _see(said="done", number=len(done.carried))


def _by(visit: Visit, reason: str) -> By:
    if visit.rank is None:
        raise LookupError("nobody is signed in")
    return By(name=visit.who.name, rank=visit.rank, at=visit.hub.clock(), reason=reason)


def _see(**said: object) -> web.StreamResponse:
    """Go and look: a reload of the answer does nothing again."""
    return web.Response(status=303, headers={"Location": f"/console/acts?{urlencode(said)}"})


async def one_proposal(request: web.Request) -> web.Response:
    """`GET /console/acts/{number}`: a proposal, and what it would do now."""
    visit, number = visit_of(request), int(request.match_info["number"])
    async with visit.hub.store.read() as conn:
        found = await proposals.find(conn, number)
    if found is None:
        raise refused(Code.NOT_FOUND)
    open_now = found.state == "open" and found.expires_at > visit.hub.clock()
    shown, act, moved, impossible = None, None, None, None
    if open_now:
        try:
            act = act_of(found.kind).from_json(found.act)
            shown = await doing.preview(visit.hub, act)
        except Overtaken as overtaken:
            moved = overtaken
        except Impossible as problem:
            impossible = problem
    return render(
        request,
        "proposal.html",
        found=found,
        open_now=open_now,
        title=_titles().get(found.kind, found.kind),
        shown=shown,
        changes=moved.changes if moved else (),
        impossible=impossible,
        mine=found.proposed_by == visit.who.name,
        allowed=act is not None and _rank_fits(act, visit),
    )


async def decide(request: web.Request) -> web.StreamResponse:
    """`POST /console/acts/{number}/approve|reject|withdraw`."""
    visit, form = visit_of(request), await request.post()
    number, verb = int(request.match_info["number"]), request.match_info["verb"]
    reason = str(form.get("reason", "")).strip()[:LONGEST]
    if verb == "reject" and len(reason) < SHORTEST:
        return _see_proposal(number)
    by = _by(visit, reason)
    try:
        await _DECISIONS[verb](visit.hub, number, by)
    except (Impossible, Overtaken, NotAllowed) as problem:
        return _not_done(request, problem, "")
    return _see(said=verb, number=number)


_DECISIONS = {
    "approve": doing.approve,
    "reject": doing.reject,
    "withdraw": doing.withdraw,
}


def _see_proposal(number: int) -> web.StreamResponse:
    return web.Response(status=303, headers={"Location": f"/console/acts/{number}"})


_NUMBER = r"/acts/{number:\d{1,18}}"

PAGES = (
    Page("GET", "/acts", Access.VIEWER, waiting_and_done),
    Page("GET", "/acts/new", Access.VIEWER, preview),
    Page("POST", "/acts", Access.OPERATOR, confirm),
    Page("GET", _NUMBER, Access.VIEWER, one_proposal),
    Page("POST", _NUMBER + r"/{verb:approve|reject|withdraw}", Access.OPERATOR, decide),
)
