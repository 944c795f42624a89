"""Rules that hold for the repository as a whole, read off its tracked files."""

import re
import subprocess
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from tests.surroundings import environment

ROOT = Path(__file__).resolve().parents[2]

TOP_LEVEL = {
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "LICENSE",
    "Makefile",
    "README.ja.md",
    "README.md",
    "collector",
    "config",
    "grafana",
    "hatch_build.py",
    "pyproject.toml",
    "requirements-dev.txt",
    "requirements-package.txt",
    "requirements.txt",
    "systemd",
    "tests",
}
MODULE_LINES = 600
LOCKS = {
    "requirements.txt": "runtime",
    "requirements-dev.txt": "with the tests' tools",
    "requirements-package.txt": "with the tools that make packages",
}

# Put together here so that this file does not hold what it looks for.
MACHINE_PATH = re.compile(r"(?<![\w.$}/])/(?:work|root|home/\w+|Users/\w+|tmp/w)/")
REGISTRY_HOST = re.compile(
    "|".join(
        re.escape(".".join(parts))
        for parts in (
            ("pypi", "org"),
            ("pythonhosted", "org"),
            ("npmjs", "org"),
            ("crates", "io"),
            ("deb", "debian", "org"),
            ("proxy", "golang", "org"),
            ("repo1", "maven", "org"),
        )
    )
)


def git(*arguments: str) -> str:
    """What git prints about the working tree, whoever owns it."""
    command = ["git", "-c", "safe.directory=*", *arguments]
    return subprocess.run(
        command, cwd=ROOT, env=environment(), check=True, capture_output=True, text=True
    ).stdout


def tracked() -> list[Path]:
    """What git keeps, relative to the root, as far as it is there."""
    listing = git("ls-files", "-z")
    names = [Path(name) for name in listing.split("\0") if name]
    assert names, "git names no tracked file"
    return [name for name in names if (ROOT / name).is_file()]


def texts() -> list[tuple[Path, str]]:
    """Each tracked file that is text, with its content."""
    found = []
    for name in tracked():
        raw = (ROOT / name).read_bytes()
        try:
            found.append((name, raw.decode()))
        except UnicodeDecodeError:
            continue
    return found


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def project() -> dict[str, object]:
    return tomllib.loads(read("pyproject.toml"))


def entries(key: str) -> list[str]:
    """The lines of every array in pyproject that is called ``key``, as they are written."""
    arrays = re.findall(
        rf"^{re.escape(key)} = \[\n(.*?)^\]", read("pyproject.toml"), re.MULTILINE | re.DOTALL
    )
    assert arrays, f"pyproject.toml has no array {key}"
    return [line.strip() for array in arrays for line in array.splitlines() if line.strip()]


def wanted() -> dict[str, list[Requirement]]:
    """What pyproject asks for, by the lock file that must hold it."""
    document = project()
    runtime = [Requirement(text) for text in document["project"]["dependencies"]]
    groups = {
        name: [Requirement(text) for text in group]
        for name, group in document["dependency-groups"].items()
    }
    assert groups.keys() == {"dev", "package"}
    return {
        "requirements.txt": runtime,
        "requirements-dev.txt": [*runtime, *groups["dev"]],
        "requirements-package.txt": [*runtime, *groups["package"]],
    }


def pins(lock: str) -> dict[str, Version]:
    """Name and version of each package in a lock file; every one must be exact and hashed."""
    found = {}
    for block in re.split(r"\n(?=\S)", read(lock)):
        if block.startswith("#"):
            continue
        head = block.split("\\", 1)[0].split(";", 1)[0].strip()
        name, exact, version = head.partition("==")
        assert exact, f"{lock}: {head!r} is not pinned"
        assert re.search(r"--hash=sha256:[0-9a-f]{64}", block), f"{lock}: {head} has no hash"
        assert name not in found, f"{lock}: {name} twice"
        found[canonicalize_name(name)] = Version(version)
    assert found, f"{lock} names no package"
    return found


def test_the_top_level_holds_only_the_agreed_names() -> None:
    names = {name.parts[0] for name in tracked()}

    assert {name for name in names if not name.startswith(".")} <= TOP_LEVEL


def test_no_file_names_a_machine_path_or_a_registry() -> None:
    found = [
        f"{name}:{number}: {line.strip()}"
        for name, text in texts()
        for number, line in enumerate(text.splitlines(), start=1)
        if MACHINE_PATH.search(line) or REGISTRY_HOST.search(line)
    ]

    assert found == []


def test_no_module_is_too_long_to_read() -> None:
    lengths = {str(name): len(text.splitlines()) for name, text in texts() if name.suffix == ".py"}

    assert {name: lines for name, lines in lengths.items() if lines > MODULE_LINES} == {}


