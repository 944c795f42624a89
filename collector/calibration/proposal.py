"""Puts a proved profile together, loads it back and decodes the machine with it.

What is proposed reads exactly the figures on the panel: a formula that the loaded profile does not
read so is dropped, and the next best is tried.
"""

import datetime as dt
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from collector.adapters.snmp.client.session import Oid, Value
from collector.adapters.snmp.plan import ReadingPlan
from collector.adapters.snmp.profiles.load import load_files
from collector.adapters.snmp.profiles.values import DERIVED, Profile
from collector.adapters.snmp.reading.decode import decode
from collector.adapters.snmp.reading.resolve import resolve
from collector.adapters.snmp.recording.session import CaptureSession
from collector.calibration.counters import Counter
from collector.calibration.fits import FittingFormula, Round, SumOrigin
from collector.calibration.machine import Examined, present_fit, present_parts
from collector.calibration.verdicts import MeterVerdict, State, Verdicts, settle
from collector.calibration.write_profile import (
    ProvedMeter,
    ProvedProfile,
    Recognition,
    profile_text,
    recognition,
)
from collector.domain.counting.findings import Finding
from collector.domain.counting.reading import Answer
from collector.domain.meters import Meter
from collector.domain.sentence import Sentence, sentence, verbatim
from collector.errors import ConfigError, DeviceNonsense, Problem, Spot, said
from collector.texts import ENGLISH
from collector.user_files.report import problem_at

_TRIES: Final = 12


@dataclass(frozen=True, slots=True)
class Signed:
    """Who compared the panel, and when; `say` puts what is written down into their language."""

    by: str
    on: dt.date
    say: Callable[[Sentence], str] = ENGLISH.say


@dataclass(frozen=True, slots=True)
class ProfileProposal:
    """A profile file that was loaded back, and what the machine is read as by it.

    `proved` are the meters that it states because the panel showed them. `lost` are meters that
    were read before and are read no more, or otherwise.
    """

    settled: Verdicts
    recognition: Recognition
    text: str
    profile: Profile
    plan: ReadingPlan
    answer: Answer
    proved: tuple[Meter, ...]
    lost: tuple[Meter, ...] = ()

    @property
    def file_name(self) -> str:
        """What its file is called."""
        return f"{self.recognition.id}.toml"

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What the daemon would find about a machine that is read so."""
        return self.answer.findings


@dataclass(frozen=True, slots=True)
class Beside:
    """The user's own profiles, among which the new one must do its work."""

    files: Sequence[Path] = ()
    low_confidence: bool = False


async def propose(
    examined: Examined,
    rounds: Sequence[Round],
    signed: Signed,
    beside: Beside,
    tell: Callable[[int, int], None] = lambda _done, _of: None,
) -> ProfileProposal | Verdicts:
    """Return a proved profile for the machine, or only the verdicts where nothing can be stated.

    `tell` is told how far the search has come.
    Raises ConfigError where no profile could be written that reads the machine so.
    """
    dropped: frozenset[tuple[Meter, str]] = frozenset()
    problems: Sequence[Problem] = ()
    for _ in range(_TRIES):
        settled = settle(examined, rounds, dropped, tell)
        maker = _Maker(examined, rounds, signed, beside, settled)
        if not maker.stated:
            return settled
        made = await maker.make()
        if not isinstance(made, ProfileProposal):
            problems = made
            break
        wrong = {
            (meter, fit.text)
            for meter, fit in maker.stated.items()
            if made.answer.meters.get(meter) != settled.verdicts[meter].figure
        }
        if not wrong:
            return made
        dropped |= wrong
    told = problem_at(Spot(examined.family.id), said("no_such_reading_profile"))
    raise ConfigError([told, *problems])


