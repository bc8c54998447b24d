"""Disks that fill up: a small one of its own where that may be mounted, else a limit on files."""

from __future__ import annotations

import resource
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.faults.victim import Spoil

SMALL = 3 * 1024 * 1024  #: bytes left on a disk that is nearly full
LARGE = 96 * 1024 * 1024


@dataclass
class Limit:
    """No file of the hub grows beyond a limit, which the kernel enforces for everybody."""

    folder: Path
    spoil: Spoil | None

    def free(self, process: int) -> None:
        """Let the files of a running process grow again."""
        resource.prlimit(process, resource.RLIMIT_FSIZE, (LARGE, LARGE))


def narrowed(_folder: Path) -> None:
    """The victim's own limit, soft, so that it can be widened later."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (SMALL, LARGE))


@dataclass
class Tmpfs:
    """A file system in memory with a ballast that leaves little room."""

    folder: Path
    spoil: Spoil | None = None

    def free(self, _process: int) -> None:
        """Throw the ballast away."""
        (self.folder / "ballast").unlink()


@contextmanager
def limited() -> Iterator[Limit]:
    with TemporaryDirectory(prefix="passavant-disk-") as name:
        yield Limit(Path(name), narrowed)


@contextmanager
def mounted() -> Iterator[Tmpfs]:
    with TemporaryDirectory(prefix="passavant-disk-") as name:
        _run("mount", "-t", "tmpfs", "-o", f"size={LARGE}", "passavant", name)
        try:
            with (Path(name) / "ballast").open("wb") as ballast:
                ballast.write(bytes(LARGE - SMALL))
            yield Tmpfs(Path(name))
        finally:
            _run("umount", "--lazy", name)


def _run(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True)


def may_mount() -> bool:
    """Whether this user on this machine mounts anything."""
    with suppress(OSError, subprocess.CalledProcessError), mounted():
        return True
    return False
