"""Reading with the certificate a partner signs with, and no token."""

from __future__ import annotations

import ssl
from pathlib import Path

import aiohttp
import pytest

from gateway.config import HttpSettings
from tests.town import Key, make_key, town


def client_side(server: Key, folder: Path, own: Key | None) -> ssl.SSLContext:
    context = ssl.create_default_context(cadata=server.cert_pem.decode())
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    context.check_hostname = False
    if own is not None:
        (folder / "own.pem").write_bytes(own.key_pem + own.cert_pem)
        context.load_cert_chain(folder / "own.pem")
    return context


@pytest.mark.parametrize(("who", "status"), [("coop-atlas", 200), ("stranger", None), (None, 401)])
async def test_a_pinned_client_certificate_reads_its_own_mailbox(
    tmp_path: Path, who: str | None, status: int | None
) -> None:
    server = make_key("localhost")
    (tmp_path / "tls.key.pem").write_bytes(server.key_pem)
    (tmp_path / "tls.cert.pem").write_bytes(server.cert_pem)
    http = HttpSettings(port=0, tls_key=Path("tls.key.pem"), tls_certificate=Path("tls.cert.pem"))
    async with town(tmp_path, f"sqlite:///{tmp_path}/hub.db", http=http) as place:
        keys = {**place.keys, "stranger": make_key("stranger")}
        context = client_side(server, tmp_path, keys[who] if who else None)
        url = place.url.replace("http:", "https:") + "/mailbox"
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=context)) as session:
            if status is None:
                with pytest.raises((aiohttp.ClientError, ConnectionError)):
                    await session.get(url)
            else:
                async with session.get(url) as answer:
                    assert answer.status == status
