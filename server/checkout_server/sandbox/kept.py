"""The sandbox's sessions in a file, so that they outlive the server; and where the one sandbox of a folder listens."""

import os
import secrets
import sqlite3
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from checkout_server.sandbox.sessions import Session

KEPT = timedelta(days=30)
"""After this long a session is forgotten."""
_SCHEMA = """
CREATE TABLE IF NOT EXISTS place (port INTEGER NOT NULL, mark TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS sessions (id TEXT PRIMARY KEY, created_at TEXT NOT NULL, sealed BLOB NOT NULL);
"""
_SESSION = TypeAdapter(Session)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a folder's sandbox listens, and the mark by which it is told from another program there."""

    port: int
    mark: str


@dataclass(frozen=True, slots=True)
class Seal:
    """How sessions, which hold what buyers typed, are written down; ``context`` binds one to its row."""

    close: Callable[[bytes, str], bytes]
    open: Callable[[bytes, str], bytes | None]
    """None for what was not sealed with these keys."""


class SandboxFile:
    """A SQLite file. Only the server that listens at its place writes sessions.

    Raises:
        sqlite3.Error, OSError: it cannot be used.
    """

    def __init__(self, path: Path, seal: Seal) -> None:
        self._seal = seal
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        self._connection = sqlite3.connect(path, timeout=5.0, isolation_level=None)
        try:
            self._connection.execute("PRAGMA synchronous = OFF")  # a sandbox's sale may be lost with the power
            self._connection.executescript(_SCHEMA)
        except sqlite3.Error:
            self._connection.close()
            raise

    def close(self) -> None:
        self._connection.close()

    def place(self) -> Place | None:
        """Where the sandbox was last."""
        with closing(self._connection.execute("SELECT port, mark FROM place")) as rows:
            row = rows.fetchone()
        return None if row is None else Place(*row)

    def take_place(self, port: int, *, instead_of: Place | None) -> Place | None:
        """Make a port the sandbox's; None where another server was quicker."""
        place = Place(port, secrets.token_hex(16))
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            if self.place() != instead_of:
                return None
            self._connection.execute("DELETE FROM place")
            self._connection.execute("INSERT INTO place VALUES (?, ?)", (place.port, place.mark))
        finally:
            self._connection.execute("COMMIT")
        return place

    def save(self, session: Session) -> None:
        """Write down how a session is now, as far as the disk takes it."""
        sealed = self._seal.close(_SESSION.dump_json(session), session.id)
        with suppress(sqlite3.Error):
            self._connection.execute(
                "INSERT OR REPLACE INTO sessions VALUES (?, ?, ?)", (session.id, session.created_at.isoformat(), sealed)
            )

    def sessions(self, now: datetime) -> list[Session]:
        """Those that can be read, the oldest first. Older ones than ``KEPT`` are forgotten."""
        self._connection.execute("DELETE FROM sessions WHERE created_at < ?", ((now - KEPT).isoformat(),))
        read: list[Session] = []
        with closing(self._connection.execute("SELECT id, sealed FROM sessions ORDER BY created_at")) as rows:
            for session_id, sealed in rows:
                content = self._seal.open(sealed, session_id)
                with suppress(ValidationError):  # written by another version
                    if content is not None:
                        read.append(_SESSION.validate_json(content))
        return read
