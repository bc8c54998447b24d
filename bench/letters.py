"""The messages of the bench: one real application of the samples, signed under many ids."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path

from lxml import etree

from gateway.client import freshened
from gateway.hub import utc_now
from gateway.seal.sign import Signer
from schemas.parse import parse

SAMPLES = Path(__file__).parents[1] / "samples" / "LicenceApplication"


def application() -> etree._Element:
    """The unsigned application that every figure is about: submitted, with goods and a PDF."""
    for sample in sorted(SAMPLES.glob("valid-*.xml")):
        content = sample.read_bytes()
        if b"submit<" in content:
            return parse(content)
    raise FileNotFoundError(f"no valid application to submit in {SAMPLES}")


def signed(signer: Signer, count: int) -> Iterator[bytes]:
    """The application signed `count` times, each a message of its own."""
    root = freshened(application(), now=utc_now())
    instance = root.find(".//{*}DocumentIdentification/{*}InstanceIdentifier")
    if instance is None:
        raise LookupError("the sample has no InstanceIdentifier")
    for _ in range(count):
        instance.text = str(uuid.uuid4())
        yield signer.sign(root, utc_now())
