"""The chapters of the reference, each written from the code it speaks of."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

import typer
from pydantic import BaseModel, TypeAdapter
from pydantic.fields import FieldInfo
from typer.core import TyperGroup
from typer.main import get_command

from docs.markdown import code, page, table, text
from gateway import reference
from gateway.cli import app
from gateway.config import Settings
from gateway.publish import GROUPS
from schemas.vocabulary import Item, Scalar, Structure, vocabulary


def messages() -> str:
    """Every message type with its elements, then the types that messages share."""
    found = reference.messages()
    overview = table(
        ["Message", "Direction", "Meaning", "Français"],
        [
            [
                f"[{one.described.name}](#{one.described.name.lower()})",
                one.direction,
                text(one.described.words.en),
                text(one.described.words.fr),
            ]
            for one in found
        ],
    )
    words = vocabulary()
    return page(
        "Messages",
        "the XSDs in `schemas/xsd/` and the handlers' roles",
        "Each payload stands in a `StandardBusinessDocument` (UN/CEFACT Standard Business Document"
        " Header) signed as a whole; `passavant.xsd` validates all of them. What a running hub"
        " speaks is under its own `/docs`.",
        overview,
        *(_message(one) for one in found),
        "## Shared types",
        *_types(words.structures, words.scalars),
    )


def _message(message: reference.Message) -> str:
    described = message.described
    facts = f"`{described.namespace}` · version {described.version} · {message.direction}"
    opens = " · may open a dossier" if message.opens else ""
    return "\n\n".join(
        [
            f"## {described.name}",
            f"*{text(described.words.fr)}.* {text(described.words.en)}",
            facts + opens,
            _items(described.items),
            *_types(described.structures, described.scalars),
        ]
    )


def _types(structures: Sequence[Structure], scalars: Sequence[Scalar]) -> Iterator[str]:
    for structure in structures:
        yield f"### {structure.name}"
        yield f"*{text(structure.words.fr)}.* {text(structure.words.en)}"
        yield _items(structure.items)
    if scalars:
        yield table(["Type", "Form", "Meaning", "Français"], map(_scalar, scalars))


def _items(items: Sequence[Item]) -> str:
    rows = [
        [f"`{item.name}`", item.occurs, item.type, text(item.words.en), text(item.words.fr)]
        for item in items
    ]
    return table(["Element", "Occurs", "Type", "Meaning", "Français"], rows)


def _scalar(scalar: Scalar) -> list[str]:
    form = [scalar.base, *(code(bound) for bound in scalar.bounds)]
    form += [f"{code(value)} {text(words.en)}" for value, words in scalar.values]
    return [
        f"`{scalar.name}`",
        "<br>".join(form),
        text(scalar.words.en),
        text(scalar.words.fr),
    ]


def errors() -> str:
    """Every error by its number, with the anchors that the hub's own page has."""
    groups: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for error in reference.errors():
        groups[int(error["code"][4])].append(error)
    return page(
        "Errors",
        "`schemas/errors.py`",
        "A number is stable and never used twice. The HTTP status is that of a message refused at"
        " the door; a rule (422) is found by the worker and told in the signed outcome. Words in"
        " braces are filled in. Where the fault is not the sender's, the row says so.",
        *(
            f"## {hundred}xx: {GROUPS[hundred]}\n\n"
            + table(["Code", "Stage, status", "What it says", "What to do"], map(_error, group))
            for hundred, group in sorted(groups.items())
        ),
    )


def _error(error: dict[str, Any]) -> list[str]:
    fault = "" if error["fault"] == "sender" else f"<br>fault: {error['fault']}"
    repair = ""
    if error["repair_en"]:
        repair = f"{text(error['repair_en'])}<br>*{text(error['repair_fr'])}*"
    return [
        f'<a id="{error["code"]}"></a>`{error["code"]}`',
        f"{error['stage']}, {error['status']}{fault}",
        f"{text(error['en'])}<br>*{text(error['fr'])}*",
        repair,
    ]


def states() -> str:
    """Every procedure: its states, a picture, its moves."""
    return page(
        "States",
        "the procedures in `handlers/`",
        "A handler says what it found; this table says where that leads. The hub checks it at"
        " start: no move stands twice, every state is reached, and only final states are left by"
        " none. The French labels are those of the manuals the procedures are modelled on.",
        *(_machine(machine) for machine in reference.machines()),
    )


def _machine(machine: reference.Machine) -> str:
    labels = table(
        ["State", "Français", "العربية", "English", "Final"],
        [
            [f"`{state.name}`", state.fr, state.ar, state.en, "yes" if state.final else ""]
            for state in machine.states
        ],
    )
    moves = table(
        ["In state", "Event", "When found", "Leads to"],
        [[_state(step.state), step.event, step.finding, _state(step.to)] for step in machine.steps],
    )
    stays = table(
        ["Event", "When found", "In the states"],
        [[one.event, one.finding, " ".join(map(code, one.states))] for one in machine.stays],
    )
    series = f"Numbers are `{machine.series}-YEAR-SERIAL`."
    left = "These are written down and leave the dossier in its state:"
    parts = [f"## {machine.name}", series, labels, _picture(machine), moves, left, stays]
    return "\n\n".join(parts)


