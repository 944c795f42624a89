"""Anything a person should know, as a value. Findings are never exceptions."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from collector.domain.sentence import Sentence


class Severity(StrEnum):
    """How soon a person should look."""

    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class Code(StrEnum):
    """Every kind of finding there is."""

    DEVICE_REPLACED = "device_replaced"
    DEVICE_MOVED = "device_moved"
    DEVICE_UNLISTED = "device_unlisted"
    ADDRESS_CHANGED = "address_changed"
    METER_ROLLBACK = "meter_rollback"
    METER_WRAPPED = "meter_wrapped"
    METER_SUSPECT = "meter_suspect"
    METER_GLITCH = "meter_glitch"
    METER_RESET = "meter_reset"
    METER_JUMP_CONFIRMED = "meter_jump_confirmed"  # in ledgers of earlier releases
    METER_REDEFINED = "meter_redefined"
    CLOCK_IN_DOUBT = "clock_in_doubt"
    CLOCK_TRUSTED = "clock_trusted"
    PAGES_IN_QUESTION = "pages_in_question"
    ABOVE_PACE = "above_pace"
    ADDRESS_CONFLICT = "address_conflict"
    READING_OUT_OF_ORDER = "reading_out_of_order"
    READING_DISTRUSTED = "reading_distrusted"
    WEAK_IDENTITY = "weak_identity"
    CROSS_FOOT = "cross_foot"
    TOTAL_MISSING = "total_missing"
    TOTAL_UNIT = "total_unit"
    TABLE_AMBIGUOUS = "table_ambiguous"
    PROFILE_AMBIGUOUS = "profile_ambiguous"
    PROFILE_UNPROVED = "profile_unproved"
    DEVICE_SILENT = "device_silent"
    STILL_THERE = "still_there"
    CREDENTIAL_SILENT = "credential_silent"
    DEVICE_REFUSED = "device_refused"
    DEVICE_NONSENSE = "device_nonsense"
    DEVICE_ALERT = "device_alert"
    LEDGER_RESTORED = "ledger_restored"
    CLOSING_READING_MISSING = "closing_reading_missing"
    MONTH_AWAITS_CLOSING = "month_awaits_closing"
    MONTH_CLOSED = "month_closed"
    MONTH_ADJUSTED = "month_adjusted"
    STATEMENT_BROKEN = "statement_broken"
    ROW_REJECTED = "row_rejected"
    DATABASE_KEEPS_LESS = "database_keeps_less"
    SINK_EMPTIED = "sink_emptied"
    CENTRE_CONTRADICTS = "centre_contradicts"
    RECEIVER_SILENT = "receiver_silent"
    PLACE_VANISHED = "place_vanished"
    FLEET_DIFFERS = "fleet_differs"
    OFFICE_CHANGED = "office_changed"
    EXCLUSION_TOO_LARGE = "exclusion_too_large"
    PAPER_UNEXPLAINED = "paper_unexplained"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to know about `subject` (a place, device or department id).

    `message` is one clear sentence that says what to do, not yet in words; `evidence` holds the
    figures behind it.
    """

    code: Code
    severity: Severity
    subject: str
    message: Sentence
    at: datetime | None = None
    evidence: Mapping[str, str | int | float | None] = field(default_factory=dict)

    @property
    def id(self) -> str:
        """The same finding always has the same id: code, subject, time and evidence decide."""
        text = repr((self.code, self.subject, self.at, sorted(self.evidence.items())))
        return hashlib.sha256(text.encode()).hexdigest()[:12]
