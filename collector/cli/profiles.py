"""`copier-fleet profiles`: which counters are read from which machines, and the office's own."""

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import click
from click.core import ParameterSource

from collector.adapters.snmp.profiles.load import files_of, load_files, load_profiles
from collector.adapters.snmp.profiles.review import LEAST_FIRST, counted_of
from collector.adapters.snmp.profiles.values import (
    DERIVED,
    Check,
    Confidence,
    PanelProof,
    Profile,
    Profiles,
    TextSource,
)
from collector.adapters.snmp.profiles.views import (
    WAY_KEYS,
    MeterLine,
    brief,
    counters,
    dotted_template,
    is_read,
    meter_lines,
    meters_by_confidence,
    meters_read,
    notes,
    place,
    way,
    whole,
    written,
)
from collector.adapters.snmp.reading.recognise import hints
from collector.cli.answer_table import facts_table
from collector.cli.options import ConfigOptions, configured, formatted, into
from collector.cli.output import Exit, listed, phrase, result, result_tables, say, told, worded
from collector.cli.words import CommandWords
from collector.domain.report.table import CellKind, Column, Table
from collector.domain.sentence import sentence, verbatim
from collector.domain.spelling import nearest
from collector.errors import ConfigError, Problem

_TEXT = CellKind.TEXT

# Where the office keeps its own profiles: by the configuration, where there is one.


@dataclass(frozen=True, slots=True)
class OwnProfiles:
    """The folder of own profiles, and how the office reads and speaks."""

    folder: Path | None = None
    low_confidence: bool = False
    language: str = "en"


def own_of(config: Path, folder: Path | None) -> OwnProfiles:
    """Return what `config` says, or `folder` alone where it is given.

    A configuration that nobody named need not be there; that it is not is told. Raises
    ConfigError.
    """
    if folder is not None:
        return OwnProfiles(folder)
    if _is_there(config):
        return _stated(config)
    say(phrase("shipped_only", file=config))
    return OwnProfiles()


def own_beside(config: Path, *, is_needed: bool) -> OwnProfiles:
    """Return what `config` says. Where it is not needed nor named, it may be missing or wrong."""
    if not _is_there(config):
        return OwnProfiles()
    try:
        return _stated(config)
    except ConfigError as error:
        if is_needed or _is_named():
            raise
        say(phrase("note_unused", file=config, why=worded(error.problems[0].said)))
        return OwnProfiles()


def _is_named() -> bool:
    source = click.get_current_context().get_parameter_source("config")
    return source is not ParameterSource.DEFAULT


def _is_there(config: Path) -> bool:
    """Say whether to read `config`: one that was named is read in any case, or told to be wrong."""
    return _is_named() or os.access(config, os.F_OK)


def _stated(config: Path) -> OwnProfiles:
    from collector.settings.load import load_office

    office, fleet = load_office(config, os.environ)
    return OwnProfiles(fleet.profiles, fleet.low_confidence, office.language)


# Profiles as tables: all of them in short, or one with everything.


_BRIEF = ("own", "hides_shipped", "file", "includes", "known_by")


def list_table(
    profiles: Sequence[Profile], words: CommandWords, *, low_confidence: bool
) -> Table[Profile]:
    """Return a line a profile: its machines, how many meters are read, the least sure of them."""

    def least(one: Profile) -> str | None:
        told = meters_by_confidence(one)
        levels = [level for level in LEAST_FIRST if told[level]]
        read = [level for level in levels if low_confidence or level is not Confidence.LOW]
        return read[0].value if read else None

    def stated(key: str) -> Column[Profile]:
        return Column(key, lambda one: brief(one)[key])

    proved = words("proved_on") if any(one.proved for one in profiles) else None
    return Table(
        "profiles",
        (
            Column("id", lambda one: one.id, words("profile"), _TEXT),
            replace(
                stated("about"), heading=words("machines"), kind=_TEXT, shown=partial(_about, words)
            ),
            *map(stated, _BRIEF),
            replace(
                stated("meters"),
                heading=words("meters"),
                shown=lambda one: len(meters_read(one, low_confidence=low_confidence)),
            ),
            Column("least_sure", None, words("least_sure"), _TEXT, shown=least),
            Column("origin", None, words("origin"), _TEXT, shown=lambda one: _origin(one, words)),
            replace(
                stated("proved"),
                heading=proved,
                kind=_TEXT,
                shown=lambda one: one.proved.on.isoformat() if one.proved else "",
            ),
        ),
        profiles,
        spare=("about",),
    )


