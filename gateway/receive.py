"""The first hop: from bytes to a durable message and its signed receipt, or a signed rejection.

limits → parse → structural signature profile → pinned certificates → may this partner send this
type, for this dossier? → XSD → one transaction. Nothing is written about a message before it has
passed all of it, and nothing is answered `202` before the commit.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog
from lxml import etree

from gateway import acknowledge
from gateway.acknowledge import Answered
from gateway.directory import Known
from gateway.heartbeat import Repeats
from gateway.hub import Hub, reply_id
from gateway.intake import Intake, Overloaded
from gateway.seal.profile import Profile, check
from gateway.seal.verify import Verified, confirm
from handlers.registry import Handler, Registry
from schemas.catalogue import catalogue
from schemas.envelope import Header, payload, read_header
from schemas.errors import Code, Finding, Refused, refused
from schemas.parse import parse
from schemas.validate import validate
from schemas.workflow import Role
from storage import StoreUnavailable, dossiers, journal, messages

#: Bytes above which parsing and hashing leave the event loop for a thread.
LARGE = 96 * 1024

#: Of an attachment's content, which stands beside the XML.
_DIGEST = "{urn:passavant:common:1}Digest"

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the door says: a status, the signed document, and the message's id when there is one."""

    status: int
    document: bytes
    sender: str | None = None
    instance: str | None = None
    fresh: bool = False
    retry_after: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Examined:
    """A message that passed every check that needs no database."""

    header: Header
    verified: Verified
    partner: Known


@dataclass(slots=True)
class _Progress:
    """How far the examination came: what a rejection may say about the message."""

    header: Header | None = None
    partner: Known | None = None
    verified: Verified | None = None


class Reception:
    """The door: one `receive` per request."""

    def __init__(self, hub: Hub, intake: Intake) -> None:
        self._hub = hub
        self._intake = intake
        self.repeats = Repeats()

    async def receive(self, body: bytes, parts: Sequence[messages.Attachment] = ()) -> Answer:
        """Answer one message. Never raises for what a sender or the database can cause."""
        now = self._hub.clock()
        progress = _Progress()
        try:
            examined = await self._examine(body, parts, now, progress)
            return await self._accept(examined, body, parts, now)
        except Refused as refusal:
            return await self.reject(refusal, now, progress)
        except StoreUnavailable:
            return await self.reject(refused(Code.STORE_UNAVAILABLE), now, progress)
        except Overloaded:
            return await self.reject(refused(Code.TOO_MANY_REQUESTS), now, progress)

    async def reject(
        self, refusal: Refused, now: datetime, progress: _Progress | None = None
    ) -> Answer:
        """The signed rejection; a known partner's is journaled."""
        progress = progress or _Progress()
        header = progress.header
        first = refusal.findings[0].code
        for finding in refusal.findings:
            self._hub.metrics.refused.labels(finding.code.label).inc()
        document = acknowledge.rejection(
            self._hub, Answered.of(header, progress.verified, now), refusal.findings, now=now
        )
        await self._record_refusal(refusal, progress, now)
        return Answer(
            status=first.status,
            document=document,
            sender=None if header is None else header.sender,
            instance=None if header is None else header.instance,
            retry_after=5 if first.status in {429, 503} else None,
        )

    async def _record_refusal(self, refusal: Refused, progress: _Progress, now: datetime) -> None:
        codes = " ".join(sorted({finding.code.label for finding in refusal.findings}))
        header, partner = progress.header, progress.partner
        log.warning(
            "message_refused",
            codes=codes,
            sender=None if header is None else header.sender,
            instance=None if header is None else header.instance,
        )
        if header is None or partner is None or refusal.findings[0].code.status in {429, 503}:
            return
        record = journal.Record(
            at=now,
            kind="message refused",
            subject=f"{header.sender}/{header.instance}",
            dossier=header.dossier,
            actor=partner.name,
            digest=None if progress.verified is None else progress.verified.digest,
            facts={"type": header.type, "codes": codes},
        )
        try:
            await self._intake.refusal(record)
        except (StoreUnavailable, Overloaded) as problem:
            log.error("refusal_not_journaled", instance=header.instance, problem=str(problem))

    async def _examine(
        self,
        body: bytes,
        parts: Sequence[messages.Attachment],
        now: datetime,
        progress: _Progress,
    ) -> _Examined:
        large = len(body) > LARGE
        root, profile = await asyncio.to_thread(_read, body) if large else _read(body)
        header = progress.header = read_header(root)
        partner = (await self._hub.directory.look()).get(header.sender)
        if partner is None:
            raise refused(Code.SENDER_UNKNOWN, value=header.sender, sender=header.sender)
        progress.partner = partner
        verified = progress.verified = confirm(profile, partner.pins, header.sender, now)
        if partner.suspended:
            raise refused(Code.PARTNER_SUSPENDED, sender=partner.name)
        self._may_send(header, partner, root)
        findings = await asyncio.to_thread(validate, root) if large else validate(root)
        if findings:
            raise Refused(*findings)
        _check_parts(root, parts)
        await self._check_time(header, now)
        await self._check_dossier(header, partner)
        return _Examined(header=header, verified=verified, partner=partner)

    def _may_send(self, header: Header, partner: Known, root: etree._Element) -> None:
        """The envelope's promises and the partner's rights, every failure at once.

        In which procedure a right must be held, only the dossier says: see `_check_dossier`.
        """
        findings = _envelope_findings(header, root, self._hub.name)
        handlers = self._hub.registry.of_type(header.type)
        if not handlers:
            if not any(f.code is Code.TYPE_UNKNOWN for f in findings):
                findings.append(
                    Finding(
                        code=Code.TYPE_UNKNOWN, value=header.type, fields={"found": header.type}
                    )
                )
            raise Refused(*findings)
        if not _allowed(handlers, partner):
            findings.append(_not_allowed(header, partner))
        if partner.consults and _acts(header.type, self._hub.registry):
            findings.append(
                Finding(
                    code=Code.CONSULTS_ONLY,
                    value=header.type,
                    fields={"sender": partner.name, "type": header.type},
                )
            )
        if header.dossier is None and not any(handler.opens for handler in handlers):
            findings.append(Finding(code=Code.DOSSIER_MISSING, fields={"type": header.type}))
        if findings:
            raise Refused(*findings)

    async def _check_time(self, header: Header, now: datetime) -> None:
        """Refuse a creation time far off, unless the message is a repeat of one we have."""
        http = self._hub.settings.http
        if now - http.oldest <= header.created <= now + http.clock_skew:
            return
        async with self._hub.store.read() as connection:
            if await messages.find(connection, header.sender, header.instance) is not None:
                return
        raise refused(
            Code.CREATION_TIME_OUT_OF_WINDOW,
            value=header.created.isoformat(),
            found=header.created.isoformat(),
            oldest=(now - http.oldest).isoformat(timespec="seconds"),
            newest=(now + http.clock_skew).isoformat(timespec="seconds"),
        )

    async def _check_dossier(self, header: Header, partner: Known) -> None:
        """The sender's rights over the dossier, in the procedure that it is of.

        A declarant sees its own dossiers only; one that is not its own does not exist.
        """
        if header.dossier is None:
            return
        async with self._hub.store.read() as connection:
            filed = await dossiers.filed(connection, header.dossier)
        owner, procedure = filed or (None, None)
        mine = partner.role is not Role.DECLARANT or owner == partner.name
        if procedure is None or not mine:
            raise refused(Code.DOSSIER_UNKNOWN, value=header.dossier, dossier=header.dossier)
        handler = self._hub.registry.handler(header.type, procedure)
        if handler is not None and not _allowed([handler], partner):
            raise Refused(_not_allowed(header, partner))

    async def _accept(
        self,
        examined: _Examined,
        body: bytes,
        parts: Sequence[messages.Attachment],
        now: datetime,
    ) -> Answer:
        header, verified = examined.header, examined.verified
        receipt = acknowledge.receipt(
            self._hub,
            Answered.of(header, verified, now),
            instance=reply_id(header.sender, header.instance, "receipt"),
            now=now,
        )
        accepted = await self._intake.message(
            messages.Received(
                sender=header.sender,
                instance=header.instance,
                type=header.type,
                version=header.version,
                dossier=header.dossier,
                digest=verified.digest,
                content=body,
                receipt=receipt,
                received_at=now,
                attachments=tuple(parts),
            )
        )
        if accepted.digest != verified.digest:
            progress = _Progress(header=header, partner=examined.partner, verified=verified)
            refusal = refused(Code.SAME_ID_OTHER_CONTENT, value=header.instance, id=header.instance)
            return await self.reject(refusal, now, progress)
        self._hub.metrics.received.labels(
            header.type, "received" if accepted.fresh else "repeated"
        ).inc()
        if not accepted.fresh:
            self.repeats.count(now, header.sender, header.type)
        return Answer(
            status=202 if accepted.fresh else 200,
            document=accepted.receipt,
            sender=header.sender,
            instance=header.instance,
            fresh=accepted.fresh,
        )


