"""What the hub signs: readable by our verifier, xmlsec1, python-xmlsec and signxml alike."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import xmlsec
from lxml import etree
from signxml.algorithms import SignatureMethod
from signxml.verifier import SignatureConfiguration
from signxml.xades.xades import XAdESVerifier, XAdESVerifyResult

from gateway.seal import independent
from schemas import bind
from schemas.catalogue import catalogue
from schemas.envelope import compose, payload, read_header
from schemas.errors import Code, Refused
from schemas.parse import parse
from tests.schemas.samples import VALID, name
from tests.seal.documents import (
    CANONICAL,
    ENVELOPE,
    NOW,
    SBDH,
    Partner,
    accepted,
    envelope,
    one,
    part,
    partner,
    read,
    rsa_partner,
)

KINDS = {"ecdsa": partner, "rsa": rsa_partner}
COMPOSED = [path for path in VALID if path.parent.name in {"Acknowledgement", "VisaRequest"}]
HOSTILE = "\"'&<>]]>\r\n\t\x85\u2028تعاونية \U0001f9f6"


def signed(by: Partner, kind: str) -> bytes:
    return by.signer.sign(envelope(), NOW) if kind == "xades" else by.signer.sign_plain(envelope())


def xmlsec1(data: bytes, by: Partner, folder: Path) -> subprocess.CompletedProcess[str]:
    """The command's verdict, as the documentation tells partners to ask for it."""
    command = shutil.which("xmlsec1")
    assert command, "xmlsec1 belongs to the set-up for tests"
    (folder / "certificate.pem").write_bytes(by.certificate.pem)
    (folder / "document.xml").write_bytes(data)
    return subprocess.run(
        [
            *(command, "--verify", "--pubkey-cert-pem", str(folder / "certificate.pem")),
            *("--id-attr:Id", "http://uri.etsi.org/01903/v1.3.2#:SignedProperties"),
            str(folder / "document.xml"),
        ],
        capture_output=True,
        text=True,
        check=False,
        timeout=20,
    )


def python_xmlsec(data: bytes, by: Partner) -> None:
    """Raises when xmlsec's binding does not agree."""
    root = read(data)
    xmlsec.tree.add_ids(root, ["Id"])
    context = xmlsec.SignatureContext()
    context.key = xmlsec.Key.from_memory(
        by.certificate.pem.decode(), xmlsec.constants.KeyDataFormatCertPem
    )
    context.verify(one(root, "ds:Signature"))


@pytest.mark.parametrize("kind", ["xades", "plain"])
@pytest.mark.parametrize("key", KINDS)
def test_what_is_signed_verifies_here_and_in_every_other_tool(
    key: str, kind: str, tmp_path: Path
) -> None:
    """Claim 39, first half: receipts verify elsewhere."""
    by = KINDS[key]()
    data = signed(by, kind)

    verified = accepted(parse(data), by)
    unsigned = etree.tostring(envelope(), method="c14n")
    assert verified.digest == hashlib.sha256(unsigned).hexdigest()
    assert verified.fingerprint == by.certificate.fingerprint
    assert verified.signed_at == (NOW if kind == "xades" else None)

    content = independent.verify(data, by.certificate, NOW)
    assert etree.tostring(content, method="c14n") == unsigned

    answer = xmlsec1(data, by, tmp_path)
    assert answer.returncode == 0, answer.stderr

    python_xmlsec(data, by)


@pytest.mark.parametrize("key", KINDS)
@pytest.mark.parametrize("path", COMPOSED, ids=name)
def test_a_composed_message_verifies_here_and_in_every_other_tool(key: str, path: Path) -> None:
    by, root = KINDS[key](), parse(path.read_bytes())
    body = bind.read(payload(root), catalogue()[path.parent.name].binding)
    document = compose(replace(read_header(root), dossier=HOSTILE), body)
    data = by.signer.sign_canonical(document, NOW)

    assert accepted(parse(data), by).digest == hashlib.sha256(document).hexdigest()
    content = independent.verify(data, by.certificate, NOW)
    assert etree.tostring(content, method="c14n") == document
    python_xmlsec(data, by)


def test_a_composed_message_is_signed_as_its_tree_would_be() -> None:
    """By RSA, whose signatures of one document are all the same."""
    root = parse(COMPOSED[0].read_bytes())
    body = bind.read(payload(root), catalogue()[COMPOSED[0].parent.name].binding)
    document = compose(read_header(root), body)
    signer = rsa_partner().signer
    assert signer.sign_canonical(document, NOW) == signer.sign(parse(document), NOW)


def test_xmlsec1_refuses_what_was_changed_after_signing(tmp_path: Path) -> None:
    data = signed(partner(), "xades").replace(b">100<", b">900<")
    assert xmlsec1(data, partner(), tmp_path).returncode != 0


