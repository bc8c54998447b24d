"""Sends the mails: each is handed to the SMTP server once, and never again after it may have been.

SMTP has no receipt to ask for again. Until the content is sent, any failure is tried again; from
then on only the server's own answer says what became of it, and where there is none the mail is
doubtful: a person decides. The notice itself went as a signed message in any case.
"""

from __future__ import annotations

import asyncio
import hashlib
import ssl
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cached_property

import structlog
from aiosmtplib import SMTP, SMTPException, SMTPResponseException
from aiosmtplib.errors import SMTPDataError, SMTPRecipientRefused, SMTPSenderRefused

from gateway.config import Settings
from gateway.hub import Hub
from gateway.mail import host, one_address, one_line
from gateway.work import backoff, fail
from storage import StoreUnavailable, journal, mails, queue
from storage.engine import Connection

AT_ONCE = 4  #: talks with the server side by side
_LONGEST = 400  #: characters of a server's own words
_FAREWELL = 5  #: seconds for a goodbye that nothing depends on

log = structlog.get_logger(__name__)


class End(StrEnum):
    """What became of one try."""

    SENT = "sent"
    LATER = "later"
    FAILED = "failed"
    DOUBTFUL = "doubtful"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """The end of one try: `brief` may stand in logs and the journal, `problem` names addresses."""

    end: End
    brief: str = ""
    problem: str = ""

    @property
    def sentence(self) -> str:
        """For the operator who finds the parked job."""
        if self.end is End.DOUBTFUL:
            return (
                f"It may have been sent, or not: {self.problem} It is not sent again by itself, for"
                " nobody should get it twice; the same notice went as a signed message."
                " `queue retry` sends it, perhaps a second time."
            )
        return self.problem


class Server:
    """The SMTP server of the settings."""

    def __init__(self, settings: Settings) -> None:
        self._all = settings
        self._settings = settings.mail

    async def hand_over(
        self, recipient: str, content: bytes, *, begin: Callable[[], Awaitable[None]]
    ) -> Ended:
        """Send one mail; `begin` is awaited before its content leaves, and may forbid it."""
        if one_address(recipient) != recipient:
            problem = f"«{recipient}» is not one e-mail address."
            return Ended(end=End.FAILED, brief="no e-mail address", problem=problem)
        smtp: SMTP | None = None
        try:
            try:
                async with asyncio.timeout(self._settings.timeout):
                    smtp = self._smtp()
                    await smtp.connect()
                    await smtp.mail(self._settings.sender)
                    await smtp.rcpt(recipient)
            except (SMTPException, OSError, ValueError) as problem:
                return _before(problem)
            await begin()
            return await self._content(smtp, content)
        finally:
            if smtp is not None:
                await _hang_up(smtp)

    async def _content(self, smtp: SMTP, content: bytes) -> Ended:
        """From here on the server may have the mail, whatever happens to the connection."""
        try:
            await smtp.data(content, timeout=self._settings.timeout)
        except SMTPDataError as answer:
            if 400 <= answer.code < 600:
                return _refused(answer)
            return _lost(f"the server answered {answer.code}, which is no answer to a mail.")
        except (SMTPException, OSError) as problem:
            smtp.close()
            return _lost(
                f"the connection ended ({type(problem).__name__}) after its content was on the way"
                " and before the server answered."
            )
        return Ended(end=End.SENT)

    def _smtp(self) -> SMTP:
        settings = self._settings
        password = None
        if settings.password_file is not None:
            file = self._all.path(settings.password_file)
            password = file.read_text(encoding="utf-8").strip()
        return SMTP(
            hostname=settings.server,
            port=settings.port,
            username=settings.user or None,
            password=password if settings.user else None,
            use_tls=settings.security == "tls",
            start_tls=settings.security == "starttls",
            tls_context=None if settings.security == "none" else self._tls,
            local_hostname=host(self._all),
            timeout=settings.timeout,
        )

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        trusted = self._settings.ca_file
        return ssl.create_default_context(
            cafile=None if trusted is None else str(self._all.path(trusted))
        )


async def _hang_up(smtp: SMTP) -> None:
    with suppress(SMTPException, OSError):
        if smtp.is_connected:
            await smtp.quit(timeout=_FAREWELL)
    smtp.close()


def _words(problem: SMTPResponseException) -> str:
    return one_line(f"{problem.code} {problem.message}")[:_LONGEST]


def _before(problem: Exception) -> Ended:
    """A failure before any content: only a refusal of sender or receiver is for good."""
    if isinstance(problem, SMTPSenderRefused | SMTPRecipientRefused):
        return _refused(problem)
    if isinstance(problem, SMTPResponseException):
        said = f"The server does not take mail from us: {_words(problem)}"
        return Ended(end=End.LATER, brief=f"answered {problem.code}", problem=said)
    kind = type(problem).__name__
    words = ": ".join(filter(None, (kind, one_line(str(problem))[:_LONGEST])))
    said = f"The server could not be talked to: {words}"
    return Ended(end=End.LATER, brief=kind, problem=said)


