"""What a server's answer means for the rows that were just sent: one table for v1 and v2. Pure.

| answer | meaning |
|---|---|
| 204 | stored |
| 413; 400 or 422 about the lines | halve and send again; a single line is set aside |
| 401, 403, 404, redirects, other 4xx, 400 about the request | a person must act |
| 500 "retention policy not found" | a person must act, though it looks like a passing failure |
| 408, 425, 429, 5xx | later, after Retry-After where it was sent |
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from shlex import quote
from typing import Any, Final, Self

from collector.adapters.influx.target import InfluxTarget
from collector.domain.sentence import Sentence, sentence
from collector.errors import SinkError, SinkRefused, SinkUnavailable
from collector.texts import ENGLISH

_STORED: Final = frozenset({201, 204})
_LATER: Final = frozenset({408, 425, 429})
_BAD_LINES: Final = frozenset({400, 422})
_TOO_LARGE: Final = 413
_WITHOUT_RIGHT: Final = frozenset({401, 403})
_REDIRECT: Final = range(300, 400)

# A 400 that speaks of the request and not of a line: halving would set every row aside.
_ABOUT_REQUEST: Final = re.compile(
    r"database is required|invalid precision|unsupported path|gzip|please provide|retention policy",
    re.IGNORECASE,
)
_NO_DATABASE: Final = "database not found"
_NO_BUCKET: Final = re.compile(r"bucket .*not found|no dbrp mapping", re.IGNORECASE)
_NO_ORG: Final = re.compile(r"please provide (either )?org|organization .*not found", re.IGNORECASE)
_INACTIVE: Final = re.compile(r"\binactive\b", re.IGNORECASE)
_NO_POINTS: Final = re.compile(r"requires points|no (points|lines|data)|\bempty\b", re.IGNORECASE)
"""How a server says, having looked at all else, that there was nothing to write."""
_NO_POLICY: Final = "retention policy not found"
_TOO_OLD: Final = re.compile(r"points (beyond|outside) retention policy", re.IGNORECASE)
_DROPPED: Final = re.compile(r"dropped=(\d+)")
_SAID_LIMIT: Final = 300
_SECONDS: Final = re.compile(r"[+-]?\d+")
_MOST_DIGITS: Final = 9

_ADVICE: Final[Mapping[int, str]] = {
    401: "influx.who",
    403: "influx.right",
    404: "influx.version",
}


_READ_ADVICE: Final[Mapping[int, str]] = {
    200: "influx.nothing_to_read",
    401: "influx.reader",
    404: "influx.nothing_to_read",
}


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """One HTTP answer. `date` is the server's own clock, `version` what an InfluxDB says it is."""

    status: int
    body: bytes = b""
    retry_after: str | None = None
    date: str | None = None
    location: str | None = None
    version: str | None = None
    strike: Callable[[str], str] = field(default=str, repr=False, compare=False)
    """Puts the target's secrets out of sight: servers and proxies say back what they were sent."""

    @classmethod
    def of(
        cls, status: int, body: bytes, headers: Mapping[str, str], strike: Callable[[str], str]
    ) -> Self:
        """Take from `headers` (case-insensitive) what matters here."""
        location = headers.get("Location")
        return cls(
            status,
            body,
            strike=strike,
            retry_after=headers.get("Retry-After"),
            date=headers.get("Date"),
            location=None if location is None else legible(strike(location)),
            version=legible(headers.get("X-Influxdb-Version")),
        )

    @property
    def said(self) -> str:
        """The server's own words, shortened to one line; empty where it gave none."""
        told = self._from_json()
        text = self.body.decode("utf-8", "replace") if told is None else told
        return legible(self.strike(text)) or ""

    @property
    def is_from_influx(self) -> bool:
        """Whether the body is an error as InfluxDB writes them, not a proxy's page."""
        return self._from_json() is not None

    @property
    def query_error(self) -> str | None:
        """The error inside a 200 of /query, None where the statement was carried out."""
        results = self._json().get("results")
        listed = results if isinstance(results, list) else ()
        errors = (one.get("error") for one in listed if isinstance(one, dict))
        return next((legible(self.strike(str(error))) for error in errors if error), None)

    @property
    def has_series(self) -> bool:
        """Whether a 200 of /query shows anything at all."""
        results = self._json().get("results")
        listed = results if isinstance(results, list) else ()
        return any(isinstance(one, dict) and bool(one.get("series")) for one in listed)

    @property
    def told(self) -> dict[str, Any]:
        """The body as a JSON object; empty where it is none."""
        return self._json()

    def _from_json(self) -> str | None:
        told = self._json()
        text = told.get("message") or told.get("error")
        return _with_details(str(text), told.get("data")) if text else None

    def _json(self) -> dict[str, Any]:
        try:
            told = json.loads(self.body)
        except (ValueError, RecursionError):  # nested as no InfluxDB nests, too
            return {}
        return told if isinstance(told, dict) else {}


