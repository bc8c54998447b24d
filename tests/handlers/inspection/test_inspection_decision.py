"""The answer to a request: explained where it is a refusal, final, and told to the exporter."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from handlers.awaiting import ask
from handlers.inspection.inspection import Complement, Inspection
from handlers.registry import registry
from schemas.bindings.inspection_decision_1 import Decision as Verdict
from schemas.bindings.inspection_decision_1 import InspectionDecision
from schemas.errors import Code
from schemas.workflow import Role
from tests.handlers.crafts import (
    AGENT,
    DEFAULTS,
    EXPORTER,
    NOW,
    OTHER_AGENT,
    SUPERVISOR,
    accepted,
    taken,
)
from tests.handlers.deeds import after, decide, findings, news, refused

ACCEPTED = InspectionDecision(agent=AGENT, decision=Verdict.ACCEPTED)
REFUSED = InspectionDecision(agent=AGENT, decision=Verdict.REFUSED, observation="Chaîne en coton")


def with_complements(*states: str) -> Inspection:
    complements = tuple(
        Complement(
            number=number, agent=AGENT, message="Colisage", sent_at=NOW, due=NOW, state=state
        )
        for number, state in enumerate(states, 1)
    )
    return replace(taken(), complements=complements)


def test_a_refusal_closes_the_dossier_which_is_archived_in_time() -> None:
    owed, _, _ = ask(taken(), "InspectionDecision", 1, role=Role.INSPECTION, now=NOW, days=10)
    shut = after(owed, REFUSED)
    assert (shut.state, shut.closed_at, shut.awaited) == ("closed", NOW, ())
    assert shut.answer is not None
    assert (shut.answer.decision, shut.answer.observation) == ("refused", "Chaîne en coton")
    (timer,) = decide(owed, REFUSED).timers
    assert (timer.name, timer.due) == ("archive", NOW + timedelta(days=DEFAULTS.archive_days))


def test_an_acceptance_leaves_the_dossier_open_for_its_certificate() -> None:
    open_still = after(taken(), ACCEPTED)
    assert (open_still.state, open_still.closed_at) == ("in_progress", None)
    assert [one.answer for one in open_still.awaited] == ["CertificateIssue"]


@pytest.mark.parametrize("message", [ACCEPTED, REFUSED])
def test_the_exporter_is_told_by_message_and_by_mail(message: InspectionDecision) -> None:
    told = {f"application-{message.decision.value}": (EXPORTER, True)}
    assert news(decide(taken(), message)) == told


def test_the_exporter_reads_why() -> None:
    letter = decide(taken(), REFUSED).replies[0].letter
    assert letter is not None
    assert "Chaîne en coton" in letter.fr


def test_a_refusal_says_why() -> None:
    (finding,) = findings(taken(), replace(REFUSED, observation=None))
    assert (finding.code, finding.path) == (Code.OBSERVATION_MISSING, "Observation")


@pytest.mark.parametrize("message", [ACCEPTED, REFUSED])
def test_an_answer_is_final(message: InspectionDecision) -> None:
    assert refused(accepted(), message) == [Code.ANSWER_FINAL]


def test_a_request_is_accepted_once_the_last_complement_is_validated() -> None:
    assert refused(with_complements("answered"), ACCEPTED) == [Code.COMPLEMENT_NOT_VALIDATED]
    assert refused(with_complements("validated", "answered"), ACCEPTED) == [
        Code.COMPLEMENT_NOT_VALIDATED
    ]
    assert refused(with_complements("answered", "validated"), ACCEPTED) == []


def test_a_request_whose_complement_does_not_suffice_is_refused() -> None:
    assert after(with_complements("answered"), REFUSED).state == "closed"


def test_no_answer_is_given_while_documents_or_an_inspection_are_awaited() -> None:
    moves = registry().procedures["inspection"].moves
    deciding = {state for state, event, _ in moves if event == "InspectionDecision"}
    assert deciding == {"in_progress"}


def test_another_agent_decides_nothing() -> None:
    for agent in (OTHER_AGENT, SUPERVISOR):
        assert refused(taken(), replace(ACCEPTED, agent=agent)) == [Code.AGENT_NOT_ASSIGNEE]
