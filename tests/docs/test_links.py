"""Links between the pages lead somewhere, and what the pages name exists."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from docs.chapters import anchor

HOUSE = Path(__file__).parent.parent.parent
PAGES = sorted([HOUSE / "README.md", HOUSE / "CHANGELOG.md", *(HOUSE / "docs").rglob("*.md")])
LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)")
FENCE = re.compile(r"^( *```).*?^\1", re.MULTILINE | re.DOTALL)
CODE = re.compile(r"`[^`]*`")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
NAMED = re.compile(
    r"`((?:gateway|handlers|storage|schemas|tests|docs|samples)/[\w./-]+\.(?:py|md|xsd|json))`"
)
#: Files that the example of the how-to makes.
EXAMPLE = re.compile(r"dossier_note|DossierNote")


def prose(page: Path) -> str:
    return FENCE.sub("", page.read_text(encoding="utf-8"))


def anchors(page: Path) -> set[str]:
    text = prose(page)
    return {anchor(title) for title in HEADING.findall(text)} | set(
        re.findall(r'<a id="([^"]+)">', text)
    )


def links(page: Path) -> Iterator[tuple[Path, str]]:
    for target in LINK.findall(CODE.sub("", prose(page))):
        if "://" not in target:
            path, _, fragment = target.partition("#")
            yield (page.parent / path if path else page), fragment


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(HOUSE)))
def test_every_link_within_the_docs_leads_somewhere(page: Path) -> None:
    for target, fragment in links(page):
        assert target.exists(), f"{page.name}: {target}"
        if fragment:
            assert fragment in anchors(target), f"{page.name}: {target}#{fragment}"


def test_the_pages_are_linked_to_one_another() -> None:
    reached = {target.resolve() for page in PAGES for target, _ in links(page)}
    wanted = {page for page in PAGES if page.parent != HOUSE and page.name != "README.md"}
    assert wanted - reached == set()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(HOUSE)))
def test_every_file_that_a_page_names_is_there(page: Path) -> None:
    for name in NAMED.findall(prose(page)):
        if not EXAMPLE.search(name):
            assert (HOUSE / name).exists(), f"{page.name}: {name}"
