"""Reads profile files, each by itself: what it states and what it includes."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from collector.adapters.snmp import profile_meters
from collector.adapters.snmp import profile_parts as part
from collector.adapters.snmp.profile_counted import wrap
from collector.adapters.snmp.profile_keys import ID, PROFILE
from collector.adapters.snmp.profile_text import parsed_file
from collector.adapters.snmp.profile_values import Profile
from collector.adapters.snmp.report import Report, quoted
from collector.adapters.snmp.section import Section
from collector.errors import Problem

FORMAT: Final = 1


@dataclass(frozen=True, slots=True)
class Draft:
    """One file: the profile as far as the file itself states it."""

    profile: Profile
    includes: tuple[str, ...]
    report: Report


def read_files(
    paths: Iterable[Path], problems: list[Problem], *, own: bool, whole_paths: bool = False
) -> Mapping[str, Draft]:
    """Return the files by the id of their profile; what is wrong with them goes to `problems`.

    Problems call a file by its name, or with `whole_paths` as `paths` do.
    """
    drafts: dict[str, Draft] = {}
    for path in paths:
        report = Report(str(path) if whole_paths else path.name)
        draft = _read_file(path, report, own=own)
        problems += report.taken()
        if draft is None:
            continue
        other = drafts.get(draft.profile.id)
        if other is not None:
            where = report.where(("id",))
            problems.append(Problem(where, f"is already the id of {other.report.file}"))
        drafts[draft.profile.id] = draft
    return drafts


def _read_file(path: Path, report: Report, *, own: bool) -> Draft | None:
    data = parsed_file(path, report)
    if data is None:
        return None
    if data.get("format") != FORMAT or isinstance(data["format"], bool | float):
        message = f"must be {FORMAT}; this program reads no other format"
        report.add(report.where(("format",)), message)
        return None
    return _draft(Section(data, PROFILE, report), report, own=own)


def _id(top: Section) -> str | None:
    name = top.text("id")
    if name is not None and not ID.fullmatch(name):
        top.problem("id", f"{quoted(name)} must be a name of at most 60 letters without blanks")
        return None
    return name


def _draft(top: Section, report: Report, *, own: bool) -> Draft | None:
    name = _id(top)
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
        models=part.models(top, origin.confidence),
        life_family=frozenset(top.texts("life_family")),
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
