"""What happens to copiers, each kind as people who count pages met it. Only facts, no rules."""

from collections.abc import Callable, Mapping

from tests.truth.machines import Machine, a_machine
from tests.truth.office import HOUR, Lie, Line, Spot, Town, jobs_of
from tests.truth.people import DAY, burst, day_of, stamp

Accident = Callable[[Town, Spot], None]


def _machine(spot: Spot) -> Machine:
    assert spot.machine is not None
    return spot.machine


def _for_polls(town: Town, spot: Spot, begin: int, polls: float, lie: Lie) -> int:
    """Let `spot` answer by `lie` for so many polls; return when it is over."""
    end = begin + int(polls * town.interval)
    town.at(begin, lambda: setattr(spot, "lie", lie))
    town.at(end, lambda: setattr(spot, "lie", None))
    return end


def _figures(figure: Callable[[str, int], int]) -> Lie:
    def lie(said: Line, at: int) -> Line:
        del at
        return {**said, "meters": {name: figure(name, was) for name, was in said["meters"].items()}}

    return lie


def _jump(town: Town, spot: Spot, polls: float) -> None:
    dice, begin = town.dice, town.some_time()
    figure = dice.choice((2**31 - 1, 2**32 - 20, 16_777_215, dice.randrange(10**6, 10**8)))
    only = dice.choice(("", "total"))
    lie = _figures(lambda name, was: max(was, figure) if only in name else was)
    end = _for_polls(town, spot, begin, polls, lie)
    town.note(spot, begin, end + DAY, f"answers {figure} for {polls} polls")


def jump_once(town: Town, spot: Spot) -> None:
    """One answer holds a figure nobody can have printed."""
    _jump(town, spot, 1)


def jump_and_back(town: Town, spot: Spot) -> None:
    """Several answers hold it, then the true one comes back."""
    _jump(town, spot, town.dice.randrange(2, 7))


def zero_at_start(town: Town, spot: Spot) -> None:
    """While it starts, a machine answers 0; then its life."""
    lie = _figures(lambda _name, _was: 0)

    def start(said: Line, at: int) -> Line:
        return {**lie(said, at), "uptime_s": 20}

    _machine(spot).booted = town.begin - 20
    spot.lie = start

    def over() -> None:
        spot.lie = None
        spot.truth.clear()

    town.at(town.begin + town.interval * town.dice.choice((1, 2)), over)
    town.note(spot, town.begin, town.begin + DAY, "answers 0 while it starts")


def brand_new(town: Town, spot: Spot) -> None:
    """A new machine really begins at 0."""
    machine = _machine(spot)
    machine.mono = machine.color = 0
    machine.booted = town.begin - 60
    town.note(spot, town.begin, town.begin + DAY, "is new and stands at 0")


def _repaired(town: Town, spot: Spot, hours: float, change: Callable[[Machine], None]) -> int:
    """Take a machine out of use from a night on for `hours`, and change its counters."""
    begin = town.some_night() if town.dice.random() < 0.6 else town.some_time()
    end = begin + int(hours * HOUR)

    def stop() -> None:
        spot.down = True

    def go_on() -> None:
        change(_machine(spot))
        _machine(spot).booted = end
        spot.down = False

    town.at(begin, stop)
    town.at(end, go_on)
    return begin


def typed_higher(town: Town, spot: Spot) -> None:
    """A repaired board gets a count typed in that is too high."""
    more, hours = town.dice.choice((1000, 5000, 10_000, 50_000)), town.dice.uniform(3, 40)
    begin = _repaired(town, spot, hours, lambda one: one.set_total(one.total + more))
    town.note(spot, begin, begin + hours * HOUR + DAY, f"typed in {more} too high")


def typed_lower(town: Town, spot: Spot) -> None:
    """A repaired board gets an older count back."""
    less, hours = town.dice.choice((40, 120, 700, 5000)), town.dice.uniform(3, 90)
    begin = _repaired(town, spot, hours, lambda one: one.set_total(max(0, one.total - less)))
    town.note(spot, begin, begin + hours * HOUR + DAY, f"restored {less} lower")


