"""What each answer of a server means, with the very words that servers use."""

import pytest

from collector.adapters.influx.answers import Answer, NotTaken, Stored, judge
from collector.adapters.influx.target import InfluxTarget
from collector.errors import SinkRefused, SinkUnavailable

TARGET = InfluxTarget("http://db:8086/", database="copies", org="townhall")


@pytest.mark.parametrize("status", [201, 204])
def test_stored(status: int) -> None:
    assert judge(Answer(status), TARGET) == Stored()


@pytest.mark.parametrize(
    ("status", "body", "reason", "dropped"),
    [
        (
            400,
            (
                b'{"error":"partial write: field type conflict: input field \\"f\\" on measurement '
                b'\\"m\\" is type integer, already exists as type float dropped=3"}\n'
            ),
            "field type conflict",
            3,
        ),
        (400, b'{"error":"field type conflict"}\n', "field type conflict", None),
        (
            400,
            b'{"error":"partial write: unable to parse \'x\': missing fields dropped=0"}',
            "x",
            0,
        ),
        (400, b'{"error":"unable to parse \'x message=\\"gzip: bad\\"\'"}', "gzip", None),
        (400, b'{"code":"invalid","message":"unable to parse \'x\'"}', "unable to parse", None),
        (422, b'{"code":"unprocessable entity","message":"partial write"}', "partial write", None),
        (
            400,
            (
                b'{"error":"partial write of line protocol occurred","data":[{"original_line":"x",'
                b'"line_number":1,"error_message":"no fields"}]}'
            ),
            "no fields",
            None,
        ),
        (413, b'{"error":"Request Entity Too Large"}\n', "413", None),
        (413, b"<html>nginx</html>", "413", None),
    ],
)
def test_about_the_lines(status: int, body: bytes, reason: str, dropped: int | None) -> None:
    outcome = judge(Answer(status, body), TARGET)
    assert isinstance(outcome, NotTaken)
    assert reason in outcome.reason
    assert outcome.dropped == dropped


@pytest.mark.parametrize(
    ("answer", "advice"),
    [
        (Answer(401, b'{"error":"authorization failed"}'), "check the user and password"),
        (Answer(401), "answered 401 - check the user and password"),
        (Answer(403, b'{"error":"\\"low\\" user is not authorized"}'), "right to write"),
        (
            Answer(404, b'{"error":"database not found: \\"copies\\""}\n'),
            "influx -execute 'CREATE DATABASE \"copies\"'",
        ),
        (
            Answer(404, b'{"code":"not found","message":"bucket \\"copies\\" not found"}'),
            "influx bucket create --name copies --org townhall",
        ),
        (Answer(404, b"404 page not found"), "check the address"),
        (Answer(400, b'{"error":"database is required"}'), "check that this is the address"),
        (Answer(400, b"<html>The plain HTTP request was sent to HTTPS port</html>"), "InfluxDB"),
        (Answer(400, b'unsupported path requested: "/api/v3"'), "unsupported path"),
        (Answer(405, b""), "answered 405"),
        (Answer(301, location="https://db:8086/write"), "https://db:8086/write: set that address"),
        (Answer(200, b"<html>welcome</html>"), "check that this is the address"),
        (Answer(500, b'{"error":"retention policy not found: nope"}'), "default retention policy"),
    ],
)
def test_a_person_must_act(answer: Answer, advice: str) -> None:
    with pytest.raises(SinkRefused) as caught:
        judge(answer, TARGET)
    assert advice in str(caught.value)
    assert "http://db:8086 " in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("answer", "wish"),
    [
        (Answer(429, retry_after="17"), 17.0),
        (Answer(503), None),
        (Answer(503, b"request throttled", retry_after="soon"), None),
        (Answer(500, b'{"error":"timeout"}'), None),
        (Answer(502, b"<html>bad gateway</html>"), None),
        (Answer(408, retry_after="-5"), 0.0),
        (
            Answer(
                429,
                retry_after="Fri, 15 Nov 2024 03:01:30 GMT",
                date="Fri, 15 Nov 2024 03:00:00 GMT",
            ),
            90.0,
        ),
        (
            Answer(
                429,
                retry_after="Fri, 15 Nov 2024 02:00:00 GMT",
                date="Fri, 15 Nov 2024 03:00:00 GMT",
            ),
            0.0,
        ),
        (Answer(429, retry_after="Fri, 15 Nov 2024 03:01:30 GMT"), None),
    ],
)
def test_later(answer: Answer, wish: float | None) -> None:
    with pytest.raises(SinkUnavailable) as caught:
        judge(answer, TARGET)
    assert caught.value.retry_after_s == wish


@pytest.mark.parametrize("url", ["", "db:8086", "ftp://db", "http://"])
def test_an_address_that_is_none(url: str) -> None:
    with pytest.raises(ValueError, match="is no http address"):
        InfluxTarget(url)


def test_secrets_are_not_shown() -> None:
    hush = "9f3a"
    shown = repr(InfluxTarget("http://db:8086", username="u", password=hush, token=hush))
    assert hush not in shown
