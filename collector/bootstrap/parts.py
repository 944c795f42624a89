"""Settings become adapters. No decisions, no loops here."""

from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Final

from collector.adapters.holiday_calendar import public_holidays
from collector.adapters.influx import InfluxTarget, InfluxVersion, open_influx
from collector.adapters.ledger_sqlite import SqliteLedger
from collector.adapters.mqtt import MqttSink, MqttTarget
from collector.adapters.snmp.client import PysnmpSession
from collector.adapters.snmp.credentials import (
    AuthProtocol as AuthName,
)
from collector.adapters.snmp.credentials import (
    CommunityCredential,
    Credential,
    UserCredential,
)
from collector.adapters.snmp.credentials import (
    PrivProtocol as PrivName,
)
from collector.adapters.snmp.profiles import load_profiles
from collector.adapters.snmp.reader import SnmpDeviceReader
from collector.adapters.snmp.session import Session
from collector.app.ground import Ground
from collector.domain.fleet import Fleet
from collector.domain.office import Office
from collector.ports import PollTarget, Sink
from collector.settings.credentials import AuthProtocol, CredentialValues, PrivProtocol, SnmpVersion
from collector.settings.load import Loaded
from collector.settings.model import Settings
from collector.settings.sinks import InfluxVersion as InfluxSetting

_YEARS_BACK: Final = 12
_YEARS_AHEAD: Final = 3
"""Years around today whose holidays the office knows: the past is looked at, too."""

_AUTH: Final[Mapping[AuthProtocol, AuthName]] = {
    AuthProtocol.MD5: "MD5",
    AuthProtocol.SHA1: "SHA",
    AuthProtocol.SHA224: "SHA224",
    AuthProtocol.SHA256: "SHA256",
    AuthProtocol.SHA384: "SHA384",
    AuthProtocol.SHA512: "SHA512",
}
_PRIV: Final[Mapping[PrivProtocol, PrivName]] = {
    PrivProtocol.DES: "DES",
    PrivProtocol.AES128: "AES",
    PrivProtocol.AES192: "AES192",
    PrivProtocol.AES256: "AES256",
}


def office_of(settings: Settings, today: date) -> Office:
    """Return the office with its own and its country's days off around `today`."""
    office = settings.office
    first, last = today.year - _YEARS_BACK, today.year + _YEARS_AHEAD
    holidays = public_holidays(office.country, office.subdivision, first, last)
    return office.office(office.closed_dates(first, last) | holidays)


def ground_of(loaded: Loaded, today: date) -> Ground:
    """Return what the use cases stand on."""
    polling = loaded.settings.polling
    return Ground(
        fleet=loaded.fleet,
        office=office_of(loaded.settings, today),
        heartbeat=timedelta(seconds=polling.heartbeat_s),
        silent_after=timedelta(hours=polling.silent_after_h),
    )


def targets_of(fleet: Fleet) -> tuple[PollTarget, ...]:
    """Return whom to poll, one for each place."""
    return tuple(
        PollTarget(place.id, place.address, place.port, place.credential) for place in fleet.places
    )


def credential_of(values: CredentialValues) -> Credential:
    """Return the SNMP adapter's form of one set of keys."""
    if values.version is not SnmpVersion.V3:
        is_v1 = values.version is SnmpVersion.V1
        return CommunityCredential("1" if is_v1 else "2c", values.community or "")
    return UserCredential(
        user=values.user or "",
        auth_protocol=_AUTH[values.auth_protocol] if values.auth_protocol else None,
        auth_key=values.auth_password,
        priv_protocol=_PRIV[values.priv_protocol] if values.priv_protocol else None,
        priv_key=values.priv_password,
        context=values.context,
    )


def reader_of(settings: Settings) -> SnmpDeviceReader:
    """Return the reader of machines: pysnmp sessions and the profiles, own ones included."""
    polling = settings.polling
    keys = {name: credential_of(one) for name, one in settings.credential_values().items()}

    def open_session(target: PollTarget) -> Session:
        return PysnmpSession(
            target.address,
            target.port,
            keys[target.credential],
            timeout_s=polling.timeout_s,
            retries=polling.retries,
            place=target.place,
        )

    return SnmpDeviceReader(open_session, load_profiles(settings.fleet.profiles))


def sinks_of(settings: Settings) -> tuple[Sink, ...]:
    """Return every sink that is switched on; none is contacted yet."""
    sinks: list[Sink] = []
    if settings.influx.enabled:
        sinks.append(open_influx(influx_target_of(settings)))
    if settings.mqtt.enabled:
        sinks.append(MqttSink(_mqtt_target(settings)))
    return tuple(sinks)


def influx_target_of(settings: Settings) -> InfluxTarget:
    """Return where InfluxDB is; version 3 is written to as version 2."""
    influx = settings.influx
    versions = {InfluxSetting.AUTO: InfluxVersion.AUTO, InfluxSetting.V1: InfluxVersion.V1}
    return InfluxTarget(
        url=influx.url,
        database=influx.database or influx.bucket or "copier_fleet",
        version=versions.get(influx.version, InfluxVersion.V2),
        username=influx.username or "",
        password=influx.password_text or "",
        token=influx.token_text or "",
        org=influx.org or "",
        bucket=influx.bucket or "",
        batch_rows=influx.batch,
        timeout_s=influx.timeout_s,
        ca_file=_text(influx.ca_file),
    )


def _mqtt_target(settings: Settings) -> MqttTarget:
    mqtt = settings.mqtt
    return MqttTarget(
        host=mqtt.host,
        site=settings.office.site,
        port=mqtt.port_number,
        prefix=mqtt.prefix,
        username=mqtt.username or "",
        password=mqtt.password_text or "",
        tls=mqtt.tls,
        ca_file=_text(mqtt.ca_file),
        cert_file=_text(mqtt.cert_file),
        key_file=_text(mqtt.key_file),
        client_id=mqtt.client_id or "",
        discovery_prefix="homeassistant" if mqtt.home_assistant else "",
    )


async def open_ledger(settings: Settings, *, read_only: bool = False) -> SqliteLedger:
    """Return the open ledger; raises LedgerError with one sentence where it cannot be used."""
    return await SqliteLedger.open(settings.ledger.path, read_only=read_only)


def secrets_of(settings: Settings) -> tuple[str, ...]:
    """Return every secret in plain text, for the log to strike out."""
    found: list[str | None] = [settings.influx.password_text, settings.influx.token_text]
    found.append(settings.mqtt.password_text)
    for one in settings.credential_values().values():
        found += [one.community, one.auth_password, one.priv_password]
    return tuple(one for one in found if one and one != "public")


def _text(path: Path | None) -> str:
    return "" if path is None else str(path)
