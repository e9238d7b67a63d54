"""What kill -9 costs: rounds of it under load, and whether any acknowledged row is lost, doubled or miscounted.

    ./hedgerow bench kills [--rounds N] [--seed N]

Each round kills one process of a whole instance, or two at once, while clients send the same bytes until they are
acknowledged; then every row and every rollup of the round is compared with what the clients were told. Exits with 1 on
any loss, duplicate, difference, or answer that a client must not get. A hundred rounds take about ten minutes.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

from bench.quiet import keep_quiet
from tests.support.kills import MOST_ROUNDS, VICTIMS, Round, Rounds

TOGETHER = 0.2  # of the rounds kill two
MANY = 20  # faults are printed one by one up to here
COLUMNS = ("rounds", "acknowledged", "retries", "duplicates", "losses", "differences", "median s", "worst s")


def choose(number: int, rng: random.Random) -> tuple[str, ...]:
    """Return the victims of a round: each in its turn, now and then with another one."""
    first = VICTIMS[number % len(VICTIMS)]
    others = [name for name in VICTIMS if name not in (first, "supervisor")]
    return (first, rng.choice(others)) if first != "supervisor" and rng.random() < TOGETHER else (first,)


def describe(number: int, round_: Round) -> str:
    """Return a line about a round, for those who wait."""
    verdict = round_.verdict
    return (
        f"round {number + 1}: {' and '.join(round_.victims)}, back in {round_.back_s:.1f} s; "
        f"{verdict.acknowledged} requests acknowledged, {verdict.retries} sent again, {len(verdict.faults)} faults"
    )


def print_table(played: Iterable[Round]) -> None:
    """Print a line for each victim; a round with two counts for both."""
    print(f"\n| {'victim':10} | {' | '.join(COLUMNS)} |")
    print(f"|{'-' * 12}|{'|'.join('-' * (len(name) + 1) + ':' for name in COLUMNS)}|")
    for victim in (*VICTIMS, "all"):
        rounds = [round_ for round_ in played if victim in (*round_.victims, "all")]
        if not rounds:
            continue
        verdicts = [round_.verdict for round_ in rounds]
        back_s = sorted(round_.back_s for round_ in rounds)
        figures = (
            f"{len(rounds)}",
            f"{sum(verdict.acknowledged for verdict in verdicts):,}",
            f"{sum(verdict.retries for verdict in verdicts):,}",
            *(
                f"{sum(getattr(verdict, name) for verdict in verdicts):,}"
                for name in ("doubled", "lost", "differences")
            ),
            f"{back_s[len(back_s) // 2]:.1f}",
            f"{back_s[-1]:.1f}",
        )
        print(f"| {victim:10} | {' | '.join(f'{text:>{len(c)}}' for text, c in zip(figures, COLUMNS, strict=True))} |")


def main(arguments: list[str]) -> int:
    """Play the rounds and print the table; the exit status is 1 if any promise was broken."""
    parser = argparse.ArgumentParser(prog="./hedgerow bench kills", description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=100)
    parser.add_argument("--seed", type=int, default=random.randrange(2**32))
    options = parser.parse_args(arguments)
    if not 1 <= options.rounds <= MOST_ROUNDS:
        parser.error(f"--rounds must be between 1 and {MOST_ROUNDS}")
    keep_quiet()
    print(f"seed {options.seed}", flush=True)
    rng = random.Random(options.seed)
    played: list[Round] = []
    faults: list[str] = []
    with tempfile.TemporaryDirectory() as folder, Rounds(Path(folder) / "data", options.seed) as rounds:
        for number in range(options.rounds):
            played.append(rounds.play(*choose(number, rng)))
            print(describe(number, played[-1]), flush=True)
            for text in played[-1].verdict.faults[:MANY]:
                print(f"  {text}", flush=True)
            faults += played[-1].verdict.faults
    print_table(played)
    print(f"\n{len(faults)} broken promises" if faults else "\nEvery promise was kept.")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