def _about(words: CommandWords, one: Profile) -> str | None:
    return words.said(verbatim(one.about)) or None


def _origin(profile: Profile, words: CommandWords) -> str:
    if profile.hides:
        return words("own_instead")
    return words("own" if profile.own else "shipped")


def show_profile(profile: Profile, words: CommandWords, form: str, *, low_confidence: bool) -> None:
    """Print what the profile comes to: in general, its meters, its counters, its checks.

    CSV has the ways to read its meters, JSON everything.
    """
    facts = [(words(key), text) for key, text in _facts(profile, words) if text]
    document = whole(profile, low_confidence=low_confidence)
    ways = _ways_table(profile, words, low_confidence=low_confidence)
    result_tables(
        form,
        facts_table("profile", facts),
        ways,
        _counters_table(profile, words),
        _checks_table(profile, words),
        main=ways,
        document=document,
    )


def _facts(profile: Profile, words: CommandWords) -> Iterator[tuple[str, str]]:
    rules = profile.identity
    yield "profile", profile.id
    yield "machines", words.said(verbatim(profile.about))
    yield "origin", f"{_origin(profile, words)} ({profile.file})"
    yield "includes", words("list.between").join(sorted(profile.includes))
    yield "recognised_by", "\n".join("; ".join(written(rule)) for rule in profile.rules)
    yield "priority", str(profile.priority or "")
    brands = dict.fromkeys(one.vendor for one in rules.brands)
    yield "maker", words("list.between").join(dict.fromkeys(filter(None, (rules.vendor, *brands))))
    for key, texts in (
        ("serial", rules.serial),
        ("model", rules.model),
        ("firmware", rules.firmware),
    ):
        yield key, "\n".join(_text(one, words) for one in texts)
    yield "source", profile.source
    yield "limits", words("list.between").join(_limits(profile, words))
    yield "proved_on", _proof(profile.proved)


def _limits(profile: Profile, words: CommandWords) -> Iterator[str]:
    if profile.rated_ipm is not None:
        yield words("limit.speed", ipm=profile.rated_ipm)
    if profile.nvram_step is not None:
        yield words("limit.power_cut", pages=profile.nvram_step)
    if profile.wrap is not None:
        yield words("limit.wraps", at=profile.wrap)
    if profile.sheets_are_impressions:
        yield words("limit.sides")


def _proof(proof: PanelProof | None) -> str:
    if proof is None:
        return ""
    machine = " ".join(filter(None, (proof.model, proof.firmware)))
    return ", ".join(filter(None, (proof.on.isoformat(), machine, proof.note)))


def _text(source: TextSource, words: CommandWords) -> str:
    where = dotted_template(source.oid) if source.oid is not None else source.text or ""
    if source.pattern is None:
        return where
    return words("by_pattern", where=where, pattern=source.pattern.pattern)


