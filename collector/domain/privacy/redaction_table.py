"""The one table of what must not be seen: kinds, names of fields, shapes of values.

The log strikes the secrets of this table out, and the personal values too where a line is for
debugging; a recording of a machine gives both kinds other values (`redaction`).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class SecretKind(StrEnum):
    """What is put out of sight, as people call it."""

    SERIAL = "serial number"
    HOST = "name of a machine or host"
    CONTACT = "contact"
    LOCATION = "location"
    USER = "user name"
    MAC = "hardware address"
    IP = "IP address"
    MAIL = "mail address"
    URL = "URL"
    SHARE = "file share"
    PHONE = "telephone number"
    UUID = "UUID"
    SECRET = "password or community"  # noqa: S105 - the name of a kind, no password


STRUCK_OUT: Final = "***"

SECRET_FIELDS: Final = re.compile(
    r"(?i)(^|_)(password|passwd|passphrase|secret|token|community|auth_key|priv_key|api_key)$"
)
"""Names of log fields whose values are secret."""

SECRET_SHAPES: Final = (
    re.compile(r"(?<=://)[^/\s@\"']*:[^/\s@\"']*(?=@)"),
    re.compile(r"(?i)(?<=[?&])(?:p|password|token)=[^&\s\"']*"),
    re.compile(r"(?i)(?<=authorization: )[^\s\"',]+(?: [^\s\"',]+)?"),
)
"""How secrets look where they usually stand."""

PERSONAL_FIELDS: Final[Mapping[str, SecretKind]] = {
    "serial": SecretKind.SERIAL,
    "host": SecretKind.HOST,
    "hostname": SecretKind.HOST,
    "sys_name": SecretKind.HOST,
    "contact": SecretKind.CONTACT,
    "location": SecretKind.LOCATION,
    "user": SecretKind.USER,
}
"""Names of log fields that hold what a machine or a person is called."""

_MAKERS: Final = (
    "adobe apple brother canon dell develop epson fujifilm fujixerox hewlett hp konica "
    "konicaminolta kyocera kyoceradocumentsolutions lexmark microsoft mopria oki olivetti "
    "panasonic pantum pwg ricoh riso samsung sharp sharpusa toshiba toshibatec utax w3 xerox "
    "xmlsoap"
)
MAKER_WORDS: Final = frozenset(_MAKERS.split())
"""Labels of host names that belong to makers and standards, not to an office."""

_ORDINARY: Final = (
    "admin administrator black brother canon center color colour contact copier copy counter "
    "default department desk device division duplex epson full general help home information "
    "konica kyocera laser lexmark location machine main manual mono name network none office "
    "other print printer ricoh samsung scan scanner section service sharp support system systems "
    "test total toshiba tray unknown user white xerox"
)
ORDINARY_WORDS: Final = frozenset(_ORDINARY.split())
"""Names that tell nothing of an office: as a part of other texts they are left alone."""

_HEX: Final = "[0-9A-Fa-f]"
INSIDE_DOMAINS: Final = "local|lan|internal|intra|corp|home|test|example|invalid"
"""Last labels of names that only an office's own name server knows."""

_DOMAINS: Final = (
    f"{INSIDE_DOMAINS}|jp|com|net|org|edu|gov|info|biz|"
    "de|at|ch|uk|fr|it|es|pt|nl|be|lu|pl|cz|dk|se|no|fi|eu|us|ca|au|nz|cn|tw|hk|kr|sg|th|in|br"
)


@dataclass(frozen=True, slots=True)
class Shape:
    """How values of one kind look in a text; the group `value`, or the whole match.

    Only `sure` shapes count where a machine describes itself: four numbers between dots may be
    the version of its firmware.
    """

    kind: SecretKind
    pattern: re.Pattern[str]
    sure: bool = True


def _shape(kind: SecretKind, pattern: str, *, sure: bool = True) -> Shape:
    return Shape(kind, re.compile(pattern, re.ASCII | re.IGNORECASE), sure)


PERSONAL_SHAPES: Final = (
    _shape(SecretKind.URL, r"(?<=://)[^\s\"'<>|]+"),
    _shape(SecretKind.MAIL, r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"),
    _shape(SecretKind.SHARE, r"(?<![\w\\])\\\\[\w.$-]+(?:\\[^\s\\/:;,\"'<>|]+)*"),
    _shape(SecretKind.USER, r"(?<![\w\\])[a-z][\w-]{2,30}\\[a-z][\w.-]{2,40}"),
    _shape(
        SecretKind.HOST,
        rf"(?<![\w.@/\\-])(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+(?:{_DOMAINS})(?![\w-])",
        sure=False,
    ),
    _shape(
        SecretKind.PHONE,
        r"(?<![\w.-])(?:\+\d{1,3}[ -]\(?|\(?0)\d{1,4}\)?[ -]\d{1,4}[ -]\d{3,4}(?![\w.-])",
        sure=False,
    ),
    _shape(SecretKind.IP, r"(?<![\w.-])(?:\d{1,3}\.){3}\d{1,3}(?![\w-]|\.\d)", sure=False),
    _shape(SecretKind.IP, rf"(?<![\w:.])(?:{_HEX}{{0,4}}:){{2,7}}{_HEX}{{0,4}}(?![\w:.])"),
    _shape(SecretKind.UUID, rf"(?<![\w-]){_HEX}{{8}}(?:-{_HEX}{{4}}){{3}}-{_HEX}{{12}}(?![\w-])"),
    _shape(
        SecretKind.MAC,
        rf"(?<![\w:-]){_HEX}{{2}}([:-])(?:{_HEX}{{2}}\1){{4}}{_HEX}{{2}}(?![\w:-])"
        rf"|(?<![\w.])(?:{_HEX}{{4}}\.){{2}}{_HEX}{{4}}(?![\w.])",
    ),
    _shape(
        SecretKind.SERIAL,
        r"(?<![a-z])(?:s/n|sn|sern|serial[ _-]?(?:no|num|number|nr)?\.?)(?:\s*[:=#]\s*|\s+)"
        r"(?P<value>(?=[a-z-]*\d)[0-9a-z][0-9a-z-]{3,})",
    ),
)
"""What is found by its looks, the more general first: a later shape has the last word."""
