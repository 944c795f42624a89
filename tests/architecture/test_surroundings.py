"""No test leans on the machine it runs on: not on its configuration, and not on its speed."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.patience import PATIENCE_S
from tests.source_trees import tree_of
from tests.stories.program import ROOT, command
from tests.surroundings import environment

TESTS = ROOT / "tests"
READERS = {
    TESTS / "surroundings.py": "the one place that builds environments",
    TESTS / "conftest.py": "enters it",
    TESTS / "stories" / "in_process.py": "lays one out for a command, and puts this one back",
    TESTS / "unit" / "runtime" / "office_process.py": "a program, told by its environment",
    TESTS / "bench" / "figures.py": "is told there where to keep them",
}
STARTS = {
    *("run", "Popen", "call", "check_call", "check_output"),
    *("create_subprocess_exec", "create_subprocess_shell"),
}
FORBIDDEN = {
    *("os.environ", "os.environb", "os.getenv", "os.putenv", "os.path.expanduser"),
    *("os.system", "os.popen", "pty.spawn", "Path.home", "subprocess.getoutput"),
    *("os.path.expandvars", "subprocess.getstatusoutput"),
}
FAMILIES = ("os.exec", "os.spawn", "os.posix_spawn")
LIMITS = {"timeout", "wait", "wait_for", "communicate", "settimeout"}
"""Calls whose number says after how many seconds a thing is given up."""


def _dotted(node: ast.AST) -> str:
    """Return `os.environ` for that expression; an expression that is no such name gives ''."""
    match node:
        case ast.Name(name):
            return name
        case ast.Attribute(of, name):
            return f"{_dotted(of) or '?'}.{name}"
        case _:
            return ""


def _leans(tree: ast.AST) -> Iterator[str]:
    """Yield what in a module reaches for the machine's surroundings, with its line."""
    for node in ast.walk(tree):
        where = f"line {getattr(node, 'lineno', 0)}"
        match node:
            case ast.ImportFrom("os" | "os.path" | "subprocess" | "pathlib" as module, names):
                given = {f"{module}.{one.name}" for one in names}
                if module == "subprocess" or given & FORBIDDEN:
                    yield f"{where}: name the module where its functions are used"
            case ast.Attribute():
                name = _dotted(node)
                if name in FORBIDDEN or name.startswith(FAMILIES):
                    yield f"{where}: {name}; use environment() of tests/surroundings.py"
            case ast.Call(function, _, keywords) if _starts(_dotted(function)):
                given_env = [one.value for one in keywords if one.arg == "env"]
                if not any(_is_made(one) for one in given_env):
                    yield f"{where}: a process is started without env=environment(...)"


def _starts(name: str) -> bool:
    module, _, function = name.rpartition(".")
    return module in {"subprocess", "asyncio", "asyncio.subprocess"} and (
        function in STARTS and name != "asyncio.run"
    )