def test_the_version_has_one_source() -> None:
    document = project()
    modules = [(str(name), text) for name, text in texts() if name.suffix == ".py"]
    sources = [
        name for name, text in modules if re.search(r"^__version__\b.*=", text, re.MULTILINE)
    ]
    version = re.search(r'^__version__.*= "(.+)"$', read("collector/__init__.py"), re.MULTILINE)

    assert "version" in document["project"]["dynamic"]
    assert "version" not in document["project"]
    assert document["tool"]["hatch"]["version"]["path"] == "collector/__init__.py"
    assert sources == ["collector/__init__.py"]
    assert version is not None
    assert str(Version(version[1])) == version[1]
    assert [
        name
        for name, text in modules
        if name.startswith("collector/") and name != sources[0] and f'"{version[1]}"' in text
    ] == []


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_file_pins_and_hashes_what_the_project_asks_for(lock: str) -> None:
    pinned = pins(lock)

    for requirement in wanted()[lock]:
        name = canonicalize_name(requirement.name)
        assert name in pinned, f"{name} is not in {lock}: run make lock"
        assert pinned[name] in requirement.specifier, f"{lock} holds {name} {pinned[name]}"


def test_the_tools_of_the_tests_change_no_version_of_the_collector() -> None:
    runtime, *others = (pins(lock) for lock in LOCKS)

    assert len(others) == 2
    assert all(runtime.items() <= everything.items() for everything in others)


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_file_names_no_address_and_no_place(lock: str) -> None:
    text = read(lock)

    assert re.findall(r"^\s*(?:-i\b|-f\b|--(?!hash=)\S+).*$", text, re.MULTILINE) == []
    assert "://" not in text
    assert re.findall(r"(?<!\w)/\w+/", text) == []


@pytest.mark.parametrize("key", ["dependencies", "dev", "package"])
def test_each_dependency_says_its_licence_and_reason(key: str) -> None:
    silent = [line for line in entries(key) if not re.search(r"# [A-Z][\w/.-]+: \w.{5,}", line)]

    assert silent == []


def test_each_lint_exception_says_why() -> None:
    lint = re.search(
        r"^\[tool\.ruff\.lint\]\n.*?^\[tool\.mypy\]",
        read("pyproject.toml"),
        re.MULTILINE | re.DOTALL,
    )
    assert lint is not None
    codes = [line for line in lint[0].splitlines() if re.search(r'"[A-Z]+\d*"', line)]
    exceptions = [line for line in codes if not line.startswith("select")]

    assert len(exceptions) > len(entries("ignore")) // 2
    assert [line for line in exceptions if not re.search(r"# \w.{3,}", line)] == []


def test_each_silenced_warning_names_its_rule_and_says_why() -> None:
    silencer = re.compile(r"#\s*(?:noqa|type:\s*ignore)\b")
    explained = re.compile(
        r"#\s*(?:noqa:\s*[A-Z]+\d+(?:,\s*[A-Z]+\d+)*|type:\s*ignore\[[\w,\s-]+\])\s*\W*\s*\w.{3,}"
    )
    found = [
        f"{name}:{number}: {line.strip()}"
        for name, text in texts()
        if name.suffix == ".py" and name != Path(__file__).relative_to(ROOT)
        for number, line in enumerate(text.splitlines(), start=1)
        if silencer.search(line) and not explained.search(line)
    ]

    assert found == []


def test_the_programs_of_the_build_can_be_started() -> None:
    scripts = [name for name in tracked() if name.parts[0] == ".ci"]
    listing = git("ls-files", "-s", ".ci")

    assert Path(".ci/run") in scripts
    assert {line.split()[0] for line in listing.splitlines()} == {"100755"}


def test_hooks_and_ci_call_what_the_makefile_has() -> None:
    hooks = yaml.safe_load(read(".pre-commit-config.yaml"))
    workflow = yaml.safe_load(read(".github/workflows/ci.yml"))
    targets = set(re.findall(r"^([a-z]+):", read("Makefile"), re.MULTILINE))
    called = [hook["entry"].split() for repo in hooks["repos"] for hook in repo["hooks"]]

    assert {repo["repo"] for repo in hooks["repos"]} == {"local"}
    assert {words[0] for words in called} == {"make"}
    assert {words[-1] for words in called} <= targets
    assert workflow["jobs"]["test"]["steps"][-1]["run"].endswith("/.ci/run")
    assert "make --no-print-directory test" in read(".ci/run")


def test_who_carries_on_is_sent_to_files_that_are_there() -> None:
    named = set(re.findall(r"`((?:collector|config|tests)/[a-z\d_./-]+)`", read("CONTRIBUTING.md")))

    assert len(named) > 20
    assert [name for name in named if not (ROOT / name).exists()] == []
