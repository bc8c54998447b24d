"""Where a demo keeps what: one folder, made anew on each run, and nothing outside it."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

#: The project's folder: the processes of the demo import their code from it.
PROJECT = Path(__file__).resolve().parents[2]
#: The applications, the letters of the invoices, what the ministry and customs go by.
MATERIALS = PROJECT / "samples" / "story"

#: A folder that bears it was made by a demo and may be made anew.
_MARK = ".passavant-demo"


class NotOurs(Exception):
    """The folder holds something that no demo wrote; it is left alone."""


@dataclass(frozen=True, slots=True)
class Place:
    """The output folder and what stands in it."""

    folder: Path

    @property
    def hub(self) -> Path:
        """Configuration, key and database of the hub."""
        return self.folder / "hub"

    @property
    def config(self) -> Path:
        """The hub's settings file."""
        return self.hub / "passavant.toml"

    @property
    def hub_certificate(self) -> Path:
        """The copy of the hub's certificate that every partner trusts."""
        return self.folder / "hub.cert.pem"

    @property
    def keys(self) -> Path:
        """Keys, certificates and tokens of the partners."""
        return self.folder / "keys"

    @property
    def messages(self) -> Path:
        """Every signed message, numbered in order."""
        return self.folder / "messages"

    @property
    def papers(self) -> Path:
        """Invoices, certificates and attestations as filed, licences as issued."""
        return self.folder / "papers"

    @property
    def altered(self) -> Path:
        """A sealed paper that somebody changed, which must not hold."""
        return self.papers / "altered-licence.pdf"

    @property
    def logs(self) -> Path:
        """What each process did (JSON lines) and complained of."""
        return self.folder / "logs"

    @property
    def journal(self) -> Path:
        """The export of the hub's journal."""
        return self.folder / "journal.jsonl"

    def certificate(self, name: str) -> Path:
        """A partner's certificate."""
        return self.keys / f"{name}.cert.pem"

    def diary(self, name: str) -> Path:
        """What one process did."""
        return self.logs / f"{name}.jsonl"

    def make(self) -> None:
        """Remove what an earlier demo left and make the folders; raises `NotOurs`."""
        if self.folder.exists():
            if not self.folder.is_dir():
                raise NotOurs(f"{self.folder} is a file")
            if any(self.folder.iterdir()) and not (self.folder / _MARK).is_file():
                raise NotOurs(f"{self.folder} holds files that no demo wrote")
            for thing in self.folder.iterdir():
                shutil.rmtree(thing) if _is_folder(thing) else thing.unlink()
        for folder in (self.folder, self.keys, self.messages, self.papers, self.logs):
            folder.mkdir(parents=True, exist_ok=True)
        (self.folder / _MARK).touch()


def _is_folder(thing: Path) -> bool:
    return thing.is_dir() and not thing.is_symlink()