def _ways_table(profile: Profile, words: CommandWords, *, low_confidence: bool) -> Table[MeterLine]:
    """Return the ways to read meters; a source is shown where it is not the whole profile's."""

    def said(key: str) -> Column[MeterLine]:
        return Column(key, lambda line: way(line, low_confidence=low_confidence)[key])

    def source(line: MeterLine) -> str:
        return "" if line.formula.source == profile.source else line.formula.source

    def surely(line: MeterLine) -> str:
        confidence = line.formula.confidence.value
        is_used = is_read(line, low_confidence=low_confidence)
        unasked = words("list.between").join((confidence, words("read_if_asked")))
        return confidence if is_used else unasked

    return Table(
        "ways",
        (
            Column("meter", lambda line: line.meter, words("meter"), _TEXT),
            *map(said, WAY_KEYS),
            Column("how", None, words("how"), _TEXT, shown=lambda line: _how(line, words)),
            Column("surely", None, words("confidence"), _TEXT, shown=surely),
            Column("rests_on", None, words("source"), _TEXT, shown=source),
        ),
        meter_lines(profile),
        spare=("rests_on",),
    )


def _how(line: MeterLine, words: CommandWords) -> str:
    text = line.formula.text.removeprefix(DERIVED)
    how = f"{_group(line.group, words)}: {text}" if line.group else text
    wrap = line.formula.wrap
    return how if wrap is None else words("wraps", how=how, at=wrap)


def _group(group: str, words: CommandWords) -> str:
    kind, _, number = group.partition(" ")
    return words(f"{kind}_how", number=number) if kind in {"derived", "set"} else group


def _counters_table(profile: Profile, words: CommandWords) -> Table[str]:
    terms = counters(profile)

    def unit(name: str) -> str:
        found = counted_of(terms[name], profile).unit
        return words(found.value) if found is not None else ""

    def told(name: str) -> str:
        return words("list.between").join(map(words.said, notes(profile, terms[name])))

    return Table(
        "counters",
        (
            Column("counter", lambda name: name, words("counter"), _TEXT),
            Column(
                "where", lambda name: words.said(place(profile, terms[name])), words("where"), _TEXT
            ),
            Column("unit", unit, words("unit"), _TEXT),
            Column("notes", told, words("notes"), _TEXT),
        ),
        list(terms),
        spare=("notes",),
    )


def _checks_table(profile: Profile, words: CommandWords) -> Table[Check]:
    return Table(
        "checks",
        (
            Column(
                "sum", lambda one: f"{one.whole} = {' + '.join(one.parts)}", words("checked"), _TEXT
            ),
            Column("limit", lambda one: _limit(one, words), "", _TEXT),
        ),
        profile.checks,
        needs_rows=True,
    )


def _limit(check: Check, words: CommandWords) -> str:
    limit = words("within", pages=check.tolerance)
    if check.percent is not None:
        limit += words("or_percent", percent=check.percent)
    return limit


Command = TypeVar("Command", bound=Callable[..., Any])


@click.group()
def profiles() -> None:
    """Show which counters are read from which machines, and check profiles of your own."""


def _shown(command: Command) -> Command:
    """Give `command` the options of what shows profiles."""
    folder = click.option(
        "--profiles",
        "folder",
        type=click.Path(exists=True, file_okay=False, path_type=Path),
        help="A folder of own profiles, instead of the configured one.",
    )
    lang = click.option("--lang", type=click.Choice(["ja", "en"]), help="Default: as the office.")
    return folder(lang(formatted(configured(command))))


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfilesOptions(ConfigOptions):
    """Which profiles to show, and how."""

    folder: Path | None
    lang: str | None
    form: str
    name: str = ""

    def known(self) -> tuple[OwnProfiles, Profiles, CommandWords]:
        """Return how the office reads, all profiles, and the words to show them in."""
        own = own_of(self.config, self.folder)
        known = load_profiles(own.folder, low_confidence=own.low_confidence)
        return own, known, CommandWords(self.lang or own.language)


@profiles.command(name="list")
@_shown
@into(ProfilesOptions)
def list_(options: ProfilesOptions) -> int:
    """List every profile: its machines, how many meters it reads, how surely.

    Your own come first. Without a configuration the shipped ones are listed.
    """
    own, known, words = options.known()
    found = sorted(known.by_id.values(), key=lambda one: (not one.own, one.id == "generic", one.id))
    result_tables(options.form, list_table(found, words, low_confidence=own.low_confidence))
    return Exit.OK


