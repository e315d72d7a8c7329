"""Run everything, print the figures as JSON lines, and write the tables; exit status 1 if a bar is missed."""

import sys
from multiprocessing import Pool

from bench.judge.cells import cells, run
from bench.judge.document import write
from bench.judge.figures import APART, figures


def main() -> int:
    planned = list(cells())
    with Pool() as pool:
        waiting = {name: pool.apply_async(measure) for name, measure in APART.items()}
        found = pool.map(run, planned, chunksize=4)
        apart = {name: each.get() for name, each in waiting.items()}
    results = list(zip(planned, found, strict=True))
    measured = list(figures(results, apart))
    write(results, measured)
    for figure in measured:
        sys.stdout.write(figure.line() + "\n")
    return 0 if all(figure.ok for figure in measured) else 1


if __name__ == "__main__":
    sys.exit(main())
