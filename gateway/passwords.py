"""Passwords: what is accepted as one, and its argon2id hash (RFC 9106), two at once at most.

A hash takes 64 MiB and a good part of a second on purpose. Whoever asks for many at once is told
to wait, so that a hail of guesses leaves the hub its memory and its processors.
"""

from __future__ import annotations

import asyncio
import re
import secrets
import unicodedata
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cached_property

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

LEAST, MOST = 12, 200
AT_ONCE = 2  #: hashes being computed
WAITING = 8  #: and asked for beside them

#: What people type along: the rows of keyboards, the alphabet, digits.
_ROWS = (
    "abcdefghijklmnopqrstuvwxyz",
    *("1234567890", "0123456789"),
    *("qwertyuiop", "asdfghjkl", "zxcvbnm"),
    *("azertyuiop", "qsdfghjklm", "wxcvbn"),
)
_COMMON = re.compile(
    "pass ?(word|avant)|mot ?de ?passe|admin(istrat(or|eur))?|operat(or|eur)|bonjour|welcome"
    "|letmein|soleil|maroc|morocco|guichet|changeme|iloveyou"
)
_RUN = 4  #: characters of a row that are a run


class Weak(Exception):
    """Such a password is not taken; the text is English prose, and a msgid."""

    def __init__(self, text: str, **fields: object) -> None:
        super().__init__(text % fields if fields else text)
        self.text, self.fields = text, fields


class TooMany(Exception):
    """More passwords are being looked at than the hub does at once; later it will."""


def judge(password: str, *personal: str) -> None:
    """Raises `Weak`; `personal` is what belongs to the operator: name, display, e-mail."""
    if len(password) < LEAST:
        raise Weak("A password has at least %(least)s characters.", least=LEAST)
    if len(password) > MOST:
        raise Weak("A password has at most %(most)s characters.", most=MOST)
    rest = _COMMON.sub("", unicodedata.normalize("NFKC", password).casefold())
    for word in personal:
        if len(word) > 2:
            rest = rest.replace(word.casefold(), "")
    rest = _without_runs(rest)
    if len(rest) < LEAST // 2 or len(set(rest)) < 5:
        raise Weak("This password is easy to guess: names, common words, rows and repetitions.")


def _without_runs(text: str) -> str:
    """The text without the pieces that follow a row, one way or the other."""
    for row in (*_ROWS, *(row[::-1] for row in _ROWS)):
        for size in range(len(row), _RUN - 1, -1):
            for start in range(len(row) - size + 1):
                text = text.replace(row[start : start + size], "")
    return text


def generated() -> str:
    """A password of 120 random bits, to be given to somebody once."""
    return secrets.token_urlsafe(15)


def _bytes(password: str) -> bytes:
    """One spelling of what can be typed in several ways."""
    return unicodedata.normalize("NFC", password).encode("utf-8", "surrogatepass")


class Passwords:
    """Hashes and verifies, beside the event loop."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()
        self._slots = asyncio.Semaphore(AT_ONCE)
        self._asked = 0

    async def hash(self, password: str) -> str:
        """The encoded hash; raises `TooMany`."""
        async with self._turn():
            return await asyncio.to_thread(self._hasher.hash, _bytes(password))

    async def verify(self, known: str | None, given: str) -> bool:
        """Whether it is the password; takes its time where there is none too. Raises `TooMany`."""
        async with self._turn():
            return await asyncio.to_thread(self._verify, known, given)

    def is_outdated(self, known: str) -> bool:
        """Whether the hash was made with other parameters than today's."""
        return self._hasher.check_needs_rehash(known)

    def _verify(self, known: str | None, given: str) -> bool:
        fits = known is not None and len(given) <= MOST
        try:
            self._hasher.verify(known if known and fits else self._nobody, _bytes(given)[:1000])
        except (VerificationError, InvalidHashError):
            return False
        return fits

    @cached_property
    def _nobody(self) -> str:
        """The hash of a password that nobody knows."""
        return self._hasher.hash(secrets.token_bytes(32))

    @asynccontextmanager
    async def _turn(self) -> AsyncIterator[None]:
        if self._asked >= AT_ONCE + WAITING:
            raise TooMany("too many passwords at once")
        self._asked += 1
        try:
            async with self._slots:
                yield
        finally:
            self._asked -= 1
