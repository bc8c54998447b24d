"""What `GET /dossiers` is asked: filters by name, each value read or refused by its name."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Protocol, TypeVar

from gateway.directory import Known
from handlers.days import midnight
from handlers.registry import Procedure, Registry
from schemas.errors import Code, Refused, refused
from schemas.facets import amount, words
from storage.search import Range, Wanted

Read = TypeVar("Read")

MODES = ("manage", "consult")
OWN = "own"  #: the working list of whoever files dossiers
MINE = "mine"  #: the working list of one agent, who must be named
MOST = 100  #: dossiers on a page
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_AMOUNT = re.compile(r"[0-9]{1,18}(\.[0-9]{1,6})?")


class Query(Protocol):
    """A query string: names with values, in which a name may stand more than once."""

    def keys(self) -> object: ...
    def getall(self, key: str, default: list[str]) -> list[str]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One page of dossiers as it was asked for; what the partner may see is decided elsewhere."""

    wanted: Wanted = field(default_factory=Wanted)
    list: str | None = None  #: a procedure's working list, or `own`
    manage: bool = False  #: only those the partner is to act on
    before: tuple[datetime, str] | None = None
    limit: int = 10


def _text(text: str) -> list[str]:
    return [text.strip()] if text.strip() else []


def _code(text: str) -> list[str]:
    return _text(text.upper())


def _amount(text: str) -> list[str]:
    return [amount(Decimal(text))] if _AMOUNT.fullmatch(text) else []


#: A filter's facet, and how its value is taken apart; several values must all be borne.
FACETS: Mapping[str, tuple[str, Callable[[str], list[str]]]] = {
    "exporter": ("exporter", words),
    "ice": ("ice", _text),
    "register": ("register", _text),
    "consignee": ("consignee", words),
    "category": ("category", _code),
    "currency": ("currency", _code),
    "total": ("total", _amount),
    "customs_procedure": ("procedure", _text),
    "customs_office": ("office", _text),
    "payment": ("payment", _code),
    "incoterm": ("incoterm", _code),
    "country": ("country", _code),
    "code": ("code", _text),
    "origin": ("origin", _code),
    "invoice": ("invoice", _text),
    "visa": ("visa", _text),
    "declaration": ("declaration", _text),
    "registration": ("registration", _text),
    "service": ("service", _code),
    "agent": ("assignee", _text),
    "exit_point": ("exit_point", _code),
    "transport": ("transport", _text),
    "certificate": ("certificate", _text),
}
OTHERS = (
    "number",
    "procedure",
    "state",
    "owner",
    "opened_from",
    "opened_until",
    "changed_from",
    "changed_until",
    "list",
    "mode",
    "before",
    "limit",
)
NAMES = (*OTHERS, *FACETS)

_MONTH = ("un mois AAAA-MM, pas avant le premier", "a month YYYY-MM, not before the first")
_WANTED = {
    "period_from": _MONTH,
    "period_until": _MONTH,
    "by": ("des colonnes, séparées par des virgules", "columns, separated by commas"),
    "total": ("un montant tel que 25000.50", "an amount such as 25000.50"),
    "state": ("des états, séparés par des virgules", "states, separated by commas"),
    "procedure": ("une procédure", "a procedure"),
    "list": ("une liste de travail", "a working list"),
    "service": ("le code d’un service", "the code of a service"),
    "agent": ("l’identifiant d’un agent", "the identifier of an agent"),
    "mode": ("manage ou consult", "manage or consult"),
    "limit": (f"un nombre de 1 à {MOST}", f"a number from 1 to {MOST}"),
    "before": ("le « next » de la page précédente", "the “next” of the page before"),
}
_INSTANT = (
    "une date AAAA-MM-JJ, ou un instant avec son fuseau",
    "a date YYYY-MM-DD, or an instant with its time zone",
)
_VALUE = ("une valeur, une seule fois", "one value, once")


def unknown(name: str, known: Iterable[str] = NAMES) -> Refused:
    """The refusal of a filter that there is not, or not for this partner."""
    return refused(Code.FILTER_UNKNOWN, name=name[:64], known=", ".join(known))


def unreadable(name: str, text: str) -> Refused:
    """The refusal of a value that its filter cannot be read from."""
    is_instant = name.endswith(("_from", "_until")) and name not in _WANTED
    french, english = _INSTANT if is_instant else _WANTED.get(name, _VALUE)
    return refused(
        Code.FILTER_UNREADABLE, name=name, found=text[:64], wanted_fr=french, wanted_en=english
    )


def only(query: Query, names: Collection[str]) -> None:
    """Refuse the first name in a query that is none of these."""
    for name in query.keys():  # type: ignore[attr-defined] # noqa: SIM118 (a name may stand twice)
        if name not in names:
            raise unknown(name, names)


