"""Finds where in the message a handler's finding points: absolute XPath, line, value."""

from __future__ import annotations

import re
from dataclasses import replace

from lxml import etree

from schemas.errors import Finding

_STEP = re.compile(r"([A-Za-z]+)(?:\[([0-9]+)\])?")


def locate(finding: Finding, root: etree._Element) -> Finding:
    """Give a handler's relative path its absolute XPath, line and value in the message."""
    name = etree.QName(root).localname
    absolute = f"/StandardBusinessDocument/{name}"
    if not finding.path:
        return replace(finding, path=absolute, line=finding.line or root.sourceline)
    element: etree._Element = root
    for step, position in _STEP.findall(finding.path):
        found = element.findall(f"{{*}}{step}")
        index = int(position or 1) - 1
        if index >= len(found):
            break  # the element that is missing: its parent's line is the place to add it
        element = found[index]
    else:
        text = (element.text or "").strip()
        value = finding.value if finding.value is not None else text or None
        return replace(
            finding, path=f"{absolute}/{finding.path}", line=element.sourceline, value=value
        )
    return replace(finding, path=f"{absolute}/{finding.path}", line=element.sourceline)
