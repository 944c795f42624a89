"""How lines look in each form, and that no secret is in any of them."""

import io
import json
import logging
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from collector.adapters.clock import SystemClock
from collector.adapters.log_output import LogFormat, set_up
from collector.domain.sentence import sentence
from collector.texts import Texts

LOG = logging.getLogger("collector.test")
SECRET = 'tür"auf\\7'  # noqa: S105 - made up, with what JSON must escape


@pytest.fixture(autouse=True)
def _logging_as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    logging.captureWarnings(capture=False)


def written(form: LogFormat, level: str = "debug", secrets: tuple[str, ...] = ()) -> io.StringIO:
    stream = io.StringIO()
    set_up(level, form, secrets=secrets, stream=stream, environ={})
    return stream


def fail() -> None:
    raise ValueError(f"server said no to {SECRET}")


def test_terminal_line_has_time_level_message_and_fields() -> None:
    stream = written(LogFormat.TEXT)

    LOG.warning("place is silent", extra={"place": "2f", "reason": "no answer", "failed_polls": 2})

    moment, rest = stream.getvalue().split(" WARNING ")
    assert moment[:2] == "20"
    assert rest == 'place is silent place=2f reason="no answer" failed_polls=2\n'


def test_journal_lines_carry_priorities_and_no_time() -> None:
    stream = written(LogFormat.JOURNAL)

    LOG.debug("d")
    LOG.info("i")
    LOG.warning("w")
    LOG.error("e", extra={"place": "2f"})
    LOG.critical("c")

    assert stream.getvalue().splitlines() == ["<7>d", "<6>i", "<4>w", "<3>e place=2f", "<2>c"]


def test_journal_traceback_keeps_its_priority_on_each_line() -> None:
    stream = written(LogFormat.JOURNAL)

    try:
        fail()
    except ValueError:
        LOG.exception("bug")

    lines = stream.getvalue().splitlines()
    assert len(lines) > 3
    assert all(line.startswith("<3>") for line in lines)


def test_json_line_is_one_object() -> None:
    stream = written(LogFormat.JSON)

    LOG.info("day begins", extra={"day": "2026-11-24", "places": 12, "site": "町役場"})

    (line,) = stream.getvalue().splitlines()
    entry = json.loads(line)
    assert entry.pop("time").endswith("+00:00")
    assert entry == {
        "level": "info",
        "logger": "collector.test",
        "message": "day begins",
        "day": "2026-11-24",
        "places": 12,
        "site": "町役場",
    }


@pytest.mark.parametrize("form", [LogFormat.TEXT, LogFormat.JOURNAL, LogFormat.JSON])
def test_known_secrets_are_struck_out_wherever_they_are(form: LogFormat) -> None:
    stream = written(form, secrets=(SECRET, "s3cr3t", "abc"))

    try:
        fail()
    except ValueError:
        LOG.exception("bug with %s", "s3cr3t", extra={"reason": f"not s3cr3t but {SECRET!r}"})

    text = stream.getvalue()
    assert "s3cr3t" not in text
    assert "auf" not in text
    assert text.count("***") >= 4
    if form is LogFormat.JSON:
        assert json.loads(text)["message"] == "bug with ***"


@pytest.mark.parametrize("form", [LogFormat.TEXT, LogFormat.JSON])
def test_unknown_secrets_are_struck_out_in_their_usual_places(form: LogFormat) -> None:
    stream = written(form)

    LOG.info("one", extra={"url": "http://admin:geheim1@influx:8086/write?u=me&p=geheim2&db=x"})
    LOG.info("two Authorization: Token geheim3", extra={"community": "geheim4", "seen": 4})
    LOG.info("three", extra={"mqtt_password": "geheim5", "tokens": 3})

    text = stream.getvalue()
    assert "geheim" not in text
    assert "influx:8086" in text
    assert "db=x" in text
    one, two, three = text.splitlines()
    if form is LogFormat.JSON:
        assert [json.loads(line)["message"][:3] for line in (one, two, three)] == [
            "one",
            "two",
            "thr",
        ]
        assert json.loads(three)["tokens"] == 3


