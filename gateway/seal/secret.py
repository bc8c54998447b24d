"""Secrets at rest: sealed under a key in a file of its own, AES-256-GCM (NIST SP 800-38D)."""

from __future__ import annotations

import os
import secrets
from base64 import b64decode, b64encode
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from gateway.private import write_private

KEY_BYTES = 32
NONCE_BYTES = 12


class Unsealable(ValueError):
    """The text was sealed under another key, about something else, or was changed."""


class Box:
    """What seals and opens short texts; each is bound to what it is about."""

    def __init__(self, key: bytes) -> None:
        if len(key) != KEY_BYTES:
            raise ValueError(f"a key has {KEY_BYTES} bytes, not {len(key)}")
        self._cipher = AESGCM(key)

    def seal(self, text: str, about: str) -> str:
        """The text, readable with this key only; another one each time."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        sealed = self._cipher.encrypt(nonce, text.encode(), about.encode())
        return b64encode(nonce + sealed).decode("ascii")

    def open(self, sealed: str, about: str) -> str:
        """What was sealed about this; raises `Unsealable`."""
        try:
            whole = b64decode(sealed, validate=True)
            found = self._cipher.decrypt(whole[:NONCE_BYTES], whole[NONCE_BYTES:], about.encode())
        except (InvalidTag, ValueError) as error:
            raise Unsealable("the sealed text cannot be opened") from error
        return found.decode()


def open_box(file: Path) -> Box:
    """The box of a key file, which is made when it is not there; raises ValueError, OSError.

    Of several processes that make it at once, one does, and the others find it whole.
    """
    if not file.exists():
        draft = file.with_name(f"{file.name}.{secrets.token_hex(8)}")
        write_private(draft, secrets.token_bytes(KEY_BYTES))
        try:
            os.link(draft, file)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return Box(file.read_bytes())
