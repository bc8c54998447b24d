"""Tokens: a partner's for reading, and the unguessable address of a paper's public page.

A paper's is its dossier's number and a keyed digest of it. Nothing is stored: the key is derived
from the hub's private key, so a token survives a restart and dies with the key.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gateway.hub import Hub


def paper_token(hub: Hub, number: str) -> str:
    """`LE-2026-0000042.hX3…`: 120 bits of HMAC-SHA256 after the number."""
    digest = hmac.new(hub.stamp.secret(b"paper"), number.encode(), hashlib.sha256).digest()
    return f"{number}.{base64.urlsafe_b64encode(digest[:15]).decode()}"


def number_of(hub: Hub, token: str) -> str | None:
    """The dossier a token speaks of, or None when it is not one of ours."""
    number, _, _ = token.partition(".")
    return (
        number if hmac.compare_digest(paper_token(hub, number).encode(), token.encode()) else None
    )


def paper_address(hub: Hub, number: str) -> str:
    """The address printed on the paper."""
    return f"{hub.settings.hub.public_url.rstrip('/')}/verify/{paper_token(hub, number)}"


def token_hash(token: str) -> str:
    """What the store keeps of a partner's reading token; 256 random bits need no salt."""
    return hashlib.sha256(token.encode()).hexdigest()
