"""Each command run as people do: it says the same to the octet as inside the tests' own process.

That is where most stories run their commands: see tests/stories/in_process.py.
"""

import subprocess
from pathlib import Path

import pytest

from tests.patience import PATIENCE_S
from tests.stories import in_process
from tests.stories.months_gone import Stood, fill
from tests.stories.office import Spot, write_office
from tests.stories.program import PROGRAM, ROOT, command, process
from tests.surroundings import environment

pytestmark = pytest.mark.integration

CAPTURES = ROOT.parent / "shared" / "captures"


MISSING = "/nonexistent/collector.toml"
A_MACHINE = CAPTURES / "canon_ir-adv-c5840.snmprec"
BOTH_WAYS: dict[str, tuple[tuple[str | Path, ...], int]] = {
    "group": (("--help",), 0),
    "no verb": ((), 2),
    "no such verb": (("mnth",), 2),
    "no such option": (("month", "--frmat", "csv"), 2),
    "report": (("report", "2026-10", "--config", MISSING), 78),
    "letter": (("letter", "2026-10", "--config", MISSING), 78),
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
IN_AN_OFFICE: dict[str, tuple[str | Path, ...]] = {
    "check": ("check",),
    "status": ("status",),
    "month": ("month", "{month}"),
    "month json": ("month", "{month}", "--format", "json"),
    "forecast": ("forecast",),
    "findings": ("findings",),
    "entries": ("entries", "--json"),
    "exclude": ("exclude", "--json"),
    "invoice": ("invoice", "check", A_MACHINE, "--month", "{month}"),
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
def test_it_says_the_same_of_an_office(
    office: tuple[Path, str], args: tuple[str | Path, ...]
) -> None:
    config, month = office
    asked = [str(one).format(month=month) for one in args]

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
