"""Writes what follows from the XSDs: the entry schema `passavant.xsd` and the Python bindings.

python -m schemas.generate            write the files
python -m schemas.generate --check    change nothing, name each stale file, exit with 1 if any
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Iterator
from pathlib import Path

HERE = Path(__file__).parent
XSD = HERE / "xsd"
BINDINGS = HERE / "bindings"
ENTRY = XSD / "passavant.xsd"
ENTRY_TEMPLATE = HERE / "passavant.xsd.template"

#: A message type's file: its name begins with a capital, its major version stands at the end.
MESSAGE_FILE = re.compile(r"(?P<name>[A-Z][A-Za-z0-9]*)-(?P<major>[1-9][0-9]*)\.xsd")
FRENCH = re.compile(r'\s*<xs:documentation xml:lang="fr">.*?</xs:documentation>', re.DOTALL)
LINE_LENGTH = 100


def message_files(folder: Path = XSD) -> list[tuple[str, int, Path]]:
    """Every message type's name, major version and file, by name and version."""
    found = []
    for path in folder.iterdir():
        if match := MESSAGE_FILE.fullmatch(path.name):
            found.append((match["name"], int(match["major"]), path))
    return sorted(found)


def entry(folder: Path = XSD) -> str:
    """The entry schema: the envelope with exactly the folder's payloads."""
    types = message_files(folder)
    namespaces = [f"urn:passavant:{name}:{major}" for name, major, _ in types]
    imports = [
        f'  <xs:import namespace="{namespace}" schemaLocation="{path.name}"/>'
        for namespace, (_, _, path) in zip(namespaces, types, strict=True)
    ]
    template = ENTRY_TEMPLATE.read_text(encoding="utf-8")
    return template.format(
        imports="\n".join(imports), namespaces=("\n" + " " * 27).join(namespaces)
    )


def bindings(folder: Path = XSD) -> dict[str, str]:
    """The bindings' file names and texts.

    xsdata reformats every Python file below its working folder and follows what it finds there, so
    it works in an empty one. It is shown the English documentation alone, for the docstrings.
    """
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        (work / "xsd").mkdir()
        for path in (folder / "common-1.xsd", *(path for _, _, path in message_files(folder))):
            text = FRENCH.sub("", path.read_text(encoding="utf-8"))
            (work / "xsd" / path.name).write_text(text, encoding="utf-8")
        run_xsdata(work)
        made = work.joinpath("schemas", "bindings")
        texts = {
            path.name: module(path.stem, path.read_text(encoding="utf-8"))
            for path in sorted(made.glob("*.py"))
            if path.name != "__init__.py"
        }
    texts["__init__.py"] = '"""The payloads as values, generated from the XSDs."""\n'
    return texts


def run_xsdata(work: Path) -> None:
    """Generate `schemas/bindings` below `work`; what xsdata says is shown only when it fails."""
    scripts = sysconfig.get_path("scripts")  # xsdata calls ruff by its bare name
    command = [sys.executable, "-m", "xsdata", "generate", "xsd"]
    command += ["--package", "schemas.bindings", "--structure-style", "filenames"]
    command += ["--frozen", "--slots", "--ignore-patterns"]
    command += ["--docstring-style", "Google", "--max-line-length", str(LINE_LENGTH)]
    done = subprocess.run(  # noqa: S603 (our own command, no outside words)
        command,
        cwd=work,
        env={**os.environ, "PATH": os.pathsep.join([scripts, os.environ.get("PATH", "")])},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(f"xsdata failed:\n{done.stdout}{done.stderr}")


def module(stem: str, text: str) -> str:
    """One binding's text, opened by a sentence that says where it comes from."""
    name, _, major = stem.rpartition("_")
    title = f'"""Bindings of `{name}`, version {major}, generated from its XSD."""'
    return f"{title}\n\n{text.lstrip()}"


def outputs() -> dict[Path, str]:
    """Every generated file with the text it should have."""
    texts = {BINDINGS / name: text for name, text in bindings().items()}
    return {ENTRY: entry(), **texts}


def stale(wanted: dict[Path, str]) -> Iterator[Path]:
    """The files that are missing, differ, or should no longer be there."""
    for path, text in wanted.items():
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            yield path
    for path in BINDINGS.glob("*.py"):
        if path not in wanted:
            yield path


def write(wanted: dict[Path, str]) -> None:
    """Make the generated files exactly the wanted ones."""
    shutil.rmtree(BINDINGS, ignore_errors=True)
    BINDINGS.mkdir()
    for path, text in wanted.items():
        path.write_text(text, encoding="utf-8")


def main(arguments: list[str] | None = None) -> int:
    """The command line; the result is the exit status."""
    parser = argparse.ArgumentParser(prog="python -m schemas.generate", description=__doc__)
    parser.add_argument("--check", action="store_true", help="change nothing, name stale files")
    wanted = outputs()
    if not parser.parse_args(arguments).check:
        write(wanted)
        return 0
    found = sorted(stale(wanted))
    for path in found:
        sys.stderr.write(f"stale: {path.relative_to(HERE.parent)}\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
