"""Alert rules and a policy for Grafana: one alert a department and event, and one of an outage.

A rule asks for one number a department (or place), and for the figures of its mail beside it.
While the database cannot be read, or has nothing, managers hear nothing: their rules keep what they
said last where Grafana can (`KeepLast`, from 11.0 on); before, an evaluation without an answer says
nothing, and only one that comes twice in a row, two hours, forgets. The one rule that tells of an
outage is the heartbeat, to the IT staff.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from collector.dashboards.frame import DashboardWords, Language, uid
from collector.dashboards.panels import DATASOURCE, Json
from collector.dashboards.queries import SPAN, call, select
from collector.domain.month.course import TELLS_FROM, Standing
from collector.domain.office.fleet import Fleet

KEEPS_LAST_SINCE: Final = (11, 0)
"""The Grafana that keeps a rule's last state; 10.4.1 learnt it, 10.4.0 refuses the word."""

OLDEST: Final = (9, 3)

_MONTH_S: Final = 32 * 86400
_LATELY_S: Final = 6 * 3600
_HOUR_S: Final = 3600
_DAY_S: Final = 86400

_OVER, _WILL_BE_OVER = Standing.OVER.urgency, Standing.WILL_BE_OVER.urgency
NO_FIGURES: Final[Mapping[str, str]] = {}


@dataclass(frozen=True, slots=True)
class AlertBuild:
    """What rules are made from: language, names in the mails, and the Grafana that reads them."""

    language: Language = "ja"
    fleet: Fleet = field(default_factory=Fleet)
    grafana: tuple[int, int] = OLDEST

    @property
    def words(self) -> DashboardWords:
        """The table of texts in this build's language."""
        return DashboardWords(self.language)


def alert_rules(build: AlertBuild) -> Json:
    """Return the file of rules."""
    folder = build.words["alert_folder"]

    def group(name: str, interval: str, rules: Sequence[Json]) -> Json:
        return {
            "orgId": 1,
            "name": f"copier-fleet-{name}",
            "folder": folder,
            "interval": interval,
            "rules": list(rules),
        }

    return {
        "apiVersion": 1,
        "groups": [
            group("departments", "1h", [_over(build), _will_be_over(build)]),
            group("machines", "10m", [_silent(build), _heartbeat(build)]),
        ],
    }


def notification_policy(build: AlertBuild) -> Json:
    """Return the file that says who gets which mail; it replaces the organisation's whole tree."""
    managers, staff = "copier-fleet-managers", "copier-fleet-it"
    return {
        "apiVersion": 1,
        "contactPoints": [
            _mail(build, managers, "soumu@example.jp", resolved=False),
            _mail(build, staff, "it@example.jp", resolved=True),
        ],
        "policies": [
            {
                "orgId": 1,
                "receiver": staff,
                "group_by": ["alertname"],
                "group_wait": "1m",
                "group_interval": "1h",
                "repeat_interval": "7d",
                "routes": [
                    {
                        "receiver": managers,
                        "object_matchers": [
                            ["audience", "=", "managers"],
                            ["alertname", "!~", "Datasource.*"],
                        ],
                        "group_by": ["alertname", "department"],
                        "repeat_interval": "31d",
                    }
                ],
            }
        ],
    }


def as_yaml(about: str, content: Json) -> bytes:
    """Return `content` as a file that Grafana reads as YAML, below a comment of `about`."""
    comment = "".join(f"# {line}\n" for line in about.splitlines())
    return (comment + json.dumps(content, ensure_ascii=False, indent=2) + "\n").encode()


def _mail(build: AlertBuild, name: str, address: str, *, resolved: bool) -> Json:
    subject = "{{ range .Alerts }}{{ .Annotations.summary }}{{ end }}"
    see = build.words["mail_link"]
    chosen = "".join(
        f"{{{{ if .Labels.{one} }}}}&var-{one}={{{{ urlquery .Labels.{one} }}}}{{{{ end }}}}"
        for one in ("site", "department", "place")
    )
    link = (
        f'{{{{ .DashboardURL }}}}{{{{ if not (match "[?]" .DashboardURL) }}}}?{{{{ end }}}}{chosen}'
    )
    message = (
        "{{ range .Alerts.Firing }}{{ .Annotations.description }}\n"
        f"{see}{link}\n\n{{{{ end }}}}"
        "{{ range .Alerts.Resolved }}✓ {{ .Annotations.summary }}\n{{ end }}"
    )
    receiver: Json = {
        "uid": name,
        "type": "email",
        "disableResolveMessage": not resolved,
        "settings": {"addresses": address, "subject": subject, "message": message},
    }
    return {"orgId": 1, "name": name, "receivers": [receiver]}


