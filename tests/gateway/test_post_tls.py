"""The line to the SMTP server is encrypted, its certificate verified, and a password safe on it."""

from __future__ import annotations

import ipaddress
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from pydantic import ValidationError

from gateway.config import MailSettings, Settings
from gateway.post import End, Ended, Server
from tests.gateway.relay import Relay, relay


@pytest.fixture
def certificate(tmp_path: Path) -> ssl.SSLContext:
    """A server's side with a certificate for 127.0.0.1, which stands in `ca.pem`."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "relay.example")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]),
            critical=False,
        )
        .sign(key, hashes.SHA256())
    )
    (tmp_path / "ca.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    (tmp_path / "key.pem").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(tmp_path / "ca.pem", tmp_path / "key.pem")
    return context


async def handed_over(folder: Path, box: Relay, **mail: Any) -> tuple[Ended, bool]:
    """How a mail to this server ended, and whether its content was on the way."""
    values = {"server": "127.0.0.1", "port": box.port, "sender": "guichet@hub.example"}
    settings = Settings(folder=folder, mail=MailSettings(**{**values, "timeout": 5, **mail}))
    begun = False

    async def begin() -> None:
        nonlocal begun
        begun = True

    content = b"Subject: a\r\n\r\nb\r\n"
    ended = await Server(settings).hand_over("a@x.example", content, begin=begin)
    return ended, begun


async def test_a_password_goes_over_a_verified_line(
    tmp_path: Path, certificate: ssl.SSLContext
) -> None:
    (tmp_path / "password").write_text("geheim\n")
    login = {"user": "hub", "password_file": Path("password"), "ca_file": Path("ca.pem")}
    async with relay(starttls=certificate) as box:
        ended, _ = await handed_over(tmp_path, box, **login)
        assert ended.end is End.SENT
        assert (len(box.arrived), box.users) == (1, [b"hub"])


async def test_a_server_that_nobody_vouches_for_gets_neither_password_nor_mail(
    tmp_path: Path, certificate: ssl.SSLContext
) -> None:
    (tmp_path / "password").write_text("geheim\n")
    async with relay(starttls=certificate) as box:
        login = {"user": "hub", "password_file": Path("password")}
        ended, begun = await handed_over(tmp_path, box, **login)
        assert (ended.end, begun) == (End.LATER, False)
        assert "certificate" in ended.problem.lower()
        assert (box.arrived, box.users) == ([], [])


async def test_a_line_that_cannot_be_encrypted_is_not_used(tmp_path: Path) -> None:
    async with relay() as box:
        ended, begun = await handed_over(tmp_path, box)
        assert (ended.end, begun, box.arrived) == (End.LATER, False, [])


async def test_a_line_may_be_encrypted_from_its_first_byte(
    tmp_path: Path, certificate: ssl.SSLContext
) -> None:
    async with relay(tls=certificate) as box:
        ended, _ = await handed_over(tmp_path, box, security="tls", ca_file=Path("ca.pem"))
        assert (ended.end, len(box.arrived)) == (End.SENT, 1)


async def test_a_wrong_password_is_mended_by_the_operator_and_no_fault_of_the_mail(
    tmp_path: Path, certificate: ssl.SSLContext
) -> None:
    login = {"user": "hub", "password_file": Path("password"), "ca_file": Path("ca.pem")}
    async with relay(starttls=certificate) as box:
        ended, _ = await handed_over(tmp_path, box, **login)
        assert ended.end is End.LATER  # there is no such file
        (tmp_path / "password").write_text("falsch")
        ended, _ = await handed_over(tmp_path, box, **login)
        assert (ended.end, box.arrived) == (End.LATER, [])
        assert "535" in ended.problem
        assert "falsch" not in repr(ended)


@pytest.mark.parametrize(
    "mail",
    [
        {"server": "relay.example"},
        {"server": "relay.example", "sender": "no address"},
        {"server": "relay.example", "sender": "a@x.example\nBcc: b@y.example"},
        {"server": "relay.example", "sender": "a@x.example", "user": "hub"},
        {
            "server": "relay.example",
            "sender": "a@x.example",
            "user": "hub",
            "password_file": "password",
            "security": "none",
        },
    ],
)
def test_settings_that_cannot_work_are_refused_at_start(mail: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        MailSettings(**mail)