@dataclass(frozen=True, slots=True)
class _Maker:
    examined: Examined
    rounds: Sequence[Round]
    signed: Signed
    beside: Beside
    settled: Verdicts

    @property
    def stated(self) -> Mapping[Meter, FittingFormula]:
        """What the profile states because the panel showed it."""
        found = self.settled.verdicts.items()
        return {meter: one.fit for meter, one in found if one.fit is not None and one.is_telling}

    @property
    def values(self) -> Mapping[Oid, Value]:
        return {**self.examined.values, **self.rounds[-1].values}

    async def make(self) -> ProfileProposal | Sequence[Problem]:
        """Return the profile, with what was read before taken over where it would be lost."""
        carried: dict[Meter, ProvedMeter] = {}
        made = await self._made(carried)
        if isinstance(made, ProfileProposal) and made.lost:
            carried = dict(self._carried(made.lost))
            made = await self._made(carried) if carried else made
        return made

    async def _made(
        self, carried: Mapping[Meter, ProvedMeter]
    ) -> ProfileProposal | Sequence[Problem]:
        draft = self._draft(carried)
        text, problems = profile_text(draft, self.signed.say), list[Problem]()
        with TemporaryDirectory() as folder:
            path = Path(folder) / f"{draft.recognition.id}.toml"
            path.write_text(text, "utf-8")
            others = (one for one in self.beside.files if _id_in(one) != draft.recognition.id)
            files = [*others, path]
            profiles = load_files(files, problems, low_confidence=self.beside.low_confidence)
        if problems:
            return problems
        session = CaptureSession(self.values)
        plan = await resolve(session, profiles)
        profile = profiles.by_id[draft.recognition.id]
        if plan.profile != profile.id:
            told = said("still_recognised", profile=plan.profile)
            return [problem_at(Spot(path.name), told)]
        try:
            answer = decode(plan, self.values)
        except DeviceNonsense as error:
            return [problem_at(Spot(path.name), verbatim(error.message))]
        return ProfileProposal(
            self.settled,
            draft.recognition,
            text,
            profile,
            plan,
            answer,
            tuple(self.stated),
            tuple(self._lost(answer)),
        )

    def _draft(self, carried: Mapping[Meter, ProvedMeter]) -> ProvedProfile:
        statements = dict(carried)
        counters: dict[str, Counter] = {}
        for meter, fit in self.stated.items():
            if not self._is_inherited(fit):
                statements[meter] = _statement(self.settled.verdicts[meter], fit)
                counters |= {one.name: one for _, one in fit.parts}
        for meter in carried:
            counters |= {one.name: one for _, one in present_parts(self.examined, meter)}
        oids = (cell.oid for one in counters.values() for cell in one.cells)
        examined, known = self.examined, recognition(self.examined, oids)
        rivals = [one for one in (examined.family, examined.present) if one.id != known.id]
        return ProvedProfile(
            recognition=known,
            family=examined.family.id,
            priority=max(one.priority or 0 for one in rivals) + 10,
            identity=examined.plan.identity,
            on=self.signed.on,
            by=self.signed.by,
            statements=statements,
            counters=tuple(counters.values()),
            worked_out=frozenset(examined.family.derived),
        )

    def _is_inherited(self, fit: FittingFormula) -> bool:
        """Say whether the family works the meter out so by itself."""
        is_family = self.examined.family is self.examined.present
        return fit.origin is SumOrigin.PRESENT and bool(fit.meters) and is_family

    def _lost(self, answer: Answer) -> Iterator[Meter]:
        before = self.examined.answer
        now = decode(self.examined.plan, self.values) if before is not None else None
        for meter, value in now.meters.items() if now is not None else ():
            if meter not in self.stated and answer.meters.get(meter) != value:
                yield meter

    def _carried(self, lost: Sequence[Meter]) -> Iterator[tuple[Meter, ProvedMeter]]:
        planned = {one.meter: one for one in self.examined.plan.meters}
        for meter in lost:
            fit = present_fit(self.examined, meter)
            if fit is not None and not planned[meter].text.startswith(DERIVED):
                confidence, source = planned[meter].confidence, planned[meter].source
                yield meter, ProvedMeter(fit.text, confidence, source=source or None)


def _id_in(path: Path) -> object:
    """Return the id of the profile at `path`, whatever the file is called."""
    return tomllib.loads(path.read_bytes().decode("utf-8-sig")).get("id")


def _statement(verdict: MeterVerdict, fit: FittingFormula) -> ProvedMeter:
    remark = None
    if verdict.state is State.TIED:
        remark = sentence("calibration.alike", fits=len(verdict.ties) + 1)
    return ProvedMeter(
        fit.text,
        verdict.confidence,
        derived=bool(fit.meters),
        figure=verdict.figure,
        remark=remark,
    )
