"""A calibration as it runs: look, ask, search, show; again after a few pages; write."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import click

from collector.adapters.clock import SystemClock
from collector.bootstrap.calibration import UserProfiles, examined_of, is_counted, proposed
from collector.calibration.fits import Kept, Round, went_back
from collector.calibration.machine import Examined
from collector.calibration.proposal import ProfileProposal, Signed
from collector.calibration.verdicts import State, Verdicts
from collector.cli.asked import WalkOptions
from collector.cli.calibrate_show import advice, introduce, show, show_records
from collector.cli.calibrate_source import CounterSource, keep, keeping_place, read_kept
from collector.cli.output import (
    SPOKEN,
    Exit,
    complain,
    listed,
    phrase,
    progress,
    result,
    say,
    told,
    worded,
)
from collector.cli.words import CommandWords
from collector.domain.counting.panel import contradictions, panel_figure, panel_figures, panel_line
from collector.domain.meters import TOTAL, Meter
from collector.domain.sentence import Unacceptable
from collector.errors import ConfigError, said
from collector.settings.fleet.write import write_file
from collector.settings.load import Loaded
from collector.user_files.report import refusal

# Asks a person in front of a copier for the figures on its panel.


def stated_figures(words: tuple[str, ...]) -> Mapping[Meter, int]:
    """Return the figures of the command line; raises BadParameter with one sentence."""
    try:
        return panel_figures(words)
    except Unacceptable as exc:
        raise click.BadParameter(worded(exc.why), param_hint="METER=FIGURE") from exc


def ask_figures() -> Mapping[Meter, int]:
    """Ask for figures until an empty line; at least one. Raises Abort on Ctrl-C or the end."""
    say(phrase("show_how"))
    found: dict[Meter, int] = {}
    while True:
        line = _answer(">")
        if not line and not found:
            say(phrase("one_figure"))
        elif not line:
            if _are_right(found):
                return found
        else:
            _take(line, found)


def _take(line: str, found: dict[Meter, int]) -> None:
    try:
        meter, figure = panel_line(line)
    except Unacceptable as exc:
        complain(worded(exc.why))
        return
    say(
        phrase(
            "meter_is",
            meter=meter,
            figure=figure,
            corrected=phrase("as_corrected") if meter in found else "",
        )
    )
    found[meter] = figure


def _are_right(found: Mapping[Meter, int]) -> bool:
    problems = contradictions(found)
    for one in problems:
        complain(worded(one))
    return not problems or yes(phrase("right_figures"), default=False)


def ask_again(before: Mapping[Meter, int]) -> Mapping[Meter, int]:
    """Ask for the same meters; an empty line leaves a figure as it was. Raises Abort."""
    say(phrase("figures_now"))
    found: dict[Meter, int] = {}
    for meter, figure in before.items():
        found[meter] = _one_again(meter, figure)
    return found


def _one_again(meter: Meter, before: int) -> int:
    while True:
        line = _answer(f"{meter} [{before:,}]:")
        try:
            figure = panel_figure(line) if line else before
        except Unacceptable as exc:
            complain(worded(exc.why))
            continue
        if figure >= before:
            return figure
        complain(phrase("less_than_before", figure=figure))
        if yes(phrase("mistyped", figure=before), default=False):
            return figure


def wait(sentence: str) -> None:
    """Say something and wait for the return key; raises Abort."""
    say(sentence)
    _answer(phrase("press_enter"))


def yes(question: str, *, default: bool) -> bool:
    """Return whether a person agrees; raises Abort."""
    return click.confirm(question, default=default, err=True)


def _answer(prompt: str) -> str:
    text: str = click.prompt(prompt, default="", show_default=False, prompt_suffix=" ", err=True)
    return text.strip()


@dataclass(frozen=True, slots=True, kw_only=True)
class CalibrateOptions(WalkOptions):
    """What the command line asks for. Without `figures` they are asked for."""

    machine: str
    figures: tuple[str, ...]
    output: Path | None
    force: bool
    prove: bool
    dry_run: bool
    round2: Path | None
    keep: Path | None
    by: str | None
    form: str


@dataclass(slots=True)
class CalibrationRun:
    """One comparison of panel and counters, with what the command line comes to, checked.

    `folder` is where the office keeps its profiles, None where another file is named.
    """

    options: CalibrateOptions
    source: CounterSource
    loaded: Loaded | None
    own: UserProfiles
    figures: Mapping[Meter, int]
    by: str
    folder: Path | None
    rounds: list[Round] = field(default_factory=list)

    @property
    def asks(self) -> bool:
        """Whether somebody sits there and is asked."""
        return not self.figures

    @property
    def keeping(self) -> Path:
        """Where rounds are kept for a further command."""
        options = self.options
        return options.keep or options.round2 or keeping_place(self.loaded, self.source.name)

    def run(self) -> int:
        """Compare until it is settled or given up, write, and return the exit code."""
        examined = self._examined()
        introduce(examined, self.source.notes)
        self._round(examined)
        settled, proposal = self._settled(examined)
        goes_on = self.asks and self.source.goes_on
        while goes_on and not settled.is_settled and self._goes_on(settled):
            self._round(examined)
            settled, proposal = self._settled(examined)
        written = self._write(examined, settled, proposal)
        if not settled.is_settled:
            self._keep(examined, settled, again=written is not None)
        elif written is not None and self.options.round2 is not None:
            self.options.round2.unlink(missing_ok=True)
        if self.options.form != "table":
            path = str(written) if written is not None else None
            show_records(settled, proposal, path, self._words(), self.options.form)
        return Exit.FINDINGS if _is_lacking(settled) else Exit.OK

    def _examined(self) -> Examined:
        options = self.options
        if options.round2 is None:
            rows = self.source.rows(self.own.profiles)
        else:
            kept = read_kept(options.round2, self.source.name)
            rows, self.rounds = kept.rows, list(kept.rounds)
        return asyncio.run(examined_of(rows, self.own.profiles))

    def _round(self, examined: Examined) -> None:
        """Take the figures and, at once, what the counters say."""
        figures = self.figures
        if self.asks:
            figures = ask_again(self.rounds[-1].figures) if self.rounds else ask_figures()
        values = self.source.values(examined)
        self.rounds.append(Round(SystemClock().now().replace(microsecond=0), figures, values))
        self._check_growth()
        for one in () if self.asks else contradictions(figures):
            say(phrase("warning_of", what=worded(one)))

    def _check_growth(self) -> None:
        """Leave out what a person called mistyped; raise BadParameter where nobody was asked."""
        back = went_back(self.rounds)
        if back and not self.asks:
            names = listed(back)
            message = phrase("less_than_round", meters=names)
            raise click.BadParameter(message, param_hint="METER=FIGURE")
        for at, one in enumerate(self.rounds[:-1]):
            kept = {meter: figure for meter, figure in one.figures.items() if meter not in back}
            self.rounds[at] = replace(one, figures=kept)

    def _settled(self, examined: Examined) -> tuple[Verdicts, ProfileProposal | None]:
        options, on = self.options, SystemClock().now().date()
        with progress(phrase("looking_for"), None) as bar:

            def tell(done: int, of: int) -> None:
                bar.update(bar.task_ids[0], completed=done, total=of)

            made = asyncio.run(
                proposed(
                    examined,
                    self.rounds,
                    Signed(self.by, on, SPOKEN.get().say),
                    self.own.beside,
                    tell,
                )
            )
        proposal = made if isinstance(made, ProfileProposal) else None
        settled = made.settled if isinstance(made, ProfileProposal) else made
        if options.form == "table":
            show(settled, proposal, self._words())
        return settled, proposal

    def _words(self) -> CommandWords:
        return CommandWords(SPOKEN.get().language)

    def _goes_on(self, settled: Verdicts) -> bool:
        is_near = any(one.near for one in settled.verdicts.values())
        if is_near and yes(phrase("read_panel_again"), default=True):
            return True
        if not yes(phrase("compare_once_more"), default=True):
            return False
        wait(phrase("now_print", what=advice(settled)))
        return True

    def _keep(self, examined: Examined, settled: Verdicts, *, again: bool) -> None:
        """Leave the rounds for a further command, and say how it goes on."""
        if self.options.dry_run and self.options.keep is None:
            return
        path, name = self.keeping, self.source.name
        machine = examined.plan.identity.key
        try:
            keep(path, Kept(name, machine, examined.rows, tuple(self.rounds)))
        except ConfigError as error:
            say(phrase("round_not_kept", why=listed(map(told, error.problems))))
            return
        meters = " ".join(f"{meter}=…" for meter in settled.verdicts)
        name = name if self.source.goes_on else phrase("next_recording")
        say(
            phrase(
                "round_kept",
                what=advice(settled),
                machine=name,
                file=path,
                force="--force " * again,
                meters=meters,
            )
        )

    def _write(
        self, examined: Examined, settled: Verdicts, proposal: ProfileProposal | None
    ) -> Path | None:
        options = self.options
        if proposal is None:
            say(phrase("nothing_proved"))
            return None
        if not _is_news(settled) and not self._proves(examined, settled):
            return None
        if options.dry_run:
            if options.form == "table":
                result(proposal.text)
            say(phrase("dry_run_nothing"))
            return None
        path = self._path(proposal)
        if path is None:
            return None
        write_file(path, proposal.text, overwrite=True)
        self._tell(path, examined, proposal)
        return path

    def _proves(self, examined: Examined, settled: Verdicts) -> bool:
        """Say whether a profile is wanted although everything agrees."""
        proved = examined.present.proved
        here = examined.plan.identity.firmware
        known = phrase("proved_already", day=proved.on) if proved is not None else ""
        if proved is not None and proved.firmware not in {None, here}:
            known = phrase(
                "proved_firmware", proved=proved.firmware, here=here or phrase("unknown_firmware")
            )
        key = "fits_so" if _is_lacking(settled) else "all_so"
        say(phrase(key, profile=examined.present.id, known=known))
        if self.options.prove or self.options.round2 is not None:
            return True
        if self.asks:
            return yes(phrase("write_as_proved"), default=False)
        say(phrase("prove_writes"))
        return False

    def _path(self, proposal: ProfileProposal) -> Path | None:
        """Return where to write; None where a person would rather not overwrite."""
        options = self.options
        path = options.output
        if path is None:
            if self.folder is None:
                raise AssertionError(phrase("neither_file_nor_folder"))
            known = self.own.profiles.by_id.get(proposal.recognition.id)
            own_file = known.file if known is not None and known.own else proposal.file_name
            path = self.folder / own_file
        if self.asks:
            question = phrase("overwrite_file" if path.exists() else "write_file", file=path)
            return path if options.force or yes(question, default=not path.exists()) else None
        if path.exists() and not options.force:
            raise refusal(path, said("exists_overwrite"))
        return path

    def _tell(self, path: Path, examined: Examined, proposal: ProfileProposal) -> None:
        say(phrase("profile_written", file=path, id=proposal.recognition.id))
        if proposal.recognition.note is not None:
            say(phrase("note_match", what=worded(proposal.recognition.note)))
        if examined.plan.identity.firmware is None:
            say(phrase("note_no_firmware"))
        folder = self.loaded.settings.fleet.profiles if self.loaded is not None else None
        if folder is None or path.absolute().parent != folder.absolute():
            say(phrase("daemon_reads_once"))
        else:
            say(phrase("daemon_reads_after"))
        self._tell_epoch(path, examined, proposal)

    def _tell_epoch(self, path: Path, examined: Examined, proposal: ProfileProposal) -> None:
        before, after = examined.plan.formulas.get(TOTAL), proposal.plan.formulas.get(TOTAL)
        if before == after:
            return
        place, loaded = self.source.name, self.loaded
        places = [one.id for one in loaded.fleet.places] if loaded is not None else []
        if loaded is None or place not in places:
            if before is not None:
                say(phrase("new_epoch"))
            return
        if asyncio.run(is_counted(loaded, place)):
            say(
                phrase(
                    "total_means",
                    place=place,
                    before=before or phrase("no_formula"),
                    after=after,
                    again=place,
                    profile=path,
                )
            )


def _is_news(settled: Verdicts) -> bool:
    return any(one.state in {State.FOUND, State.TIED} for one in settled.verdicts.values())


def _is_lacking(settled: Verdicts) -> bool:
    return any(
        one.state in {State.NOTHING, State.SMALL, State.TIED}
        or (one.state is State.FOUND and not one.is_sure)
        for one in settled.verdicts.values()
    )
