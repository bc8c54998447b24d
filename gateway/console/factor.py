"""The second factor: codes of an authenticator's clock (RFC 6238), and how it learns the secret."""

from __future__ import annotations

import hmac
import io
import unicodedata
from datetime import datetime

import pyotp
import segno

from gateway.hub import Hub
from gateway.seal.secret import Box, Unsealable, open_box
from storage import operators
from storage.engine import Connection

STEP_SECONDS = 30
DIGITS = 6
LEEWAY = (0, -1, 1)  #: steps by which the two clocks may differ


def new_secret() -> str:
    """160 random bits, as authenticators take them (base 32)."""
    return pyotp.random_base32()


def box(hub: Hub) -> Box:
    """What the console seals with."""
    return open_box(hub.settings.path(hub.settings.console.key))


def matching_step(secret: str, typed: str, now: datetime) -> int | None:
    """The time step whose code was typed; None when it is the code of none that is near."""
    code = _digits(typed)
    clock = pyotp.TOTP(secret, digits=DIGITS, interval=STEP_SECONDS)
    current = int(now.timestamp()) // STEP_SECONDS
    for step in (current + drift for drift in LEEWAY):
        if hmac.compare_digest(clock.generate_otp(step), code):
            return step
    return None


def _digits(typed: str) -> str:
    """What was typed, in the digits of any script, without what stands between them."""
    return "".join(str(unicodedata.digit(sign)) for sign in typed[:32] if sign.isdecimal())


async def take(hub: Hub, tx: Connection, name: str, typed: str) -> bool:
    """Whether it is a code of the operator's second factor, and was not used before."""
    sealed, _ = await operators.totp(tx, name)
    try:
        secret = box(hub).open(sealed or "", about=name)
    except Unsealable:  # the key file is another one: an administrator can reset the factor
        return False
    step = matching_step(secret, typed, hub.clock())
    return step is not None and await operators.use_totp_step(tx, name, step)


def uri(hub: Hub, name: str, secret: str) -> str:
    """What an authenticator reads: the secret, whose it is, and of which hub."""
    clock = pyotp.TOTP(secret, digits=DIGITS, interval=STEP_SECONDS)
    return clock.provisioning_uri(name=name, issuer_name=f"Passavant {hub.name}")


def drawing(text: str) -> bytes:
    """The text as a QR code, dark on white in any colour scheme (SVG)."""
    drawn = io.BytesIO()
    segno.make(text, error="m", micro=False).save(
        drawn, kind="svg", scale=6, border=4, dark="#000", light="#fff", xmldecl=True
    )
    return drawn.getvalue()
