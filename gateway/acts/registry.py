"""Which acts there are: those of every module of this folder, by their words."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Iterator, Mapping
from types import MappingProxyType

import gateway.acts
from gateway.acts.act import Act, Impossible

#: What stands above the acts and knows this registry: no act is written there.
_ABOVE = frozenset((__name__, f"{gateway.acts.__name__}.doing"))


def _found() -> Iterator[type[Act]]:
    """The classes that bear a word of their own, each where it is written."""
    for module in pkgutil.iter_modules(gateway.acts.__path__, f"{gateway.acts.__name__}."):
        if module.name in _ABOVE:
            continue
        for _, one in inspect.getmembers(importlib.import_module(module.name), inspect.isclass):
            if one.__module__ != module.name or inspect.isabstract(one):
                continue
            if issubclass(one, Act):
                yield one


def _by_kind() -> Mapping[str, type[Act]]:
    acts: dict[str, type[Act]] = {}
    for act in _found():
        if acts.setdefault(act.kind, act) is not act:
            raise TypeError(f"two acts are called {act.kind}: {acts[act.kind]} and {act}")
    return MappingProxyType(acts)


#: Every act by its word.
ACTS: Mapping[str, type[Act]] = _by_kind()


def act_of(kind: str) -> type[Act]:
    """The act of that word; raises `Impossible`."""
    found = ACTS.get(kind)
    if found is None:
        raise Impossible("There is no act “%(kind)s”.", kind=kind[:40])
    return found
