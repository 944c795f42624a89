"""Every command typed by somebody who may not do all of it: told in a sentence, never by a bug.

The list of commands is the program's own, so a new one is tried as soon as it is there.
"""

import shlex
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import click
import pytest

from tests.stories.another_user import SERVICE, is_root, open_folder, shut, typed, write_protect
from tests.stories.months_gone import Stood, fill
from tests.stories.office import Spot, write_office
from tests.stories.program import Ended, command
from tests.unit.cli.test_every_table import printing

pytestmark = pytest.mark.integration

SINK = """
[influx]
url = "http://127.0.0.1:9"
version = "1"
username = "collector"

[credentials.secure]
version = "3"
user = "collector"
auth_protocol = "sha256"
"""
"""A sink and a credential whose passwords stand in secret files."""

SHEET = "設置場所,年月,使用枚数\n1f,2025-04,1200\n"

WORDS: Mapping[str, str] = {
    "place": "1f",
    "machine": "1f",
    "figures": "total=40000",
    "since": "2026-01-01",
    "targets": "127.0.0.1",
    "why": "test",
    "verdict": "ignore",
}
USED = {"figures"}
"""Arguments that may be left out, and without which nothing is done."""

MORE: Mapping[str, Sequence[str]] = {
    "demo": ("--months", "0"),
    "discover": ("--community", "x", "--port", "9"),
}
"""What keeps a command from taking long, or lets it do something."""

READS = (
    *("month", "status", "forecast", "findings", "entries", "statement list", "close"),
    *("statement verify", "fleet apply", "fleet export", "replay --since 2026-01-01"),
    "history import {sheet}",
)
"""Commands that want nothing but settings and ledger."""

ASKS = ("poll 1f", "discover 127.0.0.1", "capture 1f -o x", "calibrate 1f total=5", "run")
"""Commands that want secrets."""

WRITES = (
    "read 1f total=40000 --why test",
    "findings resolve x --as ignore --why test",
    "close --apply 0 --by test",
    "history import {sheet} --apply --by test --why test --kind totals",
)


@dataclass(frozen=True, slots=True)
class Premises:
    """An office as the package lays it out: its configuration, its ledger, and two more folders."""

    config: Path
    ledger: Path
    shut: Path
    read_only: Path

    def typed(self, *lines: str, is_member: bool = False) -> list[Ended]:
        """Return what each line left, typed in a folder that cannot be written."""
        sheet = self.config.with_name("sheet.csv")
        split = [shlex.split(one.format(sheet=sheet)) for one in lines]
        env = {"CONFIGURATION_DIRECTORY": str(self.config.parent)}
        return typed(split, self.read_only, is_member=is_member, env=env)


@pytest.fixture
def premises() -> Iterator[Premises]:
    """The ledger is the service's and its group's; secrets are root's."""
    with open_folder() as folder:
        ledger = folder / "state" / "ledger.sqlite3"
        fill(ledger, Stood("1f", "AAAA1111", 30_000))
        config = write_office(folder / "office", [Spot("1f", 9)], SINK)
        text = config.read_text("utf-8").replace('"ledger.sqlite3"', f'"{ledger}"')
        config.write_text(text, encoding="utf-8")
        config.with_name("sheet.csv").write_text(SHEET, encoding="utf-8")
        secrets = config.with_name("secrets")
        secrets.mkdir()
        (secrets / "influx__password").write_text("hidden-1\n")
        (secrets / "credentials__secure__auth_password").write_text("hidden-22\n")
        for one in ("shut", "read-only"):
            (folder / one).mkdir()
        shut(secrets, is_roots=True)
        shut(folder / "shut", is_roots=True)
        write_protect(folder / "read-only")
        yield Premises(config, ledger, folder / "shut", folder / "read-only")


def lines(premises: Premises) -> Iterator[str]:
    """Yield each command of the program, and again with each of its files in a shut folder."""
    beyond = str(premises.shut / "beyond.toml")
    for words, verb in printing():
        needed = [_needed(one) for one in verb.params if one.required or one.name in USED]
        yield " ".join((words, *MORE.get(words, ()), *needed))
        for one in verb.params:
            if not isinstance(one.type, click.Path) or one.name in {"config", "secrets"}:
                continue
            if isinstance(one, click.Option):
                yield " ".join((words, *needed, one.opts[0], beyond))
            else:
                yield f"{words} {beyond}"


def _needed(one: click.Parameter) -> str:
    word = "{sheet}" if isinstance(one.type, click.Path) else WORDS.get(one.name or "", "x")
    return f"{one.opts[0]} {word}" if isinstance(one, click.Option) else word


def refused_like_a_person(line: str, ended: Ended) -> bool:
    """Say whether a command ended as documented, with a sentence where it did not succeed."""
    assert ended.code in {0, 1, 2, 70, 78}, (line, ended.err)
    for bug in ("Traceback", "Errno", "PermissionError", "不具合", "is a bug"):
        assert bug not in ended.err + ended.out, (line, ended.err)
    assert ended.code in {0, 1} or ended.err, line
    assert ended.code != 70 or "台帳" in ended.err, (line, ended.err)
    return ended.code in {70, 78}


