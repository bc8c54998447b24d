from __future__ import annotations

import asyncio

import pytest
from argon2 import PasswordHasher

from gateway.passwords import Passwords, TooMany, Weak, generated, judge

QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


@pytest.mark.parametrize(
    "password",
    [
        "",
        "onze lettre",
        "x" * 201,
        "aaaaaaaaaaaaaaaa",
        "abcabcabcabcabc",
        "abcdefghijklmnop",
        "0987654321098765",
        "qwertyuiopasdfghjkl",
        "AZERTYUIOPqsdf",
        "motdepasse12345",
        "Passavant2026!",
        "P a s s w o r d".replace(" ", "") + "1234!!",
        "amina.alami.amina",
        "AminaAlami2026",
    ],
)
def test_what_is_guessed_first_is_not_taken(password: str) -> None:
    with pytest.raises(Weak):
        judge(password, "amina.alami", "Amina", "Alami")


@pytest.mark.parametrize(
    "password",
    [
        "sept nuages sur l'Atlas",
        "الغيوم السبع فوق الأطلس",
        "k7#pQ2!vR9zT",
        "x" * 12 + "correct horse staple",
        "l'été, à Essaouira",
    ],
)
def test_what_is_not_guessed_is_taken(password: str) -> None:
    judge(password, "amina.alami", "Amina", "Alami")


def test_made_passwords_are_taken_and_never_twice_the_same() -> None:
    made = {generated() for _ in range(100)}
    assert len(made) == 100
    for password in made:
        judge(password)


async def test_one_password_in_two_spellings_is_one() -> None:
    passwords = Passwords(QUICK)
    known = await passwords.hash("l'e\u0301te\u0301 a\u0300 Essaouira")
    assert await passwords.verify(known, "l'été à Essaouira")
    assert not await passwords.verify(known, "l'ete a Essaouira")


@pytest.mark.parametrize("known", [None, "", "no hash", "$argon2id$broken"])
async def test_where_there_is_no_hash_no_password_fits(known: str | None) -> None:
    assert not await Passwords(QUICK).verify(known, "")
    assert not await Passwords(QUICK).verify(known, "anything at all")


async def test_no_more_are_hashed_at_once_than_memory_allows() -> None:
    passwords = Passwords()
    asked = [passwords.verify(None, "a wrong password") for _ in range(14)]
    found = await asyncio.gather(*asked, return_exceptions=True)
    assert [one for one in found if one is not False and not isinstance(one, TooMany)] == []
    assert sum(isinstance(one, TooMany) for one in found) == 4
    assert not await passwords.verify(None, "later")


async def test_a_hash_of_weaker_parameters_is_outdated() -> None:
    assert Passwords().is_outdated(QUICK.hash("anything at all"))
    assert not Passwords().is_outdated(await Passwords().hash("anything at all"))