def typed_back_older(town: Town, spot: Spot) -> None:
    """A new board starts at 0, prints a little, and gets an older printout's count."""
    less, hours = town.dice.choice((10, 90, 800)), town.dice.uniform(3, 90)
    was: list[int] = []

    def empty(one: Machine) -> None:
        was.append(one.total)
        one.set_total(0)

    begin = _repaired(town, spot, hours, empty)
    back = begin + int(hours * HOUR) + int(town.dice.uniform(1, 8) * max(town.interval, HOUR))
    town.at(back, lambda: _machine(spot).set_total(max(0, was[0] - less)))
    town.note(spot, begin, back + DAY, f"board at 0, then {less} below the old count")


def bad_answer(town: Town, spot: Spot) -> None:
    """One or more answers are 0, or the same small figure, in every meter."""
    polls, figure = town.dice.randrange(1, 4), town.dice.choice((0, 0, 3, 100))
    begin = town.some_time()
    end = _for_polls(town, spot, begin, polls, _figures(lambda _name, _was: figure))
    town.note(spot, begin, end + DAY, f"answers {figure} for {polls} polls")


def foreign_answer(town: Town, spot: Spot) -> None:
    """One answer holds another machine's meters under its own serial."""
    other, begin = a_machine(town.dice, town.begin), town.some_time()
    other.families = _machine(spot).families

    def lie(said: Line, at: int) -> Line:
        del at
        return {**said, "meters": other.meters()}

    end = _for_polls(town, spot, begin, 1, lie)
    town.note(spot, begin, end + DAY, f"answers as a machine at {other.total}")


def _cut(town: Town, spot: Spot, begin: int) -> None:
    lost = town.dice.randrange(1, 20)

    def cut() -> None:
        machine = _machine(spot)
        machine.booted = begin
        machine.mono = max(0, machine.mono - lost)

    town.at(begin, cut)
    town.note(spot, begin, begin + DAY, f"power cut loses {lost}")


def power_cut(town: Town, spot: Spot) -> None:
    """Pages that were read already are gone from the counters after a power cut at night."""
    _cut(town, spot, town.some_night())


def power_cut_by_day(town: Town, spot: Spot) -> None:
    """So are pages that nobody had read yet; it may print past them before the next poll."""
    _cut(town, spot, town.some_time())


def wrap(town: Town, spot: Spot) -> None:
    """The counter passes its end."""
    machine = _machine(spot)
    machine.wrap = town.dice.choice((10**6, 10**7))
    machine.color = 0
    machine.set_total(machine.wrap - int(spot.habit.daily * town.dice.uniform(3, 15)))
    town.note(spot, town.begin, town.end, f"wraps at {machine.wrap}")


def wrap_zero(town: Town, spot: Spot) -> None:
    """Near the counter's end one answer is 0."""
    machine = _machine(spot)
    machine.wrap = 10**6
    machine.color = 0
    machine.set_total(machine.wrap - 2000 - int(spot.habit.daily * 150))
    if machine.mono < 985_000:
        machine.set_total(988_000)
    begin = town.some_time()
    end = _for_polls(town, spot, begin, 1, _figures(lambda _name, _was: 0))
    town.note(spot, begin, end + DAY, f"answers 0 near the wrap, at {machine.total}")


def reset(town: Town, spot: Spot) -> None:
    """A board is exchanged while people wait, and counts from 0."""
    begin = town.some_time()

    def anew() -> None:
        _machine(spot).set_total(0)
        _machine(spot).booted = begin

    town.at(begin, anew)
    town.note(spot, begin, begin + DAY, "reset")


def second_reset(town: Town, spot: Spot) -> None:
    """The new board is exchanged again, some pages later."""
    reset(town, spot)
    first = town.acts[-1][0]
    again = first + int(town.dice.uniform(2, 8) * max(town.interval, 1800))

    def anew() -> None:
        _machine(spot).set_total(0)
        _machine(spot).booted = again

    town.at(again, anew)
    town.note(spot, again, again + DAY, "reset again")


def reset_in_silence(town: Town, spot: Spot) -> None:
    """It falls silent, gets a board that counts from 0, prints, and is heard again later."""
    hours = town.dice.uniform(4, 100)
    begin = _repaired(town, spot, hours, lambda one: one.set_total(0))
    heard = begin + int((hours + town.dice.uniform(0, 30)) * HOUR)
    _unreachable(town, spot, begin - int(town.dice.uniform(0, 20) * HOUR), heard)
    town.note(spot, begin - 20 * HOUR, heard + DAY, f"board exchanged, silent for {hours:.0f} h")