# The rules.


def _of_months(field: str, *, where: tuple[str, ...] = ()) -> str:
    """Return one field of each department's newest month."""
    inside = select(
        call("last", "urgency"),
        *sorted({field, "elapsed"} - {"urgency"}),
        of="department_month",
        where=(SPAN,),
        by=("site", "department"),
    )
    return select(field, of=inside, where=where, by=("site", "department"))


def _over(build: AlertBuild) -> Json:
    figures = {"P": "pages", "T": "target", "R": "ratio", "L": "remaining"}
    text = _filled(
        build.words["alert_over_text"],
        {
            "department": _named(build, "department"),
            "target": _figure("T"),
            "beyond": _figure("X"),
            "pages": _figure("P"),
            "share": _figure("S"),
        },
    )
    return _rule(
        build,
        RuleOf("over", "managers", "critical", "department", 3),
        _of_months("urgency"),
        _MONTH_S,
        ("gt", _OVER - 0.5),
        text,
        figures={name: _of_months(field) for name, field in figures.items()},
        sums={"X": "0 - $L", "S": "100 * $R"},
    )


def _will_be_over(build: AlertBuild) -> Json:
    """Return the rule of departments that will pass their target: no more once they have.

    Only from a fifth of the working time on: before, a few busy days would decide.
    """
    figures = {"F": "forecast", "T": "target", "Q": "forecast_ratio", "U": "cut"} | {
        "D": "days_left",
        "L": "remaining",
    }
    cut = _filled(build.words["alert_cut"], {"days": _figure("D"), "cut": _figure("U")})
    left = _filled(build.words["alert_left"], {"left": _figure("L")})
    text = _filled(
        build.words["alert_will_be_over_text"],
        {
            "department": _named(build, "department"),
            "forecast": _figure("F"),
            "target": _figure("T"),
            "share": _figure("S"),
            "back": f"{{{{ if gt {_number('U')} 0.0 }}}}{cut}{{{{ else }}}}{left}{{{{ end }}}}",
        },
    )
    return _rule(
        build,
        RuleOf("will-be-over", "managers", "warning", "department", 1),
        _of_months("urgency", where=(f'"elapsed" >= {TELLS_FROM}',)),
        _MONTH_S,
        ("within_range", _WILL_BE_OVER - 0.5, _WILL_BE_OVER + 0.5),
        text,
        figures={name: _of_months(field) for name, field in figures.items()},
        sums={"S": "100 * $Q"},
    )


def _silent(build: AlertBuild) -> Json:
    query = select(call("last", "silent_s"), of="copier", where=(SPAN,), by=("site", "place"))
    text = _filled(
        build.words["alert_silent_text"],
        {"place": _named(build, "place"), "hours": _figure("H")},
    )
    return _rule(
        build,
        RuleOf("silent", "it", "warning", "place", 2),
        query,
        _LATELY_S,
        ("gt", _DAY_S),
        text,
        sums={"H": "$B / 3600"},
    )


def _heartbeat(build: AlertBuild) -> Json:
    """Return the one rule that tells of an outage, of the collector or of its database."""
    query = select(call("count", "polled", "rounds"), of="collector", where=(SPAN,))
    rule = _rule(
        build,
        RuleOf("heartbeat", "it", "critical", "collector", 1),
        query,
        _HOUR_S,
        ("lt", 1),
        build.words["alert_heartbeat_text"],
    )
    return rule | {"for": "10m", "noDataState": "Alerting", "execErrState": "Alerting"}


@dataclass(frozen=True, slots=True)
class RuleOf:
    """Whom a rule tells of what, and the panel of a page that shows it."""

    event: str
    audience: str
    severity: str
    page: str
    panel: int