def _refused(answer: SMTPResponseException) -> Ended:
    """The server said no: for now (4xx) or for good; either way it has not taken the mail."""
    said = f"The server refused it: {_words(answer)}"
    end = End.FAILED if answer.code >= 500 else End.LATER
    return Ended(end=end, brief=f"refused with {answer.code}", problem=said)


def _lost(what: str) -> Ended:
    return Ended(end=End.DOUBTFUL, brief="no answer to the content", problem=what)


#: What is found of a try whose worker died.
LEFT = Ended(
    end=End.DOUBTFUL,
    brief="its worker died",
    problem="the hub was stopped in the middle of sending it.",
)


class Postman:
    """One loop that claims mails and hands them over."""

    def __init__(self, hub: Hub, *, name: str) -> None:
        self._hub = hub
        self._name = name
        self._server = Server(hub.settings)

    async def turn(self) -> int:
        """Claim and send a few mails; returns how many. Without a server they wait."""
        hub, settings = self._hub, self._hub.settings
        if not settings.mail.server:
            return 0
        async with hub.store.write() as tx:
            jobs = await queue.claim(
                tx,
                kinds=(queue.Kind.MAIL,),
                worker=self._name,
                now=hub.clock(),
                lease=self._lease(),
                limit=AT_ONCE,
            )
        await asyncio.gather(*(self._carry(job) for job in jobs))
        return len(jobs)

    def _lease(self) -> timedelta:
        """Longer than a talk can last: before the content, two answers to it, the goodbye."""
        settings = self._hub.settings
        return settings.queue.lease + timedelta(seconds=3 * settings.mail.timeout + _FAREWELL)

    async def _carry(self, job: queue.Job) -> None:
        try:
            async with self._hub.store.read() as connection:
                mail = await mails.load(connection, job.subject)
            if mail is None or mail.state == "sent":
                async with self._hub.store.write() as tx:
                    await queue.finish(tx, [job])
                return
            await self._record(job, mail, await self._try(job, mail))
        except queue.LeaseLost:
            log.info("lease_lost", job=job.id)
        except StoreUnavailable as unavailable:  # what was being sent is found so, and doubtful
            log.error("mail_not_recorded", job=job.id, problem=str(unavailable))
        except Exception as bug:
            await fail(self._hub, job, repr(bug), self._hub.clock())

    async def _try(self, job: queue.Job, mail: mails.Stored) -> Ended:
        if mail.state == "sending":
            return LEFT

        async def begin() -> None:
            """Still ours, and on record as begun, before the server can have it."""
            async with self._hub.store.write() as tx:
                ours = await queue.extend(tx, [job], self._hub.clock(), self._lease())
                if job.id not in ours or not await mails.begin(tx, mail.id):
                    raise queue.LeaseLost(f"no longer ours: {job.id}")

        return await self._server.hand_over(mail.recipient, mail.content, begin=begin)

    async def _record(self, job: queue.Job, mail: mails.Stored, ended: Ended) -> None:
        hub, now = self._hub, self._hub.clock()
        if ended.end is End.LATER:
            if now - mail.created_at <= hub.settings.mail.patience:
                await self._later(job, mail, ended, now)
                return
            tired = f"{ended.problem} It was tried until the settings' patience ended."
            ended = replace(ended, end=End.FAILED, problem=tired)
        async with hub.store.write() as tx:
            await _close(tx, job, mail, ended, now)
            await journal.append(tx, [_happened(hub, mail, ended, now)])
        hub.metrics.mailed.labels(ended.end.value).inc()
        hub.store.hint("seal")
        if ended.end is not End.SENT:
            log.error("mail_parked", mail=mail.instance, end=ended.end, problem=ended.brief)

    async def _later(self, job: queue.Job, mail: mails.Stored, ended: Ended, now: datetime) -> None:
        settings = self._hub.settings.mail
        delay = backoff(job.attempts, settings.first_delay, settings.longest_delay)
        async with self._hub.store.write() as tx:
            await mails.begin(tx, mail.id)  # counts a try that ended before any content
            await mails.back(tx, mail.id, ended.problem)
            await queue.retry(tx, job, due=now + delay, error=ended.problem)
        self._hub.metrics.mailed.labels(ended.end.value).inc()
        log.warning("mail_delayed", mail=mail.instance, problem=ended.brief)


async def _close(
    tx: Connection, job: queue.Job, mail: mails.Stored, ended: Ended, now: datetime
) -> None:
    """Nothing more happens to the mail by itself; what is not sent is left to an operator."""
    if ended.end is End.SENT:
        await mails.sent(tx, mail.id, now)
        await queue.finish(tx, [job])
        return
    leave = mails.doubtful if ended.end is End.DOUBTFUL else mails.failed
    await leave(tx, mail.id, ended.problem)
    await queue.park(tx, job, reason=ended.sentence, now=now)


def _happened(hub: Hub, mail: mails.Stored, ended: Ended, now: datetime) -> journal.Record:
    """For the journal: which mail, by its digest; not to whom."""
    return journal.Record(
        at=now,
        kind=f"mail {ended.end}",
        subject=mail.instance,
        dossier=mail.dossier,
        actor=hub.name,
        digest=hashlib.sha256(mail.content).hexdigest(),
        facts={"problem": ended.brief} if ended.brief else {},
    )
