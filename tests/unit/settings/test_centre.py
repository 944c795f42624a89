"""What a site says of its centre, and what a centre says of itself."""

from pathlib import Path

import pytest

from collector.errors import ConfigError
from collector.settings.centre_file import load_centre
from tests.unit.settings.files import loaded, problems

DATABASE = "postgresql:///copier_fleet"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "centre.toml"
    path.write_text(f'[centre]\ndatabase = "{DATABASE}"\n')
    return path


def test_a_centre_is_told_nothing_until_it_is_named(tmp_path: Path) -> None:
    assert not loaded(tmp_path).settings.centre.is_on


def test_a_centre_needs_the_token_that_it_made(tmp_path: Path) -> None:
    text = '[centre]\nurl = "http://centre.example.jp"\nca_file = "fleet.toml"\n'
    found = problems(tmp_path, text)
    assert found.keys() == {"collector.toml: centre.token", "collector.toml: centre.ca_file"}
    assert "secret file centre__token" in found["collector.toml: centre.token"]


def test_a_secret_file_wins_over_what_the_file_says(file: Path, tmp_path: Path) -> None:
    assert load_centre(file, {}).database == DATABASE
    secrets = tmp_path / "secrets"
    secrets.mkdir()
    (secrets / "centre__database").write_text("postgresql://u:secret@db/x\n")
    (secrets / "centre__database").chmod(0o600)
    assert load_centre(file, {}).database == "postgresql://u:secret@db/x"


def test_what_is_usual(file: Path) -> None:
    stated = load_centre(file, {})
    assert (stated.host, stated.port, stated.monitoring) == ("127.0.0.1", 8443, None)
    assert (stated.at_once, stated.connections, stated.language) == (16, 8, "ja")


def test_an_address_of_the_next_protocol(file: Path) -> None:
    file.write_text(file.read_text() + 'listen = "[::]:443"\nmonitoring = "127.0.0.1:9"\n')
    stated = load_centre(file, {})
    assert (stated.host, stated.port, stated.monitoring) == ("::", 443, ("127.0.0.1", 9))


@pytest.mark.parametrize(
    ("text", "line", "key"),
    [
        ("", None, "centre"),
        ("[centre]\n", 1, "centre.database"),
        ('[centre]\ndatabase = "mysql://x"\n', 2, "centre.database"),
        (f'[centre]\ndatabase = "{DATABASE}"\nlisten = "80"\n', 3, "centre.listen"),
        (f'[centre]\ndatabase = "{DATABASE}"\nlisten = "a:0"\n', 3, "centre.listen"),
        (f'[centre]\ndatabase = "{DATABASE}"\nconections = 3\n', 3, "centre.conections"),
        (f'[centre]\ndatabase = "{DATABASE}"\nat_once = true\n', 3, "centre.at_once"),
        (f'[centre]\ndatabase = "{DATABASE}"\nkey_file = "centre.toml"\n', 1, "centre.cert_file"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(
    file: Path, text: str, line: int | None, key: str
) -> None:
    file.write_text(text)
    with pytest.raises(ConfigError) as caught:
        load_centre(file, {})
    (one,) = caught.value.problems
    assert (one.spot.line, one.spot.key) == (line, key)


def test_a_certificate_that_is_not_there(file: Path) -> None:
    file.write_text(file.read_text() + 'cert_file = "a.pem"\nkey_file = "b.pem"\n')
    with pytest.raises(ConfigError) as caught:
        load_centre(file, {})
    assert [one.spot.key for one in caught.value.problems] == [
        "centre.cert_file",
        "centre.key_file",
    ]
