"""The long run of the fast reader: `python -m tests.answers [--runs 1000000] [--seed 1]`.

A third of the answers is true, the others are damaged. Each is read as the careful codec reads it,
or left to that one; a true one is never left. Exit code 1 otherwise, with the seed of each miss.
"""

import argparse
import random
from collections import Counter

from rich.progress import TaskID

from collector.cli.output import progress, result, say
from tests.answers.made import KINDS, Kind, Verdict, damaged_answer, talk, true_answer, verdict

TRUE_ONE_IN = 3


def judged(seed: int) -> tuple[Kind, bool, Verdict]:
    """Return what came of the answer of `seed`: its kind, whether it is true, the verdict."""
    dice = random.Random(seed)
    kind = KINDS[seed % len(KINDS)]
    one, is_true = talk(dice, kind), dice.randrange(TRUE_ONE_IN) == 0
    answer = true_answer(one, dice) if is_true else damaged_answer(one, dice)
    found = verdict(one, answer)
    return kind, is_true, "WRONG" if is_true and found != "read" else found


def main() -> int:
    """Print how many of each kind were read and left."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    counts: Counter[tuple[Kind, bool, Verdict]] = Counter()
    with progress("answers", asked.runs) as bar:
        for seed in range(asked.seed, asked.seed + asked.runs):
            found = judged(seed)
            counts[found] += 1
            if found[2] == "WRONG":
                say(f"seed {seed}: {found[0]}, {'true' if found[1] else 'damaged'}: WRONG")
            bar.advance(TaskID(0))
    result(f"{'':<12}{'true, read':>12}{'damaged, read':>15}{'damaged, left':>15}{'WRONG':>8}")
    for kind in KINDS:
        wrong = counts[kind, True, "WRONG"] + counts[kind, False, "WRONG"]
        result(
            f"{kind:<12}{counts[kind, True, 'read']:>12,}{counts[kind, False, 'read']:>15,}"
            f"{counts[kind, False, 'left']:>15,}{wrong:>8,}"
        )
    return 1 if any(verdict == "WRONG" for _, _, verdict in counts) else 0


if __name__ == "__main__":
    raise SystemExit(main())
