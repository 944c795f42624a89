"""What Grafana 9.3 makes of a rule's answers: alerts, their states over time, mails to whom.

Facts of its source: an answer that failed, or has no row, is one result without the labels of
anything; what was not told again for two intervals is forgotten, and counts as resolved where it
was firing. From 11 on `KeepLast` leaves everything as it was.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from tests.grafana.emulation import Frame
from tests.grafana.shipped import Json

Labels = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Fired:
    """One alert: its labels, and the number behind each letter of its rule."""

    labels: Labels
    values: Mapping[str, float]

    @property
    def named(self) -> dict[str, str]:
        return dict(self.labels)


OUTAGE = None
"""In place of answers: the database could not be read."""

Answers = Mapping[str, Frame] | None


def evaluate(rule: Json, answers: Mapping[str, Frame]) -> dict[Labels, Fired] | None:
    """Return what `rule` says of each set of labels, firing where its condition holds.

    None where a query has no row at all: the rule's no-data state.
    """
    if not all(answers.values()):
        return None
    numbers: dict[str, dict[Labels, float]] = {}
    condition: set[Labels] = set()
    for step in rule["data"]:
        ref, model = step["refId"], step["model"]
        if model.get("type") == "reduce":
            assert (model["reducer"], model["settings"]) == ("last", {"mode": "dropNN"})
            numbers[ref] = _last(answers[model["expression"]])
        elif model.get("type") == "threshold":
            (one,) = model["conditions"]
            holds = _CONDITIONS[one["evaluator"]["type"]]
            condition = {
                labels
                for labels, value in numbers[model["expression"]].items()
                if holds(value, *one["evaluator"]["params"])
            }
        elif model.get("type") == "math":
            numbers[ref] = _sum(model["expression"], numbers)
    return {
        labels: Fired(labels, {ref: own[labels] for ref, own in numbers.items() if labels in own})
        for labels in condition
    }


_CONDITIONS = {
    "gt": lambda value, limit: value > limit,
    "lt": lambda value, limit: value < limit,
    "within_range": lambda value, low, high: low < value < high,
}


def _last(rows: Frame) -> dict[Labels, float]:
    """Return the last number of each series; a second number in a row is a mistake."""
    last: dict[Labels, float] = {}
    for row in rows:
        cells = {name: value for name, value in row.items() if name != "Time"}
        labels = tuple(sorted((k, v) for k, v in cells.items() if isinstance(v, str)))
        found = [v for v in cells.values() if isinstance(v, int | float)]
        assert len(found) <= 1, f"more than one value column: {cells}"
        if found:
            last[labels] = found[0]
    return last


def _sum(expression: str, numbers: Mapping[str, Mapping[Labels, float]]) -> dict[Labels, float]:
    """Return `0 - $L`, `100 * $R` or `$B / 3600` for each set of labels."""
    found = re.fullmatch(r"(\S+) ([-*/]) (\S+)", expression)
    assert found, expression
    (name,) = re.findall(r"\$(\w+)", expression)

    def of(text: str, value: float) -> float:
        return value if text.startswith("$") else float(text)

    apply = {"-": lambda a, b: a - b, "*": lambda a, b: a * b, "/": lambda a, b: a / b}[found[2]]
    return {
        labels: apply(of(found[1], value), of(found[3], value))
        for labels, value in numbers[name].items()
    }


# Templates of annotations and mails: the part of Go's language that they are written in.


def expanded(text: str, labels: Mapping[str, str], values: Mapping[str, float]) -> str:
    """Return `text` with its templates filled in; raises ValueError for what is none known here."""
    tokens = re.split(r"(\{\{.*?\}\})", text)
    said, rest = _block(tokens, labels, values)
    if rest:
        raise ValueError(f"an end too many: {rest}")
    return said


def _block(
    tokens: list[str], labels: Mapping[str, str], values: Mapping[str, float]
) -> tuple[str, list[str]]:
    """Return what `tokens` say up to an `else` or `end`, and what is left from there on."""
    said = ""
    while tokens:
        token, tokens = tokens[0], tokens[1:]
        inside = token[2:-2].strip() if token.startswith("{{") else None
        if inside is None:
            said += token
        elif inside in ("else", "end"):
            return said, [inside, *tokens]
        elif inside.startswith("if "):
            yes, (mark, *tokens) = _block(tokens, labels, values)
            no = ""
            if mark == "else":
                no, (mark, *tokens) = _block(tokens, labels, values)
            assert mark == "end"
            said += yes if _holds(inside[3:], labels, values) else no
        else:
            said += _value(inside, labels, values)
    return said, []


def _holds(text: str, labels: Mapping[str, str], values: Mapping[str, float]) -> bool:
    equal = re.fullmatch(r'eq \(index \.Labels "(\w+)"\) (".*")', text)
    if equal:
        return labels.get(equal[1], "") == _literal(equal[2])
    greater = re.fullmatch(r'gt \(index \.Values "(\w+)"\)\.Value ([\d.]+)', text)
    if greater:
        return values.get(greater[1], 0.0) > float(greater[2])
    raise ValueError(text)


def _value(text: str, labels: Mapping[str, str], values: Mapping[str, float]) -> str:
    label = re.fullmatch(r'\(index \.Labels "(\w+)"\)', text)
    if label:
        return labels.get(label[1], "")
    number = re.fullmatch(r'printf "%\.0f" \(index \.Values "(\w+)"\)\.Value', text)
    if number:
        return f"{values.get(number[1], 0.0):.0f}"
    return _literal(text)


def _literal(text: str) -> str:
    if not re.fullmatch(r'"(?:[^"\\]|\\["\\])*"', text):
        raise ValueError(text)
    return re.sub(r"\\(.)", r"\1", text[1:-1])


# States over time, and who is told.


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail: to whom, of which rule and labels, and what it says."""

    to: str
    rule: str
    labels: Labels
    resolved: bool
    text: str


