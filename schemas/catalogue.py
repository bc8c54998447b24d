"""The message types the hub knows, found in the folder of XSDs: nothing is registered by hand."""

from __future__ import annotations

import importlib
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from schemas.generate import XSD, message_files

SCHEMA_VERSION = re.compile(r'<xs:schema\b[^>]*?\sversion="(?P<version>[0-9]+\.[0-9]+)"')
CAPITAL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageType:
    """One message type: its payload's element name, version, namespace, XSD and binding."""

    name: str
    version: str  #: major and minor, e.g. `1.0`; the namespace ends with the major
    namespace: str
    xsd: Path
    binding: type[Any]


@cache
def catalogue() -> dict[str, MessageType]:
    """Every message type by name, in its newest version."""
    return {name: _message_type(name, major, path) for name, major, path in message_files(XSD)}


def _message_type(name: str, major: int, path: Path) -> MessageType:
    version = SCHEMA_VERSION.search(path.read_text(encoding="utf-8"))
    if version is None:
        raise ValueError(f"{path.name} does not say its version")
    module = importlib.import_module(f"schemas.bindings.{CAPITAL.sub('_', name).lower()}_{major}")
    return MessageType(
        name=name,
        version=version["version"],
        namespace=f"urn:passavant:{name}:{major}",
        xsd=path,
        binding=getattr(module, name),
    )