def _rule(  # noqa: PLR0913 - each by its name
    build: AlertBuild,
    of: RuleOf,
    query: str,
    span_s: int,
    condition: tuple[str, *tuple[float, ...]],
    text: str,
    *,
    figures: Mapping[str, str] = NO_FIGURES,
    sums: Mapping[str, str] = NO_FIGURES,
) -> Json:
    """Return a rule: A asks, B is its last number, C the condition; figures of the mail follow.

    A figure called X is asked as X_q and reduced to X.
    """
    title = build.words[f"alert_{of.event.replace('-', '_')}"]
    steps = [_asked("A", query, span_s), _reduced("B", "A", span_s)]
    steps.append(_threshold("C", "B", condition, span_s))
    for name, one in figures.items():
        steps += [_asked(f"{name}_q", one, span_s), _reduced(name, f"{name}_q", span_s)]
    steps += [_sum(name, expression, span_s) for name, expression in sums.items()]
    state = "KeepLast" if build.grafana >= KEEPS_LAST_SINCE else "OK"
    return {
        "uid": f"copier-fleet-{of.event}",
        "title": title,
        "condition": "C",
        "for": "0s",
        "noDataState": state,
        "execErrState": state,
        "labels": {"audience": of.audience, "severity": of.severity},
        "annotations": {
            "summary": _summary(build, of, title),
            "description": text,
            "__dashboardUid__": uid(of.page, build.language),
            "__panelId__": str(of.panel),
        },
        "dashboardUid": uid(of.page, build.language),
        "panelId": of.panel,
        "data": steps,
    }


def _summary(build: AlertBuild, of: RuleOf, title: str) -> str:
    if of.page == "collector":
        return title
    colon = "：" if build.language == "ja" else ": "
    return f"{_named(build, of.page)}{colon}{title}"


def _step(ref: str, span_s: int, source: str, model: Json) -> Json:
    kind = {"type": "influxdb" if source == DATASOURCE["uid"] else source, "uid": source}
    return {
        "refId": ref,
        "relativeTimeRange": {"from": span_s, "to": 0},
        "datasourceUid": source,
        "model": {"refId": ref, "datasource": kind} | model,
    }


def _asked(ref: str, query: str, span_s: int) -> Json:
    model: Json = {
        "rawQuery": True,
        "resultFormat": "time_series",
        "intervalMs": 60000,
        "maxDataPoints": 43200,
        "query": query,
    }
    return _step(ref, span_s, str(DATASOURCE["uid"]), model)


def _reduced(ref: str, of: str, span_s: int) -> Json:
    model: Json = {"type": "reduce", "expression": of, "reducer": "last"}
    return _step(ref, span_s, "__expr__", model | {"settings": {"mode": "dropNN"}})


def _threshold(ref: str, of: str, condition: tuple[str, *tuple[float, ...]], span_s: int) -> Json:
    evaluator = {"type": condition[0], "params": list(condition[1:])}
    model: Json = {"type": "threshold", "expression": of, "conditions": [{"evaluator": evaluator}]}
    return _step(ref, span_s, "__expr__", model)


def _sum(ref: str, expression: str, span_s: int) -> Json:
    return _step(ref, span_s, "__expr__", {"type": "math", "expression": expression})


# The words of a mail. A template never stands there raw: what has no label or no figure says less.


def _filled(text: str, parts: Mapping[str, str]) -> str:
    for name, part in parts.items():
        text = text.replace(f"{{{name}}}", part)
    return text


def _figure(ref: str) -> str:
    """Return the template of a figure, rounded to a whole number."""
    return f'{{{{ printf "%.0f" {_number(ref)} }}}}'


def _number(ref: str) -> str:
    return f'(index .Values "{ref}").Value'


def _named(build: AlertBuild, label: str) -> str:
    """Return the template of what a label's id is called in the fleet; the id where it is not."""
    fleet = build.fleet
    known = (
        {
            str(one.id): (one.name_en if build.language == "en" else None) or one.name
            for one in fleet.departments
        }
        if label == "department"
        else {str(one.id): one.name for one in fleet.places}
    )
    of = f'(index .Labels "{label}")'
    text = f"{{{{ {of} }}}}"
    for one, name in reversed(known.items()):
        text = (
            f"{{{{ if eq {of} {json.dumps(one)} }}}}{_plain(name)}{{{{ else }}}}{text}{{{{ end }}}}"
        )
    return text


def _plain(name: str) -> str:
    """Return the template that gives `name` as it is, whatever stands in it."""
    return f"{{{{ {json.dumps(name, ensure_ascii=False)} }}}}"
