"""Changes that are committed together: each is done whole or ends with its own error."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from collector.adapters.ledger_sqlite.commits import Commits, PendingChange


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "ledger.sqlite3"
    with sqlite3.connect(path) as made:
        made.execute("CREATE TABLE pages (n INTEGER PRIMARY KEY)")
    made.close()
    return path


@pytest.fixture
def connection(file: Path) -> Iterator[sqlite3.Connection]:
    opened = sqlite3.connect(file, isolation_level=None, timeout=0)
    yield opened
    opened.close()


def changes(connection: sqlite3.Connection, *numbers: int) -> list[PendingChange]:
    def adding(number: int) -> PendingChange:
        return PendingChange(lambda: connection.execute("INSERT INTO pages VALUES (?)", [number]))

    return [adding(one) for one in numbers]


def commit(commits: Commits, some: list[PendingChange]) -> list[type[BaseException] | None]:
    for one in some:
        commits.add(one)
    commits.commit()
    assert all(one.is_done for one in some)
    return [None if one.error is None else type(one.error) for one in some]


def stored(connection: sqlite3.Connection) -> list[int]:
    return [number for (number,) in connection.execute("SELECT n FROM pages ORDER BY n")]


def test_one_that_fails_fails_alone(connection: sqlite3.Connection) -> None:
    commits = Commits(connection, lambda: None)
    ended = commit(commits, changes(connection, 1, 2, 1, 3))
    assert ended == [None, None, sqlite3.IntegrityError, None]
    assert stored(connection) == [1, 2, 3]


def test_a_lock_is_waited_for_once_and_not_by_each(
    file: Path, connection: sqlite3.Connection
) -> None:
    said: list[str] = []
    undone: list[int] = []
    commits = Commits(connection, lambda: undone.append(1))
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    connection.set_trace_callback(said.append)
    ended = commit(commits, changes(connection, 1, 2, 3))
    other.execute("ROLLBACK")
    other.close()

    assert ended == [sqlite3.OperationalError] * 3
    assert said.count("BEGIN IMMEDIATE") == 1
    assert undone
    assert commit(commits, changes(connection, 1, 2, 3)) == [None] * 3
    assert stored(connection) == [1, 2, 3]


def test_where_nothing_may_be_written_nothing_is_tried(connection: sqlite3.Connection) -> None:
    def look() -> None:
        message = "exchanged"
        raise ValueError(message)

    commits = Commits(connection, lambda: None, look)
    assert commit(commits, changes(connection, 1, 2)) == [ValueError] * 2
    assert stored(connection) == []
