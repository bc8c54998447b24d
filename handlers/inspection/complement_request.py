"""The agent asks the exporter for documents, changes what was asked, or validates the answer.

A request is sent, then answered, then validated; it may be changed until it is answered. Once its
deadline has passed without an answer, validating it takes the dossier back to the agent as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from handlers.awaiting import answered, ask_by
from handlers.days import today
from handlers.inspection import lists
from handlers.inspection.inspection import Complement, Flag, Inspection
from handlers.inspection.notices import tell
from handlers.inspection.processing import by_assignee, form_open, owed, paused, text_given
from handlers.lists import unknown
from handlers.registry import Context, handles
from schemas.bindings.complement_request_1 import Action, ComplementRequest
from schemas.errors import Code, Finding, Refused
from schemas.workflow import Decision, Dossier, Move, Role, stays

EVENT = "ComplementRequest"
REPLY = "ComplementReply"

MOVES = (
    Move("inspection", "in_progress", EVENT, "sent", "awaiting_complement"),
    *stays("inspection", EVENT, "changed", "awaiting_complement"),
    *stays("inspection", EVENT, "validated", "in_progress", "awaiting_complement"),
    Move("inspection", "awaiting_complement", EVENT, "unanswered", "in_progress"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A message about a complement, the dossier it is about, and the moment it is judged at."""

    message: ComplementRequest
    inspection: Inspection
    now: datetime

    @property
    def number(self) -> int:
        """The complement it names: the latest where it names none."""
        return self.message.complement_number or len(self.inspection.complements) or 1

    @property
    def complement(self) -> Complement | None:
        """The complement it names."""
        known = self.inspection.complements
        return next((one for one in known if one.number == self.number), None)

    @property
    def deadline(self) -> datetime | None:
        """When the message says that the answer is due."""
        written = self.message.deadline
        return None if written is None else written.to_datetime().astimezone(UTC)


Rule = Callable[[Request], Iterator[Finding]]


@handles("ComplementRequest", procedure="inspection", roles={Role.INSPECTION})
def complement_request(message: ComplementRequest, dossier: Dossier, context: Context) -> Decision:
    """Carry out what the agent does with a request for documents."""
    inspection = Inspection.of(dossier)
    request = Request(message=message, inspection=inspection, now=context.now)
    wrong = by_assignee(message.agent, inspection, context)
    wrong += (finding for rule in RULES[message.action] for finding in rule(request))
    if wrong:
        raise Refused(*wrong)
    return ACTIONS[message.action](request, context)


def _sent(request: Request, context: Context) -> Decision:
    latest = timedelta(days=context.settings.complement_days)
    sent = Complement(
        number=len(request.inspection.complements) + 1,
        agent=request.message.agent,
        message=request.message.message or "",
        sent_at=request.now,
        due=request.deadline or request.now + latest,
        flags=_flags(request.message),
    )
    waiting = replace(paused(request.inspection), state="awaiting_complement")
    return _asked(waiting, sent, "sent", "complement-requested", context)


def _changed(request: Request, context: Context) -> Decision:
    changed = replace(
        _named(request),
        agent=request.message.agent,
        message=request.message.message or "",
        due=request.deadline or _named(request).due,
        flags=_flags(request.message),
    )
    return _asked(request.inspection, changed, "changed", "complement-changed", context)


def _asked(
    inspection: Inspection, complement: Complement, finding: str, code: str, context: Context
) -> Decision:
    """The exporter is told what is asked, and owes an answer by the day that was set."""
    inspection = inspection.with_complement(complement)
    waiting, awaited, timer = ask_by(
        inspection,
        REPLY,
        complement.number,
        role=Role.DECLARANT,
        now=context.now,
        by=complement.due,
    )
    news = tell(waiting, code, due=complement.due, message=complement.message)
    return Decision(
        finding=finding,
        content=waiting.content(),
        replies=(replace(news, expects_answer_by=awaited.by),),
        timers=(timer,),
        note={"agent": complement.agent, "complement": str(complement.number)},
    )


def _validated(request: Request, context: Context) -> Decision:
    if _named(request).state == "sent":
        return _unanswered(request, context)
    validated = request.inspection.with_complement(replace(_named(request), state="validated"))
    return Decision(
        finding="validated",
        content=validated.content(),
        replies=(tell(validated, "complement-validated"),),
        note={"agent": request.message.agent, "complement": str(request.number)},
    )


