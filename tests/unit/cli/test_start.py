"""What a command waits for before it does anything: the modules that it imports, told by name.

Time on a clock says little on a machine that others share; what is imported decides it.
"""

import importlib
import pkgutil
import subprocess
import sys
from pathlib import Path

import click
import pytest

import collector.cli
from collector.cli.language import in_the_language, listed, speak
from collector.cli.main import VERBS, commands
from collector.texts import catalogue
from tests.stories.months_gone import Stood, fill
from tests.stories.office import Spot, write_office
from tests.stories.program import ROOT
from tests.surroundings import environment

pytestmark = pytest.mark.slow

CONFIG = ROOT / "config" / "collector.toml"
SPEAKING = frozenset({"rich.console", "rich.table", "collector.domain.report.table"})
READING = frozenset({"pydantic", "pydantic_settings", "holidays", "tomllib"})
KEEPING = frozenset({"asyncio", "sqlite3", "collector.adapters.ledger_sqlite"})
NEVER = frozenset(
    {
        *("aiohttp", "influxdb_client", "aiomqtt", "pysnmp", "pyasn1", "cryptography"),
        *("apprise", "requests", "openpyxl", "tomlkit", "babel", "difflib", "rich.progress"),
        *("collector.adapters.snmp.profiles.load", "collector.runtime", "collector.demo"),
    }
)
"""What only speaks to machines and sinks, or writes files."""

_RUN = """
import sys
from collector.__main__ import main
sys.argv[0] = "copier-fleet"
try:
    main()
finally:
    print(*sys.modules, file=open({told!r}, "w"))
"""


def imported(told: Path, *args: str, language: str = "en") -> frozenset[str]:
    """Return the modules that the command `args` imported until its end."""
    done = subprocess.run(
        [sys.executable, "-c", _RUN.format(told=str(told)), *args],
        cwd=ROOT,
        env=environment({"COPIER_FLEET__OFFICE__LANGUAGE": language}),
        capture_output=True,
        check=False,
    )
    assert done.returncode in {0, 1}, done.stderr.decode()
    return frozenset(told.read_text("utf-8").split())


@pytest.fixture(autouse=True, scope="module")
def _compiled() -> None:
    """Have every catalogue compiled, as a wheel has it: a checkout does so when first asked."""
    for language in catalogue.LANGUAGES:
        for file in catalogue.source(language).parent.glob("*.po"):
            catalogue.catalogue(language, file.stem)


@pytest.mark.parametrize("language", ["en", "ja"])
@pytest.mark.parametrize("args", ["--version", "--help"])
def test_what_is_said_of_all_commands_imports_none(
    tmp_path: Path, args: str, language: str
) -> None:
    found = imported(tmp_path / "told", args, language=language)

    assert found & (SPEAKING | READING | KEEPING | NEVER) == frozenset()
    loaded = {one for one in found if one.startswith("collector.cli.")}
    assert loaded == {f"collector.cli.{one}" for one in ("main", "language", "output")}
    assert len(found) <= 160


@pytest.mark.parametrize(
    "verb",
    [
        *(
            "run",
            "check",
            "doctor",
            "poll",
            "status",
            "month",
            "report",
            "letter",
            "forecast",
            "effect",
            "utilisation",
            "findings",
            "read",
        ),
        *("entries", "history", "count", "close", "statement"),
    ],
)
def test_help_of_one_waits_for_no_settings_and_no_ledger(tmp_path: Path, verb: str) -> None:
    found = imported(tmp_path / "told", verb, "--help")

    assert found & (READING | NEVER | KEEPING - {"asyncio"}) == frozenset()
    assert "rich.console" not in found
    assert len(found) <= 330


def test_check_reads_the_settings_and_waits_for_nothing_else(tmp_path: Path) -> None:
    found = imported(tmp_path / "told", "check", "--config", str(CONFIG))

    assert {"pydantic_settings", "rich.table"} <= found
    assert found & (NEVER | {"sqlite3", "holidays.countries"}) == frozenset()
    assert len(found) <= 600


@pytest.mark.parametrize("args", ["month", "status", "entries", "statement list"])
def test_what_shows_the_ledger_waits_for_no_machine_and_no_sink(tmp_path: Path, args: str) -> None:
    fill(tmp_path / "ledger.sqlite3", Stood("1f", "AAAA1111", 30_000))
    config = write_office(tmp_path, [Spot("1f", 9)])
    config.write_text(config.read_text("utf-8").replace('country = ""', 'country = "JP"'), "utf-8")

    found = imported(tmp_path / "told", *args.split(), "--config", str(config))

    assert {"sqlite3", "pydantic_settings"} <= found
    assert found & (NEVER | {"holidays.countries"}) == frozenset()
    assert len(found) <= 640


# The table of commands and the commands themselves.


def test_the_table_names_exactly_the_commands_that_there_are() -> None:
    found = set()
    for one in pkgutil.iter_modules(collector.cli.__path__):
        module = importlib.import_module(f"collector.cli.{one.name}")
        if isinstance(getattr(module, one.name, None), click.Command):
            found.add(one.name)

    assert {one.name for one in VERBS} == found
    assert len(VERBS) == len(found)


@pytest.mark.parametrize("language", ["en", "ja"])
@pytest.mark.parametrize("verb", VERBS, ids=[one.name for one in VERBS])
def test_the_table_says_what_the_command_says_of_itself(
    verb: tuple[str, str], language: str
) -> None:
    name, begins = verb
    module = importlib.import_module(f"collector.cli.{name}")
    speak(language)
    try:
        command, in_list = in_the_language(getattr(module, name)), listed(name, begins)
        for room in (20, 45, 80, 200):
            assert in_list.get_short_help_str(room) == command.get_short_help_str(room)
        assert (in_list.name, in_list.hidden) == (command.name, command.hidden)
    finally:
        speak("en")
    assert begins.endswith(".")


def test_what_is_typed_in_part_is_completed_without_importing_any(tmp_path: Path) -> None:
    told = tmp_path / "told"
    words = {
        "_COPIER_FLEET_COMPLETE": "zsh_complete",
        "COMP_WORDS": "copier-fleet f",
        "COMP_CWORD": "1",
        "COPIER_FLEET__OFFICE__LANGUAGE": "ja",
    }
    done = subprocess.run(
        [sys.executable, "-c", _RUN.format(told=str(told))],
        cwd=ROOT,
        env=environment(words),
        capture_output=True,
        check=True,
    )

    lines = done.stdout.decode().splitlines()
    assert lines[1::3] == ["forecast", "findings", "fleet"]
    speak("ja")
    try:
        context = click.Context(commands)
        real = [commands.get_command(context, one) for one in lines[1::3]]
    finally:
        speak("en")
    assert lines[2::3] == [one.get_short_help_str() for one in real if one is not None]
    assert "collector.cli.forecast" not in told.read_text("utf-8").split()
