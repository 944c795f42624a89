"""Where to write: everything a person states about an InfluxDB."""

from dataclasses import dataclass, field
from enum import StrEnum
from urllib.parse import urlsplit


class WriteApi(StrEnum):
    """Which write API to speak; AUTO asks the server (`/ping`) at the first contact.

    A server of version 3 is written to as one of version 2.
    """

    AUTO = "auto"
    V1 = "1"
    V2 = "2"
    V3 = "3"


@dataclass(frozen=True, slots=True)
class InfluxTarget:
    """One InfluxDB 1.x, 2.x or 3.x, or something that speaks its write API.

    `database` is also the bucket where `bucket` is empty: with the same name in both, InfluxQL
    and so the dashboards work on 2.x too. With `create_database` a 1.x database that is missing
    is created at the first write. `batch` is how many rows go into one request; `timeout_s`
    bounds each request. `ca_file` is a PEM file to check an https server by.
    Raises ValueError for an address that is no http address.
    """

    url: str
    database: str = "copier_fleet"
    version: WriteApi = WriteApi.AUTO
    username: str = ""
    password: str = field(default="", repr=False)
    token: str = field(default="", repr=False)
    org: str = ""
    bucket: str = ""
    create_database: bool = True
    batch: int = 5000
    timeout_s: float = 10.0
    ca_file: str = ""

    def __post_init__(self) -> None:
        """Refuse what no request could be built from."""
        parts = urlsplit(self.url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise ValueError(f"{self.url!r} is no http address such as http://127.0.0.1:8086")
        if self.batch < 1 or self.timeout_s <= 0:
            raise ValueError("batch and timeout_s must be above 0")

    @property
    def base(self) -> str:
        """The address without a slash at its end."""
        return self.url.rstrip("/")

    @property
    def bucket_name(self) -> str:
        """The bucket of a 2.x or 3.x server."""
        return self.bucket or self.database

    @property
    def secrets(self) -> tuple[str, str]:
        """What must not be seen."""
        return self.password, self.token
