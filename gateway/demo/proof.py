"""Holds what the demo leaves against who signed it, by our own command and by others' tools.

A checker that never says no proves nothing: each must also refuse what was forged, and a good
message under somebody else's certificate.
"""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Iterable
from pathlib import Path

from gateway.demo.place import Place
from gateway.demo.stage import Stage, run
from gateway.demo.telling import Step

_BY_HUB = (".receipt.xml", ".receipt-again.xml", ".outcome.xml", ".rejection.xml")
_FORGED = "-tampered.xml"
_XADES = "http://uri.etsi.org/01903/v1.3.2#"
#: Document and signature properties are both signed, and xmlsec1 says that it checked both.
_BOTH = "References (ok/all): 2/2"


def by_signer(place: Place) -> dict[Path, list[Path]]:
    """Every signed file in order, by the certificate that must have signed it."""
    found: dict[Path, list[Path]] = {}
    for file in sorted(place.messages.glob("*.xml")):
        if not file.name.endswith(_FORGED):
            found.setdefault(_signer(place, file.name), []).append(file)
    return found


def forged(place: Place) -> list[Path]:
    """The files that nobody signed as they are."""
    return sorted(place.messages.glob(f"*{_FORGED}"))


def _signer(place: Place, name: str) -> Path:
    if name.endswith(_BY_HUB) or "-received-" in name:
        return place.hub_certificate
    partners = (file.name.removesuffix(".cert.pem") for file in place.keys.glob("*.cert.pem"))
    sender = next(partner for partner in partners if name[4:].startswith(f"{partner}-"))
    return place.certificate(sender)


async def by_passavant(stage: Stage, step: Step) -> str:
    """Check with `passavant verify`; returns the verdict in words."""
    place, signed = stage.place, by_signer(stage.place)

    async def good(certificate: Path, files: list[Path]) -> None:
        status, said = await stage.command("verify", *files, "--hub-cert", certificate)
        step.expect(status == 0, f"under {certificate.name}: {said}")

    async def bad(file: Path) -> None:
        sender = _signer(place, file.name)
        status, said = await stage.command("verify", file, "--hub-cert", sender)
        step.expect(status == 1 and "PSV-310" in said, f"{file.name} was forged: {said}")

    await asyncio.gather(*(good(*one) for one in signed.items()), *map(bad, forged(place)))
    return _words(signed.values())


async def by_xmlsec(place: Place, step: Step) -> str:
    """Check with xmlsec1, where it is installed; returns the verdict in words."""
    if shutil.which("xmlsec1") is None:
        return "NOT DONE: xmlsec1 is not installed (apt-get install xmlsec1)"
    signed = by_signer(place)
    for certificate, files in signed.items():
        status, said = await _xmlsec(certificate, *files)
        holds = status == 0 and said.count(_BOTH) == len(files)
        step.expect(holds, f"under {certificate.name}: {said}")
    for certificate, files in signed.items():
        other = next(one for one in signed if one != certificate)
        status, _ = await _xmlsec(other, files[0])
        step.expect(status != 0, f"{files[0].name} holds even under {other.name}")
    for file in forged(place):
        status, _ = await _xmlsec(_signer(place, file.name), file)
        step.expect(status != 0, f"{file.name} was forged, and believed")
    return _words(signed.values())


async def _xmlsec(certificate: Path, *files: Path) -> tuple[int, str]:
    """The files under one certificate, which is trusted, and no other is."""
    trusted = ("--enabled-key-data", "x509", "--trusted-pem", str(certificate))
    properties = ("--id-attr:Id", f"{_XADES}:SignedProperties")
    return await run(["xmlsec1", "--verify", *trusted, *properties, *map(str, files)])


def _words(files: Iterable[list[Path]]) -> str:
    counts = [len(one) for one in files]
    return f"{sum(counts)} signatures of {len(counts)} signers hold; the forged one does not"


async def chains(stage: Stage, step: Step, links: list[Path]) -> list[str]:
    """Prove the balances from the outcomes that hold their receipts; returns a sentence per line.

    Without the second of them they must not hold.
    """
    trusted = ("--hub-cert", stage.place.hub_certificate)
    (status, said), (broken, gap) = await asyncio.gather(
        stage.command("verify", *links, *trusted),
        stage.command("verify", links[0], *links[2:], *trusted),
    )
    step.expect(status == 0, said)
    step.expect(broken == 1 and "a link is missing" in gap, f"nobody missed a link: {gap}")
    return [line for line in said.splitlines() if "links hold" in line]


def sealed(place: Place) -> list[Path]:
    """The licences and the certificate on paper, by their numbers."""
    kinds = ("LE-*-licence.pdf", "BM-*-certificate.pdf")
    return sorted(file for kind in kinds for file in place.papers.glob(kind))


async def papers(stage: Stage, step: Step) -> list[str]:
    """Check the sealed papers with `passavant verify`, and an altered one; returns what it said."""
    place = stage.place
    trusted = ("--hub-cert", place.hub_certificate)
    place.altered.write_bytes(_altered(sealed(place)[0].read_bytes()))
    (status, said), (refused, why) = await asyncio.gather(
        stage.command("verify", *sealed(place), *trusted),
        stage.command("verify", place.altered, *trusted),
    )
    step.expect(status == 0, said)
    step.expect(refused == 1, f"{place.altered.name} was altered: {why}")
    return [line.replace(f"{place.papers}/", "") for line in (*said.splitlines(), why)]


def _altered(content: bytes) -> bytes:
    """The same paper with one byte in its midst changed."""
    middle = len(content) // 2
    return content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]


async def papers_by_others(place: Place, step: Step) -> str:
    """Check the same with pdfsig and qpdf, where they are installed."""
    words = []
    for tool, flags, holds in (
        ("pdfsig", ("-nocert",), "Signature is Valid"),
        ("qpdf", ("--check",), "No syntax or stream encoding errors found"),
    ):
        if shutil.which(tool) is None:
            words.append(f"NOT DONE: {tool} is not installed")
            continue
        for paper in sealed(place):
            _, said = await run([tool, *flags, str(paper)])
            step.expect(holds in said, f"{tool} on {paper.name}: {said}")
        words.append(f"{tool} agrees on {len(sealed(place))} papers")
    if shutil.which("pdfsig") is not None:
        _, said = await run(["pdfsig", "-nocert", str(place.altered)])
        step.expect("Signature is Valid" not in said, "pdfsig believes the altered copy")
    return "; ".join(words)
