"""Reads the InfluxQL of dashboards and rules: tokens, then what each SELECT takes from where.

Covers exactly what the project writes; anything else is a SyntaxError, so that nothing passes
unread.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

_TOKEN = re.compile(
    r"""\s*(?:
      (?P<macro>\$\{\w+(?::\w+)?\}|\$\w+)
    | (?P<name>"(?:[^"\\]|\\.)+")
    | (?P<string>'[^']*')
    | (?P<regex>(?<=~\s)/(?:[^/\\]|\\.)+/)
    | (?P<number>\d+(?:\.\d+)?[smhdw]?)
    | (?P<word>[A-Za-z_]\w*)
    | (?P<sign>=~|!~|!=|<>|>=|<=|[()=<>,*/+-])
    )""",
    re.VERBOSE,
)
_CLAUSES = frozenset({"FROM", "WHERE", "GROUP", "ORDER", "LIMIT", "FILL", "TZ", ")"})
_COMPARISONS = frozenset({"=", "!=", "<>", ">=", "<=", ">", "<", "=~", "!~"})
AGGREGATES = frozenset({"last", "sum", "count", "max", "min", "mean", "bottom"})
FUNCTIONS = AGGREGATES | {"non_negative_difference"}


@dataclass(frozen=True, slots=True)
class Token:
    kind: str
    text: str

    @property
    def upper(self) -> str:
        return self.text.upper()


@dataclass(frozen=True, slots=True)
class Column:
    """One item of a select list: its name in the answer, what it reads, by which functions."""

    name: str
    reads: tuple[str, ...]
    functions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Comparison:
    """`name sign value` in a condition; `value` keeps its kind."""

    name: str
    sign: str
    value: Token


@dataclass(frozen=True, slots=True)
class Select:
    """One SELECT. Exactly one of `measurement` and `inner` is set.

    `bounded`: by time, and `own_bound`: whatever range the page has.
    """

    columns: tuple[Column, ...]
    measurement: str | None = None
    inner: "Select | None" = None
    where: tuple[Comparison, ...] = ()
    bounded: bool = False
    own_bound: bool = False
    by: tuple[str, ...] = ()
    every: str | None = None
    zone: str | None = None

    @property
    def bottom(self) -> "Select":
        """The SELECT that reads a measurement."""
        return self if self.inner is None else self.inner.bottom


@dataclass(frozen=True, slots=True)
class ShowTagValues:
    measurement: str
    tag: str


@dataclass(slots=True)
class _Reader:
    tokens: list[Token]
    at: int = 0
    seen: list[str] = field(default_factory=list)

    def peek(self) -> Token:
        return self.tokens[self.at] if self.at < len(self.tokens) else Token("end", "")

    def take(self, *expected: str) -> Token:
        token = self.peek()
        if expected and token.upper not in expected:
            rest = " ".join(one.text for one in self.tokens[self.at :])
            raise SyntaxError(f"expected {' or '.join(expected)}, found: {rest or 'the end'}")
        self.at += 1
        return token

    def accept(self, *expected: str) -> bool:
        if self.peek().upper in expected and self.peek().kind != "name":
            self.at += 1
            return True
        return False

    def name(self) -> str:
        token = self.take()
        if token.kind != "name":
            raise SyntaxError(f"expected a quoted name, found {token.text!r}")
        return token.text[1:-1]


def tokens(text: str) -> Iterator[Token]:
    """Yield every token; raises SyntaxError at text that is none."""
    at = 0
    while text[at:].strip():
        found = _TOKEN.match(text, at)
        if found is None or found.lastgroup is None:
            raise SyntaxError(f"no InfluxQL: {text[at:]!r}")
        yield Token(found.lastgroup, found.group(found.lastgroup))
        at = found.end()


def parse(text: str) -> Select | ShowTagValues:
    """Return what `text` asks for; raises SyntaxError for anything the project does not write."""
    reader = _Reader(list(tokens(text)))
    result: Select | ShowTagValues = (
        _show(reader) if reader.peek().upper == "SHOW" else _select(reader)
    )
    reader.take("")
    return result


def _show(reader: _Reader) -> ShowTagValues:
    for word in ("SHOW", "TAG", "VALUES", "FROM"):
        reader.take(word)
    measurement = reader.name()
    for word in ("WITH", "KEY", "="):
        reader.take(word)
    return ShowTagValues(measurement, reader.name())


def _select(reader: _Reader) -> Select:
    reader.take("SELECT")
    columns = [_column(reader)]
    while reader.accept(","):
        columns.append(_column(reader))
    reader.take("FROM")
    measurement = inner = None
    if reader.accept("("):
        inner = _select(reader)
        reader.take(")")
    else:
        measurement = reader.name()
    where, bounded, own_bound = _where(reader)
    by, every = _by(reader)
    zone = _tail(reader)
    return Select(tuple(columns), measurement, inner, where, bounded, own_bound, by, every, zone)


def _column(reader: _Reader) -> Column:
    reads: list[str] = []
    functions: list[str] = []
    depth = 0
    while depth or reader.peek().upper not in (*_CLAUSES, ",", "AS"):
        token = reader.take()
        depth += {"(": 1, ")": -1}.get(token.text, 0)
        if token.kind == "end":
            raise SyntaxError("a select list without FROM")
        if token.kind == "name":
            reads.append(token.text[1:-1])
        elif token.kind == "word":
            if token.text not in FUNCTIONS or reader.peek().text != "(":
                raise SyntaxError(f"unknown function {token.text!r}")
            functions.append(token.text)
    if not reads:
        raise SyntaxError("a column that reads nothing")
    if reader.accept("AS"):
        return Column(reader.name(), tuple(reads), tuple(functions))
    if functions or len(reads) > 1:
        raise SyntaxError(f"a computed column needs a name: {reads}")
    return Column(reads[0], tuple(reads))


def _where(reader: _Reader) -> tuple[tuple[Comparison, ...], bool, bool]:
    comparisons: list[Comparison] = []
    bounded = own_bound = False
    if not reader.accept("WHERE"):
        return (), False, False
    while True:
        if reader.peek().text == "$timeFilter":
            reader.take()
            bounded = True
        elif reader.accept("TIME"):
            for expected in (">=", "NOW", "(", ")", "-"):
                reader.take(expected)
            if reader.take().kind != "number":
                raise SyntaxError("a bound needs a span like 32d")
            bounded = own_bound = True
        elif reader.accept("("):
            comparisons.append(_comparison(reader))
            while reader.accept("OR"):
                comparisons.append(_comparison(reader))
            reader.take(")")
        else:
            comparisons.append(_comparison(reader))
        if not reader.accept("AND"):
            return tuple(comparisons), bounded, own_bound


def _comparison(reader: _Reader) -> Comparison:
    name, sign = reader.name(), reader.take()
    if sign.text not in _COMPARISONS:
        raise SyntaxError(f"no comparison: {sign.text!r}")
    return Comparison(name, sign.text, reader.take())


def _by(reader: _Reader) -> tuple[tuple[str, ...], str | None]:
    names: list[str] = []
    every = None
    if not reader.accept("GROUP"):
        return (), None
    reader.take("BY")
    while True:
        if reader.accept("TIME"):
            reader.take("(")
            every = reader.take().text
            reader.take(")")
        else:
            names.append(reader.name())
        if not reader.accept(","):
            return tuple(names), every


def _tail(reader: _Reader) -> str | None:
    if reader.accept("FILL"):
        reader.take("(")
        reader.take("NONE", "NULL", "PREVIOUS", "0")
        reader.take(")")
    if reader.accept("ORDER"):
        reader.take("BY")
        reader.take("TIME")
        reader.take("DESC", "ASC")
    if reader.accept("LIMIT"):
        reader.take()
    if not reader.accept("TZ"):
        return None
    reader.take("(")
    zone = reader.take()
    reader.take(")")
    return zone.text.strip("'")
