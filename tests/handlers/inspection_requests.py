"""A whole request for an inspection certificate, as a message writes it."""

from __future__ import annotations

from schemas import bind
from schemas.bindings.common_1 import Inspection
from schemas.bindings.inspection_application_1 import InspectionApplication
from schemas.envelope import payload
from schemas.parse import parse
from tests.schemas.samples import FOLDER


def _asked() -> Inspection:
    path = FOLDER / "InspectionApplication" / "valid-submit-carpets-and-pottery.xml"
    return bind.read(payload(parse(path.read_bytes())), InspectionApplication).inspection


#: Two lines of carpets and two of pottery, with the three documents.
ASKED = _asked()
