"""All settings as one frozen tree. Read with `collector.settings.load.load`, never on its own."""

from collections.abc import Mapping
from pathlib import Path

from pydantic import Field, PrivateAttr
from pydantic_settings import BaseSettings, SettingsConfigDict

from collector.errors import ConfigError, Spot
from collector.settings.credentials import CredentialSettings, CredentialValues
from collector.settings.layers import secrets_unread
from collector.settings.sections import (
    AlertsSettings,
    ClosingSettings,
    FactorsSettings,
    FleetSettings,
    LedgerSettings,
    LettersSettings,
    LogSettings,
    MonitoringSettings,
    OfficeSettings,
    OpenDataSettings,
    PagesSettings,
    PaperSettings,
    PollingSettings,
    ReceiverSettings,
    ReportSettings,
)
from collector.settings.sinks import (
    CentreSettings,
    InfluxSettings,
    MqttSettings,
    SinkSection,
)
from collector.settings.values import CredentialName, secrets_in
from collector.user_files.report import owner_of, problem_at


class Settings(BaseSettings):
    """Everything that may be configured."""

    model_config = SettingsConfigDict(
        frozen=True,
        extra="forbid",
        defer_build=True,
        hide_input_in_errors=True,
        validate_default=True,
    )

    office: OfficeSettings = Field(default_factory=OfficeSettings)
    """The office: who it is, when it works, when its months close."""

    fleet: FleetSettings = Field(default_factory=FleetSettings)
    """Where the fleet file and own profiles lie."""

    factors: FactorsSettings = Field(default_factory=FactorsSettings)
    """Where prices and factors lie."""

    ledger: LedgerSettings = Field(default_factory=LedgerSettings)
    """Where the ledger lies."""

    polling: PollingSettings = Field(default_factory=PollingSettings)
    """How often and how gently machines are asked."""

    closing: ClosingSettings = Field(default_factory=ClosingSettings)
    """When and by whom months are closed."""

    paper: PaperSettings = Field(default_factory=PaperSettings)
    """When paper that was bought and not counted is worth a look."""

    credentials: Mapping[CredentialName, CredentialSettings] = Field(default_factory=dict)
    """The keys that open a machine's SNMP agent, by name; only that one is ever tried."""

    influx: InfluxSettings = Field(default_factory=InfluxSettings)
    """InfluxDB 1.x, 2.x or 3.x; off while `url` is empty."""

    mqtt: MqttSettings = Field(default_factory=MqttSettings)
    """An MQTT broker; off by default."""

    centre: CentreSettings = Field(default_factory=CentreSettings)
    """The centre of many sites, which keeps what this ledger holds as well; off by default."""

    alerts: AlertsSettings = Field(default_factory=AlertsSettings)
    """What is told of its own accord, and when; off by default."""

    receivers: Mapping[CredentialName, ReceiverSettings] = Field(default_factory=dict)
    """Who is told, by a name of your choice."""

    report: ReportSettings = Field(default_factory=ReportSettings)
    """What the monthly report looks like."""

    open_data: OpenDataSettings = Field(default_factory=OpenDataSettings)
    """Who publishes open data, and under which licence."""

    pages: PagesSettings = Field(default_factory=PagesSettings)
    """The pages that always show this month; off by default."""

    letters: LettersSettings = Field(default_factory=LettersSettings)
    """The monthly letters, written after a closing; off by default."""

    monitoring: MonitoringSettings = Field(default_factory=MonitoringSettings)
    """Where a monitoring program asks how the service is; off by default."""

    log: LogSettings = Field(default_factory=LogSettings)
    """What is logged and how."""

    _unread: Path | None = PrivateAttr(default=None)

    def lack(self, unread: Path | None) -> None:
        """Know from now on that secrets stand in `unread`, which this user may not read."""
        self._unread = unread

    @property
    def lacks_secrets(self) -> bool:
        """Whether there are secrets that this user may not read: what is missing may be stated."""
        return self._unread is not None

    def refuse_unread(self) -> None:
        """Raise ConfigError, which says who may, where this user may not read the secrets.

        So no machine or server is ever asked with other keys than the office's own.
        """
        if self._unread is not None:
            problem = problem_at(Spot("secrets"), secrets_unread(self._unread))
            raise ConfigError([problem], owner_of(self._unread))

    def credential_values(self) -> Mapping[str, CredentialValues]:
        """Return every set of keys in plain text, by name, for the SNMP adapter only.

        Raises ConfigError where this user may not read them; so does `secrets`.
        """
        self.refuse_unread()
        return {name: one.values_of(name) for name, one in self.credentials.items()}

    def sinks(self) -> Mapping[str, SinkSection]:
        """Return the section of every sink, on or off, by its name."""
        return {name: one for name, one in self if isinstance(one, SinkSection)}

    def secrets(self) -> tuple[str, ...]:
        """Return every secret that is stated, in plain text, once each, for what strikes it out."""
        self.refuse_unread()
        return tuple(dict.fromkeys(filter(None, secrets_in(self))))
