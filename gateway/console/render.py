"""Makes a page of the console: a template, in the visitor's language, with the hub's hours."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache, lru_cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from aiohttp import web
from babel import dates, numbers
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from gateway.console import assets
from gateway.console.languages import LANGUAGES, direction, region, words
from gateway.console.visit import Visit, visit_of

TEMPLATES = Path(__file__).parent / "templates"

#: The pages of the menu, in its order: address and English name.
MENU = (
    ("/console/", "Now"),
    ("/console/messages", "Messages"),
    ("/console/dossiers", "Dossiers"),
    ("/console/queue", "Queue"),
    ("/console/acts", "Acts"),
    ("/console/partners", "Partners"),
    ("/console/alerts", "Alerts"),
    ("/console/journal", "Journal"),
    ("/console/people", "People"),
)


def render(
    request: web.Request, template: str, *, status: int = 200, **values: object
) -> web.Response:
    """A whole page for whoever asked."""
    tongues = {tongue: str(request.rel_url.update_query(lang=tongue)) for tongue in LANGUAGES}
    return web.Response(
        text=fragment(visit_of(request), template, here=request.path, tongues=tongues, **values),
        status=status,
        content_type="text/html",
    )


def fragment(visit: Visit, template: str, *, here: str = "", **values: object) -> str:
    """The text of a page or of a part of one."""
    now = visit.hub.clock()
    tone = _Written(visit.language, visit.hub.settings.console.timezone, now)
    page = _templates(visit.language).get_template(template)
    return page.render(visit=visit, here=here, now=now, written=tone, menu=_menu(here), **values)


def _menu(here: str) -> list[tuple[str, str, bool]]:
    """Each entry with whether the page is it, or below it."""
    return [
        (path, name, here == path or (path != "/console/" and here.startswith(path)))
        for path, name in MENU
    ]


@cache
def _templates(language: str) -> Environment:
    templates = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    said, locale = words(language), region(language)
    templates.globals.update(
        {
            "_": said.one,
            "ngettext": said.many,
            "language": language,
            "languages": LANGUAGES,
            "direction": direction,
            "static": assets.address,
        }
    )
    templates.filters.update(
        {
            "number": lambda value: _number(value, locale),
            "percent": lambda value: numbers.format_percent(value, locale=locale),
            "bytes": lambda value: _bytes(value, language),
        }
    )
    return templates


@lru_cache(4096)  # charts write the same small numbers hundreds of times
def _number(value: Decimal | float, locale: str) -> str:
    return numbers.format_decimal(value, locale=locale)


@lru_cache(4096)  # likewise the same instants
def _instant(at: datetime, pattern: str, zone: ZoneInfo, locale: str) -> str:
    return dates.format_datetime(at, pattern, tzinfo=zone, locale=locale)


def _bytes(value: float, language: str) -> Markup:
    """A size in octets, by thousands: in French `Mo`, elsewhere `MB`."""
    power = next((power for power in range(4) if value < 1000 ** (power + 1)), 4)
    unit = ("", "k", "M", "G", "T")[power] + ("o" if language == "fr" else "B")
    digits = "#,##0.#" if power else "#,##0"
    text = numbers.format_decimal(value / 1000**power, digits, locale=region(language))
    return Markup('<bdi dir="ltr">{}&nbsp;{}</bdi>').format(text, unit)


class _Written:
    """How instants and days are written for one visitor at one moment."""

    def __init__(self, language: str, zone: str, now: datetime) -> None:
        self._locale, self._zone, self._now = region(language), ZoneInfo(zone), now

    def instant(self, at: datetime, pattern: str = "medium") -> str:
        """Day and hour in the hub's zone."""
        return _instant(at, pattern, self._zone, self._locale)

    def hour(self, at: datetime) -> str:
        """The hour alone, with seconds."""
        return _instant(at, "HH:mm:ss", self._zone, self._locale)

    def day(self, at: datetime | date) -> str:
        """The day alone."""
        local = at.astimezone(self._zone).date() if isinstance(at, datetime) else at
        return dates.format_date(local, "medium", locale=self._locale)

    def ago(self, at: datetime) -> str:
        """How long ago, or in how long, in words."""
        found: str = dates.format_timedelta(
            at - self._now, add_direction=True, locale=self._locale, format="long"
        )
        return found

    def machine(self, at: datetime) -> str:
        """As programs read it (ISO 8601, UTC)."""
        return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def local_day(visit: Visit, at: datetime) -> date:
    """The day on which an instant falls in the hub's zone."""
    return at.astimezone(ZoneInfo(visit.hub.settings.console.timezone)).date()


def day_begins(visit: Visit, day: date) -> datetime:
    """The instant at which a day begins in the hub's zone."""
    zone = ZoneInfo(visit.hub.settings.console.timezone)
    return datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)


Values = dict[str, Any]