@profiles.command()
@click.argument("name")
@_shown
@into(ProfilesOptions)
def show(options: ProfilesOptions) -> int:
    """Show all that the profile NAME comes to, with what it includes.

    How machines are recognised and named, each meter with its sums in the order in which they are
    tried, how surely each is known and from where, where its counters stand, what is checked.
    """
    own, known, words = options.known()
    name = options.name
    profile = known.by_id.get(name) or known.by_id.get(name.casefold())
    if profile is None:
        raise click.UsageError(phrase("no_profile", name=name, meant=_meant(name, known)))
    show_profile(profile, words, options.form, low_confidence=own.low_confidence)
    return Exit.OK


def _meant(name: str, known: Profiles) -> str:
    """Return a hint at what `name` means: a profile's name mistyped, or a maker's."""
    word = name.casefold()
    said = sorted(one.id for one in known.by_id.values() if word in _makers(one).casefold())
    if word and said:
        return phrase("may_be_in", names=listed(said))
    near = nearest(word, known.by_id)
    return "" if near is None else phrase("meant", name=near)


def _makers(profile: Profile) -> str:
    rules = profile.identity
    return " ".join([profile.about, rules.vendor or "", *(one.vendor for one in rules.brands)])


@profiles.command()
@click.argument(
    "paths", metavar="[FILE|FOLDER]...", nargs=-1, type=click.Path(exists=True, path_type=Path)
)
@configured
def check(paths: tuple[Path, ...], config: Path, secrets: tuple[Path, ...]) -> int:
    """Check own profiles: each FILE, each file in FOLDER; by default the configured folder.

    They are read together with the configured ones and the shipped ones, as the service would
    read them. Each problem is a line on stdout: file:line: key: what is wrong.

    Exit code 0 where all is in order, 1 where something is hardly meant (two profiles for the
    same machines), 78 where the service would refuse them.
    """
    del secrets
    folder = own_beside(config, is_needed=not paths).folder
    named = paths or ((folder,) if folder is not None else ())
    if not named:
        raise click.UsageError(phrase("no_profile_folder"))
    problems: list[Problem] = []
    files = [one for path in named for one in _files(path, problems)]
    known = load_files([*_others(folder, files), *files], problems, whole_paths=True)
    for one in problems:
        result(told(one))
    if problems:
        say(phrase("would_refuse", count=len(problems)))
        return Exit.CONFIG
    warnings = [*_warned(known), *_passed_over(named, files)]
    for line in warnings:
        result(line)
    for profile in (one for one in known.by_id.values() if one.own):
        count = len(meters_read(profile, low_confidence=True))
        instead = phrase("in_place_of", id=profile.id) if profile.hides else ""
        facts = {"file": profile.file, "id": profile.id, "place": instead}
        result(phrase("profile_checked", count=count, **facts))
    return Exit.FINDINGS if warnings else Exit.OK


def _files(path: Path, problems: list[Problem]) -> Sequence[Path]:
    return files_of(path, problems) if path.is_dir() else (path,)


def _others(folder: Path | None, files: Sequence[Path]) -> Iterator[Path]:
    """Yield the configured profiles, without those that `files` are, or are new versions of."""
    names = {one.name for one in files}
    if folder is not None:
        yield from (one for one in files_of(folder, []) if one.name not in names)


def _warned(known: Profiles) -> Iterator[str]:
    for one in hints(known):
        yield phrase("warned_at", where=one.path, why=worded(one.said))


def _passed_over(named: Sequence[Path], files: Sequence[Path]) -> Iterator[str]:
    """Yield a line for what the service would not look at."""
    for path in named:
        if path.is_dir() and not any(one.parent == path for one in files):
            yield _warning(path, "profile.no_toml")
        elif path.is_file() and path.suffix != ".toml":
            yield _warning(path, "profile.other_suffix")


def _warning(path: Path, key: str) -> str:
    return phrase("warned_at", where=path, why=worded(sentence(key)))
