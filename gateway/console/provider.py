"""An OpenID provider, asked who somebody is: discovery, code for token, token verified.

OpenID Connect Core 1.0, section 3.1 (authorization code flow), with PKCE (RFC 7636) and the issuer
in the answer (RFC 9207). What the provider says is believed only under its own signature.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import aiohttp
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from yarl import URL

from gateway.config import ConsoleSettings

ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"]
LEEWAY_SECONDS = 60  #: by which the provider's clock may differ
ANSWER_MOST = 256 * 1024
TIMEOUT = aiohttp.ClientTimeout(total=10)


class Distrusted(Exception):
    """What came from the provider, or in its name, is not believed; the text is for the log."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a browser was sent to the provider with, kept until it comes back."""

    state: str
    nonce: str
    verifier: str
    target: str  #: where in the console it goes afterwards
    until: int  #: seconds since 1970

    @classmethod
    def anew(cls, target: str, until: datetime) -> Asked:
        """Three random values, of 256 bits each."""
        state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
        return cls(
            state=state,
            nonce=nonce,
            verifier=verifier,
            target=target,
            until=int(until.timestamp()),
        )

    def text(self) -> str:
        """For a cookie, sealed."""
        return json.dumps(asdict(self))

    @classmethod
    def of(cls, text: str) -> Asked:
        """What `text` wrote."""
        return cls(**json.loads(text))


@dataclass(frozen=True, slots=True, kw_only=True)
class Vouched:
    """Whom the provider vouches for."""

    subject: str  #: `issuer|sub`, which nobody else has
    email: str | None  #: only when the provider verified it


class Provider:
    """The provider of the settings, over an HTTP client that follows no redirect."""

    def __init__(
        self, settings: ConsoleSettings, folder: Path, http: aiohttp.ClientSession
    ) -> None:
        self._settings, self._folder, self._http = settings, folder, http
        self._issuer = settings.oidc_issuer

    async def authorization(self, asked: Asked, redirect: str) -> str:
        """Where to send the browser."""
        about = await self._about()
        challenge = hashlib.sha256(asked.verifier.encode()).digest()
        return str(
            URL(_endpoint(about, "authorization_endpoint")).update_query(
                response_type="code",
                scope="openid email",
                client_id=self._settings.oidc_client_id,
                redirect_uri=redirect,
                state=asked.state,
                nonce=asked.nonce,
                code_challenge=base64.urlsafe_b64encode(challenge).rstrip(b"=").decode(),
                code_challenge_method="S256",
            )
        )

    async def vouched(self, asked: Asked, code: str, redirect: str, now: datetime) -> Vouched:
        """Whom the code stands for; raises `Distrusted`."""
        about = await self._about()
        answer = await self._answer(
            "POST", _endpoint(about, "token_endpoint"), **self._grant(about, asked, code, redirect)
        )
        keys = await self._answer("GET", _endpoint(about, "jwks_uri"))
        claims = self._claims(str(answer.get("id_token", "")), keys, asked.nonce, now)
        verified = claims.get("email_verified") is True and isinstance(claims.get("email"), str)
        return Vouched(
            subject=f"{self._issuer}|{claims['sub']}",
            email=claims["email"] if verified else None,
        )

    def _grant(
        self, about: Mapping[str, Any], asked: Asked, code: str, redirect: str
    ) -> dict[str, Any]:
        """The form that changes the code into a token, and how this client proves itself."""
        client, secret = self._settings.oidc_client_id, self._secret()
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect,
            "code_verifier": asked.verifier,
        }
        ways = about.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
        if secret is not None and "client_secret_basic" in ways:
            pair = f"{quote(client, safe='')}:{quote(secret, safe='')}".encode()
            basic = f"Basic {base64.b64encode(pair).decode()}"
            return {"data": form, "headers": {"Authorization": basic}}
        form["client_id"] = client
        if secret is not None:
            form["client_secret"] = secret
        return {"data": form}

    def _secret(self) -> str | None:
        file = self._settings.oidc_secret_file
        return None if file is None else (self._folder / file).read_text(encoding="utf-8").strip()

    def _claims(
        self, token: str, keys: Mapping[str, Any], nonce: str, now: datetime
    ) -> dict[str, Any]:
        """The token's claims, signed by the provider, for this client and this sign-in."""
        client = self._settings.oidc_client_id
        rules = jwt.JWTClaimsRegistry(
            now=int(now.timestamp()),
            leeway=LEEWAY_SECONDS,
            iss={"essential": True, "value": self._issuer},
            aud={"essential": True, "value": client},
            nonce={"essential": True, "value": nonce},
            sub={"essential": True},
            exp={"essential": True},
            iat={"essential": True},
        )
        try:
            known = KeySet.import_key_set({"keys": list(keys["keys"])})
            claims = jwt.decode(token, known, algorithms=ALGORITHMS).claims
            rules.validate(claims)
        except (JoseError, ValueError, KeyError, TypeError) as problem:
            raise Distrusted(f"the ID token is not believed: {problem!r}") from problem
        others = claims["aud"] if isinstance(claims["aud"], list) else []
        if claims.get("azp", client) != client or (len(others) > 1 and "azp" not in claims):
            raise Distrusted("the ID token was made for another client")
        if not claims["sub"] or len(claims["sub"]) > 255:
            raise Distrusted("the ID token names nobody")
        return claims

    async def _about(self) -> dict[str, Any]:
        """What the provider says of itself; it must be the one that was configured."""
        address = f"{self._issuer.rstrip('/')}/.well-known/openid-configuration"
        about = await self._answer("GET", address)
        if about.get("issuer") != self._issuer:
            raise Distrusted(f"{address} speaks for another issuer")
        return about

    async def _answer(self, method: str, address: str, **options: Any) -> dict[str, Any]:
        """A JSON object from the provider; a redirect is none."""
        options["headers"] = {"Accept": "application/json", **options.get("headers", {})}
        try:
            async with self._http.request(
                method, address, allow_redirects=False, timeout=TIMEOUT, **options
            ) as answer:
                content = await answer.content.read(ANSWER_MOST + 1)
                while len(content) <= ANSWER_MOST and not answer.content.at_eof():
                    content += await answer.content.read(ANSWER_MOST + 1 - len(content))
        except (aiohttp.ClientError, TimeoutError, ValueError) as problem:
            raise Distrusted(f"{address} does not answer: {problem!r}") from problem
        if answer.status != 200 or len(content) > ANSWER_MOST:
            raise Distrusted(f"{address} answered {answer.status}")
        try:
            found = json.loads(content)
        except ValueError as problem:
            raise Distrusted(f"{address} answered no JSON") from problem
        if not isinstance(found, dict):
            raise Distrusted(f"{address} answered no object")
        return found


def _endpoint(about: Mapping[str, Any], name: str) -> str:
    """An address that the provider gives of itself: HTTPS, or on this machine as the issuer."""
    found = about.get(name)
    if not isinstance(found, str):
        raise Distrusted(f"the provider has no {name}")
    parts = urlsplit(found)
    own = parts.scheme == "http" and parts.hostname in {"127.0.0.1", "localhost"}
    if parts.scheme != "https" and not (own and about["issuer"].startswith("http://")):
        raise Distrusted(f"the provider's {name} is not HTTPS")
    return found
