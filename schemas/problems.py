"""How a finding is written in a message: code, place, line, value, both languages, repair."""

from __future__ import annotations

from schemas.bindings.common_1 import LanguageCode, LocalText, Problem
from schemas.errors import Finding

EXCERPT = 200  #: characters of an offending value that are quoted back


def problem(finding: Finding) -> Problem:
    """The `Problem` of an acknowledgement or a report."""
    text = finding.code.text
    return Problem(
        code=finding.code.label,
        xpath=_excerpt(finding.path) or None,
        line=finding.line,
        value=None if finding.value is None else _excerpt(finding.value),
        text=(
            LocalText(value=finding.french(), lang=LanguageCode.FR),
            LocalText(value=finding.english(), lang=LanguageCode.EN),
        ),
        repair=tuple(
            LocalText(value=repair.format(**finding.fields), lang=lang)
            for repair, lang in (
                (text.repair_fr, LanguageCode.FR),
                (text.repair_en, LanguageCode.EN),
            )
            if repair
        ),
    )


def _excerpt(text: str) -> str:
    """What of a hostile or huge text can stand in a reply: XML characters, and not too many."""
    shown = "".join(character for character in text if character.isprintable())
    return shown if len(shown) <= EXCERPT else shown[: EXCERPT - 1] + "…"
