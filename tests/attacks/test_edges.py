"""What comes in pieces or in strange letters is refused by its code, never as a fault of ours."""

from __future__ import annotations

import asyncio

import pytest

from gateway.verdict import read_outcome
from tests.attacks.test_door import rejected
from tests.town import Town

RELATED = {"Content-Type": "multipart/related; boundary=x"}


def parted(first: bytes = b"", second: bytes = b"") -> bytes:
    """Two parts with these lines in their headers."""
    return (
        b"--x\r\nContent-Type: application/xml\r\n" + first + b"\r\n<a/>\r\n"
        b"--x\r\nContent-Type: application/pdf\r\n" + second + b"\r\n%PDF-1.4\r\n--x--\r\n"
    )


@pytest.mark.parametrize(
    "body",
    [
        parted(second=b"no header at all\r\n"),
        parted(second=b"Content-ID\x00: <a>\r\n"),
        parted(second=b"X: " + b"y" * 10_000 + b"\r\n"),
        parted(second=b"Content-Type: application/xml\r\n"),
        parted(second=b"Content-Length: 900\r\n"),
        parted(second=b"Content-Length: five\r\n"),
        parted(first=b"X-Many: 1\r\n" * 500),
        parted()[:-20],
        b"--x--\r\n",
        b"--x\r\nContent-Type: multipart/related; boundary=y\r\n\r\n"
        b"--y\r\n\r\n<a/>\r\n--y--\r\n--x--\r\n",
    ],
    ids=[
        "no-colon", "nul", "long", "twice", "length-beyond", "no-length", "many", "cut-off", "none",
        "nested",
    ],
)  # fmt: skip
async def test_parts_that_cannot_be_read_are_refused(place: Town, body: bytes) -> None:
    await rejected(place, body, "PSV-107", 400, RELATED)


async def test_more_parts_than_a_message_may_have_are_refused(place: Town) -> None:
    part = b"--x\r\nContent-Type: application/pdf\r\n\r\n%PDF\r\n"
    await rejected(place, part * 66 + b"--x--\r\n", "PSV-107", 400, RELATED)


async def test_a_boundary_that_is_not_said_is_refused(place: Town) -> None:
    await rejected(place, parted(), "PSV-107", 400, {"Content-Type": "multipart/related"})


@pytest.mark.parametrize(
    ("header", "status", "code"),
    [
        (b"Content-Encoding: \xff\xfe", 415, "PSV-103"),
        (b"Content-Type: application/\xff", 415, "PSV-102"),
    ],
    ids=["encoding", "type"],
)
async def test_a_header_in_no_letters_is_answered_with_a_signed_refusal(
    place: Town, header: bytes, status: int, code: str
) -> None:
    host, port = place.url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    lines = (b"POST /messages HTTP/1.1", b"Host: hub", b"Connection: close", b"Content-Length: 4")
    writer.write(b"\r\n".join((*lines, header, b"", b"<a/>")))
    await writer.drain()
    answer = await asyncio.wait_for(reader.read(), 5)
    writer.close()
    head, _, body = answer.partition(b"\r\n\r\n")
    assert f" {status} ".encode() in head.splitlines()[0]
    assert [error["code"] for error in read_outcome(body)["errors"]] == [code]
