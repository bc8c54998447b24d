"""A real SMTP server beside a hub: what arrives, and what goes wrong on the way."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

CUT = "cut"  #: an answer that is none: the connection ends
SILENT = "silent"  #: an answer that does not come


@dataclass
class Relay:
    """What the server took; `rcpt` and `data` are answers to give first, before saying yes."""

    port: int = 0
    arrived: list[bytes] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    users: list[bytes] = field(default_factory=list)
    rcpt: list[str] = field(default_factory=list)
    data: list[str] = field(default_factory=list)
    held: asyncio.Event | None = None  #: the first receiver named waits for it
    named: asyncio.Event = field(default_factory=asyncio.Event)  #: a receiver was
    taken: asyncio.Event = field(default_factory=asyncio.Event)  #: some content was

    @property
    def mails(self) -> list[EmailMessage]:
        """What arrived, as a reader of mail sees it."""
        parsed: Any = [message_from_bytes(content, policy=default) for content in self.arrived]
        return list(parsed)

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        self.named.set()
        if (held := self.held) is not None:
            self.held = None
            await held.wait()
        if self.rcpt:
            return self.rcpt.pop(0)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        answer = self.data.pop(0) if self.data else "250 taken"
        if answer in (CUT, SILENT) or answer.startswith("250"):
            assert isinstance(envelope.content, bytes)
            self.arrived.append(envelope.content)
            self.recipients += envelope.rcpt_tos
            self.taken.set()
        if answer == CUT:
            _end(server)
        if answer == SILENT:
            await asyncio.sleep(30)
        return answer

    def login(
        self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any
    ) -> AuthResult:
        """Takes one password."""
        self.users.append(data.login)
        return AuthResult(success=data.password == b"geheim", handled=False)


def _end(server: SMTP) -> None:
    if isinstance(server.transport, asyncio.WriteTransport):
        server.transport.abort()


@asynccontextmanager
async def relay(
    *, port: int = 0, tls: ssl.SSLContext | None = None, starttls: ssl.SSLContext | None = None
) -> AsyncIterator[Relay]:
    """A server on this port; with `starttls` it takes mail only after that and a login."""
    box = Relay()
    talks: set[SMTP] = set()

    def talk() -> SMTP:
        server = SMTP(
            box,
            hostname="relay.example",
            tls_context=starttls,
            require_starttls=starttls is not None,
            auth_required=starttls is not None,
            authenticator=box.login if starttls is not None else None,
        )
        talks.add(server)
        return server

    listening = await asyncio.get_running_loop().create_server(talk, "127.0.0.1", port, ssl=tls)
    box.port = listening.sockets[0].getsockname()[1]
    try:
        yield box
    finally:
        listening.close()
        for one in talks:
            _end(one)
        await asyncio.sleep(0.05)  # the talks end
