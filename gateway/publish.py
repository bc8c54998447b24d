"""What the hub publishes: its guide, schemas, code lists and errors, and a paper's public page.

Pages carry no script and ask nothing of any other host; programs get the same as JSON.
"""

from __future__ import annotations

import io
import json
import re
import zipfile
from asyncio import to_thread
from base64 import b64encode
from collections.abc import Mapping
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from aiohttp import hdrs, web
from jinja2 import Environment, FileSystemLoader
from markupsafe import Markup, escape

from gateway import reference
from gateway.codelists import code_lists
from gateway.hub import HUB, Hub
from gateway.standing import PublicPaper, public_paper
from gateway.token import number_of
from schemas.errors import Code, refused
from schemas.generate import XSD
from schemas.vocabulary import vocabulary
from storage import dossiers, papers

PAGES = Path(__file__).parent / "pages"
STYLE = PAGES.joinpath("style.css").read_text(encoding="utf-8")
ARCHIVE = "passavant-schemas.zip"

#: The errors' hundreds, as `schemas.errors` groups them.
GROUPS = {
    1: "Transport",
    2: "Syntax",
    3: "Signature",
    4: "Access, replay and look-up",
    5: "Envelope and schema",
    6: "Rules of applications and visas",
    7: "Rules of imputations",
    8: "Workflow",
    9: "The hub itself",
}

_NO_SNIFF = {"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer"}
_STYLE_HASH = b64encode(sha256(STYLE.encode()).digest()).decode()
_PAGE_HEADERS = {
    **_NO_SNIFF,
    "Content-Security-Policy": (
        f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; base-uri 'none';"
        " form-action 'none'; frame-ancestors 'none'"
    ),
}
#: What changes only with a new version of the hub may be kept for five minutes.
_KEEP = {"Cache-Control": "public, max-age=300", "Vary": "Accept"}

_CODE = re.compile(r"`([^`]+)`")


def routes() -> list[web.RouteDef]:
    """All that is published without a credential, but for `/verify/{token}`."""
    return [
        web.get("/", start),
        web.get("/docs", docs_page),
        web.get("/openapi.json", openapi_document),
        web.get("/schemas/", schema_list),
        web.get("/schemas/{file}", schema_file),
        web.get("/codes/", code_list_page),
        web.get("/codes/{name}", code_list),
        web.get("/errors/", error_list),
    ]


async def start(_request: web.Request) -> web.Response:
    """`GET /`: leads to the guide."""
    return web.Response(status=302, headers={"Location": "/docs", **_NO_SNIFF})


async def docs_page(request: web.Request) -> web.Response:
    """`GET /docs`: the guide to the running hub, on one page."""
    hub = request.app[HUB]
    page = await to_thread(_docs, hub.name, hub.settings.hub.public_url.rstrip("/"))
    return web.Response(text=page, content_type="text/html", headers={**_PAGE_HEADERS, **_KEEP})


@cache
def _docs(name: str, address: str) -> str:
    """Made once: reading the schemas' words takes a second."""
    words = vocabulary()
    return _page(
        "docs.html",
        title="Guide",
        here="/docs",
        name=name,
        hub=address,
        messages=reference.messages(),
        structures=words.structures,
        scalar_types=words.scalars,
        shared={one.name for one in words.structures} | {one.name for one in words.scalars},
        tags=reference.openapi()["tags"],
        operations=reference.operations(),
        machines=reference.machines(),
        errors=reference.errors(),
    )


async def openapi_document(_request: web.Request) -> web.Response:
    """`GET /openapi.json`: the OpenAPI document as it was written."""
    return web.Response(
        body=await to_thread(reference.OPENAPI.read_bytes),
        content_type="application/json",
        headers={**_NO_SNIFF, **_KEEP},
    )


@cache
def _schema_files() -> Mapping[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(XSD.glob("*.xsd"))}


