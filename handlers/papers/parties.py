"""Traders as papers print them: name, address, country, then the registrations that are known."""

from __future__ import annotations

from dataclasses import dataclass

from handlers.papers import figures


@dataclass(frozen=True, slots=True, kw_only=True)
class PartyView:
    """A trader, ready to print; `facts` are registrations by the name of their label."""

    name: str = ""
    address: str = ""
    country: str = ""
    facts: tuple[tuple[str, str], ...] = ()


def party(name: str, address: str, country: str, **facts: str) -> PartyView:
    """A trader in the partner's words made plain; a fact that is not known is left out."""
    return PartyView(
        name=figures.plain(name),
        address=figures.plain(address),
        country=figures.country(country) if country else "",
        facts=tuple((label, figures.plain(text)) for label, text in facts.items() if text),
    )


def several(*parts: str) -> str:
    """The parts that there are, beside each other."""
    return " · ".join(part for part in parts if part)
