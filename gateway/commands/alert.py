"""`alert`: what needs somebody, and what people do about it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gateway.commands.acting import in_a_sentence
from gateway.commands.office import Office, at_office
from gateway.commands.say import out, refuse, show_json, show_table
from storage import alerts
from storage.alerts import Alert
from storage.console_tables import ALERT_STATES

if TYPE_CHECKING:
    from gateway.acts.act import By
    from gateway.hub import Hub

app = typer.Typer(no_args_is_help=True, help="Alerts: what needs somebody, one for each cause.")

Config = Annotated[Path | None, typer.Option("--config", help="The hub's TOML file.")]
AsJson = Annotated[bool, typer.Option("--json", help="For programs.")]
Number = Annotated[int, typer.Argument(help="The alert's number, as `alert list` shows it.")]
Reason = Annotated[str, typer.Option(help="Why; written to the journal.")]


@app.command("list")
def list_alerts(
    state: Annotated[
        str, typer.Option(help="open, acknowledged or resolved; without it, what stands.")
    ] = "",
    before: Annotated[int, typer.Option(help="Show alerts before this number.")] = 2**62,
    limit: Annotated[int, typer.Option(help="At most so many.")] = 50,
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """What stands, or the alerts of one state, the latest first."""
    if state not in ("", *ALERT_STATES):
        refuse(f"There is no state “{state}”: {', '.join(ALERT_STATES)}.")

    async def act(office: Office) -> list[dict[str, object]]:
        async with office.store.read() as connection:
            if state:
                found = await alerts.listing(connection, state=state, before=before, limit=limit)
            else:
                found = await alerts.standing(connection, limit)
        return [_row(alert, office) for alert in found]

    rows = at_office(config, act)
    if as_json:
        show_json(rows)
    else:
        columns = ["alert", "severity", "state", "title", "count", "opened_at"]
        show_table(columns, [[row[column] for column in columns] for row in rows])


@app.command()
def acknowledge(alert: Number, reason: Reason, config: Config = None) -> None:
    """Say that somebody looks after it; it opens again when it gets worse."""
    from gateway import attending

    _attend(config, alert, reason, attending.acknowledge, "acknowledged")


@app.command()
def mute(
    alert: Number,
    reason: Reason,
    hours: Annotated[int, typer.Option(min=1, max=24 * 90, help="For how long.")] = 24,
    config: Config = None,
) -> None:
    """Tell nobody of it for some hours, however it comes and goes."""
    from gateway import attending

    async def change(hub: Hub, number: int, by: By) -> Alert:
        return await attending.mute(hub, number, by.at + timedelta(hours=hours), by)

    _attend(config, alert, reason, change, f"muted for {hours} h")


@app.command()
def unmute(alert: Number, reason: Reason, config: Config = None) -> None:
    """Tell of it again."""
    from gateway import attending

    _attend(config, alert, reason, attending.unmute, "told again")


@app.command()
def resolve(alert: Number, reason: Reason, config: Config = None) -> None:
    """Say that it is over; while its cause holds, the next look opens another."""
    from gateway import attending

    _attend(config, alert, reason, attending.resolve, "resolved")


def _attend(
    config: Path | None,
    number: int,
    reason: str,
    change: Callable[[Hub, int, By], Awaitable[Alert]],
    done: str,
) -> None:
    async def act(office: Office) -> None:
        with in_a_sentence(f"There is no alert {number}."):
            await change(office.hub(), number, office.by(reason))

    at_office(config, act)
    out.print(f"Alert {number} is {done}.", markup=False)


def _row(alert: Alert, office: Office) -> dict[str, object]:
    from gateway.alert_texts import said
    from gateway.validity import severity

    text = said(alert, "en")
    muted = alert.muted_until if alert.muted(office.now) else None
    return {
        "alert": alert.id,
        "cause": alert.cause,
        "family": alert.family,
        "subject": alert.subject,
        "level": alert.level,
        "severity": severity(alert.level),
        "state": alert.state,
        "title": text.title,
        "repair": text.repair,
        "count": alert.count,
        "facts": dict(alert.facts),
        "opened_at": alert.opened_at.isoformat(timespec="seconds"),
        "seen_at": alert.seen_at.isoformat(timespec="seconds"),
        "muted_until": None if muted is None else muted.isoformat(timespec="seconds"),
        "acknowledged_by": alert.acknowledged_by,
        "resolved_by": alert.resolved_by,
        "note": alert.note,
    }
