"""Where to publish: everything a person states about an MQTT broker."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class MqttTarget:
    """One broker, spoken to in MQTT 3.1.1.

    Topics begin with `prefix`/`site`. `client_id` must differ between collectors on one broker
    and stay the same over restarts: the broker then drops a connection that hangs, with its last
    will, before it greets the new one; empty means made of prefix and site. `ca_file`,
    `cert_file` and `key_file` are PEM files and count only with `tls`. `discovery_prefix` is
    Home Assistant's (`homeassistant`); empty publishes no discovery.
    Raises ValueError for a prefix that cannot begin a topic.
    """

    host: str
    site: str
    port: int = 1883
    prefix: str = "copier-fleet"
    username: str = ""
    password: str = field(default="", repr=False)
    tls: bool = False
    ca_file: str = ""
    cert_file: str = ""
    key_file: str = ""
    client_id: str = ""
    discovery_prefix: str = ""
    timeout_s: float = 10.0
    keepalive_s: int = 60

    def __post_init__(self) -> None:
        """Refuse what no topic could be built from."""
        if not self.prefix or set(self.prefix) & set("+#\0$"):
            raise ValueError(f"{self.prefix!r} cannot begin a topic: no +, #, $ and not empty")
        if not self.site:
            raise ValueError("the site must not be empty: it is part of every topic")

    @property
    def address(self) -> str:
        """Broker and port as they stand in messages to people."""
        return f"{self.host}:{self.port}{' (TLS)' if self.tls else ''}"
