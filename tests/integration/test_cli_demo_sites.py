"""`demo --sites`: one command starts all, shows that the centre has all, and stops all."""

import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from collector.demo import postgres
from collector.demo.postgres import own_postgres
from tests.patience import DEMO_PATIENCE_S
from tests.servers.postgres import PostgresServer
from tests.stories.program import PROGRAM, ROOT, command, process
from tests.stories.waiting import until
from tests.surroundings import environment

pytestmark = pytest.mark.integration


@pytest.fixture
def room() -> Iterator[Path]:
    """Give a folder for temporary files that every user of this machine may enter."""
    wide = postgres.room(Path(tempfile.gettempdir()))
    folder = Path(tempfile.mkdtemp(dir=wide))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


def test_sites_are_told_of_compared_and_nothing_stays(
    tmp_path: Path, room: Path, postgres_server: PostgresServer
) -> None:
    asked = ("--sites", "2", "--months", "2", "--folder", tmp_path, "--format", "json")
    ended = process("demo", *asked, env={"TMPDIR": str(room)}, within_s=DEMO_PATIENCE_S)
    assert ended.code == 0, ended.err
    first, second = ended.json
    for one in (first, second):
        assert (one["months_closed"], one["months"]) == (2, 2)
        assert (one["places_read"], one["places"], one["base_months_known"]) == (3, 3, 2)
        assert one["impressions_a_head"] > one["sheets_a_head"] > 0
        assert one["change"] < 0, "more was printed in the base year"
    assert (first["site"], first["excluded"], first["rank_of"]) == ("kita", 1500, 2)
    assert second["excluded"] == 0
    told = ended.err.splitlines()
    cut, waits, back = (
        next(at for at, line in enumerate(told) if text in line)
        for text in (
            "minami の回線を切りました",
            "minami: センターに届きません",
            "minami の回線が戻り",
        )
    )
    assert cut < waits < back
    assert sum("拠点とセンターで一致しています" in line for line in told) == 2
    assert of_servers(room) == set(), "no server, and no folder of one, is left"
    month = command("month", "--config", tmp_path / "kita" / "collector.toml", "--json")
    assert month.code == 0, "the site is there without its centre"
    assert by_file(tmp_path, postgres_server) == [
        {key: one[key] for key in one if not key.startswith("base_") and key != "change"}
        for one in (first, second)
    ], "a centre that has only files of what was sealed says the same"


def by_file(folder: Path, server: PostgresServer) -> list[dict[str, object]]:
    """Return what a centre that got nothing but the sites' files says, without the base year."""
    toml = folder / "apart.toml"
    toml.write_text(f'[centre]\ndatabase = "{server.new_database()}"\n', encoding="utf-8")
    files = []
    for name in ("kita", "minami"):
        config = folder / name / "collector.toml"
        files.append(command("export", "--sealed", "-o", folder, "--config", config).out.strip())
    assert command("centre", "import", *files, "-c", toml).code == 0
    closed = command("statement", "list", "--json", "--config", config).json
    month = max(one["month"] for one in closed)
    asked = ("compare", month, "--base-year", "2019", "-c", toml, "--json")
    return [
        {key: one[key] for key in one if not key.startswith("base_") and key != "change"}
        for one in command(*asked).json
    ]


def of_servers(room: Path) -> set[str]:
    """Return what names `room` among processes' command lines, and clusters that lie there."""
    found = {str(one) for one in room.glob("copier-fleet-postgres-*")}
    for one in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = one.read_bytes().split(b"\0")
        except OSError:
            continue
        found |= {word.decode() for word in words if word.startswith(f"{room}/".encode())}
    return found


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_no_server_outlives_it_however_it_ends(
    tmp_path: Path, room: Path, how: signal.Signals
) -> None:
    story = subprocess.Popen(
        [*PROGRAM, "demo", "--sites", "2", "--folder", str(tmp_path)],
        cwd=ROOT,
        env=environment({"TMPDIR": str(room)}),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    with story:
        assert story.stderr is not None
        until(lambda: "センターが動いています" in str(story.stderr.readline()), "the centre runs")
        assert any("data" in one for one in of_servers(room))
        story.send_signal(how)
        story.stderr.read()
    folders = {str(one) for one in room.glob("copier-fleet-postgres-*")}
    until(lambda: of_servers(room) == folders, "the server is gone")
    assert (folders == set()) == (how is not signal.SIGKILL)


def test_without_postgresql_it_says_how_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(postgres, "_RELEASES", tmp_path)
    ended = command("demo", "--sites", "2", "--folder", tmp_path / "demo")
    assert ended.code != 0
    assert "sudo apt install postgresql-15" in ended.err
    assert "Traceback" not in ended.err


def test_a_cluster_is_gone_with_its_block(tmp_path: Path) -> None:
    with own_postgres(1, within=tmp_path) as made:
        assert (made.folder / "data").is_dir()
    assert not made.folder.exists()
