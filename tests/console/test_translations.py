"""Every sentence of the console is there in French and in Arabic, with the same fields."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from jinja2 import Environment
from jinja2.ext import babel_extract

from gateway.acts.registry import ACTS
from gateway.console.languages import LOCALE, catalogue
from gateway.console.render import MENU, TEMPLATES

ROOT = Path(__file__).parents[2]
TONGUES = ("fr", "ar")
#: Python that makes sentences for operators, to be translated where they are shown.
SOURCES = ("gateway/acts", "gateway/console", "gateway/people.py", "gateway/passwords.py")
#: Calls whose text is a msgid, and which of their arguments it is.
CALLS = {"Impossible", "Weak", "NotYours"}
_FIELD = re.compile(r"%\((\w+)\)[sd]")
_OPTIONS = {"trim_blocks": "true", "lstrip_blocks": "true", "silent": "false"}


def _templates() -> Iterator[tuple[str, str]]:
    """Every msgid of the templates, with where it stands; plurals with both forms."""
    for path in sorted(TEMPLATES.rglob("*.html")):
        with path.open("rb") as opened:
            for line, _call, found, _notes in babel_extract(
                opened, ("_", "ngettext"), (), dict(_OPTIONS)
            ):
                texts = found if isinstance(found, tuple) else (found,)
                first = next((text for text in texts if text), None)
                if first is not None:
                    yield f"{path.name}:{line}", first


def _files() -> Iterator[Path]:
    for source in SOURCES:
        path = ROOT / source
        yield from sorted(path.rglob("*.py")) if path.is_dir() else (path,)


def _strings(node: ast.AST) -> Iterator[str]:
    for inner in ast.walk(node):
        if isinstance(inner, ast.Constant) and isinstance(inner.value, str):
            yield inner.value


def _python() -> Iterator[tuple[str, str]]:
    """Texts of `Impossible` and its like, and of `cautions`."""
    for path in _files():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            name = node.func.id if isinstance(node.func, ast.Name) else ""
            texts = list(_strings(node.args[0])) if name in CALLS and node.args else []
            for keyword in node.keywords:
                if keyword.arg == "cautions":
                    texts += _strings(keyword.value)
            for text in texts:
                yield f"{path.relative_to(ROOT)}:{node.lineno}", text


def _named() -> Iterator[tuple[str, str]]:
    """The menu's entries and the titles of the acts."""
    for _path, name in MENU:
        yield "menu", name
    for act in ACTS.values():
        yield f"act {act.kind}", act.title


def _forms(text: object) -> tuple[str, ...]:
    """A msgid or its translation: one form, or several."""
    return tuple(map(str, text)) if isinstance(text, list | tuple) else (str(text or ""),)


@pytest.mark.parametrize("tongue", TONGUES)
@pytest.mark.parametrize("source", [_templates, _python, _named])
def test_every_sentence_is_translated(source: object, tongue: str) -> None:
    assert callable(source)
    known = {_forms(m.id)[0] for m in catalogue(tongue) if m.id and all(_forms(m.string))}
    missing = sorted({f"{text!r} ({where})" for where, text in source() if text not in known})
    assert missing == []


@pytest.mark.parametrize("tongue", TONGUES)
def test_a_translation_has_the_fields_of_its_sentence(tongue: str) -> None:
    wrong = []
    for message in catalogue(tongue):
        if not message.id:
            continue
        ids, strings = _forms(message.id), _forms(message.string)
        allowed = {field for text in ids for field in _FIELD.findall(text)}
        wrong += [text for text in strings if not set(_FIELD.findall(text)) <= allowed]
        # The first form may say "one" in words; the last is for any number, and names every field.
        wrong += [strings[-1]] * (set(_FIELD.findall(strings[-1])) != allowed)
        wrong += [text for text in strings if "%" in _FIELD.sub("", text).replace("%%", "")]
    assert wrong == []


@pytest.mark.parametrize("tongue", TONGUES)
def test_no_two_rooms_translate_a_sentence_differently(tongue: str) -> None:
    seen: dict[object, tuple[object, str]] = {}
    differing = []
    for file in sorted((LOCALE / tongue).glob("*.po")):
        with file.open("rb") as opened:
            for message in read_po(opened, locale=tongue, abort_invalid=True):
                if not message.id:
                    continue
                before = seen.setdefault(message.id, (message.string, file.name))
                if before[0] != message.string:
                    differing.append(f"{message.id}: {before[1]}, {file.name}")
    assert differing == []


@pytest.mark.parametrize("tongue", TONGUES)
def test_the_languages_have_the_same_files(tongue: str) -> None:
    english = {file.name for tongue in TONGUES for file in (LOCALE / tongue).glob("*.po")}
    assert {file.name for file in (LOCALE / tongue).glob("*.po")} == english


def test_arabic_is_written_in_arabic() -> None:
    latin = [
        str(message.id)
        for message in catalogue("ar")
        if message.id and not re.search(r"[\u0600-\u06ff]", str(message.string))
    ]
    assert latin == []


def test_the_templates_read_as_templates() -> None:
    """A template that does not compile would be found by the page that nobody opened."""
    for path in TEMPLATES.rglob("*.html"):
        Environment(autoescape=True).parse(path.read_text(encoding="utf-8"))
