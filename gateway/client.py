"""A partner's side of the hub: sign, send, try again with the same id, collect, verify.

Everything a reply claims is checked against the hub's certificate before it is believed.
"""

from __future__ import annotations

import asyncio
import io
import ssl
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import aiohttp
from lxml import etree

from gateway.clock import utc_now
from gateway.seal.keys import Certificate, load_certificate, load_key
from gateway.seal.profile import check
from gateway.seal.sign import Signer
from gateway.seal.verify import Pin, verify
from gateway.verdict import facts
from schemas import bind
from schemas.bindings.acknowledgement_1 import Acknowledgement
from schemas.catalogue import catalogue
from schemas.envelope import SBDH, Header, compose, payload, read_header
from schemas.parse import parse

#: Answers after which the same bytes may simply be sent again.
_AGAIN = frozenset({408, 429, 500, 502, 503, 504})


class Unanswered(Exception):
    """No definite answer came: it may or may not have arrived. Send the same bytes again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """The hub's answer to a message, verified: `facts` is the acknowledgement in plain words."""

    status: int
    document: bytes
    facts: dict[str, Any]

    @property
    def received(self) -> bool:
        """The hub has the message and will not lose it."""
        return self.status in {200, 202}


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """A message from the hub: verified bytes and what the envelope says."""

    header: Header
    document: bytes

    @property
    def digest(self) -> str:
        """SHA-256 (hex) of the signed content, by which an acknowledgement names it."""
        return check(parse(self.document)).document.digest.hex()

    def payload(self) -> Any:
        """The payload as its binding."""
        return bind.read(payload(parse(self.document)), catalogue()[self.header.type].binding)


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """Who sends: name, key, certificate, token for reading, and the hub that is trusted."""

    name: str
    signer: Signer | None
    token: str
    hub_name: str = "passavant"
    hub_certificate: Certificate | None = None

    @classmethod
    def reader(cls, *, hub_certificate: Path | None = None) -> Self:
        """Nobody in particular: can send what is signed already, and verify what comes back."""
        trusted = (
            None if hub_certificate is None else load_certificate(hub_certificate.read_bytes())
        )
        return cls(name="", signer=None, token="", hub_certificate=trusted)

    @classmethod
    def load(
        cls,
        *,
        key: Path,
        certificate: Path,
        token: Path | None = None,
        hub_certificate: Path | None = None,
        hub_name: str = "passavant",
    ) -> Self:
        """From the files `partner add --new-key` writes: the name is that of the certificate."""
        own = load_certificate(certificate.read_bytes())
        return cls(
            name=certificate.name.removesuffix(".cert.pem"),
            signer=Signer(load_key(key.read_bytes()), own),
            token="" if token is None else token.read_text().strip(),
            hub_name=hub_name,
            hub_certificate=_loaded(hub_certificate),
        )


