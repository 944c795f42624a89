"""Where a value comes from, and what is refused."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from collector.errors import ConfigError
from collector.settings.credentials import CredentialValues, SnmpVersion
from collector.settings.load import load, load_office
from tests.unit.settings.files import FLEET, loaded, problems, write
from tests.wording import english

HIDDEN = "Tr0ub4dor"


def secrets_in(folder: Path, files: Mapping[str, str]) -> Path:
    folder.mkdir(exist_ok=True)
    for name, text in files.items():
        path = folder / name
        path.write_text(text, encoding="utf-8")
        path.chmod(0o600)
    return folder


def test_environment_wins_over_secret_files_over_the_file_over_defaults(tmp_path: Path) -> None:
    secrets = secrets_in(
        tmp_path / "secrets",
        {"polling__interval_s": "200", "polling__retries": "2", "mqtt__prefix": "c"},
    )
    settings = loaded(
        tmp_path,
        "[polling]\ninterval_s = 100\nretries = 3\nconcurrency = 4\n",
        environ={"COPIER_FLEET__POLLING__INTERVAL_S": "400"},
        secrets=[secrets],
    ).settings
    polling = settings.polling
    assert (polling.interval_s, polling.retries, polling.concurrency) == (400, 2, 4)
    assert polling.timeout_s == 3.0
    assert polling.jitter_s is None
    assert settings.mqtt.prefix == "c"


@pytest.mark.parametrize(
    "name",
    [
        "COPIER_FLEET_POLLING__INTERVAL_S",
        "COPIERFLEET__POLLING__INTERVAL_S",
        "copier_fleet_polling__interval_s",
        "COPIER__FLEET__POLLING__INTERVAL_S",
    ],
)
def test_a_variable_that_nearly_has_the_prefix_is_told(tmp_path: Path, name: str) -> None:
    ((where, told),) = problems(tmp_path, "", environ={name: "400"}).items()
    assert where == f"environment: {name}"
    meant = "COPIER_FLEET__POLLING__INTERVAL_S"
    assert f"did you mean {meant}".casefold() in told.casefold()


def test_a_variable_that_may_be_somebody_elses_is_a_warning(tmp_path: Path) -> None:
    others = {"COPIER_FLEET_HOME": "/opt", "COPIER_FLEET_INFLUX_USER": "grafana"}
    (warning,) = loaded(tmp_path, environ=others).warnings
    assert warning.path == "environment: COPIER_FLEET_HOME"
    assert "did you mean COPIER_FLEET__HOME" in warning.message


def test_nothing_configured_is_public_v2c(tmp_path: Path) -> None:
    values = loaded(tmp_path).settings.credential_values()
    assert values == {"default": CredentialValues("default", SnmpVersion.V2C, community="public")}


def test_secrets_come_from_systemd_first_and_lose_their_newline(tmp_path: Path) -> None:
    systemd = secrets_in(
        tmp_path / "systemd", {"credentials__default__community": "from systemd\n"}
    )
    own = secrets_in(
        tmp_path / "own",
        {"credentials__default__community": "own", "influx__password": f"{HIDDEN}\r\n"},
    )
    settings = loaded(
        tmp_path,
        '[influx]\nurl = "http://127.0.0.1:8086/"\nusername = "u"\n',
        environ={"CREDENTIALS_DIRECTORY": str(systemd)},
        secrets=[own],
    ).settings
    assert settings.credential_values()["default"].community == "from systemd"
    assert settings.influx.plain()["password"] == HIDDEN
    assert settings.influx.url == "http://127.0.0.1:8086"
    assert HIDDEN not in repr(settings)
    assert "from systemd" not in repr(settings.credential_values())


def test_a_folder_that_systemd_loads_as_a_whole_has_its_id_before_each_name(
    tmp_path: Path,
) -> None:
    systemd = secrets_in(tmp_path / "s", {"secrets_credentials__default__community": "from it"})
    settings = loaded(tmp_path, environ={"CREDENTIALS_DIRECTORY": str(systemd)}).settings
    assert settings.credential_values()["default"].community == "from it"


def test_secrets_beside_the_configuration_are_read_where_no_others_are_named(
    tmp_path: Path,
) -> None:
    secrets_in(tmp_path / "secrets", {"credentials__default__community": "beside"})
    other = secrets_in(tmp_path / "other", {"influx__token": "t"})
    beside = loaded(tmp_path).settings.credential_values()["default"]
    named = loaded(tmp_path, secrets=[other]).settings.credential_values()["default"]
    service = loaded(tmp_path, environ={"CREDENTIALS_DIRECTORY": str(other)}).settings
    assert beside.community == "beside"
    assert named.community == "public"
    assert service.credential_values()["default"].community == "public"


def test_a_v3_credential_has_no_community_added(tmp_path: Path) -> None:
    secrets = secrets_in(
        tmp_path / "s",
        {
            "credentials__default__auth_password": "a" * 8,
            "credentials__default__priv_password": "p" * 8,
        },
    )
    text = (
        '[credentials.default]\nversion = 3\nuser = "u"\n'
        'auth_protocol = "SHA-256"\npriv_protocol = "AES"\n'
    )
    values = loaded(tmp_path, text, secrets=[secrets]).settings.credential_values()["default"]
    assert values.version is SnmpVersion.V3
    assert values.community is None
    assert (values.auth_protocol, values.priv_protocol) == ("sha256", "aes128")
    assert (values.auth_password, values.priv_password) == ("a" * 8, "p" * 8)


@pytest.mark.parametrize(
    ("text", "path", "part"),
    [
        ('version = "2c"', "community", "credentials__x__community"),
        ('version = "1"\ncommunity = "c"\nuser = "u"', "user", "version 3"),
        ('version = "3"\nuser = "u"', "auth_protocol", "needs it"),
        ('version = "3"\nuser = "u"', "auth_password", "COPIER_FLEET__CREDENTIALS__X__AUTH_PASS"),
        ('version = "3"\nauth_password = "12345678"', "user", "needs a user"),
        ('version = "3"\nauth_password = "1234567"', "auth_password", "at least 8"),
        ('version = "3"\npriv_password = "12345678"', "priv_protocol", "needed with"),
        ('version = "3"\npriv_protocol = "des"', "priv_password", "credentials__x__priv_password"),
        ('version = "3"\ncommunity = "c"', "community", "1 and 2c"),
        ('version = "4"', "version", "must be one of"),
    ],
)
def test_incomplete_credentials(tmp_path: Path, text: str, path: str, part: str) -> None:
    found = problems(tmp_path, f"[credentials.x]\n{text}\n")
    assert part in found[f"collector.toml: credentials.x.{path}"]
    assert all("1234567" not in message for message in found.values())


def test_every_problem_of_every_source_in_one_report(tmp_path: Path) -> None:
    secrets = secrets_in(tmp_path / "s", {"influx__pasword": "x", "mqtt__password": ""})
    found = problems(
        tmp_path,
        '[polling]\ninterval_s = 5\n[mqttt]\nhost = "x"\n[fleet]\nprofiles = "nowhere"\n'
        '[office]\nzone = "Asia/Tokio"\n',
        FLEET.replace("192.0.2.1", "192.0.2.256"),
        {"COPIER_FLEET__MQTTT__HOST": "x", "COPIER_FLEET__LOG__LEVEL": "loud"},
        [secrets],
    )
    assert found == {
        "secrets: mqtt__password": f"{secrets / 'mqtt__password'} is empty; "
        "write the secret into it or remove it",
        "collector.toml: office.zone": "'Asia/Tokio' is no time zone known here; "
        "write one like Asia/Tokyo",
        "collector.toml: polling.interval_s": "must be at least 10",
        "secrets: influx__pasword": "is no known key; did you mean password?",
        "environment: COPIER_FLEET__LOG__LEVEL": "must be one of debug, info, warning, error",
        "environment: COPIER_FLEET__MQTTT__HOST": "is no known key; did you mean mqtt?",
        "collector.toml: mqttt": "is no known key; did you mean mqtt?",
        "collector.toml: fleet.profiles": f"there is no folder {tmp_path / 'nowhere'}; create it",
        'fleet.toml: place[0] "2f".address': "192.0.2.256 is no IPv4 address; it needs four "
        "numbers from 0 to 255 like 192.0.2.10",
    }


def test_a_wrong_value_names_the_source_that_set_it(tmp_path: Path) -> None:
    settings = '[mqtt]\nport = 0\n\n[office]\ncountry = "JP"\nsubdivison = "13"\n'
    with pytest.raises(ConfigError) as refused:
        loaded(tmp_path, settings, environ={"COPIER_FLEET__OFFICE__COUNTRY": "XX"})
    assert [f"{one.path}: {one.message}" for one in refused.value.problems] == [
        "collector.toml:6: office.subdivison: is no known key; did you mean subdivision?",
        "collector.toml:2: mqtt.port: must be at least 1",
    ]
    with pytest.raises(ConfigError) as refused:
        loaded(tmp_path, "", environ={"COPIER_FLEET__OFFICE__COUNTRY": "XX"})
    (told,) = refused.value.problems
    assert told.path == "environment: COPIER_FLEET__OFFICE__COUNTRY"
    assert told.message.startswith("the holidays of XX are not known")


def test_missing_files_are_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as refused:
        load(tmp_path / "collector.toml", {})
    paths = [one.path for one in refused.value.problems]
    assert paths == ["collector.toml", "fleet.toml"]
    assert str(tmp_path / "collector.toml") in refused.value.problems[0].message


def test_a_syntax_error_names_its_line_and_the_fleet_is_read_all_the_same(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as refused:
        loaded(tmp_path, '[office]\nsite = "x\n', "[[place]]\nid = \n")
    assert [one.path for one in refused.value.problems] == ["collector.toml:2", "fleet.toml:2"]
    told = [one.message for one in refused.value.problems]
    assert "is no TOML" in told[0]
    assert "(column 10); correct this line" in told[0]
    assert "(column 6); correct this line" in told[1]


def test_a_file_saved_by_a_japanese_windows_editor(tmp_path: Path) -> None:
    path = write(tmp_path)
    path.write_bytes("\ufeff# 設定\n[office]\nsite = 'a'\n".encode())
    assert load(path, {}).settings.office.site == "a"
    path.write_bytes("# 設定\n".encode("cp932"))
    with pytest.raises(ConfigError, match="UTF-8"):
        load(path, {})


@pytest.mark.parametrize("name", ["COPIER_FLEET__", "COPIER_FLEET__MQTT____HOST"])
def test_a_variable_that_names_nothing(tmp_path: Path, name: str) -> None:
    assert f"environment: {name}" in problems(tmp_path, environ={name: "x"})


def test_a_variable_for_a_whole_section(tmp_path: Path) -> None:
    found = problems(tmp_path, "[mqtt]\nhost = 'x'\n", environ={"COPIER_FLEET__MQTT": "x"})
    assert found == {"environment: COPIER_FLEET__MQTT": "must be a section with keys of its own"}


def test_secrets_never_appear_in_messages(tmp_path: Path) -> None:
    found = problems(
        tmp_path,
        f'[influx]\nurl = "http://u:{HIDDEN}@h"\ntoken = ["{HIDDEN}"]\n[mqtt]\npassword = 1\n',
        environ={
            "COPIER_FLEET__MQTT__PASSWORD__X": HIDDEN,
            "COPIER_FLEET__CREDENTIALS__A__COMMUNITYY": HIDDEN,
            "COPIER_FLEET__MQTT__ENABLED": HIDDEN,
        },
    )
    assert len(found) >= 5
    assert HIDDEN not in repr(found)


def test_unreadable_secrets_folder(tmp_path: Path) -> None:
    found = problems(tmp_path, secrets=[tmp_path / "none"])
    assert list(found) == [f"secrets: {tmp_path / 'none'}"]


def test_paths_start_at_the_settings_folder(tmp_path: Path) -> None:
    (tmp_path / "profiles").mkdir()
    settings = loaded(tmp_path, '[fleet]\nprofiles = "profiles"\n[ledger]\npath = "l.db"').settings
    assert settings.fleet.file == tmp_path / "fleet.toml"
    assert settings.fleet.profiles == tmp_path / "profiles"
    assert settings.ledger.path == tmp_path / "l.db"


def test_the_ledger_lies_in_the_state_folder_unless_stated(tmp_path: Path) -> None:
    environ = {"STATE_DIRECTORY": "/var/lib/a:/var/lib/b"}
    stated = '[ledger]\npath = "/srv/l.db"'
    assert loaded(tmp_path, environ=environ).settings.ledger.path == Path(
        "/var/lib/a/ledger.sqlite3"
    )
    assert loaded(tmp_path, stated, environ=environ).settings.ledger.path == Path("/srv/l.db")
    assert loaded(tmp_path).settings.ledger.path == Path("/var/lib/copier-fleet/ledger.sqlite3")


def test_the_same_files_load_to_equal_values(tmp_path: Path) -> None:
    one, two = loaded(tmp_path), loaded(tmp_path)
    assert (one.settings, one.fleet) == (two.settings, two.fleet)
    assert loaded(tmp_path, "[polling]\nretries = 2").settings != one.settings


@pytest.mark.parametrize(
    ("settings", "path"),
    [
        ("[polling]\ninterval_s = 10\njitter_s = 1\ntimeout_s = 5.0", "polling.timeout_s"),
        ("[polling]\ninterval_s = 30\njitter_s = 20", "polling.jitter_s"),
        ("[polling]\nbackoff_max_s = 60", "polling.backoff_max_s"),
        ("[polling]\nheartbeat_s = 60", "polling.heartbeat_s"),
        ("[polling]\nretries = true", "polling.retries"),
        ("[polling]\nsilent_after_h = nan", "polling.silent_after_h"),
        ('[office]\ncountry = "XX"', "office.country"),
        ('[office]\ncountry = "Japan"', "office.country"),
        ('[office]\ncountry = "DE"\nsubdivision = "BYY"', "office.subdivision"),
        ('[office]\nclosed_days = ["02-30"]', "office.closed_days"),
        ('[office]\nweekend = ["mond", "xyz"]', "office.weekend"),
        ('[office]\nworking_hours = "17:00-08:00"', "office.working_hours"),
        ('[office]\nworking_hours = "8-17"', "office.working_hours"),
        ("[office]\nclosing_day = 0", "office.closing_day"),
        ("[office]\nclosing_day = true", "office.closing_day"),
        ('[office]\nsite = "a/b"', "office.site"),
        ("[office]\nsite = 'a\\b'", "office.site"),
        ('[influx]\nurl = "influx:8086"', "influx.url"),
        ('[influx]\nurl = "http://h:99999"', "influx.url"),
        ('[influx]\nurl = "http://h"\nversion = 2\norg = "o"', "influx.token"),
        ('[influx]\nurl = "http://h"\nusername = "u"', "influx.password"),
        ('[influx]\nurl = "https://h"\nca_file = "no.pem"', "influx.ca_file"),
        ('[mqtt]\nenabled = true\nhost = ""', "mqtt.host"),
        ('[mqtt]\nenabled = true\ntls = true\ncert_file = "c.pem"', "mqtt.key_file"),
        ('[mqtt]\nprefix = "a/#"', "mqtt.prefix"),
        ('[credentials.A]\ncommunity = "x"', "credentials.A"),
        ('[credentials.a__b]\ncommunity = "x"', "credentials.a__b"),
    ],
)
def test_refused_values(tmp_path: Path, settings: str, path: str) -> None:
    assert f"collector.toml: {path}" in problems(tmp_path, settings)


def test_open_files_with_secrets_are_warned_of(tmp_path: Path) -> None:
    path = write(tmp_path, '[credentials.default]\ncommunity = "geheim"\n')
    assert load(path, {}).warnings == ()
    path.chmod(0o644)
    (warning,) = load(path, {}).warnings
    assert "chmod o-r" in warning.message
    write(tmp_path, '[credentials.default]\ncommunity = "public"\n').chmod(0o644)
    assert load(path, {}).warnings == ()
    secrets = secrets_in(tmp_path / "s", {"credentials__default__community": "x"})
    (secrets / "credentials__default__community").chmod(0o644)
    (warning,) = load(path, {}, [secrets]).warnings
    assert warning.path == "secrets: credentials__default__community"


def test_office_and_own_profiles_are_known_without_secrets_and_without_a_fleet(
    tmp_path: Path,
) -> None:
    strict = '[credentials.strict]\nversion = "3"\nuser = "reader"\nauth_protocol = "sha256"\n'
    path = write(tmp_path, strict + '[fleet]\nprofiles = "own"\n[office]\nlanguage = "en"\n')
    path.with_name("fleet.toml").unlink()
    with pytest.raises(ConfigError):
        load(path, {})
    office, fleet = load_office(path, {"COPIER_FLEET__FLEET__LOW_CONFIDENCE": "true"})
    assert office.language == "en"
    assert (fleet.profiles, fleet.low_confidence) == (tmp_path / "own", True)


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ("[fleet]\nprofils = 'own'", "did you mean profiles"),
        ("[office]\nlanguage = 'xx'", "office.language"),
        ("[fleet", "is no TOML"),
    ],
)
def test_office_and_own_profiles_that_are_wrong_are_told(
    tmp_path: Path, settings: str, expected: str
) -> None:
    with pytest.raises(ConfigError, match=expected):
        load_office(write(tmp_path, settings), {})


RECEIVER = '[receivers.chief]\napprise_url = "json://127.0.0.1/"\n'


def test_whose_letters_somebody_wants_and_nothing_else(tmp_path: Path) -> None:
    found = loaded(tmp_path, RECEIVER + 'tells = []\nletters = ["whole_office", "soumu"]\n')
    assert found.settings.receivers["chief"].letters == ("whole_office", "soumu")
    assert found.warnings == ()


def test_somebody_who_is_told_of_nothing_is_a_fault(tmp_path: Path) -> None:
    (fault,) = problems(tmp_path, RECEIVER + "tells = []\n").values()
    assert "say what they are told of" in fault


def test_a_letter_of_a_department_that_is_not_there_is_a_warning(tmp_path: Path) -> None:
    found = loaded(tmp_path, RECEIVER + 'letters = ["somu"]\n')
    (warning,) = found.warnings
    assert "soumu" in english(warning.said)