@pytest.mark.parametrize("is_member", [False, True], ids=["outsider", "member"])
def test_every_command_of_the_program_refuses_in_a_sentence(
    premises: Premises, *, is_member: bool
) -> None:
    shut(premises.ledger.parent)
    every = [*lines(premises)]

    ended = premises.typed(*every, is_member=is_member)

    refused = [*map(refused_like_a_person, every, ended)]
    assert any(refused)
    assert not all(refused)


def test_no_command_needs_a_ledger_to_say_what_is_missing(premises: Premises) -> None:
    for one in premises.ledger.parent.iterdir():
        one.unlink()
    if is_root():
        shut(premises.ledger.parent)
    every = [*lines(premises)]

    ended = premises.typed(*every, is_member=True)

    for line, one in zip(every, ended, strict=True):
        refused_like_a_person(line, one)
    assert "まだありません" in premises.typed("month", is_member=True)[0].err


def test_what_a_killed_service_left_is_its_owners_to_take_in(premises: Premises) -> None:
    wal = Path(f"{premises.ledger}-wal")
    with closing(sqlite3.connect(premises.ledger)) as service:
        service.execute("INSERT INTO notes VALUES ('written', 'last')")
        service.commit()
        left = premises.ledger.read_bytes(), wal.read_bytes()
    premises.ledger.write_bytes(left[0])
    wal.write_bytes(left[1])
    shut(premises.ledger.parent)

    (ended,) = premises.typed("month", is_member=True)

    assert ended.code == 70
    assert not is_root() or "サービスが途中で止まり" in ended.err
    assert not is_root() or f"sudo -u '#{SERVICE}' copier-fleet month" in ended.err


def test_no_command_falls_over_a_private_configuration(premises: Premises) -> None:
    shut(premises.config.parent, is_roots=True)
    every = [*lines(premises)]

    ended = premises.typed(*every)

    for line, one in zip(every, ended, strict=True):
        refused_like_a_person(line, one)


def test_a_member_of_the_group_reads_what_the_owner_reads(premises: Premises) -> None:
    shut(premises.ledger.parent)
    if not is_root():
        pytest.skip("only root becomes a member of a group")
    env = {"CONFIGURATION_DIRECTORY": str(premises.config.parent)}
    sheet = premises.config.with_name("sheet.csv")

    told = premises.typed(*READS, is_member=True)

    for line, one in zip(READS, told, strict=True):
        own = command(*shlex.split(line.format(sheet=sheet)), env=env)
        if line != "status":  # which says how long ago
            assert (one.code, one.out) == (own.code, own.out), (line, one.err)
        assert one.code == own.code


def test_a_backup_wants_no_secrets(premises: Premises) -> None:
    """The nightly one runs as the service's user, to whom nobody hands them."""
    shut(premises.ledger.parent)
    if not is_root():
        pytest.skip("only root becomes a member of a group")
    copies = premises.read_only.with_name("copies")
    copies.mkdir()
    copies.chmod(0o777)

    (ended,) = premises.typed(f"backup {copies}", is_member=True)

    assert ended.code == 0, ended.err
    assert Path(ended.out.strip()).parent == copies


def test_who_may_not_read_the_secrets_asks_nobody(premises: Premises) -> None:
    shut(premises.ledger.parent)

    for line, one in zip(ASKS, premises.typed(*ASKS, is_member=True), strict=True):
        assert one.code == 78, (line, one.err)
        assert "問い合わせません" in one.err
        if is_root():
            usual = "systemctl start copier-fleet" if line == "run" else f"copier-fleet {line}"
            assert f"実行: sudo {usual}\n" in one.err
        assert "hidden" not in one.err


@pytest.mark.parametrize("command_line", ["check", "doctor"])
def test_what_could_not_be_looked_at_is_told(premises: Premises, command_line: str) -> None:
    shut(premises.ledger.parent)

    (ended,) = premises.typed(command_line, is_member=True)

    assert ended.code == 1
    assert "秘密ファイル" in ended.out
    assert not is_root() or f"sudo copier-fleet {command_line}" in ended.out


def test_an_outsider_is_told_as_whom_to_ask(premises: Premises) -> None:
    shut(premises.ledger.parent)
    if not is_root():
        pytest.skip("only root hands folders over")

    for line, one in zip(READS, premises.typed(*READS), strict=True):
        if line != "fleet export":  # which has no need of the ledger
            asked = line.format(sheet=premises.config.with_name("sheet.csv"))
            assert one.code == 70
            assert f"sudo -u '#{SERVICE}' copier-fleet {asked}" in one.err


@pytest.mark.parametrize("is_member", [False, True], ids=["outsider", "member"])
def test_who_may_not_write_the_ledger_is_told_who_may(
    premises: Premises, *, is_member: bool
) -> None:
    shut(premises.ledger.parent)

    for line, one in zip(WRITES, premises.typed(*WRITES, is_member=is_member), strict=True):
        assert one.code == 70, (line, one.err)
        assert not is_root() or f"sudo -u '#{SERVICE}' copier-fleet" in one.err