@cache
def _archive() -> bytes:
    """Every schema in one ZIP, the same bytes each time."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in _schema_files().items():
            archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return out.getvalue()


async def schema_list(request: web.Request) -> web.Response:
    """`GET /schemas/`: every XSD with its namespace."""
    files = (await to_thread(vocabulary)).files
    if wants_json(request):
        return _json(
            [
                {
                    "file": file.name,
                    "namespace": file.namespace,
                    "version": file.version,
                    "link": f"/schemas/{file.name}",
                }
                for file in files
            ]
        )
    return _html("schemas.html", title="Schemas", here="/schemas/", files=files)


async def schema_file(request: web.Request) -> web.Response:
    """`GET /schemas/{file}`: one XSD, or all of them as a ZIP."""
    name = request.match_info["file"]
    if name == ARCHIVE:
        body, media = await to_thread(_archive), "application/zip"
    else:
        found = (await to_thread(_schema_files)).get(name)
        if found is None:
            raise refused(Code.NOT_FOUND)
        body, media = found, "application/xml"
    return web.Response(body=body, content_type=media, headers={**_NO_SNIFF, **_KEEP})


async def code_list_page(request: web.Request) -> web.Response:
    """`GET /codes/`: every code list."""
    lists = (await to_thread(code_lists)).values()
    if wants_json(request):
        return _json(
            [
                {
                    "name": one.name,
                    "source": one.source,
                    "columns": one.columns,
                    "codes": len(one.rows),
                    "link": one.link,
                }
                for one in lists
            ]
        )
    return _html("codes.html", title="Code lists", here="/codes/", lists=lists)


async def code_list(request: web.Request) -> web.Response:
    """`GET /codes/{name}`: one list, as CSV or JSON."""
    found = (await to_thread(code_lists)).get(request.match_info["name"])
    if found is None:
        raise refused(Code.NOT_FOUND)
    if wants_json(request):
        return _json(found.rows)
    return web.Response(
        text=found.text, content_type="text/csv", charset="utf-8", headers={**_NO_SNIFF, **_KEEP}
    )


async def error_list(request: web.Request) -> web.Response:
    """`GET /errors/`: every error; the type of a problem document points into this page."""
    errors = reference.errors()
    if wants_json(request):
        return _json(errors)
    grouped = [{**error, "group": int(error["code"][4])} for error in errors]
    return _html("errors.html", title="Errors", here="/errors/", errors=grouped, groups=GROUPS)


async def verify_page(request: web.Request) -> web.Response:
    """`GET /verify/{token}`: is this paper still good? The same 404 for all that is not ours."""
    hub = request.app[HUB]
    number = number_of(hub, request.match_info["token"])
    paper = None if number is None else await _standing(hub, number)
    status = 404 if paper is None else 200
    headers = {"Cache-Control": "no-store", "X-Robots-Tag": "noindex", "Vary": "Accept"}
    if wants_json(request):
        facts = {"known": False} if paper is None else {"known": True, **paper.facts()}
        return web.json_response(
            text=json.dumps(facts, ensure_ascii=False),
            status=status,
            headers={**_NO_SNIFF, **headers},
        )
    page = _page("verify.html", title="Vérification", lang="fr", paper=paper)
    headers |= _PAGE_HEADERS
    return web.Response(text=page, status=status, content_type="text/html", headers=headers)


async def _standing(hub: Hub, number: str) -> PublicPaper | None:
    async with hub.store.read() as connection:
        found = (await dossiers.load(connection, [number])).get(number)
        kept = await papers.list(connection, number)
    return None if found is None else public_paper(hub, found, kept)


def wants_json(request: web.Request) -> bool:
    """Whether the reader asked for JSON by name, and not for HTML too."""
    accepted = request.headers.get(hdrs.ACCEPT, "").lower()
    return "application/json" in accepted and "text/html" not in accepted


def _json(data: Any) -> web.Response:
    text = json.dumps(data, ensure_ascii=False)
    return web.json_response(text=text, headers={**_NO_SNIFF, **_KEEP})


def _html(template: str, **values: object) -> web.Response:
    return web.Response(
        text=_page(template, **values), content_type="text/html", headers={**_PAGE_HEADERS, **_KEEP}
    )


def _page(template: str, **values: object) -> str:
    return _templates().get_template(template).render(style=Markup(STYLE), **values)  # noqa: S704 (ours)


@cache
def _templates() -> Environment:
    templates = Environment(
        loader=FileSystemLoader(PAGES), autoescape=True, trim_blocks=True, lstrip_blocks=True
    )
    templates.filters["prose"] = prose
    return templates


def prose(text: str) -> Markup:
    """Escaped text with its `code` marked up."""
    return Markup(_CODE.sub(r"<code>\1</code>", str(escape(text))))  # noqa: S704 (escaped)
