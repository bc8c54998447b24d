"""The OpenAPI document is valid and speaks of exactly the routes there are."""

from __future__ import annotations

import aiohttp
from openapi_spec_validator import OpenAPIV31SpecValidator

from gateway import reference
from gateway.deadlines import HeaderDeadlines
from gateway.http import application
from tests.town import Town


def documented() -> set[tuple[str, str]]:
    return {(operation.method, operation.path) for operation in reference.operations()}


def test_the_document_is_valid_openapi() -> None:
    assert list(OpenAPIV31SpecValidator(reference.openapi()).iter_errors()) == []


def test_a_document_with_an_undeclared_parameter_would_be_noticed() -> None:
    broken = {**reference.openapi(), "paths": {"/a/{b}": {"get": {"responses": {}}}}}
    assert list(OpenAPIV31SpecValidator(broken).iter_errors()) != []


async def test_the_document_names_every_route_and_no_other(place: Town) -> None:
    running = place.running
    app = application(place.hub, running.reception, running.bell, HeaderDeadlines(1))
    routes = {
        (route.method, resource.canonical)
        for resource in app.router.resources()
        if not resource.canonical.startswith("/console")  # pages for people
        for route in resource
        if route.method != "HEAD"
    }
    assert routes == documented()


async def test_public_routes_answer_without_a_credential_and_the_others_do_not(
    reader: aiohttp.ClientSession,
) -> None:
    answers = {}
    for operation in reference.operations():
        path = operation.path.replace("{", "").replace("}", "")
        async with reader.request(operation.method, path, allow_redirects=False) as answer:
            answers[operation] = answer.status
    empty = 400  # a message without a body: judged, not turned away for a credential
    public = {operation: status for operation, status in answers.items() if operation.public}
    closed = {operation: status for operation, status in answers.items() if not operation.public}
    assert set(public.values()) <= {200, 302, 404, empty}
    assert set(closed.values()) == {401}
    assert len(closed) >= 10


async def test_every_status_that_is_answered_is_documented(reader: aiohttp.ClientSession) -> None:
    for operation in reference.operations():
        path = operation.path.replace("{", "").replace("}", "")
        async with reader.request(operation.method, path, allow_redirects=False) as answer:
            assert str(answer.status) in {response.status for response in operation.responses}


async def test_the_document_is_served_as_it_was_written(reader: aiohttp.ClientSession) -> None:
    async with reader.get("/openapi.json") as answer:
        assert answer.content_type == "application/json"
        assert await answer.json() == reference.openapi()
