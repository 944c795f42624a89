"""How log lines leave this process: text for a terminal, priorities for the journal, or JSON.

A line is a constant message and fields given by `extra`; whichever the form, what is secret is
struck out last, from the finished line, tracebacks included. Debug lines are made to be sent to
somebody: serial numbers, names and addresses in them are pseudonyms, the same for the same as
long as the process runs. Both follow the one table, `collector.domain.privacy.redaction_table`.
"""

import json
import logging
import os
import re
import sys
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final, TextIO

from collector.domain.privacy.disguises import striking_out
from collector.domain.privacy.redaction import Pseudonyms, Redaction
from collector.domain.privacy.redaction_table import (
    PERSONAL_FIELDS,
    SECRET_FIELDS,
    SECRET_SHAPES,
    STRUCK_OUT,
)
from collector.domain.sentence import Sentence
from collector.texts import ENGLISH, Texts

_PRIORITIES: Final = (
    (logging.CRITICAL, 2),
    (logging.ERROR, 3),
    (logging.WARNING, 4),
    (logging.INFO, 6),
)
_DEBUG_PRIORITY: Final = 7
_SALT_OCTETS: Final = 16
_OWN: Final = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
_OURS: Final = __name__.partition(".")[0]


class LogFormat(StrEnum):
    """The forms a log line can have."""

    AUTO = "auto"
    TEXT = "text"
    JOURNAL = "journal"
    JSON = "json"


class Redactor:
    """Strikes secrets out of text: known ones anywhere, unknown ones by their usual places."""

    def __init__(self, secrets: Iterable[str], salt: bytes) -> None:
        """Know `secrets`; those of fewer than four characters are left to the fields' names.

        `salt` is new for every process: pseudonyms in debug lines come from it.
        """
        self._personal = Redaction(Pseudonyms(salt))
        self._strike = striking_out(secrets)

    def line(self, text: str) -> str:
        """Return `text` without secrets."""
        text = self._strike(text)
        for shape in SECRET_SHAPES:
            text = shape.sub(STRUCK_OUT, text)
        return text

    def words(self, record: logging.LogRecord, text: str) -> str:
        """Return what `record` says in words; that of a debug line without what is personal."""
        return self._personal.text(text) if record.levelno <= logging.DEBUG else text

    def fields(self, record: logging.LogRecord, texts: Texts) -> dict[str, object]:
        """Return the fields of `record` in the order given, those named like secrets struck out.

        Sentences among them are put into words by `texts`.
        """
        return {
            name: self._field(record, name, _worded(value, texts))
            for name, value in vars(record).items()
            if name not in _OWN
        }

    def _field(self, record: logging.LogRecord, name: str, value: object) -> object:
        if SECRET_FIELDS.search(name):
            return STRUCK_OUT
        if record.levelno > logging.DEBUG or value is None or isinstance(value, int | float):
            return value
        kind = PERSONAL_FIELDS.get(name)
        if kind is None:
            return self._personal.text(str(value))
        return self._personal.whole(kind, str(value).encode()).decode()


class _LogLine(logging.Formatter):
    """What the forms share: message, fields, traceback."""

    def __init__(self, redactor: Redactor, texts: Texts) -> None:
        super().__init__()
        self._redactor = redactor
        self._texts = texts

    def format(self, record: logging.LogRecord) -> str:
        """Return the finished line, without secrets."""
        return self._redactor.line(self.shape(record))

    def shape(self, record: logging.LogRecord) -> str:
        """Return the line in this form, secrets still in it."""
        fields = self.fields(record)
        said = self.said(record)
        text = " ".join([said, *(f"{k}={_plain(v)}" for k, v in fields.items())])
        stack = self.stack(record)
        return f"{text}\n{stack}" if stack else text

    def said(self, record: logging.LogRecord) -> str:
        """Return the constant message of `record` in the language of the log."""
        text = self._texts.log(str(record.msg))
        return self._redactor.words(record, text % record.args if record.args else text)

    def fields(self, record: logging.LogRecord) -> dict[str, object]:
        """Return the fields of `record`; a sentence among them in the language of the log."""
        return self._redactor.fields(record, self._texts)

    def stack(self, record: logging.LogRecord) -> str:
        """Return the traceback of `record`, or nothing."""
        if not record.exc_info:
            return ""
        return self._redactor.words(record, self.formatException(record.exc_info))


