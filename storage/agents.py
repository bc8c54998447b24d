"""The directory of services and their agents, kept by the operator."""

from __future__ import annotations

import builtins
from datetime import datetime
from typing import Any

from sqlalchemy import Select, bindparam, insert, select, update

from schemas.workflow import Agent, Service
from storage.engine import BROKEN_RULE, Connection, SyncConnection, takes_a_key
from storage.statement import Statement
from storage.tables import agents, service_places, services


class Taken(Exception):
    """The agent's identifier, the service's code or one of its places is in the directory."""


class Unknown(Exception):
    """The service that an agent would belong to is not in the directory."""


_agent_columns = (
    agents.c.identifier,
    agents.c.name,
    agents.c.service,
    agents.c.supervisor,
    agents.c.email,
    agents.c.disabled_at.is_(None).label("active"),
)
_ORDERED: Select[Any] = select(*_agent_columns).order_by(agents.c.service, agents.c.identifier)
_ALL = Statement(_ORDERED)
_OF_SERVICE = Statement(_ORDERED.where(agents.c.service == bindparam("service")))
_FIND = Statement(select(*_agent_columns).where(agents.c.identifier == bindparam("identifier")))
_ADD = Statement(insert(agents), *(c.name for c in agents.c if c.name != "disabled_at"))
_DISABLE = Statement(
    update(agents)
    .where(agents.c.identifier == bindparam("of_identifier"), agents.c.disabled_at.is_(None))
    .values(disabled_at=bindparam("now"))
)
_of_place = (
    select(service_places.c.service)
    .where(service_places.c.place == bindparam("place"))
    .scalar_subquery()
)
_SERVICES = (
    select(services.c.code, services.c.name, service_places.c.place)
    .join_from(services, service_places, isouter=True)
    .order_by(services.c.code, service_places.c.place)
)
_ALL_SERVICES = Statement(_SERVICES)
_SERVICE_OF = Statement(_SERVICES.where(services.c.code == _of_place))
_SERVICE = Statement(_SERVICES.where(services.c.code == bindparam("code")))
_ADD_SERVICE = Statement(insert(services), *services.c.keys())
_ADD_PLACES = Statement(insert(service_places), *service_places.c.keys())


def find_agent(connection: SyncConnection, identifier: str) -> Agent | None:
    """The agent of that identifier, active or not; inside `run_sync`."""
    return next(iter(_agents(connection, _FIND, {"identifier": identifier})), None)


def agents_of(connection: SyncConnection, service: str) -> builtins.list[Agent]:
    """The agents of a service by identifier, disabled ones too; inside `run_sync`."""
    return _agents(connection, _OF_SERVICE, {"service": service})


def find_service_of(connection: SyncConnection, place: str) -> Service | None:
    """The service to which a place of registration belongs; inside `run_sync`."""
    return next(iter(_services(connection, _SERVICE_OF, {"place": place})), None)


def _agents(
    connection: SyncConnection, statement: Statement, values: dict[str, Any]
) -> builtins.list[Agent]:
    names = [column.name for column in _agent_columns]
    return [
        Agent(**dict(zip(names, row, strict=True))) for row in statement.rows(connection, values)
    ]


def _services(
    connection: SyncConnection, statement: Statement, values: dict[str, Any]
) -> builtins.list[Service]:
    places: dict[tuple[str, str], builtins.list[str]] = {}
    for code, name, place in statement.rows(connection, values):
        places.setdefault((code, name), []).extend([] if place is None else [place])
    return [
        Service(code=code, name=name, places=tuple(found)) for (code, name), found in places.items()
    ]


async def list(conn: Connection) -> builtins.list[Agent]:
    """Every agent by service and identifier, disabled ones too."""
    return await conn.run_sync(_agents, _ALL, {})


async def list_services(conn: Connection) -> builtins.list[Service]:
    """Every service by code."""
    return await conn.run_sync(_services, _ALL_SERVICES, {})


async def find(conn: Connection, identifier: str) -> Agent | None:
    """The agent of that identifier, active or not."""
    return await conn.run_sync(find_agent, identifier)


async def add(tx: Connection, agent: Agent, now: datetime) -> None:
    """A new agent, active; raises `Taken`, and `Unknown` for a service that is not there."""
    await tx.run_sync(_add, agent, now)


def _add(connection: SyncConnection, agent: Agent, now: datetime) -> None:
    if not _services(connection, _SERVICE, {"code": agent.service}):
        raise Unknown(agent.service)
    values = {name: getattr(agent, name) for name in Agent.__dataclass_fields__ if name != "active"}
    _insert(connection, _ADD, [{**values, "created_at": now}])


async def disable(tx: Connection, identifier: str, now: datetime) -> bool:
    """An agent acts no more; False when it is unknown or disabled already."""
    values = {"of_identifier": identifier, "now": now}
    return await tx.run_sync(_DISABLE.count, values) > 0


async def add_service(tx: Connection, service: Service, now: datetime) -> None:
    """A new service with its places; raises `Taken`."""
    await tx.run_sync(_add_service, service, now)


def _add_service(connection: SyncConnection, service: Service, now: datetime) -> None:
    row = {"code": service.code, "name": service.name, "created_at": now}
    _insert(connection, _ADD_SERVICE, [row])
    places = [{"place": place, "service": service.code} for place in service.places]
    if places:
        _insert(connection, _ADD_PLACES, places)


def _insert(
    connection: SyncConnection, statement: Statement, rows: builtins.list[dict[str, Any]]
) -> None:
    try:
        statement.many(connection, rows)
    except BROKEN_RULE as error:
        if takes_a_key(error):
            raise Taken(str(error)) from error
        raise
