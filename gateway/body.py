"""Reads a request's body under the door's limits: size, time, memory in all, content type.

A body is XML alone, or `multipart/related` (RFC 2387): the XML first, then the PDFs that the signed
XML names by their SHA-256 digest.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
from aiohttp import hdrs, web
from aiohttp.http_exceptions import HttpProcessingError

from gateway.config import HttpSettings
from schemas.errors import Code, Refused, refused
from storage.messages import Attachment

_XML = frozenset({"application/xml", "text/xml", "application/octet-stream"})
_PARTS_LIMIT = 64
#: As what parts that cannot be read, or their headers, come out of the library.
_BROKEN_PARTS = (aiohttp.ClientError, HttpProcessingError, RuntimeError, ValueError)


class BodyReader:
    """Keeps count of the bytes held by requests in flight, over the whole process."""

    def __init__(self, settings: HttpSettings) -> None:
        self._settings = settings
        self._held = 0

    @asynccontextmanager
    async def read(self, request: web.Request) -> AsyncIterator[tuple[bytes, list[Attachment]]]:
        """The XML and its parts, in memory for the length of the block; raises `Refused`."""
        self._check_headers(request)
        held = request.content_length or 0
        self._hold(held)
        try:
            body = await self._in_time(request)
            extra = max(len(body) - held, 0)
            self._hold(extra)
            held += extra
            yield await self._taken_apart(request, body)
        finally:
            self._held -= held

    async def _in_time(self, request: web.Request) -> bytes:
        try:
            async with asyncio.timeout(self._settings.body_timeout):
                return await self._whole(request)
        except TimeoutError:
            raise refused(Code.BODY_TOO_SLOW, seconds=f"{self._settings.body_timeout:g}") from None
        except (aiohttp.ClientError, web.RequestPayloadError) as broken:
            raise refused(Code.MULTIPART_UNREADABLE, reason=str(broken)) from broken

    async def _taken_apart(
        self, request: web.Request, body: bytes
    ) -> tuple[bytes, list[Attachment]]:
        if not request.content_type.startswith("multipart/"):
            return body, []
        try:
            return await self._parts(request, body)
        except _BROKEN_PARTS as broken:
            reason = " ".join(str(broken).split())
            raise refused(Code.MULTIPART_UNREADABLE, reason=reason) from broken

    def _check_headers(self, request: web.Request) -> None:
        encoding = _legible(request.headers.get(hdrs.CONTENT_ENCODING, "identity").strip().lower())
        if encoding != "identity":
            raise refused(Code.CONTENT_ENCODING_UNSUPPORTED, value=encoding, found=encoding)
        media = _legible(request.content_type)
        if media not in _XML and not media.startswith("multipart/"):
            raise refused(Code.MEDIA_TYPE_UNSUPPORTED, value=media, found=media)
        if (request.content_length or 0) > self._settings.body_limit:
            raise self._too_large()

    async def _whole(self, request: web.Request) -> bytes:
        chunks, size = [], 0
        async for chunk in request.content.iter_any():
            size += len(chunk)
            if size > self._settings.body_limit:
                raise self._too_large()
            chunks.append(chunk)
        if not size:
            raise refused(Code.BODY_EMPTY)
        return b"".join(chunks)

    async def _parts(self, request: web.Request, body: bytes) -> tuple[bytes, list[Attachment]]:
        stream = aiohttp.StreamReader(_NoFlow(), 2**16)  # type: ignore[arg-type]  # never paused
        stream.feed_data(body)
        stream.feed_eof()
        reader = aiohttp.MultipartReader(request.headers, stream)
        xml: bytes | None = None
        parts: list[Attachment] = []
        while (part := await reader.next()) is not None:
            if isinstance(part, aiohttp.MultipartReader):
                raise refused(Code.MULTIPART_UNREADABLE, reason="nested multipart")
            content = bytes(await part.read(decode=False))
            if xml is None:
                xml = content
                continue
            parts.append(
                Attachment(
                    digest=hashlib.sha256(content).hexdigest(),
                    media_type=part.headers.get(hdrs.CONTENT_TYPE, "application/pdf"),
                    content=content,
                )
            )
            if len(parts) > _PARTS_LIMIT:
                raise refused(Code.MULTIPART_UNREADABLE, reason=f"over {_PARTS_LIMIT} parts")
        if xml is None:
            raise refused(Code.MULTIPART_UNREADABLE, reason="no part")
        return xml, parts

    def _hold(self, size: int) -> None:
        if self._held + size > self._settings.body_memory:
            raise refused(Code.TOO_MANY_REQUESTS)
        self._held += size

    def _too_large(self) -> Refused:
        return refused(Code.BODY_TOO_LARGE, limit=self._settings.body_limit)


def _legible(header: str) -> str:
    """A header's text with whatever no XML can hold written as its code: it is quoted back."""
    return header.encode("ascii", "backslashreplace").decode("ascii")


class _NoFlow:
    """A protocol that never pauses its stream: the bytes are already here."""

    _reading_paused = False

    def pause_reading(self) -> None:
        """Nothing to pause."""

    def resume_reading(self, resume_parser: bool = True) -> None:
        """Nothing to resume."""
