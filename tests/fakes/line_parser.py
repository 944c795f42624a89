"""Read one line of line protocol back, by the written grammar and not by the renderer's code.

Source: InfluxDB 1.x, "Line protocol reference"; in tag values only comma, equals sign and space
are escaped, in quoted strings only the quote and the backslash.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ParsedLine:
    """What a server would understand. Fields keep their type; `seconds` is the time stamp."""

    measurement: str
    tags: dict[str, str]
    fields: dict[str, int | float | bool | str]
    seconds: int


class GrammarError(AssertionError):
    """The line does not follow the grammar."""


def parse(line: str) -> ParsedLine:
    """Return what `line` says; raises GrammarError where a server would refuse it."""
    if "\n" in line:
        message = "a line end inside a line"
        raise GrammarError(message)
    key, rest = _until_space(line)
    fields, stamp = _until_space_outside_quotes(rest)
    measurement, *pairs = _split(key, ",")
    tags = dict(_pair(pair) for pair in pairs)
    if len(tags) != len(pairs):
        message = f"a tag twice: {line}"
        raise GrammarError(message)
    parsed = dict(_field(part) for part in _split_outside_quotes(fields))
    return ParsedLine(measurement, tags, parsed, int(stamp))


def _until_space(text: str) -> tuple[str, str]:
    for at, char in enumerate(text):
        if char == " " and text[at - 1] != "\\":
            return text[:at], text[at + 1 :]
    message = f"no space after the tags: {text}"
    raise GrammarError(message)


def _split(text: str, separator: str) -> list[str]:
    parts, start = [], 0
    for at, char in enumerate(text):
        if char == separator and text[at - 1] != "\\":
            parts.append(text[start:at])
            start = at + 1
    return [*parts, text[start:]]


def _pair(text: str) -> tuple[str, str]:
    name, *value = _split(text, "=")
    if len(value) != 1 or not value[0]:
        message = f"no tag: {text}"
        raise GrammarError(message)
    return name, value[0].replace("\\,", ",").replace("\\=", "=").replace("\\ ", " ")


def _quoted_spans(text: str) -> list[bool]:
    """Return for each character whether it stands inside quotes (the quotes included)."""
    inside, escaped, marks = False, False, []
    for char in text:
        marks.append(inside or char == '"')
        if escaped:
            escaped = False
        elif inside and char == "\\":
            escaped = True
        elif char == '"':
            inside = not inside
    return marks


def _until_space_outside_quotes(text: str) -> tuple[str, str]:
    for at, quoted in enumerate(_quoted_spans(text)):
        if text[at] == " " and not quoted:
            return text[:at], text[at + 1 :]
    message = f"no space after the fields: {text}"
    raise GrammarError(message)


def _split_outside_quotes(text: str) -> list[str]:
    parts, start = [], 0
    for at, quoted in enumerate(_quoted_spans(text)):
        if text[at] == "," and not quoted:
            parts.append(text[start:at])
            start = at + 1
    return [*parts, text[start:]]


def _field(text: str) -> tuple[str, int | float | bool | str]:
    name, _, value = text.partition("=")
    if value.startswith('"'):
        if len(value) < 2 or not value.endswith('"'):
            message = f"no closing quote: {text}"
            raise GrammarError(message)
        return name, _unquote(value[1:-1])
    if value in {"true", "false"}:
        return name, value == "true"
    return (name, int(value[:-1])) if value.endswith("i") else (name, float(value))


def _unquote(text: str) -> str:
    out, escaped = [], False
    for char in text:
        if escaped and char not in '"\\':
            out.append("\\")
        if escaped or char != "\\":
            out.append(char)
            escaped = False
        else:
            escaped = True
    return "".join(out)