@pytest.mark.parametrize("form", [LogFormat.TEXT, LogFormat.JOURNAL, LogFormat.JSON])
def test_debug_lines_name_no_machine_and_no_person_but_stay_readable(form: LogFormat) -> None:
    stream = written(form)
    fields = {
        "serial": "E216R220016",
        "sys_name": "copier-e216r220016",
        "contact": "佐藤 03-1234-5678",
        "location": "2階 総務課",
        "answer": "MFG:RICOH;SN:E216R220016; at 10.1.2.34, mail sato@town.example.jp",
        "oids": 24,
        "took_s": 0.25,
        "model": None,
    }

    LOG.debug("machine at 10.1.2.34 (00:26:73:1b:2c:3d) answered", extra=fields)
    LOG.debug("machine at 10.1.2.34 is S/N E216R220016")
    LOG.info("place is heard", extra={"serial": "E216R220016", "address": "10.1.2.34"})

    first, second, told = stream.getvalue().splitlines()
    for real in ("216220016", "E216", "e216", "10.1.2.34", "1b:2c", "佐藤", "1234", "総務", "town"):
        assert real not in first + second, real
    for kept in ("RICOH", "00:26:73:", "24", "0.25"):
        assert kept in first
    address = second.split("machine at ")[1].split(" ")[0]
    serial = second.split("S/N ")[1][:11]
    assert first.count(address) == 2, "the same address has one pseudonym"
    assert first.count(serial) == 2, "the same serial number has one pseudonym"
    assert first.count(serial.lower()) == 0, "a name is one word, whatever is in it"
    assert "E216R220016" in told, "what an operator acts upon is told as it is"
    assert "10.1.2.34" in told


def test_level_is_kept_and_libraries_do_not_chatter() -> None:
    stream = written(LogFormat.JOURNAL, level="info")

    LOG.debug("hidden")
    logging.getLogger("pysnmp").info("hidden")
    logging.getLogger("pysnmp").warning("shown")

    assert stream.getvalue() == "<4>shown\n"


def test_setting_up_again_replaces_the_first() -> None:
    first = written(LogFormat.JOURNAL)
    second = written(LogFormat.JOURNAL)

    LOG.info("once")

    assert (first.getvalue(), second.getvalue()) == ("", "<6>once\n")


def test_journals_form_is_chosen_only_where_the_stream_is_the_journals(tmp_path: Path) -> None:
    path = tmp_path / "log"
    with path.open("w") as stream:
        status = os.fstat(stream.fileno())
        set_up("info", stream=stream, environ={"JOURNAL_STREAM": "1:2"})
        LOG.info("text")
        set_up(
            "info", stream=stream, environ={"JOURNAL_STREAM": f"{status.st_dev}:{status.st_ino}"}
        )
        LOG.info("journal")

    text, journal = path.read_text().splitlines()
    assert "INFO" in text
    assert journal == "<6>journal"


def test_clock_says_its_zone() -> None:
    now = SystemClock().now()

    assert now.tzinfo is not None
    assert now.utcoffset() is not None
    assert now.utcoffset() == now - now


def test_a_person_reads_the_log_in_the_offices_language_and_a_program_in_english() -> None:
    said = sentence("finding.reading_out_of_order", at=datetime(2026, 11, 30, tzinfo=UTC))
    for form, begin, end in (
        (LogFormat.JOURNAL, "<4>お知らせ code=x", "数えませんでした"),
        (LogFormat.JSON, '"message": "finding"', "was not counted"),
    ):
        stream = io.StringIO()
        set_up("info", form, texts=Texts("ja", ZoneInfo("Asia/Tokyo")), stream=stream, environ={})
        LOG.warning("finding", extra={"code": "x", "detail": said})
        assert begin in stream.getvalue()
        assert end in stream.getvalue()