class _Text(_LogLine):
    """For a person at a terminal, in the office's time zone."""

    def shape(self, record: logging.LogRecord) -> str:
        when = datetime.fromtimestamp(record.created, UTC).astimezone(self._texts.zone)
        moment = when.isoformat(sep=" ", timespec="seconds")
        return f"{moment} {record.levelname:<7} {super().shape(record)}"


class _Journal(_LogLine):
    """For journald: it knows the time, and reads the priority from the head of each line."""

    def shape(self, record: logging.LogRecord) -> str:
        head = f"<{_priority(record.levelno)}>"
        return "\n".join(head + line for line in super().shape(record).splitlines())


class _Json(_LogLine):
    """One object a line, for a log collector."""

    def shape(self, record: logging.LogRecord) -> str:
        when = datetime.fromtimestamp(record.created, UTC)
        entry: dict[str, object] = {
            "time": when.isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": self.said(record),
        }
        entry |= {k: v for k, v in self.fields(record).items() if k not in entry}
        if stack := self.stack(record):
            entry["exception"] = stack
        return json.dumps(entry, ensure_ascii=False, default=str)


def set_up(
    level: str,
    form: LogFormat = LogFormat.AUTO,
    *,
    secrets: Iterable[str] = (),
    texts: Texts | None = None,
    stream: TextIO | None = None,
    environ: Mapping[str, str] = os.environ,
) -> None:
    """Send every log line of `level` and above to `stream` (stderr), once; replaces what was.

    A person reads it in the language of `texts`; fields keep their names, and JSON is for programs,
    to which the English message is a name.
    `auto` is the journal's form where systemd connected `stream` to it, else text.
    """
    target = sys.stderr if stream is None else stream
    if form is LogFormat.AUTO:
        form = LogFormat.JOURNAL if _is_journal(target, environ) else LogFormat.TEXT
    forms = {LogFormat.TEXT: _Text, LogFormat.JOURNAL: _Journal, LogFormat.JSON: _Json}
    handler = logging.StreamHandler(target)
    redactor = Redactor(secrets, os.urandom(_SALT_OCTETS))
    spoken = ENGLISH if texts is None or form is LogFormat.JSON else texts
    handler.setFormatter(forms[form](redactor, spoken))
    root = logging.getLogger()
    for old in root.handlers[:]:
        root.removeHandler(old)
    root.addHandler(handler)
    root.setLevel(level.upper())
    handler.addFilter(_tells_an_operator)
    logging.captureWarnings(capture=True)


def _tells_an_operator(record: logging.LogRecord) -> bool:
    """Keep a library's warnings; its chatter says nothing to an operator."""
    return record.levelno >= logging.WARNING or record.name.partition(".")[0] == _OURS


def _is_journal(stream: TextIO, environ: Mapping[str, str]) -> bool:
    """Say whether `stream` is the one in $JOURNAL_STREAM (device:inode, see systemd.exec(5))."""
    try:
        status = os.fstat(stream.fileno())
    except (OSError, ValueError):
        return False
    return environ.get("JOURNAL_STREAM") == f"{status.st_dev}:{status.st_ino}"


def _worded(value: object, texts: Texts) -> object:
    if isinstance(value, Sentence):
        return texts.say(value)
    return texts.translated(value) if isinstance(value, str) and " " in value else value


def _priority(level: int) -> int:
    return next((number for floor, number in _PRIORITIES if level >= floor), _DEBUG_PRIORITY)


def _plain(value: object) -> str:
    """Return `value` so that the end of it can be seen: in quotes where it has spaces."""
    text = str(value)
    if text and not re.search(r'[\s"=]', text):
        return text
    return json.dumps(text, ensure_ascii=False)