def legible(text: str | None) -> str | None:
    """Return the beginning of `text` as one line that can be stored, logged and shown anywhere."""
    if text is None:
        return None
    words = " ".join(text[: _SAID_LIMIT * 4].split())[:_SAID_LIMIT]
    return "".join(one if one.isprintable() else "�" for one in words)


def _with_details(text: str, data: object) -> str:
    """Add the reason of the first line that a 3.x server names."""
    first = data[0] if isinstance(data, list) and data else data
    detail = first.get("error_message") if isinstance(first, dict) else None
    return f"{text}: {detail}" if detail else text


@dataclass(frozen=True, slots=True)
class Stored:
    """Every line is there."""


@dataclass(frozen=True, slots=True)
class NotTaken:
    """Some or all lines were not taken. `dropped` is how many, where the server counted them.

    `keeps_less` where they are older than what the database keeps: what to do about it.
    """

    reason: str
    dropped: int | None = None
    keeps_less: Sentence | None = None

    @property
    def is_too_old(self) -> bool:
        """Whether lines lie beyond the time for which the database keeps anything."""
        return _TOO_OLD.search(self.reason) is not None


def judge(answer: HttpAnswer, target: InfluxTarget) -> Stored | NotTaken:
    """Return what became of the lines.

    Raises SinkUnavailable and SinkRefused as the table at the top says.
    """
    if answer.status in _STORED:
        return Stored()
    if answer.status == _TOO_LARGE:
        return NotTaken(f"larger than the server takes (413) {answer.said}".rstrip())
    if _is_about_lines(answer):
        dropped = _DROPPED.search(answer.said)
        return NotTaken(answer.said, int(dropped.group(1)) if dropped else None)
    raise failure(answer, target)


def failure(answer: HttpAnswer, target: InfluxTarget) -> SinkError:
    """Return the error for an answer that is neither a success nor about single lines."""
    status = f"{int(answer.status)}: {answer.said}" if answer.said else str(int(answer.status))
    if _is_for_later(answer):
        told = ENGLISH("influx.answered", server=target.base, status=status)
        return SinkUnavailable(told, _retry_after_s(answer))
    advice = _advice(answer, target)
    return SinkRefused(ENGLISH("influx.refused", server=target.base, status=status, advice=advice))


def takes_writes(answer: HttpAnswer) -> bool:
    """Tell whether what answered a write without a row would take one with rows."""
    if answer.status == HTTPStatus.BAD_REQUEST:
        return answer.is_from_influx and _NO_POINTS.search(answer.said) is not None
    return answer.status in _STORED


def is_inactive(answer: HttpAnswer) -> bool:
    """Tell whether a 2.x server says that the token, or its user, is switched off."""
    return answer.status in _WITHOUT_RIGHT and _INACTIVE.search(answer.said) is not None


def read_failure(answer: HttpAnswer, target: InfluxTarget) -> SinkError:
    """Return the error for a refused query of somebody who only reads."""
    told = answer.query_error or answer.said
    status = f"{int(answer.status)}: {told}" if told else str(int(answer.status))
    if _is_for_later(answer):
        told = ENGLISH("influx.answered", server=target.base, status=status)
        return SinkUnavailable(told, _retry_after_s(answer))
    advice = sentence(_READ_ADVICE.get(answer.status, "influx.version"))
    if answer.status == HTTPStatus.FORBIDDEN:
        grant = f'GRANT READ ON "{target.bucket_name}" TO "{target.username}"'
        advice = sentence("influx.grant", command=f"influx -execute '{grant}'")
    return SinkRefused(ENGLISH("influx.refused", server=target.base, status=status, advice=advice))


def reading_right(target: InfluxTarget) -> Sentence:
    """Return how an account of 2.x that is shown nothing gets the right to read."""
    return sentence(
        "influx.blind",
        user=target.username,
        database=target.bucket_name,
        command=f"influx bucket list --name {quote(target.bucket_name)}{_org_of(target)}",
        then=f"influx auth create{_org_of(target)} --read-bucket",
    )


