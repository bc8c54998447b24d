"""What the story holds an outcome against, and how it tells of it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from gateway.demo.telling import Step

_ACCEPTED = {"accepted", "accepted-with-warnings"}


def accepted(step: Step, facts: dict[str, Any]) -> None:
    """The hub took the message."""
    step.expect(facts["status"] in _ACCEPTED, f"it was {facts['status']} for {codes(facts)}")


def became(step: Step, facts: dict[str, Any], state: str, *details: str) -> None:
    """A message was accepted and led to a state."""
    accepted(step, facts)
    dossier = facts["dossier"]
    step.expect(dossier["state"] == state, f"it led to {dossier['state']}, not {state}")
    step.says(f"{dossier['number']} {dossier['state_fr']}", *details)


def refused(step: Step, facts: dict[str, Any], *expected: str) -> None:
    """A message was refused for these reasons, and no other."""
    step.expect(facts["status"] == "refused", f"it was {facts['status']}")
    step.expect(codes(facts) == list(expected), f"it was refused for {codes(facts)}")
    step.says("refused whole", *problems(facts))


def warned(step: Step, facts: dict[str, Any], *expected: str) -> None:
    """A message was accepted with these warnings, and no other."""
    accepted(step, facts)
    found = codes(facts, "warnings")
    step.expect(found == list(expected), f"its warnings were {found}")
    step.says("accepted", *problems(facts, "warnings"))


def granted(step: Step, facts: dict[str, Any]) -> None:
    """The ministry granted a visa, and the hub took it."""
    step.expect(facts["decision"] == "granted", f"it was {facts['decision']}: {facts['reason']}")
    lines = (f"line {one['line']}: {one['quantity']} {one['unit']}" for one in facts["granted"])
    became(step, facts, "granted", f"visa {facts['visa']} until {facts['until']}", *lines)


def balance(step: Step, facts: dict[str, Any], *, imputed: int, remaining: int) -> None:
    """The reported balance is what the story counts."""
    found = (Decimal(facts["imputed"]), Decimal(facts["remaining"]))
    step.expect(
        found == (Decimal(imputed), Decimal(remaining)), f"{found[0]} imputed and {found[1]} left"
    )
    step.says(f"{imputed} {facts['unit']} imputed, {remaining} left ({facts['state_fr']})")


def lines(step: Step, facts: dict[str, Any], *expected: str) -> None:
    """What became of each line that the message speaks of."""
    found = [one["outcome"] for one in facts["balances"]]
    step.expect(found == list(expected), f"its lines were {found}")


def movements(facts: dict[str, Any]) -> list[str]:
    """What an imputation did to each line, as sums."""
    return [
        f"line {one['line']}: {one['before']} {Decimal(one['delta']):+} = {one['after']} imputed,"
        f" {one['remaining']} {one['unit']} left"
        for one in facts["balances"]
    ]


def codes(facts: dict[str, Any], kind: str = "errors") -> list[str]:
    """The codes of its errors or warnings, in order."""
    return [problem["code"] for problem in facts[kind]]


def problems(facts: dict[str, Any], kind: str = "errors") -> list[str]:
    """Its errors or warnings as a French reader sees them."""
    return [f"{problem['code']} {problem['text']['fr']}" for problem in facts[kind]]
