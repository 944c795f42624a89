"""A calibration as it runs: look, ask, search, show; again after a few pages; write."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import click
from rich.progress import TaskID

from collector.adapters.clock import SystemClock
from collector.adapters.snmp.calibration.examined import Examined
from collector.adapters.snmp.calibration.kept import Kept
from collector.adapters.snmp.calibration.proposal import Proposal, Signed
from collector.adapters.snmp.calibration.rounds import Round, went_back
from collector.adapters.snmp.calibration.verdicts import Settled, State
from collector.bootstrap.calibration import Own, examined_of, is_counted, proposed
from collector.cli.calibrate_ask import ask_again, ask_figures, wait, yes
from collector.cli.calibrate_show import advice, introduce, show, show_json
from collector.cli.calibrate_source import Source, keep, keeping_place, read_kept
from collector.cli.output import Exit, progress, result, say
from collector.cli.words import Words
from collector.domain.meters import TOTAL, Meter
from collector.domain.panel import contradictions
from collector.errors import ConfigError, Problem
from collector.settings.fleet_toml import write_file
from collector.settings.load import Loaded
from collector.settings.values import Language


@dataclass(frozen=True, slots=True)
class Wish:
    """What the command line comes to, checked. Without `figures` they are asked for."""

    source: Source
    loaded: Loaded | None
    own: Own
    figures: Mapping[Meter, int]
    by: str
    file: Path | None
    folder: Path | None
    round2: Path | None
    keep: Path | None
    force: bool
    prove: bool
    dry_run: bool
    as_json: bool

    @property
    def asks(self) -> bool:
        """Whether somebody sits there and is asked."""
        return not self.figures

    @property
    def keeping(self) -> Path:
        """Where rounds are kept for a further command."""
        return self.keep or self.round2 or keeping_place(self.loaded, self.source.name)


def calibrated(wish: Wish) -> int:
    """Compare panel and counters until it is settled or given up, write, return the exit code."""
    return _Run(wish).run()


@dataclass(slots=True)
class _Run:
    wish: Wish
    rounds: list[Round] = field(default_factory=list)

    def run(self) -> int:
        examined = self._examined()
        introduce(examined, self.wish.source.notes)
        self._round(examined)
        settled, proposal = self._settled(examined)
        goes_on = self.wish.asks and self.wish.source.goes_on
        while goes_on and not settled.is_settled and self._goes_on(settled):
            self._round(examined)
            settled, proposal = self._settled(examined)
        written = self._write(examined, settled, proposal)
        if not settled.is_settled:
            self._keep(examined, settled, again=written is not None)
        elif written is not None and self.wish.round2 is not None:
            self.wish.round2.unlink(missing_ok=True)
        if self.wish.as_json:
            show_json(settled, proposal, str(written) if written is not None else None)
        return Exit.FINDINGS if _is_lacking(settled) else Exit.OK

    def _examined(self) -> Examined:
        wish = self.wish
        if wish.round2 is None:
            rows = wish.source.rows(wish.own.profiles)
        else:
            kept = read_kept(wish.round2, wish.source.name)
            rows, self.rounds = kept.rows, list(kept.rounds)
        return asyncio.run(examined_of(rows, wish.own.profiles))

    def _round(self, examined: Examined) -> None:
        """Take the figures and, at once, what the counters say."""
        figures = self.wish.figures
        if self.wish.asks:
            figures = ask_again(self.rounds[-1].figures) if self.rounds else ask_figures()
        values = self.wish.source.values(examined)
        self.rounds.append(Round(SystemClock().now().replace(microsecond=0), figures, values))
        self._check_growth()
        for sentence in () if self.wish.asks else contradictions(figures):
            say(f"warning: {sentence}")

    def _check_growth(self) -> None:
        """Leave out what a person called mistyped; raise BadParameter where nobody was asked."""
        back = went_back(self.rounds)
        if back and not self.wish.asks:
            names = ", ".join(back)
            message = (
                f"{names} is less than in a round before, which no counter is; look again, or "
                "begin anew without --round2"
            )
            raise click.BadParameter(message, param_hint="METER=FIGURE")
        for at, one in enumerate(self.rounds[:-1]):
            kept = {meter: figure for meter, figure in one.figures.items() if meter not in back}
            self.rounds[at] = replace(one, figures=kept)

    def _settled(self, examined: Examined) -> tuple[Settled, Proposal | None]:
        wish, on = self.wish, SystemClock().now().date()
        with progress("looking for what comes to these figures", None) as bar:

            def tell(done: int, of: int) -> None:
                bar.update(TaskID(0), completed=done, total=of)

            made = asyncio.run(
                proposed(examined, self.rounds, Signed(wish.by, on), wish.own.beside, tell)
            )
        proposal = made if isinstance(made, Proposal) else None
        settled = made.settled if isinstance(made, Proposal) else made
        if not wish.as_json:
            show(settled, proposal, self._words())
        return settled, proposal

    def _words(self) -> Words:
        loaded = self.wish.loaded
        return Words(loaded.settings.office.language if loaded is not None else Language.EN)

    def _goes_on(self, settled: Settled) -> bool:
        is_near = any(one.near for one in settled.verdicts.values())
        if is_near and yes("read the panel again, while nobody prints?", default=True):
            return True
        if not yes("print a few pages and compare once more?", default=True):
            return False
        wait(f"now print: {advice(settled)}. Each kind in another number tells most")
        return True

    def _keep(self, examined: Examined, settled: Settled, *, again: bool) -> None:
        """Leave the rounds for a further command, and say how it goes on."""
        if self.wish.dry_run and self.wish.keep is None:
            return
        path, name = self.wish.keeping, self.wish.source.name
        machine = examined.plan.identity.key
        try:
            keep(path, Kept(name, machine, examined.rows, tuple(self.rounds)))
        except ConfigError as error:
            say(f"this round is not kept: {error}; name another file with --keep")
            return
        meters = " ".join(f"{meter}=…" for meter in settled.verdicts)
        name = name if self.wish.source.goes_on else "the next recording"
        say(
            f"this round is kept. To go on: print {advice(settled)}; then: "
            f"copier-fleet calibrate '{name}' --round2 '{path}' {'--force ' * again}{meters}"
        )

    def _write(
        self, examined: Examined, settled: Settled, proposal: Proposal | None
    ) -> Path | None:
        wish = self.wish
        if proposal is None:
            say("no profile was written: nothing is proved")
            return None
        if not _is_news(settled) and not self._proves(examined, settled):
            return None
        if wish.dry_run:
            if not wish.as_json:
                result(proposal.text)
            say("nothing was written; without --dry-run it is")
            return None
        path = self._path(proposal)
        if path is None:
            return None
        write_file(path, proposal.text, overwrite=True)
        self._tell(path, examined, proposal)
        return path

    def _proves(self, examined: Examined, settled: Settled) -> bool:
        """Say whether a profile is wanted although everything agrees."""
        proved = examined.present.proved
        here = examined.plan.identity.firmware
        known = f" It was proved on {proved.on} already." if proved is not None else ""
        if proved is not None and proved.firmware not in {None, here}:
            known = f" It was proved on firmware {proved.firmware}; this is {here or 'unknown'}."
        what = "what fits is" if _is_lacking(settled) else "everything is"
        say(f"{what} read so by now, with profile {examined.present.id}.{known}")
        if self.wish.prove or self.wish.round2 is not None:
            return True
        if self.wish.asks:
            return yes("write it down as proved?", default=False)
        say("no profile was written; --prove writes down that it is proved")
        return False

    def _path(self, proposal: Proposal) -> Path | None:
        """Return where to write; None where a person would rather not overwrite."""
        wish = self.wish
        path = wish.file
        if path is None:
            if wish.folder is None:
                raise AssertionError("neither file nor folder")
            known = wish.own.profiles.by_id.get(proposal.recognition.id)
            own_file = known.file if known is not None and known.own else proposal.file_name
            path = wish.folder / own_file
        if wish.asks:
            question = f"overwrite {path}?" if path.exists() else f"write {path}?"
            return path if wish.force or yes(question, default=not path.exists()) else None
        if path.exists() and not wish.force:
            message = "exists already; overwrite it with --force, or name another file with -o"
            raise ConfigError([Problem(str(path), message)])
        return path

    def _tell(self, path: Path, examined: Examined, proposal: Proposal) -> None:
        say(f"{path}: profile {proposal.recognition.id}, loaded back and read right")
        if proposal.recognition.note is not None:
            say(f"note: {proposal.recognition.note}; look through its [[match]]")
        if examined.plan.identity.firmware is None:
            say("note: the machine does not say its firmware, so a change of it goes unnoticed")
        folder = self.wish.loaded.settings.fleet.profiles if self.wish.loaded is not None else None
        if folder is None or path.absolute().parent != folder.absolute():
            say("the daemon reads it once it lies in the folder that fleet.profiles names")
        else:
            say("a running daemon reads it after: systemctl reload copier-fleet")
        self._tell_epoch(path, examined, proposal)

    def _tell_epoch(self, path: Path, examined: Examined, proposal: Proposal) -> None:
        before, after = examined.plan.formulas.get(TOTAL), proposal.plan.formulas.get(TOTAL)
        if before == after:
            return
        place, loaded = self.wish.source.name, self.wish.loaded
        places = [one.id for one in loaded.fleet.places] if loaded is not None else []
        if loaded is None or place not in places:
            if before is not None:
                say("total is read otherwise now: where it is counted already, a new epoch begins")
            return
        if asyncio.run(is_counted(loaded, place)):
            say(
                f"total of {place} means something else now ({before or 'nothing'} -> {after}): "
                "counting begins a new epoch for it with the next poll. The past is read again, "
                "as far as its counters were recorded, by: "
                f"copier-fleet replay --place {place} --profile '{path}' --since …"
            )


def _is_news(settled: Settled) -> bool:
    return any(one.state in {State.FOUND, State.TIED} for one in settled.verdicts.values())


def _is_lacking(settled: Settled) -> bool:
    return any(
        one.state in {State.NOTHING, State.SMALL, State.TIED}
        or (one.state is State.FOUND and not one.is_sure)
        for one in settled.verdicts.values()
    )
