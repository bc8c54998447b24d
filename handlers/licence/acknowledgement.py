"""A partner's signed answer to what the hub sent it: noted, and for a recall the last word."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from handlers.licence import STATES, expiry
from handlers.licence.awaiting import answered
from handlers.licence.customs_notice import ACKNOWLEDGEMENT, owed_for
from handlers.licence.licence import Licence
from handlers.licence.notices import notify, tell
from handlers.registry import Context, handles
from schemas.bindings.acknowledgement_1 import Acknowledgement, Stage, StatusName
from schemas.bindings.common_1 import LanguageCode
from schemas.bindings.licence_notice_1 import Action, LicenceNotice
from schemas.errors import Code, Finding, Refused
from schemas.workflow import Decision, Dossier, Move, Reply, Role, Sent, stays

EVENT = "Acknowledgement"

MOVES = (
    Move("licence", "cancelling", EVENT, "recalled", "cancelled"),
    Move("licence", "cancelling", EVENT, "kept", "granted"),
    Move("licence", "cancelling", EVENT, "lapsed", "expired"),
    *stays("licence", EVENT, "noted", *(state.name for state in STATES)),
)

#: What may be said at each stage: a receipt says nothing of the content's fate.
_STATUSES = {
    Stage.RECEIPT: (StatusName.RECEIVED, StatusName.REJECTED),
    Stage.OUTCOME: (
        StatusName.ACCEPTED,
        StatusName.ACCEPTED_WITH_WARNINGS,
        StatusName.REFUSED,
    ),
}
_NO = (StatusName.REJECTED, StatusName.REFUSED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An acknowledgement with what it answers, where the hub sent that, and where it arrived."""

    message: Acknowledgement
    sent: Sent | None
    licence: Licence
    context: Context

    @property
    def notice(self) -> LicenceNotice | None:
        """The notice to customs that is answered, if it is one."""
        payload = None if self.sent is None else self.sent.payload
        return payload if isinstance(payload, LicenceNotice) else None

    @property
    def final(self) -> bool:
        """Whether the partner has judged the content; a mere receipt has not."""
        return self.message.status.value is not StatusName.RECEIVED


Rule = Callable[[Answer], Iterator[Finding]]


@handles(
    "Acknowledgement",
    procedure="licence",
    roles={Role.MINISTRY, Role.CUSTOMS, Role.EXCHANGE_OFFICE, Role.BANK},
)
def acknowledgement(message: Acknowledgement, dossier: Dossier, context: Context) -> Decision:
    """Note what a partner says of a message it got; customs' word on a recall is carried out."""
    answer = Answer(
        message=message,
        sent=context.read.sent(message.answers.instance_identifier or ""),
        licence=Licence.of(dossier),
        context=context,
    )
    findings = [finding for rule in RULES for finding in rule(answer)]
    if findings:
        raise Refused(*findings)
    decision = _noted(answer) if answer.notice is None else _of_notice(answer, answer.notice)
    return replace(decision, note=_facts(answer))


def _facts(answer: Answer) -> dict[str, str]:
    said, status = answer.message.answers, answer.message.status.value
    return {
        "answers": said.instance_identifier or "",
        "type": "" if answer.sent is None else answer.sent.type,
        "status": status.value,
    }


def _noted(answer: Answer) -> Decision:
    return Decision(finding="noted", content=answer.licence.content())


def _of_notice(answer: Answer, notice: LicenceNotice) -> Decision:
    """A receipt shows that customs has a notice; a recall waits for customs' verdict."""
    recall = notice.action is Action.CANCEL
    if recall and not answer.final:
        return _noted(answer)
    heard = replace(answer, licence=answered(answer.licence, ACKNOWLEDGEMENT, owed_for(notice)))
    refused = answer.message.status.value in _NO
    if recall and answer.licence.state == "cancelling":
        return _not_recalled(heard) if refused else _recalled(heard)
    noted = _noted(heard)
    return replace(noted, replies=(_told_ministry(heard, notice),)) if refused else noted