class HubClient:
    """One partner's connection to one hub; an asynchronous context manager."""

    def __init__(
        self,
        url: str,
        credentials: Credentials,
        *,
        tries: int = 6,
        tls: ssl.SSLContext | bool = True,
        timeout: float = 90,
    ) -> None:
        self.url = url.rstrip("/")
        self._me = credentials
        self._tries = tries
        self._tls = tls
        self._timeout = aiohttp.ClientTimeout(total=timeout)
        self._http: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        headers = {"Authorization": f"Bearer {self._me.token}"} if self._me.token else {}
        self._http = aiohttp.ClientSession(
            headers=headers,
            timeout=self._timeout,
            connector=aiohttp.TCPConnector(ssl=self._tls, limit=200),
        )
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.http.close()

    @property
    def http(self) -> aiohttp.ClientSession:
        """The open session."""
        if self._http is None:
            raise RuntimeError("use the client in an `async with` block")
        return self._http

    def signed(self, body: object, *, dossier: str | None = None, instance: str = "") -> bytes:
        """A payload in its envelope, signed, with a new id unless one is given."""
        if self._me.signer is None:
            raise RuntimeError("these credentials cannot sign")
        name = type(body).__name__
        header = Header(
            sender=self._me.name,
            receiver=self._me.hub_name,
            type=name,
            version=catalogue()[name].version,
            instance=instance or str(uuid.uuid4()),
            created=utc_now(),
            dossier=dossier,
            in_reply_to=None,
            expects_answer_by=None,
        )
        return self._me.signer.sign_canonical(compose(header, body), utc_now())

    async def send(self, document: bytes, *, wait: float = 0, parts: Sequence[bytes] = ()) -> Reply:
        """Post signed bytes; on no answer or a passing failure the *same* bytes go again.

        Raises `Unanswered` when every try failed. With `wait` the reply is the outcome when it
        comes in time.
        """
        problem = "no try"
        for attempt in range(self._tries):
            if attempt:
                await asyncio.sleep(min(0.2 * 2**attempt, 10))
            try:
                status, answer = await self._post(document, wait, parts)
            except (aiohttp.ClientError, TimeoutError, OSError) as broken:
                problem = f"{type(broken).__name__}: {broken}"
                continue
            if status not in _AGAIN:
                return Reply(status=status, document=answer, facts=self.read(answer))
            problem = f"the hub answered {status}"
        raise Unanswered(problem)

    async def _post(
        self, document: bytes, wait: float, parts: Sequence[bytes]
    ) -> tuple[int, bytes]:
        headers = {"Prefer": f"wait={wait:g}"} if wait else {}
        data: io.BytesIO | aiohttp.MultipartWriter = io.BytesIO(document)
        if parts:
            data = aiohttp.MultipartWriter("related")
            data.append(io.BytesIO(document), {"Content-Type": "application/xml"})
            for part in parts:
                data.append(io.BytesIO(part), {"Content-Type": "application/pdf"})
        else:
            headers["Content-Type"] = "application/xml"
        async with self.http.post(f"{self.url}/messages", data=data, headers=headers) as answer:
            return answer.status, await answer.read()

    def read(self, document: bytes) -> dict[str, Any]:
        """The facts of an acknowledgement, after its signature was verified."""
        root = self.verified(document)
        return facts(bind.read(payload(root), Acknowledgement))

    def verified(self, document: bytes) -> etree._Element:
        """The document's root; raises `Refused` when it is not the hub's."""
        root = parse(document)
        if self._me.hub_certificate is not None:
            pin = Pin(certificate=self._me.hub_certificate, suspended=False)
            verify(root, [pin], self._me.hub_name, utc_now())
        return root

    async def mailbox(self, *, wait: float = 0, limit: int = 50) -> list[dict[str, Any]]:
        """What waits, oldest first."""
        headers = {"Prefer": f"wait={wait:g}"} if wait else {}
        found = await self.look(f"/mailbox?limit={limit}", headers=headers)
        return list(found["messages"])

    async def fetch(self, instance: str) -> Mail:
        """One message of the mailbox, verified; it stays there until acknowledged."""
        document = await self.download(f"/mailbox/{instance}")
        return Mail(header=read_header(self.verified(document)), document=document)

    async def acknowledge(self, instance: str) -> None:
        """Tell the hub that this message is safely here."""
        async with self.http.post(f"{self.url}/mailbox/{instance}/ack") as answer:
            answer.raise_for_status()

    async def collect(self, *, wait: float = 0) -> list[Mail]:
        """Fetch and acknowledge everything that waits."""
        mails = []
        for waiting in await self.mailbox(wait=wait, limit=500):
            mail = await self.fetch(waiting["id"])
            await self.acknowledge(waiting["id"])
            mails.append(mail)
        return mails

    async def outcome(self, instance: str, *, wait: float = 30) -> dict[str, Any]:
        """The outcome of one's message once there is one; raises `Unanswered` after `wait`."""
        end = asyncio.get_running_loop().time() + wait
        while True:
            async with self.http.get(f"{self.url}/messages/{instance}/outcome") as answer:
                if answer.status == 200:
                    return self.read(await answer.read())
            if asyncio.get_running_loop().time() > end:
                raise Unanswered(f"no outcome of {instance} in {wait:g} s")
            await asyncio.sleep(0.1)

    async def look(self, path: str, *, headers: dict[str, str] | None = None) -> dict[str, Any]:
        """A JSON page of the hub."""
        async with self.http.get(self.url + path, headers=headers) as answer:
            answer.raise_for_status()
            found: dict[str, Any] = await answer.json()
            return found

    async def download(self, path: str, *, wait: float = 0) -> bytes:
        """Any other page, as bytes; with `wait`, a paper that is being printed is waited for."""
        headers = {"Prefer": f"wait={wait:g}"} if wait else {}
        async with self.http.get(self.url + path, headers=headers) as answer:
            answer.raise_for_status()
            return await answer.read()


def _loaded(certificate: Path | None) -> Certificate | None:
    return None if certificate is None else load_certificate(certificate.read_bytes())


def freshened(root: etree._Element, *, now: datetime) -> etree._Element:
    """The document with a new InstanceIdentifier and the current time: a new message."""
    identification = root.find(f".//{{{SBDH}}}DocumentIdentification")
    if identification is not None:
        for name, text in (
            ("InstanceIdentifier", str(uuid.uuid4())),
            ("CreationDateAndTime", f"{now.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"),
        ):
            element = identification.find(f"{{{SBDH}}}{name}")
            if element is not None:
                element.text = text
    return root