def board_without_serial(town: Town, spot: Spot) -> None:
    """The new board has no serial number, and another MAC."""
    zero = town.dice.random() < 0.5

    def change(one: Machine) -> None:
        one.fields = {key: text for key, text in one.fields.items() if key != "serial"}
        if town.dice.random() < 0.6:
            one.fields["mac"] = "00:11:22:33:44:55"
        if zero:
            one.set_total(0)

    hours = town.dice.uniform(2, 60)
    begin = _repaired(town, spot, hours, change)
    what = f"board without serial, {'from 0' if zero else 'count kept'}"
    town.note(spot, begin, begin + hours * HOUR + DAY, what)


def exchanged_in_silence(town: Town, spot: Spot) -> None:
    """Silent for days; when it is heard again it is another machine."""
    silent = town.some_time(before_days=16)
    broken = silent + int(town.dice.uniform(0, 90) * HOUR)
    new = broken + int(town.dice.uniform(1, 60) * HOUR)
    heard = new + int(town.dice.uniform(0, 90) * HOUR)
    successor = a_machine(town.dice, new, life=town.dice.choice((0, 12, 300, 85_000)))
    successor.booted = new
    _unreachable(town, spot, silent, heard)
    town.at(broken, lambda: setattr(spot, "machine", None))
    town.at(new, lambda: setattr(spot, "machine", successor))
    town.note(spot, silent, heard + DAY, f"exchanged, silent for {(heard - silent) / HOUR:.0f} h")


def exchanged(town: Town, spot: Spot) -> None:
    """Another machine is put there from one day to the next."""
    begin = town.some_night()
    successor = a_machine(town.dice, begin, life=town.dice.choice((0, 25, 120_000)))
    successor.booted = begin + 11 * HOUR
    town.at(begin, lambda: setattr(spot, "machine", None))
    town.at(begin + 11 * HOUR, lambda: setattr(spot, "machine", successor))
    town.note(spot, begin, begin + 2 * DAY, "exchanged overnight")


def swapped(town: Town, spot: Spot) -> None:
    """Two silent machines change places."""
    other = _another(town, spot)
    begin = town.some_time(before_days=12)
    swap, end = begin + int(town.dice.uniform(1, 80) * HOUR), begin + 7 * DAY

    def change() -> None:
        spot.machine, other.machine = other.machine, spot.machine

    for one in (spot, other):
        _unreachable(town, one, begin, end)
        town.note(one, begin, end + DAY, "swapped in a silence")
    town.at(swap, change)


def moved(town: Town, spot: Spot) -> None:
    """One machine is carried to another place, whose own one leaves."""
    other, begin = _another(town, spot), town.some_night()

    def carry() -> None:
        other.machine, spot.machine = spot.machine, None

    town.at(begin, carry)
    town.note(spot, begin, town.end, f"carried to {other.name}")
    town.note(other, begin, begin + 2 * DAY, f"gets the machine of {spot.name}")


def carried_away(town: Town, spot: Spot) -> None:
    """It is taken away; nobody prints there any more."""
    begin = town.some_night()
    town.at(begin, lambda: setattr(spot, "machine", None))
    town.note(spot, begin, town.end, "carried away")


def conflict(town: Town, spot: Spot) -> None:
    """A machine of another office has the same address: now one answers, now the other."""
    other, begin = a_machine(town.dice, town.begin), town.some_time()
    end = begin + int(town.dice.uniform(0.3, 5) * DAY)

    def lie(said: Line, at: int) -> Line:
        other.print(town.dice.randrange(3), 0)
        return other.answer(at) if town.dice.random() < 0.5 else said

    town.at(begin, lambda: setattr(spot, "lie", lie))
    town.at(end, lambda: setattr(spot, "lie", None))
    town.note(spot, begin, end + DAY, f"shares its address for {(end - begin) / HOUR:.0f} h")


def serial_form(town: Town, spot: Spot) -> None:
    """New firmware writes the serial number in another form."""
    begin = town.some_night()

    def change() -> None:
        fields = _machine(spot).fields
        fields["serial"] = fields["serial"].lstrip("0").replace("-", "").upper()
        _machine(spot).booted = begin

    town.at(begin, change)
    town.note(spot, begin, begin + DAY, f"serial of {_machine(spot).fields['serial']} changes form")


