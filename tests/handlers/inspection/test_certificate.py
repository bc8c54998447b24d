"""The certificate: previewed, issued once, revoked with or without replacement, made known."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from handlers.inspection.certificate_issue import NUMBER
from handlers.inspection.inspection import Inspection
from handlers.inspection.printed import printed
from schemas.bindings.certificate_issue_1 import Action, CertificateIssue
from schemas.bindings.certificate_notice_1 import Action as Happened
from schemas.bindings.certificate_notice_1 import CertificateNotice
from schemas.bindings.certificate_revocation_1 import CertificateRevocation
from schemas.envelope import Header, compose
from schemas.errors import Code
from schemas.parse import parse
from schemas.validate import validate
from schemas.workflow import Decision, Reply, Role, Taken
from tests.handlers import crafts
from tests.handlers.crafts import AGENT, DEFAULTS, EXPORTER, NOW, OTHER_AGENT, accepted, taken
from tests.handlers.deeds import after, decide, news, refused

PREVIEW = CertificateIssue(agent=AGENT, action=Action.PREVIEW)
ISSUE = CertificateIssue(agent=AGENT, action=Action.ISSUE)
NAMED = replace(ISSUE, certificate_number="CI-7")
REVOKE = CertificateRevocation(agent=AGENT, reason="Surface mal reportée", replacement=True)
REVOKE_FOR_GOOD = replace(REVOKE, replacement=False)
FIRST, SECOND = f"{crafts.NUMBER}/C1", f"{crafts.NUMBER}/C2"
DIGEST = "5f" * 32


def issued() -> Inspection:
    return after(accepted(), ISSUE)


def notices(replies: tuple[Reply, ...]) -> list[tuple[Any, CertificateNotice]]:
    return [
        (reply.to, reply.payload)
        for reply in replies
        if isinstance(reply.payload, CertificateNotice)
    ]


def sealed(inspection: Inspection, name: str = "certificate.pdf") -> tuple[Reply, ...]:
    return printed(crafts.dossier(inspection), name, DIGEST)


def test_a_preview_is_printed_and_changes_nothing_else() -> None:
    decision = decide(taken(), PREVIEW)
    assert (decision.finding, decision.reprint, decision.replies) == ("previewed", True, ())
    previewed = after(taken(), PREVIEW)
    assert replace(previewed, previewed="") == taken()
    assert previewed.previewed == AGENT


def test_a_certificate_closes_the_dossier_and_is_printed() -> None:
    shut = issued()
    assert (shut.state, shut.closed_at, shut.awaited) == ("closed", NOW, ())
    decision = decide(accepted(), ISSUE)
    assert decision.reprint
    assert news(decision) == {"certificate-issued": (EXPORTER, True)}
    (timer,) = decision.timers
    assert (timer.name, timer.due) == ("archive", NOW + timedelta(days=DEFAULTS.archive_days))


def test_the_hub_gives_a_number_where_the_agent_gives_none() -> None:
    assert [one.number for one in issued().certificates] == [FIRST]
    assert [one.number for one in after(accepted(), NAMED).certificates] == ["CI-7"]


def test_a_number_serves_once_in_the_whole_hub() -> None:
    assert decide(accepted(), NAMED).takes == (Taken(kind=NUMBER, value="CI-7"),)
    assert refused(accepted(), NAMED, numbers={(NUMBER, "CI-7"): "BM-2026-3"}) == [
        Code.CERTIFICATE_NUMBER_USED
    ]
    taken_away = {(NUMBER, FIRST): "BM-2026-3"}
    (certificate,) = after(accepted(), ISSUE, numbers=taken_away).certificates
    assert certificate.number == SECOND


def test_only_what_was_accepted_has_a_certificate() -> None:
    assert refused(taken(), ISSUE) == [Code.APPLICATION_NOT_ACCEPTED]
    for message in (ISSUE, PREVIEW):
        assert refused(crafts.closed(), message) == [Code.APPLICATION_NOT_ACCEPTED]


def test_a_dossier_has_one_certificate_at_a_time() -> None:
    for message in (ISSUE, PREVIEW):
        assert refused(issued(), message) == [Code.CERTIFICATE_IN_FORCE]


def test_a_revoked_certificate_is_replaced_by_one_that_names_it() -> None:
    revoked = after(issued(), REVOKE)
    assert (revoked.state, revoked.certificate) == ("closed", None)
    replaced = after(revoked, ISSUE)
    assert replaced.certificate is not None
    assert (replaced.certificate.number, replaced.certificate.replaces) == (SECOND, FIRST)
    assert decide(revoked, ISSUE).note["replaces"] == FIRST
    assert decide(revoked, PREVIEW).finding == "previewed"


def test_what_was_revoked_for_good_is_not_replaced() -> None:
    for message in (ISSUE, PREVIEW):
        assert refused(after(issued(), REVOKE_FOR_GOOD), message) == [Code.REPLACEMENT_NOT_FORESEEN]


def test_a_revocation_is_kept_printed_and_told_at_once() -> None:
    decision = decide(issued(), REVOKE)
    assert decision.reprint
    assert news(decision) == {"certificate-revoked": (EXPORTER, True)}
    told = notices(decision.replies)
    assert [to for to, _ in told] == [EXPORTER, Role.CUSTOMS]
    for _, notice in told:
        assert notice.action is Happened.REVOKED
        assert notice.revocation is not None
        assert (notice.revocation.reason, notice.revocation.replacement) == (REVOKE.reason, True)
    (one,) = after(issued(), REVOKE).certificates
    assert (one.revoked_at, one.revoked_by, one.to_be_replaced) == (NOW, AGENT, True)


def test_a_revocation_names_the_certificate_in_force() -> None:
    assert refused(issued(), replace(REVOKE, certificate_number=FIRST)) == []
    assert refused(issued(), replace(REVOKE, certificate_number=SECOND)) == [
        Code.OTHER_CERTIFICATE_IN_FORCE
    ]
    assert refused(after(issued(), REVOKE), REVOKE) == [Code.NO_CERTIFICATE_IN_FORCE]
    assert refused(crafts.closed(), REVOKE) == [Code.NO_CERTIFICATE_IN_FORCE]


def test_a_sealed_certificate_is_made_known_with_its_digest() -> None:
    told = notices(sealed(issued()))
    assert [to for to, _ in told] == [EXPORTER, Role.CUSTOMS]
    notice = told[0][1]
    assert (notice.action, notice.digest) == (Happened.ISSUED, DIGEST)
    assert (notice.certificate_number, notice.dossier_number) == (FIRST, crafts.NUMBER)
    assert [line.units for line in notice.line] == [12, 60]
    header = Header(
        sender="passavant",
        receiver=EXPORTER,
        type="CertificateNotice",
        version="1.0",
        instance="CertificateNotice-1",
        created=NOW,
        dossier=crafts.NUMBER,
        in_reply_to=None,
        expects_answer_by=None,
    )
    assert validate(parse(compose(header, notice))) == []


def test_a_replacement_is_made_known_as_such() -> None:
    replaced = after(after(issued(), REVOKE), ISSUE)
    notice = notices(sealed(replaced))[0][1]
    assert (notice.action, notice.replaces) == (Happened.REPLACED, FIRST)


@pytest.mark.parametrize(
    ("inspection", "name"),
    [
        (issued(), "preview.pdf"),
        (after(accepted(), PREVIEW), "certificate.pdf"),
        (after(issued(), REVOKE), "certificate.pdf"),
    ],
    ids=["preview", "none", "revoked"],
)
def test_no_other_paper_is_made_known(inspection: Inspection, name: str) -> None:
    assert sealed(inspection, name) == ()


@pytest.mark.parametrize("message", [PREVIEW, ISSUE])
def test_another_agent_issues_nothing(message: CertificateIssue) -> None:
    assert refused(accepted(), replace(message, agent=OTHER_AGENT)) == [Code.AGENT_NOT_ASSIGNEE]


def test_another_agent_revokes_nothing() -> None:
    assert refused(issued(), replace(REVOKE, agent=OTHER_AGENT)) == [Code.AGENT_NOT_ASSIGNEE]


def test_every_act_is_told_in_the_history() -> None:
    decisions: list[Decision] = [
        decide(accepted(), PREVIEW),
        decide(accepted(), ISSUE),
        decide(issued(), REVOKE),
    ]
    assert all(decision.note["agent"] == AGENT for decision in decisions)
