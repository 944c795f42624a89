"""What is taken from libraries: their public parts, or the inside of exactly one version."""

import ast
import importlib
import inspect
import tomllib
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

import aiomqtt
import pytest

import collector
from tests.source_trees import tree_of
from tests.stories.program import ROOT

PACKAGE = Path(collector.__file__).parent
INSIDES = ("pysnmp", "pyasn1")
"""Called below what they promise to keep: only the version that the tests run with will do."""


def trees(folder: Path) -> Iterator[tuple[Path, ast.Module]]:
    for path in sorted(folder.rglob("*.py")):
        yield path, tree_of(path)


def imported(library: str) -> Iterator[tuple[str, str]]:
    """Yield module and name of everything that is imported from `library`."""
    for _, tree in trees(PACKAGE):
        for node in ast.walk(tree):
            match node:
                case ast.ImportFrom(module=str(module)) if module.partition(".")[0] == library:
                    yield from ((module, one.name) for one in node.names)
                case ast.Import():
                    yield from (
                        (one.name, "")
                        for one in node.names
                        if one.name.partition(".")[0] == library
                    )


@pytest.mark.parametrize("library", INSIDES)
def test_a_library_whose_inside_is_called_is_pinned_exactly(library: str) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    stated = [one for one in project["project"]["dependencies"] if one.startswith(library)]
    assert stated == [f"{library}=={version(library)}"]


@pytest.mark.parametrize("library", INSIDES)
def test_what_is_called_of_its_inside_is_there(library: str) -> None:
    names = list(imported(library))
    assert names
    for module, name in names:
        found = importlib.import_module(module)
        if name and not hasattr(found, name):
            importlib.import_module(f"{module}.{name}")


def test_of_mqtt_only_what_is_public_is_used() -> None:
    private = {
        name
        for name, _ in inspect.getmembers(aiomqtt.Client)
        if name.startswith("_") and not name.endswith("__")
    } | {
        node.attr
        for node in ast.walk(ast.parse(inspect.getsource(aiomqtt.Client).lstrip()))
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id == "self"
        and node.attr.startswith("_")
    }
    assert {"_client", "_disconnected", "_loop"} <= private
    for path, tree in trees(PACKAGE / "adapters" / "mqtt"):
        for node in ast.walk(tree):
            match node:
                case ast.ClassDef(name=name, bases=bases):
                    told = f"{path.name}: {name} inherits the inside of a client"
                    assert not any("aiomqtt" in ast.unparse(base) for base in bases), told
                case ast.Attribute(value=value, attr=attr) if attr in private:
                    # A name of our own may be the same: it stands on ourselves alone.
                    own = isinstance(value, ast.Name) and value.id == "self"
                    assert own, f"{path.name}:{node.lineno}: {ast.unparse(node)}"


def test_every_locked_version_was_looked_at() -> None:
    """As .ci/audit asks where no advisories can be had."""
    lines = (ROOT / "requirements.txt").read_text("utf-8").splitlines()
    locked = {
        line.split(" ")[0].split("[")[0] + "==" + line.split("==")[1].split(" ")[0]
        if "[" in line.split("==")[0]
        else line.split(" ")[0]
        for line in lines
        if "==" in line and not line.startswith((" ", "#"))
    }
    listed = (ROOT / "tests" / "contract" / "reviewed-versions.txt").read_text("utf-8").splitlines()
    assert locked == {line.split(" ")[0] for line in listed if line and line[0] != "#"}
