"""``autograder doctor``: what protects this machine."""

from __future__ import annotations

import typer

from autograder.commands.common import TierOption, app, find_protections, screen
from autograder.doctor import PROTECTIONS, is_safe
from autograder.sandbox.limits import Limits


@app.command(epilog="Example:  autograder doctor --tier B")
def doctor(tier: TierOption = None) -> None:
    """Say what protects this machine from a hostile submission.

    A canary tries what such a submission would try. Ends with 0 when hostile submissions can be graded here, 1 when
    not.
    """
    found = find_protections(Limits(), tier, allow_weaker=True)
    for item in PROTECTIONS:
        if found[item.key]:
            screen.print(f"[green]active[/green]      {item.title}")
        else:
            remedy = f"; to get it, {item.remedy}" if item.remedy else ""
            screen.print(
                f"[red]NOT active[/red]  {item.title}: without it {item.without}{remedy}", soft_wrap=True
            )
    if is_safe(found):
        screen.print(f"tier {found['tier']}: hostile submissions can be graded here")
    else:
        screen.print(
            f"tier {found['tier']}: grade only submissions that you trust, with --allow-weaker-sandbox"
        )
        raise typer.Exit(1)
