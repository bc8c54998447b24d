"""Claim 37: rendering is bounded, and a stopping hub does not wait for a paper."""

from __future__ import annotations

import asyncio
import time

import pytest

from gateway.rendering import Press, Stopped, TooSlow


async def test_a_paper_that_takes_too_long_is_killed_and_the_next_one_is_printed() -> None:
    press = Press(timeout=0.01)
    with pytest.raises(TooSlow):
        await press.render("licence", object())
    press._timeout = 60
    with pytest.raises(RuntimeError):  # a new process answers: no template is called that
        await press.render("no-such-template", object())
    press.close()


async def test_a_stopping_hub_does_not_wait_for_a_paper() -> None:
    press = Press(timeout=60)
    printing = asyncio.create_task(press.render("licence", object()))
    await asyncio.sleep(0.2)
    started = time.monotonic()
    press.close()
    with pytest.raises(Stopped):
        await printing
    assert time.monotonic() - started < 5
    with pytest.raises(Stopped):
        await press.render("licence", object())
