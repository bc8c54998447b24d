"""Who owes an answer: asked for with a deadline, struck out when it comes, missed when it does not.

So that nothing stays silent: when the deadline passes, the procedure says who did not answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import Field, dataclass, replace
from datetime import datetime, timedelta
from typing import Any, ClassVar, Protocol, TypeVar

from handlers.registry import Ring
from schemas.workflow import Role, Timer

NO_ANSWER = "no-answer"  #: the timer, and the notice


@dataclass(frozen=True, slots=True, kw_only=True)
class Awaited:
    """An answer that somebody owes: which message, about what, from whom, since when, by when."""

    answer: str  #: the type of the message that answers
    key: str  #: which of several, in words without blanks
    role: str
    since: datetime
    by: datetime
    overdue: bool = False  #: everybody was told


class Waiting(Protocol):
    """A dossier's value that keeps what it waits for."""

    __dataclass_fields__: ClassVar[dict[str, Field[Any]]]

    @property
    def awaited(self) -> tuple[Awaited, ...]:
        """What is owed."""


Case = TypeVar("Case", bound=Waiting)


def ask(
    case: Case, answer: str, key: object, *, role: Role, now: datetime, days: int
) -> tuple[Case, Awaited, Timer]:
    """The case that waits for an answer, what it waits for, and the timer of its deadline."""
    return ask_by(case, answer, key, role=role, now=now, by=now + timedelta(days=days))


def ask_by(
    case: Case, answer: str, key: object, *, role: Role, now: datetime, by: datetime
) -> tuple[Case, Awaited, Timer]:
    """The same with a moment by which the answer is due."""
    awaited = Awaited(answer=answer, key=str(key), role=role.value, since=now, by=by)
    waiting = _waits_for(case, (*answered(case, answer, key).awaited, awaited))
    return waiting, awaited, Timer(name=NO_ANSWER, due=by, about=f"{answer} {awaited.key}")


def answered(case: Case, answer: str, key: object | None = None) -> Case:
    """The case that waits no longer for this answer; without a key, for none of that type."""
    return _waits_for(
        case,
        tuple(
            one
            for one in case.awaited
            if one.answer != answer or (key is not None and one.key != str(key))
        ),
    )


def awaits(case: Case, answer: str, key: object | None = None) -> bool:
    """Whether the case waits for this answer."""
    return answered(case, answer, key).awaited != case.awaited


def overdue(case: Case, ring: Ring) -> tuple[Case, Awaited] | None:
    """The case whose answer is noticed to be overdue, and that answer; once, else None."""
    late = next((one for one in case.awaited if f"{one.answer} {one.key}" == ring.about), None)
    if late is None or late.overdue or ring.now < late.by:
        return None
    noticed = (replace(one, overdue=one is late or one.overdue) for one in case.awaited)
    return _waits_for(case, tuple(noticed)), late


def owed(late: Awaited) -> Mapping[str, str]:
    """An overdue answer as the dossier's history keeps it."""
    return {"answer": late.answer, "role": late.role}


def _waits_for(case: Case, awaited: tuple[Awaited, ...]) -> Case:
    return replace(case, awaited=awaited)
