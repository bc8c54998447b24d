"""How the values a dossier is found by are written, for those who keep them and those who ask."""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal


def words(name: str) -> list[str]:
    """The words of a name as they are compared: without case, accents and points.

    `words("Coopérative ATLAS-Argan")` is `["cooperative", "atlas", "argan"]`.
    """
    apart = unicodedata.normalize("NFKD", name).casefold()
    bare = "".join(letter for letter in apart if not unicodedata.combining(letter))
    return re.findall(r"\w+", bare)


def amount(value: Decimal) -> str:
    """An amount as it is compared: no exponent, no zeros behind the point."""
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text