def _read(body: bytes) -> tuple[etree._Element, Profile]:
    root = parse(body)
    return root, check(root)


def _allowed(handlers: Sequence[Handler], partner: Known) -> bool:
    return any(
        partner.role in handler.roles or handler.type in partner.types for handler in handlers
    )


def _not_allowed(header: Header, partner: Known) -> Finding:
    return Finding(
        code=Code.TYPE_NOT_ALLOWED,
        value=header.type,
        fields={"role": partner.role.value, "type": header.type},
    )


def _acts(message_type: str, registry: Registry) -> bool:
    """Whether a message may move a dossier: a query is what has no move in any table."""
    events = (event for one in registry.procedures.values() for _, event, _ in one.moves)
    return message_type in events


def _envelope_findings(header: Header, root: etree._Element, hub: str) -> list[Finding]:
    findings: list[Finding] = []
    if header.receiver != hub:
        findings.append(
            Finding(
                code=Code.RECEIVER_WRONG,
                value=header.receiver,
                fields={"found": header.receiver, "hub": hub},
            )
        )
    known = catalogue().get(header.type)
    name = etree.QName(payload(root)).localname
    if known is None:
        findings.append(
            Finding(code=Code.TYPE_UNKNOWN, value=header.type, fields={"found": header.type})
        )
    elif name != header.type:
        findings.append(
            Finding(
                code=Code.TYPE_MISMATCH, value=name, fields={"type": header.type, "found": name}
            )
        )
    elif known.version != header.version or etree.QName(payload(root)).namespace != known.namespace:
        findings.append(
            Finding(
                code=Code.VERSION_UNKNOWN,
                value=header.version,
                fields={"type": header.type, "found": header.version},
            )
        )
    return findings


def _check_parts(root: etree._Element, parts: Sequence[messages.Attachment]) -> None:
    """Each part beside the XML is named by the signed XML, and each named part is there."""
    named = {(element.text or "").lower() for element in root.iter(_DIGEST)}
    sent = {part.digest for part in parts}
    if missing := named - sent:
        raise refused(Code.MULTIPART_UNREADABLE, reason=f"missing {min(missing)}")
    if extra := sent - named:
        raise refused(Code.MULTIPART_UNREADABLE, reason=f"not named by the XML: {min(extra)}")
