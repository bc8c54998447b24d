"""Every code partners may be told is provoked by a sample or a test, and says what it means."""

from __future__ import annotations

import re
from pathlib import Path
from string import Formatter

import pytest

from schemas.errors import Code, Text
from tests.schemas.samples import FOLDER, INVALID, announced, name

TESTS = Path(__file__).parents[1]

#: The codes that no file alone provokes, and the test that does.
ELSEWHERE = {
    101: "attacks/test_door.py",
    102: "attacks/test_door.py",
    103: "attacks/test_door.py",
    104: "attacks/test_door.py",
    105: "faults/test_load.py",
    106: "faults/test_disk.py",
    107: "attacks/test_edges.py",
    108: "attacks/test_door.py",
    301: "attacks/test_door.py",
    302: "attacks/test_door.py",
    303: "attacks/test_signature_surroundings.py",
    304: "attacks/bends.py",
    305: "attacks/test_signature_wrapping.py",
    306: "attacks/bends.py",
    307: "attacks/bends.py",
    308: "attacks/bends.py",
    309: "attacks/bends.py",
    310: "attacks/test_door.py",
    311: "attacks/test_door.py",
    312: "attacks/test_door.py",
    313: "attacks/test_door.py",
    314: "attacks/test_door.py",
    315: "attacks/test_door.py",
    316: "attacks/test_door.py",
    401: "attacks/test_door.py",
    402: "attacks/test_door.py",
    403: "attacks/test_door.py",
    404: "journeys/test_idempotency.py",
    405: "attacks/test_door.py",
    406: "attacks/test_door.py",
    407: "attacks/test_door.py",
    408: "journeys/test_looking.py",
    409: "journeys/test_looking.py",
    410: "journeys/test_rights.py",
    753: "handlers/licence/test_repatriation_proof.py",
    754: "handlers/licence/test_repatriation_proof.py",
    719: "handlers/licence/test_corrections.py",
    720: "handlers/licence/test_waiting_contra.py",
    729: "handlers/licence/test_imputation_statement.py",
    730: "handlers/licence/test_imputation_statement.py",
    731: "handlers/licence/test_imputation_statement.py",
    901: "faults/test_load.py",
    902: "journeys/test_absence.py",
}

#: The tests that run over the samples of a folder, by the codes they take.
RUNNERS = {
    "schemas/test_parse.py": range(200, 300),
    "schemas/test_xsd.py": range(501, 502),
    "journeys/test_samples.py": range(502, 507),
    "handlers/test_samples.py": range(600, 900),
}


def texts(text: Text) -> dict[str, str]:
    return {"fr": text.fr, "en": text.en, "repair_fr": text.repair_fr, "repair_en": text.repair_en}


def places(words: str) -> set[str]:
    """The fields a text names; a reason stands in each language by its own name."""
    named = {field for _, field, _, _ in Formatter().parse(words) if field is not None}
    return {re.sub("_(fr|en)$", "", field).replace("raison", "reason") for field in named}


@pytest.mark.parametrize("code", Code, ids=lambda code: code.label)
def test_every_code_has_a_sample_or_a_test_that_provokes_it(code: Code) -> None:
    samples = [path for path in INVALID if announced(path) == code.number]
    where = ELSEWHERE.get(code.number)
    assert bool(samples) != bool(where), "a sample, or else a line of the table above"
    if where:
        words = (TESTS / where).read_text()
        assert re.search(rf"\bPSV-{code.number}\b|\bCode\.{code.name}\b", words), where


@pytest.mark.parametrize("sample", INVALID, ids=name)
def test_every_invalid_sample_is_taken_by_a_test(sample: Path) -> None:
    takers = [where for where, codes in RUNNERS.items() if announced(sample) in codes]
    assert len(takers) == 1
    assert "tests.schemas.samples" in (TESTS / takers[0]).read_text()


def test_every_file_among_the_samples_says_what_it_shows() -> None:
    strays = [path for path in FOLDER.glob("*/*.xml") if not path.name.startswith("valid-")]
    assert sorted(strays) == INVALID


def test_no_number_is_used_twice() -> None:
    numbers = [code.number for code in Code]
    assert len(set(numbers)) == len(numbers) == len(Code.__members__)


@pytest.mark.parametrize("code", Code, ids=lambda code: code.label)
def test_every_code_speaks_french_and_english_of_the_same_facts(code: Code) -> None:
    said = texts(code.text)
    assert said["fr"]
    assert said["en"]
    assert said["fr"] != said["en"]
    assert bool(said["repair_fr"]) == bool(said["repair_en"])
    assert places(said["fr"]) == places(said["en"])
    assert places(said["repair_fr"]) == places(said["repair_en"])
    assert all(words == words.strip() for words in said.values())


@pytest.mark.parametrize("code", Code, ids=lambda code: code.label)
def test_what_a_sender_can_repair_is_never_answered_as_our_fault(code: Code) -> None:
    assert (code.fault.value == "hub") == (code.status >= 500)