def mark_in(answer: HttpAnswer) -> int | None:
    """Return the mark that InfluxQL found, 0 where there is none, None where that was no answer."""
    told = answer.told
    results = told.get("results")
    result = results[0] if isinstance(results, list) and results else None
    if answer.status != HTTPStatus.OK or not isinstance(result, dict) or "error" in told:
        return None
    if "error" in result:
        return 0 if str(result["error"]).startswith(_NO_DATABASE) else None
    match result.get("series", []):
        case []:
            return 0
        case [{"name": "collector_mark", "values": [[_, int(found)]]}]:
            return max(0, found)
    return None


def mark_in_series(answer: HttpAnswer) -> int | None:
    """Return likewise the mark that PromQL found, as VictoriaMetrics answers it."""
    match answer.told:
        case {"status": "success", "data": {"result": []}}:
            return 0
        case {"status": "success", "data": {"result": [{"value": [_, str(found)]}]}}:
            return (
                int(found) if _SECONDS.fullmatch(found) and len(found) <= _MOST_DIGITS * 2 else None
            )
    return None


def kept_for(answer: HttpAnswer) -> tuple[str, str] | None:
    """Return the name of the retention policy that holds, and for how long it keeps points."""
    match answer.told:
        case {"results": [{"series": [{"columns": list(columns), "values": list(rows)}]}]}:
            policies = [dict(zip(columns, row, strict=False)) for row in rows]
            held = (one for one in policies if one.get("default") is True)
            return next(
                ((legible(str(one.get("name"))) or "", str(one.get("duration"))) for one in held),
                None,
            )
    return None


def is_missing_database(answer: HttpAnswer) -> bool:
    """Tell whether a 1.x server answered that the database does not exist."""
    return answer.status == HTTPStatus.NOT_FOUND and answer.said.startswith(_NO_DATABASE)


def _is_about_lines(answer: HttpAnswer) -> bool:
    return (
        answer.status in _BAD_LINES
        and answer.is_from_influx
        and not _ABOUT_REQUEST.match(answer.said)
    )


def _is_for_later(answer: HttpAnswer) -> bool:
    if answer.said.startswith(_NO_POLICY):
        return False
    return answer.status in _LATER or answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR


def _advice(answer: HttpAnswer, target: InfluxTarget) -> Sentence:
    """Return what a person does next, with the line to type where there is one."""
    if is_missing_database(answer):
        statement = f'CREATE DATABASE "{target.database}"'
        return sentence("influx.create", command=f"influx -execute '{statement}'")
    if answer.said.startswith(_NO_POLICY):
        return sentence("influx.policy")
    if answer.status in _REDIRECT:
        return sentence("influx.redirect", address=str(answer.location))
    found = _about_organisation(answer, target) or _about_token(answer, target)
    return found or sentence(_ADVICE.get(answer.status, "influx.address"))


def _about_organisation(answer: HttpAnswer, target: InfluxTarget) -> Sentence | None:
    """Return what to do about an organisation or bucket of 2.x that is not there."""
    if _NO_ORG.search(answer.said):
        if not target.org:
            return sentence("influx.org_missing", command="influx org list")
        return sentence("influx.org_unknown", org=target.org, command="influx org list")
    if answer.status == HTTPStatus.NOT_FOUND and _NO_BUCKET.search(answer.said):
        bucket = f"--name {quote(target.bucket_name)}{_org_of(target)}"
        return sentence("influx.create", command=f"influx bucket create {bucket}")
    return None


def _about_token(answer: HttpAnswer, target: InfluxTarget) -> Sentence | None:
    """Return what to do about a token of 2.x that may not write."""
    if is_inactive(answer):
        return sentence("influx.inactive", command="influx auth list", then="influx auth active")
    if answer.status == HTTPStatus.FORBIDDEN and target.token:
        command = f"influx bucket list --name {quote(target.bucket_name)}{_org_of(target)}"
        then = f"influx auth create{_org_of(target)} --write-bucket"
        return sentence("influx.rightless", command=command, then=then)
    if answer.status == HTTPStatus.UNAUTHORIZED and target.token:
        return sentence("influx.token", command="influx auth list")
    return None


def _org_of(target: InfluxTarget) -> str:
    return f" --org {quote(target.org)}" if target.org else ""


def _retry_after_s(answer: HttpAnswer) -> float | None:
    """Return the seconds that the server asks to wait; a date counts by its own clock."""
    asked = answer.retry_after
    if asked is None:
        return None
    if _SECONDS.fullmatch(asked):
        return max(0.0, float(asked[: _MOST_DIGITS + 1]))
    if answer.date is None:
        return None
    try:
        span = parsedate_to_datetime(asked) - parsedate_to_datetime(answer.date)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
    return max(0.0, span.total_seconds())