def _unanswered(request: Request, context: Context) -> Decision:
    """The exporter let the deadline pass: the agent goes on with what there is."""
    named = replace(_named(request), state="validated")
    known = replace(answered(request.inspection, REPLY), state="in_progress")
    known, timer = owed(known.with_complement(named), context)
    return Decision(
        finding="unanswered",
        content=known.content(),
        replies=(tell(known, "complement-validated"),),
        timers=(timer,),
        note={"agent": request.message.agent, "complement": str(request.number)},
    )


def _named(request: Request) -> Complement:
    """The complement that the rules have seen to be there."""
    if request.complement is None:
        raise ValueError(f"there is no complement {request.number}")
    return request.complement


def _flags(message: ComplementRequest) -> tuple[Flag, ...]:
    return tuple(
        Flag(kind=one.type_value, filename=one.file_name or "", remark=one.remark or "")
        for one in message.flagged_document
    )


def answer_open(request: Request) -> Iterator[Finding]:
    """The dossier is not decided on."""
    yield from form_open(request.inspection)


def none_pending(request: Request) -> Iterator[Finding]:
    """One request at a time: a second one would say what the first should have said."""
    for one in request.inspection.complements:
        if one.state == "sent":
            yield _finding(Code.COMPLEMENT_PENDING, "Action", request, number=one.number)


def named_known(request: Request) -> Iterator[Finding]:
    """The dossier has the request that is named."""
    if request.complement is None:
        yield _of_named(Code.COMPLEMENT_UNKNOWN, request, found=request.number)


def named_unanswered(request: Request) -> Iterator[Finding]:
    """What the exporter has answered stays as it was asked."""
    if request.complement is not None and request.complement.state != "sent":
        yield _of_named(Code.COMPLEMENT_ANSWERED, request, number=request.number)


def named_answered(request: Request) -> Iterator[Finding]:
    """There is an answer to validate, or none came in time; and it is not validated yet."""
    named = request.complement
    if named is None or (named.state == "sent" and named.due <= request.now):
        return
    codes = {"sent": Code.COMPLEMENT_PENDING, "validated": Code.COMPLEMENT_VALIDATED}
    if (state := named.state) in codes:
        yield _of_named(codes[state], request, number=request.number)


def message_given(request: Request) -> Iterator[Finding]:
    """The exporter reads what is missing."""
    yield from text_given("Message", request.message.message)


def flags_known(request: Request) -> Iterator[Finding]:
    """A flagged document is of a type of the list, and its file was filed under that type."""
    filed = {(one.kind, one.filename) for one in request.inspection.documents}
    for position, flag in enumerate(request.message.flagged_document, 1):
        path, kind = f"FlaggedDocument[{position}]", flag.type_value
        code, day = Code.DOCUMENT_TYPE_UNKNOWN, today(request.now)
        yield from unknown(lists.DOCUMENTS, kind, day, code, f"{path}/Type")
        if flag.file_name is not None and (kind, flag.file_name) not in filed:
            yield Finding(
                code=Code.FLAGGED_FILE_UNKNOWN,
                path=f"{path}/FileName",
                value=flag.file_name,
                fields={"found": flag.file_name},
            )


def deadline_ahead(request: Request) -> Iterator[Finding]:
    """The exporter has time to answer."""
    if request.deadline is not None and request.deadline <= request.now:
        found = str(request.message.deadline)
        yield Finding(
            code=Code.DEADLINE_PAST, path="Deadline", value=found, fields={"found": found}
        )


def _of_named(code: Code, request: Request, **fields: object) -> Finding:
    """A finding on the complement that is named, at its number or else at the action."""
    path = "Action" if request.message.complement_number is None else "ComplementNumber"
    return _finding(code, path, request, **fields)


def _finding(code: Code, path: str, request: Request, **fields: object) -> Finding:
    value = request.message.action.value if path == "Action" else str(request.number)
    return Finding(code=code, path=path, value=value, fields=fields)


_ASKED: tuple[Rule, ...] = (message_given, flags_known, deadline_ahead)
RULES: dict[Action, tuple[Rule, ...]] = {
    Action.SEND: (answer_open, none_pending, *_ASKED),
    Action.CHANGE: (answer_open, named_known, named_unanswered, *_ASKED),
    Action.VALIDATE: (answer_open, named_known, named_answered),
}
ACTIONS: dict[Action, Callable[[Request, Context], Decision]] = {
    Action.SEND: _sent,
    Action.CHANGE: _changed,
    Action.VALIDATE: _validated,
}