def _recalled(answer: Answer) -> Decision:
    licence = replace(answer.licence, state="cancelled")
    return Decision(
        finding="recalled",
        content=licence.content(),
        replies=(tell(licence, "licence-cancelled", reason=licence.reason),),
        reprint=True,
    )


def _not_recalled(answer: Answer) -> Decision:
    """The licence is what it was, unless its validity has ended in the meantime."""
    settings, now = answer.context.settings, answer.context.now
    licence = replace(answer.licence, reason="")
    told = tell(licence, "cancellation-refused", reason=_errors(answer, LanguageCode.FR))
    if expiry.over(licence, now):
        ended = expiry.end(licence, settings, now)
        return Decision(
            finding="lapsed",
            content=ended.licence.content(),
            replies=(told, *ended.replies),
            timers=ended.timers,
            reprint=True,
        )
    return Decision(finding="kept", content=licence.content(), replies=(told,), reprint=True)


def _told_ministry(answer: Answer, notice: LicenceNotice) -> Reply:
    """Customs does not take a notice: who granted the licence must know."""
    number, action = answer.licence.number, notice.action.value
    return notify(
        Role.MINISTRY,
        answer.licence,
        "notice-refused",
        fr=f"La douane refuse l'avis « {action} » de la licence {number}."
        f" {_errors(answer, LanguageCode.FR)}",
        en=f"Customs refuses the notice “{action}” of licence {number}."
        f" {_errors(answer, LanguageCode.EN)}",
    )


def _errors(answer: Answer, language: LanguageCode) -> str:
    """What the partner finds wrong, in its own words."""
    return " ".join(
        text.value for error in answer.message.error for text in error.text if text.lang is language
    )


def answers_what_was_sent(answer: Answer) -> Iterator[Finding]:
    """It names a message that the hub sent to this partner."""
    if answer.sent is None or answer.sent.receiver != answer.context.sender:
        found = answer.message.answers.instance_identifier
        yield Finding(
            code=Code.ANSWERED_UNKNOWN,
            path="Answers" if found is None else "Answers/InstanceIdentifier",
            value=found,
            fields={"found": found or "—"},
        )


def answers_on_this_licence(answer: Answer) -> Iterator[Finding]:
    """That message was about this licence."""
    mine, number = _received(answer), answer.licence.number
    if mine is not None and mine.dossier != number:
        yield Finding(
            code=Code.ANSWERED_OTHER_DOSSIER,
            path="Answers/InstanceIdentifier",
            value=mine.instance,
            fields={"found": mine.instance, "dossier": number},
        )


def answers_the_same_content(answer: Answer) -> Iterator[Finding]:
    """The partner read what the hub signed."""
    sent, found = _received(answer), answer.message.answers.digest
    if sent is not None and found != sent.digest:
        yield Finding(
            code=Code.ANSWERED_OTHER_CONTENT,
            path="Answers" if found is None else "Answers/Digest",
            value=found,
            fields={"found": found or "—", "expected": sent.digest},
        )


def _received(answer: Answer) -> Sent | None:
    """What the sender is known to have got; of another's messages nothing is said."""
    sent = answer.sent
    return sent if sent is not None and sent.receiver == answer.context.sender else None


def status_of_its_stage(answer: Answer) -> Iterator[Finding]:
    """A receipt does not accept, and an outcome does more than receive."""
    stage, status = answer.message.stage, answer.message.status.value
    if status not in _STATUSES[stage]:
        yield Finding(
            code=Code.STATUS_NOT_OF_STAGE,
            path="Status",
            value=status.value,
            fields={
                "found": status.value,
                "stage": stage.value,
                "known": ", ".join(one.value for one in _STATUSES[stage]),
            },
        )


RULES: tuple[Rule, ...] = (
    answers_what_was_sent,
    answers_on_this_licence,
    answers_the_same_content,
    status_of_its_stage,
)
