"""Makes a new hub in a folder: settings, key, certificate, database; never over an existing one."""

from __future__ import annotations

import asyncio
from pathlib import Path

from gateway.clock import utc_now
from gateway.config import load
from gateway.private import write_private
from gateway.seal.keys import new_key
from storage.engine import Store

HUB_KEY_DAYS = 1825

_TOML = """\
# Passavant: every setting and its meaning stand in docs/reference/settings.md.
# Each can also be given in the environment, e.g. PASSAVANT_HTTP__PORT=9000.

[hub]
name = "{name}"
public_url = "http://127.0.0.1:8080"
key = "hub.key.pem"
certificate = "hub.cert.pem"

[http]
host = "127.0.0.1"
port = 8080

[database]
url = "{database}"

[delivery]
allow_private = {sandbox}
"""


class AlreadyThere(Exception):
    """A file of a hub stands here already."""


def set_up(folder: Path, *, name: str, database: str, sandbox: bool) -> Path:
    """Write the files and migrate the database; returns the settings file."""
    file = _write_files(folder, name=name, database=database, sandbox=sandbox)
    asyncio.run(_migrate(load(file).database_url))
    return file


def _write_files(folder: Path, *, name: str, database: str, sandbox: bool) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    files = [folder / file for file in ("passavant.toml", "hub.key.pem", "hub.cert.pem")]
    for file in files:
        if file.exists():
            raise AlreadyThere(file)
    settings_file, key_file, certificate_file = files
    key, certificate = new_key(name, HUB_KEY_DAYS, utc_now())
    write_private(key_file, key)
    certificate_file.write_bytes(certificate)
    settings_file.write_text(
        _TOML.format(name=name, database=database, sandbox=str(sandbox).lower()), encoding="utf-8"
    )
    return settings_file


async def _migrate(url: str) -> None:
    store = await Store.open(url)
    try:
        await store.migrate()
    finally:
        await store.close()
