"""Names of topics. Pure.

| topic | payload | retained |
|---|---|---|
| `<prefix>/<site>/status` | `online` or `offline`, the latter also as last will | yes |
| `<prefix>/<site>/place/<place>/state` | JSON of the newest reading and state | yes |
| `<prefix>/<site>/department/<department>/month` | JSON of the newest month | yes |
| `<prefix>/<site>/event/<code>` | JSON of one finding | no |
"""

from dataclasses import dataclass

_SEPARATORS = frozenset("/+#%")
_NAMELESS = "%"


def level(text: str) -> str:
    """Return `text` as one level of a topic, other texts giving other levels.

    What would split a topic (`/`, `+`, `#`), what brokers refuse (control characters, surrogates,
    non-characters) or nobody can see, and `%` itself are percent-encoded as UTF-8; the empty text
    is a lone `%`. Everything else, Japanese included, stays readable.
    """
    return "".join(_percent(char) if _is_unfit(char) else char for char in text) or _NAMELESS


def _is_unfit(char: str) -> bool:
    return char in _SEPARATORS or not char.isprintable()


def _percent(char: str) -> str:
    return "".join(f"%{byte:02X}" for byte in char.encode("utf-8", "surrogatepass"))


@dataclass(frozen=True, slots=True)
class Topics:
    """The topics of one site."""

    prefix: str
    site: str

    @property
    def base(self) -> str:
        """What every topic of this site begins with."""
        return f"{self.prefix}/{level(self.site)}"

    @property
    def status(self) -> str:
        """Whether this collector is there: `online` or `offline`."""
        return f"{self.base}/status"

    @property
    def retained(self) -> tuple[str, str]:
        """Filters for everything retained except the status."""
        return f"{self.base}/place/+/state", f"{self.base}/department/+/month"

    def place(self, place: str) -> str:
        """State of one place."""
        return f"{self.base}/place/{level(place)}/state"

    def department(self, department: str) -> str:
        """Month of one department."""
        return f"{self.base}/department/{level(department)}/month"

    def event(self, code: str) -> str:
        """Findings of one kind."""
        return f"{self.base}/event/{level(code)}"
