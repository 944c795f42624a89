"""Open data of an office that closes its months, by the real command."""

import csv
import io
import json
import shutil
import tomllib
from pathlib import Path

import pytest

from tests.stories.program import command

pytestmark = pytest.mark.integration


@pytest.fixture
def config(golden_office: Path, tmp_path: Path) -> Path:
    """The demo town with a code and a name."""
    folder = tmp_path / "office"
    shutil.copytree(golden_office, folder)
    toml = folder / "collector.toml"
    stated = '\n[open_data]\nmunicipality_code = "131016"\nmunicipality = "見本市"\n'
    toml.write_text(toml.read_text(encoding="utf-8") + stated, encoding="utf-8")
    return toml


def exported(config: Path, folder: Path, *more: str) -> list[dict[str, str]]:
    """Return the rows of what was written into `folder`."""
    made = command("export", "--open-data", "-o", folder, *more, "--config", config)
    assert made.code == 0, made.err
    text = (folder / "131016_copier_pages.csv").read_text("utf-8-sig")
    return [*csv.DictReader(io.StringIO(text, newline=""))]


def test_closed_months_as_they_were_sealed_and_again_to_the_octet(
    config: Path, tmp_path: Path
) -> None:
    rows = exported(config, tmp_path / "a")
    assert {one["年月"] for one in rows} == {"2026-08", "2026-09"}
    assert {one["確定区分"] for one in rows} == {"確定"}
    stated = json.loads(command("month", "2026-09", "--json", "--config", config).out)
    wanted = {one["department"]: str(one["pages"]) for one in stated}
    of_month = [one for one in rows if one["年月"] == "2026-09"]
    assert {one["部署ID"]: one["面数"] for one in of_month if one["部署ID"] in wanted} == wanted
    total = command("month", "2026-09", "--office", "--json", "--config", config).out
    assert sum(int(one["面数"]) for one in of_month) == json.loads(total)[0]["pages"]
    assert rows[0]["全国地方公共団体コード"] == "131016"
    exported(config, tmp_path / "b")
    for name in ("", "_items", "_licence"):
        (one,) = (tmp_path / "a").glob(f"131016_copier_pages{name}.*")
        assert one.read_bytes() == (tmp_path / "b" / one.name).read_bytes()


def test_every_column_is_defined_and_the_licence_stands_beside(
    config: Path, tmp_path: Path
) -> None:
    rows = exported(config, tmp_path, "--no-bom")
    data = (tmp_path / "131016_copier_pages.csv").read_bytes()
    assert not data.startswith(b"\xef\xbb\xbf")
    text = (tmp_path / "131016_copier_pages_items.csv").read_text("utf-8")
    items = [*csv.DictReader(io.StringIO(text, newline=""))]
    assert [one["項目名"] for one in items] == [*rows[0]]
    assert all(all(one.values()) for one in items)
    licence = (tmp_path / "131016_copier_pages_licence.txt").read_text("utf-8")
    assert "見本市" in licence
    assert "CC BY 4.0 https://creativecommons.org/licenses/by/4.0/" in licence
    assert "BOM なし" in licence


def test_open_months_only_where_they_are_asked_for_and_marked(config: Path, tmp_path: Path) -> None:
    rows = exported(config, tmp_path, "--provisional", "--since", "R8.9")
    states = {(one["年月"], one["確定区分"]) for one in rows}
    assert ("2026-09", "確定") in states
    assert ("2026-10", "速報") in states
    assert min(month for month, _ in states) == "2026-09"
    assert {one["版"] for one in rows if one["確定区分"] == "速報"} == {""}


def test_nothing_of_places_machines_or_people_is_in_it(config: Path, tmp_path: Path) -> None:
    exported(config, tmp_path, "--provisional")
    everything = b"".join(one.read_bytes() for one in tmp_path.glob("131016*")).decode()
    status = json.loads(command("status", "--json", "--config", config).out)["places"]
    hidden = {str(one["serial"]) for one in status if one.get("serial")}
    places = tomllib.loads(config.with_name("fleet.toml").read_text("utf-8"))["place"]
    hidden |= {one[key] for one in places for key in ("id", "address", "name")}
    assert len(hidden) > 2 * len(places)
    assert [one for one in hidden if one in everything] == []
    fleet = config.with_name("fleet.toml")
    text = fleet.read_text("utf-8")
    fleet.write_text(text.replace('name = "総務課"', 'name = "総務課 03-1234-5678"', 1), "utf-8")
    refused = command("export", "--open-data", "--provisional", "-o", tmp_path, "--config", config)
    assert refused.code == 78
    assert "電話番号" in refused.err


def test_without_code_and_name_nothing_is_written(golden_office: Path, tmp_path: Path) -> None:
    told = command(
        *("export", "--open-data", "-o", tmp_path / "out"),
        *("--config", golden_office / "collector.toml"),
    )
    assert told.code == 78
    assert "open_data.municipality_code" in told.err
    assert not (tmp_path / "out").exists()
