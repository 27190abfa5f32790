"""The report: a table, and a line to copy."""

import platform
from collections.abc import Iterable, Sequence
from importlib.metadata import version

from checkout_server.cli.doctor.finding import Finding
from checkout_server.cli.screen import Piece, Screen, Styled
from checkout_server.settings import Settings

_PACKAGES = ("dodo-checkout-mcp", "mcp", "httpx2", "pydantic")
_STATE, _SUBJECT = 4, 11
"""Columns, so that the third one begins at the same place in every report."""


def print_report(findings: Sequence[Finding], settings: Settings | None, screen: Screen) -> None:
    """Print what was found.

    Args:
        findings: in their order.
        settings: None where they cannot be used.
        screen: where to.
    """
    if screen.is_terminal:
        heading = [Styled(each, "heading") for each in ("", "", "found", "what to do")]
        screen.table([heading, *(_row(each) for each in findings)])
    else:
        screen.table(row for each in findings for row in _lines(each))
    screen.write()
    screen.write("For a report, copy this line; nothing in it is secret:")
    print(_summary(findings, settings))  # however long, a line to copy stays one


def _row(finding: Finding) -> list[Piece]:
    state = Styled("ok", "good") if finding.ok else Styled("FAIL", "bad")
    return [state, finding.subject, finding.sentence, finding.remedy]


def _lines(finding: Finding) -> Iterable[list[Piece]]:
    """Each finding on one line, which a program can read, and its remedy on the next."""
    yield ["ok".ljust(_STATE) if finding.ok else "FAIL", finding.subject.ljust(_SUBJECT), finding.sentence]
    if finding.remedy:
        yield ["", "", f"→ {finding.remedy}"]


def _summary(findings: Sequence[Finding], settings: Settings | None) -> str:
    failed = list(dict.fromkeys(each.subject for each in findings if not each.ok))
    parts = [
        ", ".join(f"{name} {version(name)}" for name in _PACKAGES),
        f"{platform.python_implementation()} {platform.python_version()}",
        f"{platform.system()} {platform.release()} {platform.machine()}",
        *(_described(settings) if settings is not None else []),
        f"wrong: {', '.join(failed) or 'nothing'}",
    ]
    return "; ".join(parts)


def _described(settings: Settings) -> list[str]:
    return [
        f"environment {settings.environment}",
        f"ledger {'PostgreSQL' if settings.ledger_url is not None else 'SQLite'}",
        f"policy {'set' if settings.policy is not None else 'not set'}",
        f"webhooks {'set' if settings.webhook_key is not None else 'not set'}",
    ]
