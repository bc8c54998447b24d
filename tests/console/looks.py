"""What every page must be, in each language, light and dark, wide and on a phone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gateway.console.languages import catalogue
from tests.console.browser import PHONE, WIDE, Desk
from tests.console.crawl import Found
from tests.console.scene import Scene

#: Words of the console in the page that are not of its language: text, labels, values of buttons.
_WORDS = """
() => {
  const foreign = "bdi, pre, code, time, script, style, textarea, [dir=ltr], .id";
  const own = (element) => {
    if (element.matches("option") && element.value === element.text) return false;
    const tongue = element.closest("[lang]");
    return !element.closest(foreign) && (!tongue || tongue === document.documentElement);
  };
  const found = [];
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walk.nextNode(); node; node = walk.nextNode()) {
    if (own(node.parentElement)) found.push(node.data);
  }
  for (const name of ["aria-label", "placeholder", "title", "data-label", "alt"]) {
    for (const element of document.querySelectorAll(`[${name}]`)) {
      if (own(element)) found.push(element.getAttribute(name));
    }
  }
  return found.map((text) => text.replace(/\\s+/g, " ").trim()).filter((text) => text);
}
"""
#: Names that Arabic writes in Latin letters too.
_LATIN = {
    *("Passavant", "passavant", "XML", "JSON", "CSV", "PDF", "SHA", "TOTP", "HTTP", "HTTPS"),
    *("SQLite", "PostgreSQL", "OpenID", "Connect", "ICE", "URL", "PSV", "argon", "KGM", "EUR"),
    *("MAD", "PEM", "RFC", "IBAN", "UTC", "XAdES", "ECDSA", "RSA", "ZIP", "SMTP", "webhook"),
}


def english(words: list[str], language: str) -> list[str]:
    """Those of the words that stand there in English."""
    translated = {
        str(message.id): str(message.string)
        for message in catalogue(language)
        if isinstance(message.id, str) and message.id
    }
    return sorted(
        {
            text
            for text in words
            if translated.get(text, text) != text or (language == "ar" and _is_latin(text))
        }
    )


def _is_latin(text: str) -> bool:
    """Whether a word of four Latin letters or more stands in it."""
    word = ""
    for letter in text + " ":
        if letter.isascii() and letter.isalpha():
            word += letter
            continue
        if len(word) >= 4 and word not in _LATIN:
            return True
        word = ""
    return False


#: The shape of the page: what each must have, as far as no rule of axe-core asks for it.
_SHAPE = """
() => ({
  lang: document.documentElement.lang,
  dir: document.documentElement.dir,
  headings: document.querySelectorAll("h1").length,
  mains: document.querySelectorAll("main").length,
  unsealed: [...document.querySelectorAll("form[method=post i]")]
    .filter((form) => !form.querySelector("[name=csrf]")).length,
  handlers: [...document.querySelectorAll("*")].filter((element) =>
    [...element.attributes].some((a) => a.name.startsWith("on") || a.name === "style")).length,
  inline: [...document.scripts].filter((script) => !script.src).length,
})
"""


async def faults(desk: Desk, path: str) -> list[str]:
    """All that is wrong with a page, in one language."""
    await desk.page.set_viewport_size(WIDE)  # type: ignore[arg-type] # the same two numbers
    await desk.page.emulate_media(color_scheme="light")
    await desk.go(path)
    found = [f"english: {text}" for text in english(await _words(desk), desk.language)]
    found += _misshapen(await desk.page.evaluate(_SHAPE), desk.language)
    for size, name in ((WIDE, "wide"), (PHONE, "phone")):
        await desk.page.set_viewport_size(size)  # type: ignore[arg-type] # likewise
        if (pixels := await desk.overflow()) > 0:
            found.append(f"{name}: {pixels} pixels too wide")
        await desk.page.emulate_media(color_scheme="light")
        found += [f"{name}: {barrier}" for barrier in await desk.barriers()]
        await desk.page.emulate_media(color_scheme="dark")
        found += [f"{name}, dark: {barrier}" for barrier in await desk.barriers("color-contrast")]
    return [f"{path} {fault}" for fault in found]


async def chosen(night: Scene, found: Found) -> list[str]:
    """One page of each route, and those on which most can be seen."""
    job = (await night.poison())[0].id
    return [
        *(addresses[0] for addresses in found.pages.values() if addresses),
        f"/messages/received/{await night.message_id('hostile')}",
        f"/dossiers/{night.dossiers['used']}",
        f"/queue/{job}",
        f"/acts/new?act=release&job={job}",
        "/partners/banque-atlas",
        "/journal?view=all",
    ]


async def _words(desk: Desk) -> list[str]:
    found: list[str] = await desk.page.evaluate(_WORDS)
    return found


def _misshapen(shape: Mapping[str, Any], language: str) -> list[str]:
    wanted = {
        "lang": language,
        "dir": "rtl" if language == "ar" else "ltr",
        "headings": 1,
        "mains": 1,
        "unsealed": 0,
        "handlers": 0,
        "inline": 0,
    }
    return [f"{name} is {shape[name]}" for name in wanted if shape[name] != wanted[name]]
