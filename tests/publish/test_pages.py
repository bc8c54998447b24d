"""What an integrator reads: whole, consistent, and harmless to the reader."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import io
import re
import subprocess
import zipfile
from pathlib import Path

import aiohttp
import pytest

from gateway.publish import prose
from handlers.registry import registry
from schemas.catalogue import catalogue
from schemas.errors import Code
from schemas.generate import XSD

PAGES = ["/docs", "/schemas/", "/codes/", "/errors/"]
JSON = {"Accept": "application/json"}
HREF = re.compile(r'href="([^"]+)"')
ID = re.compile(r'\bid="([^"]+)"')
STYLE = re.compile(r"<style>(.*)</style>", re.DOTALL)


async def text(reader: aiohttp.ClientSession, path: str) -> str:
    async with reader.get(path) as answer:
        assert answer.status == 200
        return await answer.text()


def xmllint(schema: Path, message: Path) -> subprocess.CompletedProcess[str]:
    command = ["xmllint", "--noout", "--schema", str(schema), str(message)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("path", PAGES)
async def test_a_page_runs_no_script_and_asks_nobody_else(
    reader: aiohttp.ClientSession, path: str
) -> None:
    async with reader.get(path) as answer:
        policy = answer.headers["Content-Security-Policy"]
        page = await answer.text()
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "default-src 'none'" in policy
    assert "script" not in policy
    assert "unsafe" not in policy
    assert "<script" not in page
    assert not re.search(r'(?:href|src)="(?:https?:)?//', page)


@pytest.mark.parametrize("path", PAGES)
async def test_the_policy_allows_exactly_the_style_of_the_page(
    reader: aiohttp.ClientSession, path: str
) -> None:
    async with reader.get(path) as answer:
        policy = answer.headers["Content-Security-Policy"]
        style = STYLE.search(await answer.text())
    assert style is not None
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    assert f"style-src 'sha256-{digest}'" in policy
    assert " style=" not in policy


async def test_every_link_of_every_page_leads_somewhere(reader: aiohttp.ClientSession) -> None:
    anchors = {path: set(ID.findall(await text(reader, path))) for path in PAGES}
    links = {(path, link) for path in PAGES for link in HREF.findall(await text(reader, path))}
    assert len(links) > 100
    for path, link in sorted(links):
        target, _, anchor = link.partition("#")
        target = target or path
        if anchor:
            assert anchor in anchors[target], f"{path}: {link}"
        else:
            async with reader.get(target) as answer:
                assert answer.status == 200, f"{path}: {link}"


async def test_no_identifier_stands_twice_in_a_page(reader: aiohttp.ClientSession) -> None:
    for path in PAGES:
        found = ID.findall(await text(reader, path))
        assert sorted(set(found)) == sorted(found)


async def test_the_start_leads_to_the_guide(reader: aiohttp.ClientSession) -> None:
    async with reader.get("/", allow_redirects=False) as answer:
        assert (answer.status, answer.headers["Location"]) == (302, "/docs")


async def test_the_guide_tells_every_message_with_its_senders(
    reader: aiohttp.ClientSession,
) -> None:
    page = await text(reader, "/docs")
    assert len(catalogue()) >= 12
    for name, kind in catalogue().items():
        assert f'id="{name}"' in page
        assert kind.namespace in page
    for handler in registry().handlers.values():
        others = registry().of_type(handler.type)  # one for each procedure that knows the type
        roles = ", ".join(sorted({role.value for one in others for role in one.roles}))
        title = page[page.index(f'<h3 id="{handler.type}">') :]
        assert f"{roles} → hub" in title[: title.index("</h3>")]


async def test_schemas_are_served_as_they_are(reader: aiohttp.ClientSession) -> None:
    async with reader.get("/schemas/", headers=JSON) as answer:
        listed = await answer.json()
    assert {one["file"] for one in listed} == {path.name for path in XSD.glob("*.xsd")}
    for one in listed:
        async with reader.get(one["link"]) as answer:
            assert answer.content_type == "application/xml"
            assert await answer.read() == (XSD / one["file"]).read_bytes()


async def test_the_archive_is_enough_to_validate_with(
    reader: aiohttp.ClientSession, tmp_path: Path
) -> None:
    async with reader.get("/schemas/passavant-schemas.zip") as answer:
        assert answer.content_type == "application/zip"
        zipfile.ZipFile(io.BytesIO(await answer.read())).extractall(tmp_path)
    message = tmp_path / "message.xml"
    message.write_text("<StandardBusinessDocument/>")
    found = await asyncio.to_thread(xmllint, tmp_path / "passavant.xsd", message)
    assert found.returncode == 3, found.stderr  # the schema was read, and the message refused
    assert "fails to validate" in found.stderr


@pytest.mark.parametrize(
    "path", ["/schemas/none.xsd", "/schemas/..%2Fparse.py", "/codes/none", "/codes/..%2Funits"]
)
async def test_what_is_not_published_is_not_found(reader: aiohttp.ClientSession, path: str) -> None:
    async with reader.get(path) as answer:
        assert answer.status == 404
        assert answer.content_type == "application/problem+json"


async def test_code_lists_are_the_files_and_the_same_as_json(
    reader: aiohttp.ClientSession,
) -> None:
    async with reader.get("/codes/", headers=JSON) as answer:
        names = {one["name"] for one in await answer.json()}
    files = {path.stem: path for path in (XSD.parent / "codes").glob("*.csv")}
    assert names == files.keys() | {"countries", "currencies", "subheadings"}
    assert len(files) >= 5
    for name, path in files.items():
        assert await text(reader, f"/codes/{name}") == path.read_text(encoding="utf-8")
        async with reader.get(f"/codes/{name}", headers=JSON) as answer:
            rows = await answer.json()
        assert all(row["code"] and row["fr"] for row in rows)


async def test_countries_and_currencies_have_their_french_names(
    reader: aiohttp.ClientSession,
) -> None:
    async with reader.get("/codes/countries", headers=JSON) as answer:
        countries = {row["code"]: row["fr"] for row in await answer.json()}
    async with reader.get("/codes/currencies", headers=JSON) as answer:
        currencies = {row["code"]: row for row in await answer.json()}
    assert countries["MA"] == "Maroc"
    assert currencies["MAD"]["decimals"] == "2"
    assert currencies["JPY"]["decimals"] == "0"
    assert len(countries) > 240


async def test_every_error_has_its_anchor_and_its_entry(reader: aiohttp.ClientSession) -> None:
    page = await text(reader, "/errors/")
    async with reader.get("/errors/", headers=JSON) as answer:
        entries = {entry["code"]: entry for entry in await answer.json()}
    assert entries.keys() == {code.label for code in Code}
    for code in Code:
        assert f'id="{code.label}"' in page
        assert (entries[code.label]["status"], entries[code.label]["fr"]) == (
            code.status,
            code.text.fr,
        )


async def test_the_type_of_a_problem_leads_to_its_error(reader: aiohttp.ClientSession) -> None:
    async with reader.get("/mailbox") as answer:
        assert answer.status == 401
        path, _, anchor = (await answer.json())["type"].partition("#")
    assert f'id="{anchor}"' in await text(reader, path)


def test_prose_marks_code_up_and_nothing_else() -> None:
    assert prose("`a<b` & <i>") == "<code>a&lt;b</code> &amp; &lt;i&gt;"
