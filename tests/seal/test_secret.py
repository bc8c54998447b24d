from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from gateway.seal.secret import Box, Unsealable, open_box


def test_a_sealed_text_opens_with_its_key_and_about_what_it_was_sealed() -> None:
    box = Box(b"k" * 32)
    sealed = box.seal("secret «سر»", about="amina")
    assert "secret" not in sealed
    assert box.open(sealed, about="amina") == "secret «سر»"
    assert box.seal("secret «سر»", about="amina") != sealed
    with pytest.raises(Unsealable):
        box.open(sealed, about="brahim")
    with pytest.raises(Unsealable):
        Box(b"l" * 32).open(sealed, about="amina")


@pytest.mark.parametrize("sealed", ["", "AAAA", "no base 64!", "é", "A" * 400])
def test_what_was_never_sealed_does_not_open(sealed: str) -> None:
    with pytest.raises(Unsealable):
        Box(b"k" * 32).open(sealed, about="amina")


def test_a_changed_text_does_not_open() -> None:
    box = Box(b"k" * 32)
    sealed = box.seal("secrets!", about="amina")  # 36 bytes: no bit of the text goes unused
    for place in range(len(sealed)):
        other = "B" if sealed[place] == "A" else "A"
        with pytest.raises(Unsealable):
            box.open(sealed[:place] + other + sealed[place + 1 :], about="amina")


def test_the_key_file_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    file = tmp_path / "console.key"
    with ThreadPoolExecutor(8) as threads:
        boxes = list(threads.map(open_box, [file] * 8))
    sealed = boxes[0].seal("secret", about="amina")
    assert [box.open(sealed, about="amina") for box in boxes] == ["secret"] * 8
    assert file.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [file]


def test_a_key_file_of_another_length_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "console.key"
    file.write_bytes(b"short")
    with pytest.raises(ValueError, match="32 bytes"):
        open_box(file)
