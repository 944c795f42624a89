"""What each answer of a server means, with the very words that servers use."""

import pytest

from collector.adapters.influx.answers import HttpAnswer, NotTaken, Stored, judge
from collector.adapters.influx.target import InfluxTarget
from collector.errors import SinkRefused, SinkUnavailable

TARGET = InfluxTarget("http://db:8086/", database="copies", org="townhall")


@pytest.mark.parametrize("status", [201, 204])
def test_stored(status: int) -> None:
    assert judge(HttpAnswer(status), TARGET) == Stored()


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
    outcome = judge(HttpAnswer(status, body), TARGET)
    assert isinstance(outcome, NotTaken)
    assert reason in outcome.reason
    assert outcome.dropped == dropped


@pytest.mark.parametrize(
    ("answer", "advice"),
    [
        (HttpAnswer(401, b'{"error":"authorization failed"}'), "check the user and password"),
        (HttpAnswer(401), "answered 401 - check the user and password"),
        (HttpAnswer(403, b'{"error":"\\"low\\" user is not authorized"}'), "right to write"),
        (
            HttpAnswer(404, b'{"error":"database not found: \\"copies\\""}\n'),
            "influx -execute 'CREATE DATABASE \"copies\"'",
        ),
        (
            HttpAnswer(404, b'{"code":"not found","message":"bucket \\"copies\\" not found"}'),
            "influx bucket create --name copies --org townhall",
        ),
        (HttpAnswer(404, b"404 page not found"), "check the address"),
        (HttpAnswer(400, b'{"error":"database is required"}'), "check that this is the address"),
        (
            HttpAnswer(400, b"<html>The plain HTTP request was sent to HTTPS port</html>"),
            "InfluxDB",
        ),
        (HttpAnswer(400, b'unsupported path requested: "/api/v3"'), "unsupported path"),
        (HttpAnswer(405, b""), "answered 405"),
        (
            HttpAnswer(301, location="https://db:8086/write"),
            "https://db:8086/write: set that address",
        ),
        (HttpAnswer(200, b"<html>welcome</html>"), "check that this is the address"),
        (
            HttpAnswer(500, b'{"error":"retention policy not found: nope"}'),
            "default retention policy",
        ),
    ],
)
def test_a_person_must_act(answer: HttpAnswer, advice: str) -> None:
    with pytest.raises(SinkRefused) as caught:
        judge(answer, TARGET)
    assert advice in str(caught.value)
    assert "http://db:8086 " in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("answer", "wait_s"),
    [
        (HttpAnswer(429, retry_after="17"), 17.0),
        (HttpAnswer(503), None),
        (HttpAnswer(503, b"request throttled", retry_after="soon"), None),
        (HttpAnswer(500, b'{"error":"timeout"}'), None),
        (HttpAnswer(502, b"<html>bad gateway</html>"), None),
        (HttpAnswer(408, retry_after="-5"), 0.0),
        (
            HttpAnswer(
                429,
                retry_after="Fri, 15 Nov 2024 03:01:30 GMT",
                date="Fri, 15 Nov 2024 03:00:00 GMT",
            ),
            90.0,
        ),
        (
            HttpAnswer(
                429,
                retry_after="Fri, 15 Nov 2024 02:00:00 GMT",
                date="Fri, 15 Nov 2024 03:00:00 GMT",
            ),
            0.0,
        ),
        (HttpAnswer(429, retry_after="Fri, 15 Nov 2024 03:01:30 GMT"), None),
    ],
)
def test_later(answer: HttpAnswer, wait_s: float | None) -> None:
    with pytest.raises(SinkUnavailable) as caught:
        judge(answer, TARGET)
    assert caught.value.retry_after_s == wait_s


@pytest.mark.parametrize("url", ["", "db:8086", "ftp://db", "http://"])
def test_an_address_that_is_none(url: str) -> None:
    with pytest.raises(ValueError, match="is no http address"):
        InfluxTarget(url)


def test_secrets_are_not_shown() -> None:
    hush = "9f3a"
    shown = repr(InfluxTarget("http://db:8086", username="u", password=hush, token=hush))
    assert hush not in shown