def clock_ahead(town: Town, spot: Spot) -> None:
    """The collector's own clock is wrong for some polls."""
    begin = town.some_time()
    ahead = town.dice.choice((DAY, 365 * DAY, 40 * DAY, -20 * DAY))
    end = begin + int(town.dice.choice((1, 1, 2, 5)) * town.interval) + 1
    end = min(end, stamp(day_of(begin), 18 * HOUR))
    town.at(begin, lambda: setattr(town, "clock_ahead", ahead))
    town.at(end, lambda: setattr(town, "clock_ahead", 0))
    for one in town.spots.values():
        one.night_off = False
        town.note(one, begin, town.end, f"clock {ahead // DAY} days ahead")
    del spot


def silence(town: Town, spot: Spot) -> None:
    """The network is away for hours to weeks, the machine goes on printing."""
    begin = town.some_time(before_days=15)
    end = begin + int(town.dice.choice((0.3, 1, 3, 10)) * town.dice.uniform(0.5, 1.4) * DAY)
    _unreachable(town, spot, begin, end)
    town.note(spot, begin, end + DAY, f"silent for {(end - begin) / HOUR:.0f} h")


def silence_over_month_end(town: Town, spot: Spot) -> None:
    """It is silent from one month into the next."""
    month_end = stamp(day_of(stamp(town.first.replace(day=28)) + 5 * DAY).replace(day=1))
    begin = month_end - int(town.dice.uniform(0.2, 9) * DAY)
    end = month_end + int(town.dice.uniform(0.2, 9) * DAY)
    _unreachable(town, spot, max(begin, town.begin + DAY), end)
    town.note(spot, begin, end + DAY, f"silent over the month's end, {(end - begin) / HOUR:.0f} h")


def new_year(town: Town, spot: Spot) -> None:
    """It is silent over the New Year, and somebody prints on a closed day."""
    year = town.first.year
    begin = stamp(town.first.replace(day=28), 17 * HOUR)
    end = stamp(town.first.replace(year=year + 1, month=1, day=5), 8 * HOUR)
    _unreachable(town, spot, begin, end)
    day = town.first.replace(day=town.dice.choice((29, 30, 31)))
    if town.dice.random() < 0.6:
        for at, act in jobs_of(spot, burst(town.dice, spot.habit, day)):
            town.at(at, act)
    town.note(spot, begin, end + DAY, f"silent over the New Year, printing on {day}")


def busy_days(town: Town, spot: Spot) -> None:
    """An election: many times the usual pages for two days, all of them read."""
    day = day_of(town.some_time())
    for at, act in jobs_of(spot, burst(town.dice, spot.habit, day)):
        town.at(at, act)
    town.note(spot, stamp(day), stamp(day) + DAY, "a burst")


def outage(town: Town, spot: Spot) -> None:
    """The whole office is out of reach."""
    begin = town.some_time(before_days=15)
    end = begin + int(town.dice.uniform(0.1, 12) * DAY)
    for one in town.spots.values():
        _unreachable(town, one, begin, end)
        town.note(one, begin, end + DAY, f"outage of {(end - begin) / HOUR:.0f} h")
    del spot


def restart_often(town: Town, spot: Spot) -> None:
    """It is switched off every evening."""
    spot.night_off = True
    town.note(spot, town.begin, town.end, "off at night")


def quiet(town: Town, spot: Spot) -> None:
    """Nothing happens."""
    town.note(spot, town.begin, town.end, "nothing")


def _another(town: Town, spot: Spot) -> Spot:
    """Return a place of its own for what needs two."""
    other = town.spots[f"{spot.name}-other"]
    other.kind, other.night_off = spot.kind, False
    spot.night_off = False
    return other


def _unreachable(town: Town, spot: Spot, begin: int, end: int) -> None:
    town.at(begin, lambda: setattr(spot, "reachable", False))
    town.at(end, lambda: setattr(spot, "reachable", True))


KINDS: Mapping[str, Accident] = {
    one.__name__: one
    for one in (
        *(quiet, restart_often, jump_once, jump_and_back, zero_at_start, brand_new),
        *(typed_higher, typed_lower, typed_back_older, bad_answer, foreign_answer, power_cut),
        *(wrap, wrap_zero, reset, second_reset, reset_in_silence, board_without_serial),
        *(exchanged, exchanged_in_silence, swapped, moved, carried_away, conflict, serial_form),
        *(clock_ahead, silence, silence_over_month_end, new_year, busy_days, outage),
        power_cut_by_day,
    )
}
PAIRS = frozenset({"swapped", "moved"})
WHOLE_OFFICE = frozenset({"clock_ahead", "outage"})
