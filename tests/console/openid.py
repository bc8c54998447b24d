"""An OpenID provider as a process of its own: honest, unless it is told how to lie.

python -m tests.console.openid     prints its issuer, and serves until it is ended
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import secrets
import time
from typing import Any
from urllib.parse import unquote

from aiohttp import web
from joserfc import jwk, jwt
from yarl import URL

CLIENT, SECRET = "console", "the client's secret: ü&="


class Provider:
    """One key, the codes it gave out, and what it was told to do wrong."""

    def __init__(self) -> None:
        self.key = jwk.ECKey.generate_key("P-256", {"kid": "one", "use": "sig"})
        self.stranger = jwk.ECKey.generate_key("P-256", {"kid": "one", "use": "sig"})
        self.issuer = ""
        self.codes: dict[str, dict[str, str]] = {}
        self.told: dict[str, Any] = {}

    async def behave(self, request: web.Request) -> web.Response:
        """`POST /behave`: how to lie from now on; `{}` for not at all."""
        self.told = await request.json()
        return web.json_response({})

    async def about(self, _request: web.Request) -> web.Response:
        found = {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/jwks",
            **self.told.get("about", {}),
        }
        return web.json_response(found)

    async def authorize(self, request: web.Request) -> web.Response:
        """Who asks is signed in already, and agrees."""
        asked = dict(request.query)
        if asked["client_id"] != CLIENT or asked["code_challenge_method"] != "S256":
            return web.Response(status=400)
        code = secrets.token_urlsafe(16)
        self.codes[code] = asked
        back = {"code": code, "state": asked["state"], **self.told.get("back", {})}
        target = URL(asked["redirect_uri"]).update_query(back)
        return web.Response(status=302, headers={"Location": str(target)})

    async def token(self, request: web.Request) -> web.Response:
        """A code serves once, to the client that asked, with the verifier of its challenge."""
        if "token" in self.told:
            return web.Response(**self.told["token"])
        form = await request.post()
        asked = self.codes.pop(str(form.get("code")), None)
        basic = request.headers.get("Authorization", "").removeprefix("Basic ")
        name, _, secret = base64.b64decode(basic).decode().partition(":")
        known = (unquote(name), unquote(secret)) == (CLIENT, SECRET)
        digest = hashlib.sha256(str(form.get("code_verifier")).encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        fits = asked is not None and asked["code_challenge"] == challenge
        if asked is None or not known or not fits or form["redirect_uri"] != asked["redirect_uri"]:
            return web.json_response({"error": "invalid_grant"}, status=400)
        return web.json_response({"token_type": "Bearer", "id_token": self._id_token(asked)})

    def _id_token(self, asked: dict[str, str]) -> str:
        now = int(time.time())
        claims = {
            "iss": self.issuer,
            "sub": "248289761001",
            "aud": CLIENT,
            "iat": now,
            "exp": now + 300,
            "nonce": asked["nonce"],
            "email": "amina@example.org",
            "email_verified": True,
            **self.told.get("claims", {}),
        }
        claims = {name: value for name, value in claims.items() if value is not None}
        match self.told.get("sign", "right"):
            case "none":
                return f"{_part({'alg': 'none'})}.{_part(claims)}."
            case "shared secret":
                key = jwk.OctKey.import_key(self.key.as_pem(private=False))
                return jwt.encode({"alg": "HS256", "kid": "one"}, claims, key)
            case "another key":
                return jwt.encode({"alg": "ES256", "kid": "one"}, claims, self.stranger)
            case "broken":
                whole = jwt.encode({"alg": "ES256", "kid": "one"}, claims, self.key)
                head, _, tail = whole.split(".")
                return f"{head}.{_part({**claims, 'sub': 'somebody else'})}.{tail}"
            case "garbage":
                return "not.a.token"
        return jwt.encode({"alg": "ES256", "kid": "one"}, claims, self.key)

    async def jwks(self, _request: web.Request) -> web.Response:
        return web.json_response({"keys": [self.key.as_dict(private=False)]})


def _part(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


async def serve() -> None:
    """Serve on a free port of this machine."""
    provider = Provider()
    app = web.Application()
    app.router.add_get("/.well-known/openid-configuration", provider.about)
    app.router.add_get("/authorize", provider.authorize)
    app.router.add_post("/token", provider.token)
    app.router.add_get("/jwks", provider.jwks)
    app.router.add_post("/behave", provider.behave)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    provider.issuer = f"http://127.0.0.1:{runner.addresses[0][1]}"
    print(provider.issuer, flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(serve())
