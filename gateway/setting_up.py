"""Makes a new hub in a folder: settings, key, certificate, database; never over an existing one."""

from __future__ import annotations

import asyncio
import getpass
import re
import unicodedata
from pathlib import Path

from gateway import people
from gateway.acts.act import By, Rank
from gateway.clock import utc_now
from gateway.config import load
from gateway.passwords import Passwords, generated
from gateway.private import write_private
from gateway.seal.keys import new_key
from gateway.seal.secret import open_box
from storage import operators
from storage.engine import Store
from storage.operators import Operator

HUB_KEY_DAYS = 1825
FILES = ("passavant.toml", "hub.key.pem", "hub.cert.pem")

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
    settings = load(file)
    open_box(settings.path(settings.console.key))
    asyncio.run(_migrate(settings.database_url))
    return file


def first_operator(file: Path, name: str) -> str | None:
    """Make the first administrator; their password, or None where there are operators already.

    Raises `Impossible` for a name that cannot be one.
    """
    return asyncio.run(_first_operator(load(file).database_url, name))


async def _first_operator(url: str, name: str) -> str | None:
    password, now = generated(), utc_now()
    hashed = await Passwords().hash(password)
    by = By(name=getpass.getuser(), rank=Rank.ADMINISTRATOR, at=now, reason="")
    store = await Store.open(url)
    try:
        async with store.write() as tx:
            if await operators.count(tx):
                return None
            await people.add(
                tx,
                Operator(
                    name=name,
                    display=name,
                    role=by.rank.word,
                    language="fr",
                    created_at=now,
                ),
                by,
            )
            await operators.set_password_hash(tx, name, hashed, None)
    finally:
        await store.close()
    return password


def safe_name(name: str) -> str:
    """A name of the machine's as an operator's: `Amina@HQ` is amina-hq."""
    plain = unicodedata.normalize("NFKD", name).casefold()
    words = re.findall("[a-z0-9]+", plain.encode("ascii", "ignore").decode())
    return "-".join(words)[:64].strip("-") or "administrator"


def _write_files(folder: Path, *, name: str, database: str, sandbox: bool) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    files = [folder / file for file in FILES]
    for file in (*files, folder / "console.key"):
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
