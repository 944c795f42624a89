"""Every command: help, version, machine output on stdout and prose on stderr.

Most stories run commands inside the tests' process (tests/stories/in_process.py). Here each one is
run as people do, too, and has to say the same to the octet.
"""

import re
import subprocess
from pathlib import Path

import pytest

from collector import __version__
from collector.cli import main as cli_main
from tests.patience import PATIENCE_S
from tests.stories import in_process
from tests.stories.months_gone import Stood, fill
from tests.stories.office import Spot, write_office
from tests.stories.program import PROGRAM, ROOT, command, process
from tests.surroundings import environment

pytestmark = pytest.mark.integration

VERBS = cli_main._VERBS
CAPTURES = ROOT.parent / "shared" / "captures"


@pytest.mark.parametrize(
    "verb",
    [
        (),
        *((one,) for one in VERBS),
        *(("fleet", one) for one in ("import", "export")),
        *(("statement", one) for one in ("list", "show", "verify", "diff")),
        ("dashboards", "build"),
        *(("profiles", one) for one in ("list", "show", "check")),
    ],
)
def test_help_of_every_command(verb: tuple[str, ...]) -> None:
    shown = command(*verb, "--help", env={"COLUMNS": "80"})

    assert (shown.code, shown.err) == (0, "")
    assert shown.out.startswith(
        f"Usage: copier-fleet{''.join(f' {one}' for one in verb)} [OPTIONS]"
    )
    assert max(map(len, shown.out.splitlines())) <= 80
    if not verb:
        assert all(f"\n  {one} " in shown.out for one in VERBS)
        assert "Exit codes: 0 ok, 1 findings, 2 usage, 70 bug" in " ".join(shown.out.split())


MISSING = "/nonexistent/collector.toml"
A_MACHINE = CAPTURES / "canon_ir-adv-c5840.snmprec"
BOTH_WAYS: dict[str, tuple[tuple[str | Path, ...], int]] = {
    "group": (("--help",), 0),
    "no verb": ((), 2),
    "no such verb": (("mnth",), 2),
    "no such option": (("month", "--frmat", "csv"), 2),
    "report": (("report", "2026-10", "--config", MISSING), 78),
    "run": (("run", "--config", MISSING), 78),
    "capture": (("capture", "127.0.0.1:x"), 2),
    "discover": (("discover", "nowhere"), 2),
    "count": (("count", MISSING), 78),
    "calibrate": (("calibrate", "hall", "--config", MISSING), 2),
    "history": (("history", "import", "/nonexistent.xlsx"), 2),
    "decode": (("decode", A_MACHINE), 0),
    "decode ja": (("decode", A_MACHINE, "--lang", "ja"), 0),
    "profiles": (("profiles", "list"), 0),
    "one profile": (("profiles", "show", "ricoh"), 0),
    "demo": (("demo", "--months", "0"), 2),
}
IN_AN_OFFICE: dict[str, tuple[str, ...]] = {
    "check": ("check",),
    "status": ("status",),
    "month": ("month", "{month}"),
    "month json": ("month", "{month}", "--format", "json"),
    "forecast": ("forecast",),
    "findings": ("findings",),
    "entries": ("entries", "--json"),
    "read": ("read", "hall", "total=many"),
    "poll": ("poll", "hall"),
    "close": ("close", "{month}"),
    "statement": ("statement", "verify"),
    "replay": ("replay", "{month}"),
    "fleet": ("fleet", "export"),
}


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """Return the configuration of an office with two months in its ledger, and the later one."""
    folder = tmp_path_factory.mktemp("office")
    past = fill(folder / "ledger.sqlite3", Stood("1f", "AAAA1111", 30_000))
    return write_office(folder, [Spot("1f", 9)]), past.newer.name


@pytest.mark.parametrize(("args", "code"), BOTH_WAYS.values(), ids=BOTH_WAYS)
def test_a_command_says_the_same_in_a_process_of_its_own(
    args: tuple[str | Path, ...], code: int
) -> None:
    alone = process(*args)

    assert command(*args) == alone
    assert alone.code == code


@pytest.mark.parametrize("args", IN_AN_OFFICE.values(), ids=IN_AN_OFFICE)
def test_it_says_the_same_of_an_office(office: tuple[Path, str], args: tuple[str, ...]) -> None:
    config, month = office
    asked = [one.format(month=month) for one in args]

    alone = process(*asked, "--config", config)

    assert command(*asked, "--config", config) == alone
    assert alone.out or alone.err