@dataclass(slots=True)
class Grafana:
    """One that evaluates rules again and again, and mails by a policy.

    `interval` between two evaluations is one round.
    """

    policy: Json
    keeps_last: bool = False
    firing: dict[tuple[str, Labels], int] = field(default_factory=dict)
    mails: list[Mail] = field(default_factory=list)

    def round(self, rules: Iterable[Json], answers: Mapping[str, Answers], number: int) -> None:
        """Evaluate all `rules` once; `answers` of each by its uid."""
        for rule in rules:
            self._evaluate(rule, answers[rule["uid"]], number)

    def _evaluate(self, rule: Json, answers: Answers, number: int) -> None:
        found = None if answers is OUTAGE else evaluate(rule, answers)
        state = rule["execErrState"] if answers is OUTAGE else rule["noDataState"]
        if found is None:
            if state == "KeepLast":
                assert self.keeps_last, "an older Grafana refuses the file"
                return
            assert state in ("OK", "Alerting"), "Error and NoData mail alerts of their own"
            found = {(): Fired((), {})} if state == "Alerting" else {}
            told: set[Labels] = {(), *found}
        else:
            told = {(), *_last(answers["A"] if answers else [])}
        for labels, fired in found.items():
            if (rule["uid"], labels) not in self.firing:
                self._mail(rule, fired, resolved=False)
            self.firing[rule["uid"], labels] = number
        for uid, labels in [*self.firing]:
            stale = number - self.firing[uid, labels] >= 2
            if uid == rule["uid"] and labels not in found and (labels in told or stale):
                del self.firing[uid, labels]
                self._mail(rule, Fired(labels, {}), resolved=True)

    def _mail(self, rule: Json, fired: Fired, *, resolved: bool) -> None:
        labels = dict(fired.labels) | rule["labels"] | {"alertname": rule["title"]}
        receiver = self._receiver(labels)
        if resolved and receiver["receivers"][0]["disableResolveMessage"]:
            return
        text = expanded(rule["annotations"]["description"], labels, fired.values)
        self.mails.append(Mail(receiver["name"], rule["uid"], fired.labels, resolved, text))

    def _receiver(self, labels: Mapping[str, str]) -> Json:
        (root,) = self.policy["policies"]
        name = next(
            (one["receiver"] for one in root["routes"] if _matches(one, labels)), root["receiver"]
        )
        return next(one for one in self.policy["contactPoints"] if one["name"] == name)


def _matches(route: Json, labels: Mapping[str, str]) -> bool:
    def holds(name: str, sign: str, value: str) -> bool:
        own = labels.get(name, "")
        return {
            "=": own == value,
            "!~": re.fullmatch(value, own) is None,
        }[sign]

    return all(holds(*one) for one in route["object_matchers"])
