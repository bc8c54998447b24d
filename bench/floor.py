"""The floor: the bare parts of one licence application in C, with nothing of ours around them.

lxml parse, libxml2 XSD, one python-xmlsec verification, two python-xmlsec signatures with P-256,
three commits of SQLite (WAL, FULL). Seconds of processor time for one of each.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import xmlsec
from lxml import etree

from bench.letters import signed
from gateway.seal.keys import load_certificate, load_key
from gateway.seal.sign import Signer
from schemas.generate import XSD

_DS = "http://www.w3.org/2000/09/xmldsig#"


@dataclass(frozen=True, slots=True, kw_only=True)
class Floor:
    """Seconds of processor time for each part."""

    parse: float
    validate: float
    verify: float
    sign: float
    commit: float

    @property
    def total(self) -> float:
        """One message: parse, validate, verify, two signatures, three commits."""
        return self.parse + self.validate + self.verify + 2 * self.sign + 3 * self.commit


def _per_call(work: Callable[[], object], *, rounds: int = 7, calls: int = 150) -> float:
    """The median over rounds of the processor time per call."""
    for _ in range(20):
        work()
    found = []
    for _ in range(rounds):
        started = time.process_time()
        for _ in range(calls):
            work()
        found.append((time.process_time() - started) / calls)
    return median(found)


def measure(folder: Path, key_pem: bytes, certificate_pem: bytes) -> Floor:
    """Time each part by itself, on the same message the hub gets."""
    signer = Signer(load_key(key_pem), load_certificate(certificate_pem))
    (document,) = signed(signer, 1)
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    root = etree.fromstring(document, parser)
    schema = etree.XMLSchema(etree.parse(XSD / "passavant.xsd"))
    key = xmlsec.Key.from_memory(key_pem, xmlsec.constants.KeyDataFormatPem)
    key.load_cert_from_memory(certificate_pem, xmlsec.constants.KeyDataFormatCertPem)
    public = xmlsec.Key.from_memory(certificate_pem, xmlsec.constants.KeyDataFormatCertPem)
    connection = _database(folder)
    return Floor(
        parse=_per_call(lambda: etree.fromstring(document, parser)),
        validate=_per_call(lambda: schema.validate(root)),
        verify=_per_call(lambda: _verify(root, public)),
        sign=_per_call(_signing(root, key)),
        commit=_per_call(lambda: _commit(connection, document)),
    )


def _verify(root: etree._Element, public: xmlsec.Key) -> None:
    context = xmlsec.SignatureContext()
    context.key = public
    for properties in root.iter("{http://uri.etsi.org/01903/v1.3.2#}SignedProperties"):
        context.register_id(properties, "Id")
    context.verify(root[-1])


def _signing(root: etree._Element, key: xmlsec.Key) -> Callable[[], None]:
    """Sign a reply of the usual size: the message itself without its signature."""
    bare = etree.fromstring(etree.tostring(root))
    bare.remove(bare[-1])
    template = xmlsec.template.create(
        bare, xmlsec.constants.TransformInclC14N, xmlsec.constants.TransformEcdsaSha256
    )
    reference = xmlsec.template.add_reference(template, xmlsec.constants.TransformSha256, uri="")
    xmlsec.template.add_transform(reference, xmlsec.constants.TransformEnveloped)
    xmlsec.template.add_transform(reference, xmlsec.constants.TransformInclC14N)
    bare.append(template)

    def sign() -> None:
        context = xmlsec.SignatureContext()
        context.key = key
        context.sign(template)

    return sign


def _database(folder: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(folder / "floor.db", isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("CREATE TABLE kept (id INTEGER PRIMARY KEY, content BLOB)")
    return connection


def _commit(connection: sqlite3.Connection, document: bytes) -> None:
    connection.execute("BEGIN IMMEDIATE")
    connection.execute("INSERT INTO kept (content) VALUES (?)", (document,))
    connection.execute("COMMIT")