def _state(name: str) -> str:
    return name if name == "—" else code(name)


def _picture(machine: reference.Machine) -> str:
    arrows: dict[tuple[str, str], list[str]] = defaultdict(list)
    for step in machine.steps:
        start = "[*]" if step.state == "—" else step.state
        arrows[start, step.to].append(f"{step.event} ({step.finding})")
    lines = ["```mermaid", "stateDiagram-v2"]
    lines += [f'    state "{state.fr}" as {state.name}' for state in machine.states]
    lines += [f"    {start} --> {to}: {', '.join(why)}" for (start, to), why in arrows.items()]
    lines += [f"    {state.name} --> [*]" for state in machine.states if state.final]
    return "\n".join([*lines, "```"])


def settings() -> str:
    """Every setting with its default and its environment variable."""
    sections = [
        (name, field.annotation)
        for name, field in Settings.model_fields.items()
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel)
    ]
    return page(
        "Settings",
        "`gateway/config.py`",
        "One TOML file: `--config FILE`, else `$PASSAVANT_CONFIG`, else `./passavant.toml`. An"
        " environment variable wins over the file; an unknown key is an error. Relative paths"
        " start from the file's folder. Durations are ISO 8601 (`PT30S`, `P5D`) or seconds.",
        *(_section(name, section) for name, section in sections),
    )


def _section(name: str, section: type[BaseModel]) -> str:
    rows = [
        [
            f"`{key}`",
            code(_default(field)),
            text(field.description or ""),
            f"`PASSAVANT_{name.upper()}__{key.upper()}`",
        ]
        for key, field in section.model_fields.items()
    ]
    return "\n\n".join(
        [
            f"## [{name}]",
            (section.__doc__ or "").strip(),
            table(["Key", "Default", "Meaning", "Environment"], rows),
        ]
    )


def _default(field: FieldInfo) -> str:
    value = field.get_default(call_default_factory=True, validated_data={})
    if value is None:
        return ""
    kind: Any = field.annotation
    return TypeAdapter(kind).dump_json(value).decode()


def cli() -> str:
    """Every command with its arguments and options."""
    command = get_command(app)
    commands = list(_commands("passavant", command))
    return page(
        "The command `passavant`",
        "`gateway/cli.py`",
        "Errors are sentences. Exit status: 0 done, 1 refused or failed, 2 used wrongly.",
        table(
            ["Command", "Does"],
            [
                [f"[`{name}`](#{anchor(name)})", text(_first_line(one.help))]
                for name, one in commands
            ],
        ),
        *(_command(name, one) for name, one in commands),
    )


def _commands(name: str, command: Any) -> Iterator[tuple[str, Any]]:
    if not isinstance(command, TyperGroup):
        yield name, command
        return
    context = typer.Context(command, info_name=name)
    for word in command.list_commands(context):
        yield from _commands(f"{name} {word}", command.get_command(context, word))


def _command(name: str, command: Any) -> str:
    context = typer.Context(command, info_name=name)
    usage = command.get_usage(context).removeprefix("Usage: ")
    parts = [f"## `{name}`", text(" ".join((command.help or "").split())), f"```\n{usage}\n```"]
    records = [parameter.get_help_record(context) for parameter in command.params]
    rows = [[code(spelling), text(meaning)] for spelling, meaning in filter(None, records)]
    if rows:
        parts.append(table(["Argument or option", "Meaning"], rows))
    return "\n\n".join(parts)


def _first_line(words: str | None) -> str:
    return " ".join((words or "").split("\n\n")[0].split())


def anchor(title: str) -> str:
    """The anchor that a heading gets where these pages are read."""
    return re.sub(r"[^a-z0-9 -]", "", title.lower()).replace(" ", "-")


def http() -> str:
    """Every HTTP operation of the OpenAPI document."""
    tags = reference.openapi()["tags"]
    return page(
        "HTTP",
        "`gateway/openapi.json`",
        text(reference.openapi()["info"]["description"]),
        *(_tag(tag) for tag in tags),
    )


def _tag(tag: dict[str, str]) -> str:
    chosen = [one for one in reference.operations() if one.tag == tag["name"]]
    return "\n\n".join(
        [f"## {tag['name']}", text(tag["description"]), *(_operation(one) for one in chosen)]
    )


def _operation(operation: reference.Operation) -> str:
    parts = [f"### `{operation.method} {operation.path}`", f"{text(operation.summary)}."]
    if operation.text:
        parts.append(text(operation.text))
    if not operation.public:
        parts.append("*Partner token or client certificate.*")
    if operation.media:
        parts.append("Body: " + ", ".join(f"`{media}`" for media in operation.media))
    if operation.parameters:
        rows = [
            [f"`{one.name}`", one.place + (", required" if one.required else ""), text(one.text)]
            for one in operation.parameters
        ]
        parts.append(table(["Parameter", "In", "Meaning"], rows))
    answers = [
        [one.status, "<br>".join(f"`{media}`" for media in one.media), text(one.text)]
        for one in operation.responses
    ]
    parts.append(table(["Status", "Media type", "Meaning"], answers))
    return "\n\n".join(parts)