def read(query: Query, registry: Registry) -> Asked:
    """What is asked for; raises `Refused` for the first name or value that cannot be read."""
    only(query, NAMES)

    def one(name: str, take: Callable[[str], Read | None]) -> Read | None:
        return one_of(query, name, take)

    listed = one("list", lambda text: _list(text, registry))
    if listed == MINE and not query.getall("agent", []):
        raise unreadable("agent", "")
    wanted = Wanted(
        number=one("number", _word),
        owner=one("owner", _word),
        procedures=one("procedure", lambda text: _procedure(text, registry)),
        states=one("state", lambda text: _states(text, registry)),
        facets=_facets(query),
        opened=_range(query, "opened"),
        changed=_range(query, "changed"),
    )
    return Asked(
        wanted=wanted,
        list=listed,
        manage=one("mode", lambda text: text if text in MODES else None) == "manage",
        before=one("before", _place),
        limit=one("limit", _limit) or 10,
    )


def one_of(query: Query, name: str, take: Callable[[str], Read | None]) -> Read | None:
    """The value of a filter that stands once at most."""
    found = query.getall(name, [])
    if not found:
        return None
    try:
        value = take(found[0]) if len(found) == 1 and found[0].isprintable() else None
    except (ValueError, OverflowError):
        value = None
    if value is None:
        raise unreadable(name, ", ".join(found))
    return value


def _facets(query: Query) -> frozenset[tuple[str, str]]:
    found: set[tuple[str, str]] = set()
    for name, (facet, apart) in FACETS.items():
        for text in query.getall(name, []):
            values = apart(text) if text.isprintable() else []
            if not values:
                raise unreadable(name, text)
            found |= {(facet, value) for value in values}
    return frozenset(found)


def _range(query: Query, name: str) -> Range:
    return one_of(query, f"{name}_from", _instant), one_of(query, f"{name}_until", _instant)


def _instant(text: str) -> datetime | None:
    """The instant, or the beginning of the day in Morocco."""
    if _DAY.fullmatch(text):
        return midnight(date.fromisoformat(text))
    found = datetime.fromisoformat(text.replace(" ", "+"))  # an offset's plus, unescaped
    return None if found.tzinfo is None else found.astimezone(UTC)


def _word(text: str) -> str | None:
    return text.strip() or None


def _procedure(text: str, registry: Registry) -> tuple[str, ...] | None:
    return (text,) if text in registry.procedures else None


def _states(text: str, registry: Registry) -> tuple[str, ...] | None:
    known = {state.name for one in registry.procedures.values() for state in one.states}
    states = tuple(dict.fromkeys(text.split(",")))
    return states if set(states) <= known else None


def _list(text: str, registry: Registry) -> str | None:
    known = {OWN, *(name for one in registry.procedures.values() for name in one.lists)}
    return text if text in known else None


def _limit(text: str) -> int | None:
    readable = text.isascii() and text.isdigit() and len(text) < 20 and int(text) > 0
    return min(int(text), MOST) if readable else None


def place(at: datetime, number: str) -> str:
    """Where a page ended, as `before` takes it; nothing in it needs an escape."""
    return f"{at.astimezone(UTC).isoformat().replace('+00:00', 'Z')}~{number}"


def _place(text: str) -> tuple[datetime, str] | None:
    at, _, number = text.partition("~")
    found = _instant(at)
    return (found, number) if found is not None and number else None


def narrowed(asked: Asked, registry: Registry, known: Known) -> Wanted:
    """What is asked, narrowed to what the partner may see, or in `manage` mode act on."""
    wanted = _listed(asked, registry, known)
    readable = [one for one in registry.procedures.values() if known.role in one.readers]
    if not readable:
        if asked.wanted.owner is not None:
            raise unknown("owner")
        wanted = replace(wanted, owner=known.name)
    else:
        wanted = _readable(wanted, readable)
    if not asked.manage:
        return wanted
    if known.consults:
        return replace(wanted, states=())
    held = frozenset({("awaited", known.role.value)}) if readable else frozenset()
    return replace(wanted, facets=wanted.facets | held)


def _listed(asked: Asked, registry: Registry, known: Known) -> Wanted:
    """What is asked within a working list: its procedures and states, or the partner's own."""
    wanted = asked.wanted
    if asked.list is None:
        return wanted
    if asked.list == OWN:
        return replace(wanted, owner=known.name) if wanted.owner is None else wanted
    having = [one for one in registry.procedures.values() if asked.list in one.lists]
    states = tuple(dict.fromkeys(state for one in having for state in one.lists[asked.list]))
    return replace(
        wanted,
        procedures=_both(wanted.procedures, tuple(one.name for one in having)),
        states=_both(wanted.states, states),
    )


def _readable(wanted: Wanted, procedures: Sequence[Procedure]) -> Wanted:
    """What is asked within the procedures that the partner reads, without others' drafts."""
    names = tuple(one.name for one in procedures)
    wanted = replace(wanted, procedures=_both(wanted.procedures, names))
    drafts = {state for one in procedures for state in one.drafts}
    if not drafts:
        return wanted
    open_to_all = (state.name for one in procedures for state in one.states)
    states = tuple(dict.fromkeys(name for name in open_to_all if name not in drafts))
    return replace(wanted, states=_both(wanted.states, states))


def _both(asked: tuple[str, ...] | None, allowed: tuple[str, ...]) -> tuple[str, ...]:
    """Those asked for that are allowed; all that are when none was named."""
    return allowed if asked is None else tuple(one for one in asked if one in allowed)
