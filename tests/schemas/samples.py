"""The sample messages by what they show: valid, or the code that their name announces."""

from __future__ import annotations

import re
from pathlib import Path

from hypothesis import strategies as st

from schemas.parse import ROOT

FOLDER = Path(__file__).parents[2] / "samples"
ENTRY = Path(__file__).parents[2] / "schemas" / "xsd" / "passavant.xsd"
VALID = sorted(FOLDER.glob("*/valid-*.xml"))
INVALID = sorted(FOLDER.glob("*/invalid-PSV-*.xml"))
SBDH = ROOT[1 : ROOT.index("}")]

#: Any text that XML can hold, with what is escaped or taken for a line's end more often.
TEXTS = st.text(
    st.sampled_from("\"'&<>]\r\n\t \x85\u2028ع\U0001f9f6")
    | st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff")
)


def name(path: Path) -> str:
    """How a test report names a sample."""
    return f"{path.parent.name}/{path.stem}"


def announced(path: Path) -> int:
    """The number of the code that a sample must provoke."""
    found = re.match(r"invalid-PSV-([0-9]{3})-", path.name)
    if found is None:
        raise ValueError(f"{path.name} announces no code")
    return int(found[1])


def provoking(*numbers: int) -> list[Path]:
    """The invalid samples of these codes."""
    return [path for path in INVALID if announced(path) in numbers]


def around(inner: bytes | str) -> bytes:
    """A document with the right root and anything in it."""
    inner = inner.encode() if isinstance(inner, str) else inner
    root = b"StandardBusinessDocument"
    return b'<%b xmlns="%b">%b</%b>' % (root, SBDH.encode(), inner, root)