def test_nothing_stays_of_a_command_that_was_run_here(tmp_path: Path) -> None:
    config = write_office(tmp_path, [Spot("hall", 9)])

    command("check", "--config", config)  # whose modules make loggers of their own
    before = in_process.seen()
    ended = command("poll", "hall", "--config", config, env={"TZ": "Asia/Tokyo", "LANG": "ja_JP"})

    assert ended.code == 1
    assert in_process.seen() == before


def test_version() -> None:
    shown = command("--version")

    assert (shown.code, shown.out) == (0, f"copier-fleet, version {__version__}\n")


def test_decode_prints_one_object_of_the_agreed_form_and_nothing_else() -> None:
    shown = command("decode", CAPTURES / "canon_ir-adv-c5840.snmprec", "--json")

    assert (shown.code, shown.err) == (0, "")
    assert shown.out.startswith("{")
    answer = shown.json
    assert {"profile", "identity", "meters", "findings"} <= answer.keys()
    assert {"vendor", "model", "serial"} <= answer["identity"].keys()
    assert answer["profile"] == "canon"
    assert answer["meters"]["total"] == 213402
    assert all(type(value) is int and value >= 0 for value in answer["meters"].values())
    assert answer["findings"] == []


def test_decode_shows_how_sure_a_counter_is_and_leaves_weak_ones_out(tmp_path: Path) -> None:
    weak = '[scalars]\na = { oid = "1.3.6.1.4.1.367.9.0", confidence = "L" }\n'
    profile = 'format = 1\nid = "ricoh"\ninclude = ["generic"]\nsource = "a guess"\n'
    profile += "[[match]]\nobject_id = '1.3.6.1.4.1.367'\n" + weak + "[meters]\ncopy = 'a'\n"
    (tmp_path / "ricoh.toml").write_text(profile)
    machine = tmp_path / "ricoh.snmprec"
    machine.write_text("1.3.6.1.2.1.1.2.0|6|1.3.6.1.4.1.367.1\n1.3.6.1.4.1.367.9.0|65|5\n")

    plain = command("decode", machine, "--profiles", tmp_path)
    asked = command("decode", machine, "--profiles", tmp_path, "--low-confidence")

    assert "copy" not in plain.out
    assert re.search(r"copy\W+5\W+impressions\W+L\b", asked.out)


def test_decode_of_a_machine_without_counters_is_a_finding() -> None:
    shown = command("decode", CAPTURES / "identity_only" / "xerox_color-570.snmprec", "--json")

    assert (shown.code, shown.err) == (1, "")
    assert shown.json["meters"] == {}
    assert [one["code"] for one in shown.json["findings"]] == ["total_missing"]


@pytest.mark.parametrize("args", [("decode", "--lang", "ja"), ("decode", "--json")])
def test_a_reader_that_goes_away_is_no_bug(args: tuple[str, ...]) -> None:
    """As in `copier-fleet ... | head -1`."""
    with subprocess.Popen(
        [*PROGRAM, *args, str(CAPTURES / "canon_ir-adv-c5840.snmprec")],
        cwd=ROOT,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        told = process.stderr.read().decode()
        code = process.wait(PATIENCE_S)

    assert told == ""
    assert code in {0, 1}


def test_check_says_what_it_looked_at_and_shows_no_secret(tmp_path: Path) -> None:
    secrets = tmp_path / "secrets"
    secrets.mkdir()
    (secrets / "credentials__default__community").write_text("the-towns-own\n")
    (secrets / "credentials__default__community").chmod(0o600)
    config = write_office(tmp_path / "office", [Spot("hall", 9), Spot("annex", 7)])

    checked = command("check", "--config", config, "--secrets", secrets)

    assert (checked.code, checked.err) == (0, "")
    for words in ("2 places, 2 departments", "v2c, community set", "none is switched on"):
        assert words in checked.out
    assert "the-towns-own" not in checked.out
    assert sorted(path.name for path in config.parent.iterdir()) == [
        "collector.toml",
        "fleet.toml",
    ], "checking leaves nothing behind"


def test_a_secret_that_everyone_can_read_is_a_warning(tmp_path: Path) -> None:
    config = write_office(
        tmp_path, [Spot("hall", 9)], '\n[credentials.default]\nversion = "2c"\ncommunity = "x1y2"\n'
    )
    config.chmod(0o644)

    checked = command("check", "--config", config)

    assert checked.code == 0
    assert checked.err.startswith("warning: collector.toml: ")
    assert f"chmod o-r {config}" in checked.err
    assert "x1y2" not in checked.err + checked.out