def _is_made(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and _dotted(node.func).rpartition(".")[2] == "environment"


def _limits(tree: ast.AST) -> Iterator[str]:
    """Yield waits that are given up after a number of seconds of their own, with their line.

    Below a second it is no limit but what the test does: it lets something run out of time.
    """
    for node in ast.walk(tree):
        match node:
            case ast.Call(function, given, keywords):
                name = _dotted(function).rpartition(".")[2]
                stated = [one.value for one in keywords if one.arg in {"timeout", "within_s"}]
                for one in [*(given if name in LIMITS else ()), *stated]:
                    if isinstance(one, ast.Constant) and _is_limit(one.value):
                        yield f"line {one.lineno}: {one.value} s; take tests/patience.py's"


def _is_limit(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value >= 1


@pytest.fixture(scope="module")
def modules() -> dict[Path, ast.AST]:
    """Every module of the tests, read."""
    return {
        path.relative_to(ROOT): tree_of(path)
        for path in sorted(TESTS.rglob("*.py"))
        if path not in READERS
    }


def test_every_process_gets_surroundings_of_its_own(modules: dict[Path, ast.AST]) -> None:
    told = [f"{path}: {one}" for path, tree in modules.items() for one in _leans(tree)]
    assert told == []


def test_whatever_is_waited_for_has_the_one_patience(modules: dict[Path, ast.AST]) -> None:
    told = [
        f"{path}: {one}"
        for path, tree in modules.items()
        if "bench" not in path.parts
        for one in _limits(tree)
    ]
    assert told == []


@pytest.mark.parametrize(
    "text",
    [
        "subprocess.run(['true'])",
        "subprocess.Popen(['true'], env=os.environ | {})",
        "subprocess.check_output(['true'], env=env)",
        "await asyncio.create_subprocess_exec('true')",
        "os.environ['HOME']",
        "os.getenv('LANG')",
        "from os import environ",
        "from subprocess import run",
        "Path.home()",
        "os.execv('/bin/true', [])",
        "os.path.expanduser('~')",
    ],
)
def test_a_test_that_leans_on_the_machine_is_found(text: str) -> None:
    assert len(list(_leans(ast.parse(text)))) >= 1


@pytest.mark.parametrize(
    "text",
    ["process.wait(30)", "run(timeout=5)", "asyncio.timeout(9)", "command('x', within_s=60.0)"],
)
def test_a_limit_of_its_own_is_found(text: str) -> None:
    assert len(list(_limits(ast.parse(text)))) == 1


@pytest.mark.parametrize(
    "text",
    [
        "subprocess.run(['true'], env=environment({'A': 'b'}))",
        "process.wait(PATIENCE_S)",
        "asyncio.timeout(0.05)",
        "asyncio.run(main())",
    ],
)
def test_what_is_right_is_not_found(text: str) -> None:
    tree = ast.parse(text)
    assert [*_leans(tree), *_limits(tree)] == []


# A machine on which the product is installed, and badly.

SHOWN = (
    "tests/integration/test_cli_profiles.py",
    "tests/integration/test_cli_discover.py",
    "tests/integration/stories/test_run_shares.py",
    "tests/unit/settings/test_load.py",
)
WORDS = "without_a_configuration or unreadable_configuration or run_shares or test_load"
"""A story, and tests that name no configuration or look at what holds without any."""


@pytest.fixture
def installed(tmp_path: Path) -> dict[str, str]:
    """Lay a broken configuration out in a default folder, with all else that could disturb."""
    folder = tmp_path / "copier-fleet"
    (folder / "secrets").mkdir(parents=True)
    (folder / "collector.toml").write_text("[office\nsite = 3\n", encoding="utf-8")
    (folder / "fleet.toml").write_text("place = nothing\n", encoding="utf-8")
    (folder / "secrets" / "influx__password").write_bytes(b"\xff")
    closed = "http://127.0.0.1:9"
    return {
        "CONFIGURATION_DIRECTORY": str(folder),
        "CREDENTIALS_DIRECTORY": str(folder / "secrets"),
        "STATE_DIRECTORY": "/dev/null",
        "HOME": "/dev/null",
        "XDG_CONFIG_HOME": "/dev/null",
        "NOTIFY_SOCKET": "/dev/null",
        "COPIER_FLEET__POLLING__INTERVAL_S": "often",
        "LANG": "tlh_KL",
        "LC_ALL": "tlh_KL",
        "TZ": "Pacific/Kiritimati",
        "COLUMNS": "7",
        "SUDO_USER": "",
        **dict.fromkeys(("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY"), closed),
    }


@pytest.mark.integration
def test_the_program_reads_the_default_folder_and_complains(installed: dict[str, str]) -> None:
    folder = {"CONFIGURATION_DIRECTORY": installed["CONFIGURATION_DIRECTORY"]}
    for verb in ("check", "status", "month"):
        ended = command(verb, env=folder)
        assert (ended.code, ended.out) == (78, ""), verb
        assert "collector.toml:1: is no TOML" in ended.err
        assert "(column 8); correct this line" in ended.err


@pytest.mark.integration
def test_what_is_installed_disturbs_no_test(installed: dict[str, str]) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *SHOWN, "-k", WORDS],
        cwd=ROOT,
        env=environment(installed),
        capture_output=True,
        timeout=4 * PATIENCE_S,
        check=False,
    )
    assert done.returncode == 0, done.stdout.decode()[-5000:]
