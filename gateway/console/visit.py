"""Who is looking: what every page is given, and what a page says about who may open it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import IntEnum

from aiohttp import web

from gateway.acts.act import Rank
from gateway.hub import Hub
from storage.operators import Operator


class Access(IntEnum):
    """Who may open a page: anybody, or those of a rank and above."""

    OPEN = 0
    VIEWER = Rank.VIEWER
    OPERATOR = Rank.OPERATOR
    ADMINISTRATOR = Rank.ADMINISTRATOR


@dataclass(frozen=True, slots=True)
class Page:
    """One route of the console; the guard reads here who may open it."""

    method: str
    path: str  #: below /console: "/" is its front page
    access: Access
    handle: Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """One request of somebody who is signed in; of a page open to anybody, of nobody."""

    hub: Hub
    language: str  #: fr, ar or en
    operator: Operator | None
    csrf: str

    @property
    def rank(self) -> Rank | None:
        """What the operator may do."""
        return None if self.operator is None else Rank.of(self.operator.role)

    @property
    def who(self) -> Operator:
        """The operator, on pages that the guard opens to operators alone."""
        if self.operator is None:
            raise LookupError("this page is open to anybody: nobody is signed in")
        return self.operator


#: Where a request keeps its visit.
VISIT = web.RequestKey("visit", Visit)


def visit_of(request: web.Request) -> Visit:
    """The visit that the guard laid beside the request."""
    return request[VISIT]
