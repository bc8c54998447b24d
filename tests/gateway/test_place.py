from __future__ import annotations

from gateway.place import locate
from schemas.envelope import SBDH
from schemas.errors import Code, Finding
from schemas.parse import parse

MESSAGE = parse(
    f"""<StandardBusinessDocument xmlns="{SBDH}"><LicenceApplication xmlns="urn:a" xmlns:c="urn:c">
<Licence>
  <c:Invoice><c:Amount>1.00</c:Amount></c:Invoice>
  <c:Invoice>
    <c:Amount>2.00</c:Amount>
  </c:Invoice>
</Licence>
</LicenceApplication></StandardBusinessDocument>""".encode()
)[0]


def located(path: str) -> Finding:
    return locate(Finding(code=Code.NOT_FOUND, path=path), MESSAGE)


def test_a_finding_points_at_its_element_with_line_and_value() -> None:
    found = located("Licence/Invoice[2]/Amount")
    assert found.path == "/StandardBusinessDocument/LicenceApplication/Licence/Invoice[2]/Amount"
    assert (found.line, found.value) == (5, "2.00")


def test_a_missing_element_points_at_the_line_of_its_parent() -> None:
    found = located("Licence/Invoice[2]/Number")
    assert (found.line, found.value) == (4, None)


def test_a_finding_without_a_path_points_at_the_payload() -> None:
    found = located("")
    assert (found.path, found.line) == ("/StandardBusinessDocument/LicenceApplication", 1)
