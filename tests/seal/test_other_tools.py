"""What partners sign with other tools is accepted: signxml, python-xmlsec, the xmlsec1 command."""

from __future__ import annotations

import shutil
import subprocess
from datetime import datetime
from pathlib import Path

import pytest
import xmlsec
from cryptography import x509
from lxml import etree
from signxml.algorithms import CanonicalizationMethod, SignatureMethod
from signxml.signer import XMLSigner
from signxml.xades.xades import XAdESDataObjectFormat, XAdESSigner

from schemas.errors import Code
from tests.seal.documents import (
    CANONICAL,
    DS,
    EXCLUSIVE,
    Partner,
    accepted,
    envelope,
    one,
    part,
    partner,
    read,
    refusal,
    rsa_partner,
)

PARTNERS = {"ecdsa": partner, "rsa": rsa_partner}
METHODS = {"ecdsa": SignatureMethod.ECDSA_SHA256, "rsa": SignatureMethod.RSA_SHA256}
FORMS = {
    "inclusive-1.0": CanonicalizationMethod.CANONICAL_XML_1_0,
    "inclusive-1.1": CanonicalizationMethod.CANONICAL_XML_1_1,
    "exclusive": CanonicalizationMethod.EXCLUSIVE_XML_CANONICALIZATION_1_0,
}


def x509_of(by: Partner) -> list[x509.Certificate]:
    return [x509.load_der_x509_certificate(by.certificate.der)]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("key", PARTNERS)
def test_a_plain_signature_by_signxml_is_accepted(key: str, form: str) -> None:
    by = PARTNERS[key]()
    signer = XMLSigner(signature_algorithm=METHODS[key], c14n_algorithm=FORMS[form])
    root = signer.sign(envelope(), key=by.key, cert=x509_of(by))
    verified = accepted(read(etree.tostring(root)), by)
    assert verified.fingerprint == by.certificate.fingerprint
    assert verified.signed_at is None


def test_a_signature_by_signxml_over_the_id_of_the_root_is_accepted() -> None:
    signer = XMLSigner(signature_algorithm=METHODS["ecdsa"], c14n_algorithm=FORMS["exclusive"])
    root = signer.sign(
        envelope("whole"), key=partner().key, cert=x509_of(partner()), reference_uri="#whole"
    )
    assert accepted(read(etree.tostring(root)))


@pytest.mark.parametrize("form", ["inclusive-1.0", "inclusive-1.1"])
@pytest.mark.parametrize("key", PARTNERS)
def test_a_xades_signature_by_signxml_is_accepted(key: str, form: str) -> None:
    """It signs KeyInfo with a third reference; its certificate is dated by the real clock."""
    by = PARTNERS[key]()
    signer = XAdESSigner(
        data_object_format=XAdESDataObjectFormat(Description="Demande", MimeType="text/xml"),
        claimed_roles=["Déclarant"],
        signature_algorithm=METHODS[key],
        c14n_algorithm=FORMS[form],
    )
    root = signer.sign(envelope(), key=by.key, cert=x509_of(by), always_add_key_value=False)
    signed_at = one(root, "//x:SigningTime")
    assert len(root.findall(f".//{{{DS}}}Reference")) == 3
    verified = accepted_when_signed(root, by)
    assert verified == signed_at.text


def accepted_when_signed(root: etree._Element, by: Partner) -> str:
    """signxml takes the time from the clock, so the judgement is of that moment."""
    signed_at = datetime.fromisoformat(one(root, "//x:SigningTime").text or "")
    verified = accepted(read(etree.tostring(root)), by, now=signed_at)
    assert verified.signed_at is not None
    return verified.signed_at.isoformat(timespec="seconds")


def test_the_key_value_that_signxml_adds_by_itself_is_refused_with_its_own_code() -> None:
    signer = XAdESSigner(
        signature_algorithm=METHODS["ecdsa"], c14n_algorithm=FORMS["inclusive-1.0"]
    )
    root = signer.sign(envelope(), key=partner().key, cert=x509_of(partner()))
    assert refusal(read(etree.tostring(root))) is Code.KEY_INFO_FORBIDDEN


TRANSFORMS = {
    CANONICAL: xmlsec.constants.TransformInclC14N,
    EXCLUSIVE: xmlsec.constants.TransformExclC14N,
}


@pytest.mark.parametrize("form", TRANSFORMS)
@pytest.mark.parametrize(
    ("key", "method"),
    [
        ("ecdsa", xmlsec.constants.TransformEcdsaSha256),
        ("rsa", xmlsec.constants.TransformRsaSha256),
    ],
    ids=["ecdsa", "rsa"],
)
def test_a_signature_by_python_xmlsec_is_accepted(
    key: str, method: xmlsec.constants.__Transform, form: str
) -> None:
    by, root = PARTNERS[key](), envelope()
    signature = xmlsec.template.create(root, TRANSFORMS[form], method, ns="ds")
    root.append(signature)
    reference = xmlsec.template.add_reference(signature, xmlsec.constants.TransformSha256, uri="")
    xmlsec.template.add_transform(reference, xmlsec.constants.TransformEnveloped)
    xmlsec.template.add_transform(reference, TRANSFORMS[form])
    xmlsec.template.add_x509_data(xmlsec.template.ensure_key_info(signature))
    context = xmlsec.SignatureContext()
    context.key = xmlsec.Key.from_memory(by.key_pem.decode(), xmlsec.constants.KeyDataFormatPem)
    context.key.load_cert_from_memory(
        by.certificate.pem.decode(), xmlsec.constants.KeyDataFormatPem
    )
    context.sign(signature)
    assert accepted(read(etree.tostring(root)), by).fingerprint == by.certificate.fingerprint


TEMPLATE = f"""<ds:Signature>
  <ds:SignedInfo>
    <ds:CanonicalizationMethod Algorithm="{CANONICAL}"/>
    <ds:SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#%s-sha256"/>
    <ds:Reference URI="">
      <ds:Transforms>
        <ds:Transform Algorithm="{DS}enveloped-signature"/>
        <ds:Transform Algorithm="{CANONICAL}"/>
      </ds:Transforms>
      <ds:DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/>
      <ds:DigestValue/>
    </ds:Reference>
  </ds:SignedInfo>
  <ds:SignatureValue/>
  <ds:KeyInfo>
    <ds:X509Data/>
  </ds:KeyInfo>
</ds:Signature>"""


@pytest.mark.parametrize("key", PARTNERS)
def test_a_signature_by_the_xmlsec1_command_is_accepted(key: str, tmp_path: Path) -> None:
    by, root = PARTNERS[key](), envelope()
    root.append(part(TEMPLATE % key))
    (tmp_path / "template.xml").write_bytes(etree.tostring(root))
    (tmp_path / "key.pem").write_bytes(by.key_pem)
    (tmp_path / "certificate.pem").write_bytes(by.certificate.pem)
    command = shutil.which("xmlsec1")
    assert command, "xmlsec1 belongs to the set-up for tests"
    subprocess.run(
        [
            *(command, "--sign", "--output", "signed.xml"),
            *("--privkey-pem", "key.pem,certificate.pem", "template.xml"),
        ],
        cwd=tmp_path,
        capture_output=True,
        check=True,
        timeout=20,
    )
    verified = accepted(read((tmp_path / "signed.xml").read_bytes()), by)
    assert verified.fingerprint == by.certificate.fingerprint
