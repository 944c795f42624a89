"""The long run of the fast reader: `python -m tests.answers [--runs 1000000] [--seed 1]`.

One in ten answers is true, the others are damaged. Each is read as the careful codec reads it, or
left to that one; a true one is never left. Exit code 1 otherwise, with the seed of each miss.
"""

import argparse
import random
from collections import Counter

from rich.progress import TaskID

from collector.cli.output import progress, result, say
from tests.answers.made import KINDS, Kind, Verdict, damaged_answer, talk, true_answer, verdict

TO_ONE_QUESTION = 10


def judged(seed: int) -> tuple[Kind, list[Verdict]]:
    """Return what came of the answers to the question of `seed`, the first of them a true one."""
    dice = random.Random(seed)
    kind = KINDS[seed % len(KINDS)]
    one = talk(dice, kind)
    found = [verdict(one, true_answer(one, dice))]
    found += [verdict(one, damaged_answer(one, dice)) for _ in range(TO_ONE_QUESTION - 1)]
    return kind, found


def main() -> int:
    """Print how many of each kind were read and left."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    counts: Counter[tuple[Kind, str, Verdict]] = Counter()
    seeds = range(asked.seed, asked.seed + -(-asked.runs // TO_ONE_QUESTION))
    with progress("questions", len(seeds)) as bar:
        for seed in seeds:
            kind, found = judged(seed)
            counts[kind, "true", found[0]] += 1
            counts.update((kind, "damaged", one) for one in found[1:])
            if found[0] != "read" or "WRONG" in found:
                say(f"seed {seed}: {kind}: {found}")
            bar.advance(TaskID(0))
    result(f"{'':<6}{'true: read':>14}{'left':>8}{'damaged: read':>16}{'left':>12}{'WRONG':>8}")
    wrong: Counter[Kind] = Counter()
    for kind in KINDS:
        wrong[kind] = counts[kind, "true", "WRONG"] + counts[kind, "damaged", "WRONG"]
        result(
            f"{kind:<6}{counts[kind, 'true', 'read']:>14,}{counts[kind, 'true', 'left']:>8,}"
            f"{counts[kind, 'damaged', 'read']:>16,}{counts[kind, 'damaged', 'left']:>12,}"
            f"{wrong[kind]:>8,}"
        )
    result(f"{counts.total():,} answers")
    is_right = not wrong.total() and not any(counts[kind, "true", "left"] for kind in KINDS)
    return 0 if is_right else 1


if __name__ == "__main__":
    raise SystemExit(main())
