"""The wheel holds what the collector needs beside its modules."""

import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

import collector
from tests.surroundings import environment

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    """The wheel of the working tree, built without a network."""
    folder = tmp_path_factory.mktemp("wheel")
    built = subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)],
        cwd=ROOT,
        env=environment(),
        check=False,
        capture_output=True,
        text=True,
    )
    assert built.returncode == 0, built.stderr
    (path,) = folder.glob("*.whl")
    with zipfile.ZipFile(path) as archive:
        return archive


def test_every_file_of_the_package_is_in_the_wheel(wheel: zipfile.ZipFile) -> None:
    package = {
        (path.with_suffix(".mo") if path.suffix == ".po" else path).relative_to(ROOT).as_posix()
        for path in (ROOT / "collector").rglob("*")
        if path.is_file() and path.suffix != ".pyc"
    }
    package |= {f"collector/settings/examples/{name}.toml" for name in ("collector", "fleet")}
    packed = {name for name in wheel.namelist() if name.startswith("collector/")}

    assert packed == package
    assert "collector/py.typed" in packed
    assert any(name.endswith(".toml") for name in packed), "no vendor profile in the wheel"
    assert "collector/dashboards/provisioning/dashboards/copier-fleet.yaml" in packed


def test_the_wheel_says_who_it_is(wheel: zipfile.ZipFile) -> None:
    script = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"][
        "scripts"
    ]
    names = wheel.namelist()

    assert Path(str(wheel.filename)).name.startswith(f"copier_fleet-{collector.__version__}-")
    assert any(name.endswith("licenses/LICENSE") for name in names)
    assert [name.split("/")[0] for name in names if name.startswith("tests")] == []
    assert script == {"copier-fleet": "collector.__main__:main"}


def test_the_files_for_grafana_are_made_from_the_wheel_alone(
    wheel: zipfile.ZipFile, tmp_path: Path
) -> None:
    arguments = ("dashboards", "build", "--zone", "Asia/Tokyo", "--out", "grafana")
    built = subprocess.run(
        [sys.executable, "-m", "collector", *arguments],
        cwd=tmp_path,
        env=environment({"PYTHONPATH": str(wheel.filename)}),
        check=False,
        capture_output=True,
        text=True,
    )

    assert built.returncode == 0, built.stderr
    made = [path for path in (tmp_path / "grafana").rglob("*") if path.is_file()]
    assert len(made) == len(built.stdout.splitlines()) == 18
    for path in made:
        assert path.read_bytes() == (ROOT / path.relative_to(tmp_path)).read_bytes()