def test_the_xades_verifier_of_signxml_reads_the_signed_properties() -> None:
    results = XAdESVerifier().verify(
        signed(partner(), "xades"),
        x509_cert=partner().certificate.pem.decode(),
        expect_config=SignatureConfiguration(
            location="./",
            expect_references=2,
            signature_methods=frozenset({SignatureMethod.ECDSA_SHA256}),
            verification_time=NOW,
        ),
    )
    properties = results[1]
    assert isinstance(properties, XAdESVerifyResult)
    time = properties.signed_properties.findtext("{*}SigningTime")
    assert time == "2026-03-02T10:30:00Z"


@pytest.mark.parametrize("kind", ["xades", "plain"])
def test_the_bytes_are_their_own_canonical_form(kind: str) -> None:
    data = signed(partner(), kind)
    assert etree.tostring(read(data), method="c14n") == data


def test_signing_leaves_the_tree_as_it_was() -> None:
    root = envelope()
    before = etree.tostring(root)
    partner().signer.sign(root, NOW)
    partner().signer.sign_plain(root)
    assert etree.tostring(root) == before


def test_two_signatures_of_one_document_cover_the_same_digest() -> None:
    plain, xades = (accepted(read(signed(partner(), kind))) for kind in ("plain", "xades"))
    assert plain.digest == xades.digest


@pytest.mark.parametrize(
    "markup",
    [
        ENVELOPE,
        ENVELOPE.replace('xmlns="', 'xmlns:b="urn:b" xmlns:a="urn:a;b?c=d" xmlns="', 1),
        ENVELOPE.replace('xmlns="', 'xmlns:ds="http://www.w3.org/2000/09/xmldsig#" xmlns="', 1),
        ENVELOPE.replace('xmlns="', 'xmlns:ds="urn:other" xmlns:xades="urn:x" xmlns="', 1),
        ENVELOPE.replace('xmlns="', 'Id="whole" xmlns="', 1),
        ENVELOPE.replace("Tissage", "&#13;Tissage\tتعاونية &gt; &quot; \U0001f9f6"),
        ENVELOPE.replace("<StandardBusiness", "<e:StandardBusiness")
        .replace("</StandardBusiness", "</e:StandardBusiness")
        .replace("xmlns=", "xmlns:e=", 1),
        f'<StandardBusinessDocument xmlns="{SBDH}"/>',
    ],
    ids=[
        *("usual", "more-namespaces", "ds-known", "ds-otherwise", "id", "characters"),
        *("prefixed", "empty"),
    ],
)
@pytest.mark.parametrize("kind", ["xades", "plain"])
def test_any_namespaces_and_characters_survive_signing(
    markup: str, kind: str, tmp_path: Path
) -> None:
    signer, root = partner().signer, read(markup)
    data = signer.sign(root, NOW) if kind == "xades" else signer.sign_plain(root)
    assert accepted(read(data)).digest == accepted(read(etree.tostring(read(data)))).digest
    assert xmlsec1(data, partner(), tmp_path).returncode == 0


def test_a_document_is_signed_once() -> None:
    root = read(signed(partner(), "xades"))
    with pytest.raises(Refused) as caught:
        partner().signer.sign(root, NOW)
    assert caught.value.findings[0].code is Code.SIGNATURE_DOUBLED


def test_only_an_envelope_is_signed() -> None:
    with pytest.raises(Refused) as caught:
        partner().signer.sign(read("<Something/>"), NOW)
    assert caught.value.findings[0].code is Code.ROOT_UNKNOWN


def test_an_envelope_with_other_attributes_is_not_signed() -> None:
    root = envelope()
    root.set("{http://www.w3.org/XML/1998/namespace}lang", "fr")
    with pytest.raises(Refused) as caught:
        partner().signer.sign_plain(root)
    assert caught.value.findings[0].code is Code.SIGNATURE_STRUCTURE


def test_the_signing_time_is_written_in_universal_time() -> None:
    """A local time without its zone would mean another moment at the partner's."""
    elsewhere = NOW.astimezone(tz=(NOW.astimezone().tzinfo))
    root = read(partner().signer.sign(envelope(), elsewhere + timedelta(seconds=1)))
    assert one(root, "//x:SigningTime").text == "2026-03-02T10:30:01Z"


def test_the_canonical_form_is_inclusive() -> None:
    """With exclusive form other verifiers disagree about SignedProperties."""
    root = read(signed(partner(), "xades"))
    forms = root.xpath("//@Algorithm[contains(., 'c14n')]")
    assert forms == [CANONICAL] * 3


def test_an_attribute_or_text_that_looks_like_an_end_tag_is_signed_whole() -> None:
    root = envelope()
    payload = part('<l:Note a=\'&lt;/ds:Signature>\'>&lt;ds:Signature> id="x" id="x"</l:Note>')
    root.insert(1, payload)
    data = partner().signer.sign(root, NOW)
    content = independent.verify(data, partner().certificate, NOW)
    assert (
        accepted(read(data)).digest
        == hashlib.sha256(etree.tostring(content, method="c14n")).hexdigest()
    )
