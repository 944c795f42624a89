"""Reads profile files, each by itself: what it states and what it includes."""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from collector.adapters.snmp import profile_meters
from collector.adapters.snmp import profile_parts as part
from collector.adapters.snmp.profile_counted import wrap
from collector.adapters.snmp.profile_keys import PROFILE
from collector.adapters.snmp.profile_values import Profile
from collector.adapters.snmp.report import Report
from collector.adapters.snmp.section import Section
from collector.errors import Problem

FORMAT: Final = 1


@dataclass(frozen=True, slots=True)
class Draft:
    """One file: the profile as far as the file itself states it."""

    profile: Profile
    includes: tuple[str, ...]
    report: Report


def read_files(paths: Iterable[Path], problems: list[Problem], *, own: bool) -> Mapping[str, Draft]:
    """Return the files by the id of their profile; what is wrong with them goes to `problems`."""
    drafts: dict[str, Draft] = {}
    for path in paths:
        report = Report(path.name)
        draft = _read_file(path, report, own=own)
        problems += report.problems
        report.problems.clear()
        if draft is None:
            continue
        other = drafts.get(draft.profile.id)
        if other is not None:
            where = report.where(("id",))
            problems.append(Problem(where, f"is already the id of {other.report.file}"))
        drafts[draft.profile.id] = draft
    return drafts


def _read_file(path: Path, report: Report, *, own: bool) -> Draft | None:
    try:
        text = path.read_bytes().decode("utf-8-sig")
        data = tomllib.loads(text)
    except OSError as exc:
        message = f"cannot be read ({exc.strerror}); check its permissions"
        report.problems.append(Problem(path.name, message))
        return None
    except UnicodeDecodeError:
        message = "is not UTF-8; save it again with the encoding UTF-8"
        report.problems.append(Problem(path.name, message))
        return None
    except tomllib.TOMLDecodeError as exc:
        report.problems.append(_syntax(path.name, str(exc)))
        return None
    report.text = text
    if data.get("format") != FORMAT:
        message = f"must be {FORMAT}; this program reads no other format"
        report.problems.append(Problem(report.where(("format",)), message))
        return None
    return _draft(Section(data, PROFILE, report), report, own=own)


def _syntax(name: str, message: str) -> Problem:
    """Return what tomllib says, at its line: "Invalid value (at line 3, column 7)"."""
    what, _, where = message.partition(" (at ")
    line, _, column = where.removesuffix(")").partition(", column ")
    line = line.removeprefix("line ") if column else ""
    place = f"{name}:{line}" if line else f"{name}: end of file"
    found = f" (column {column})" if column else ""
    return Problem(place, f"is no TOML: {what[:1].lower()}{what[1:]}{found}; correct this line")


def _draft(top: Section, report: Report, *, own: bool) -> Draft | None:
    name = top.text("id")
    origin = profile_meters.Origin.of(top)
    profile = Profile(
        id=name or "",
        rules=part.rules(top),
        priority=top.number("priority"),
        identity=part.identity(top.section("identity")),
        parts=part.parts(top),
        sources=part.sources(top),
        meters=profile_meters.meters(top, origin),
        choices=profile_meters.choices(top, origin),
        derived=profile_meters.derived(top, origin),
        checks=profile_meters.checks(top),
        sheets_are_impressions=top.flag("sheets_are_impressions"),
        rated_ipm=top.number("rated_ipm"),
        nvram_step=top.number("nvram_step"),
        wrap=wrap(top),
        sentinels=top.numbers("sentinels"),
        proved=part.proof(top.section("proved")),
        about=top.text("about") or "",
        source=origin.source,
        file=report.file,
        own=own,
    )
    return Draft(profile, top.texts("include"), report) if name else None
