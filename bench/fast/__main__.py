"""Run everything, and print the figures as JSON lines; exit status 1 if a bar is missed."""

import sys
from multiprocessing import Pool

from bench.fast import figures, release
from bench.fast.cells import cells, run
from bench.fast.seconds import ended


def main() -> int:
    planned = list(cells())
    traffic = [(rps, name) for rps in figures.TRAFFIC for name in figures.FAILING]
    with Pool() as pool:
        waiting = {(rps, name): pool.apply_async(ended, (rps, figures.FAILING[name])) for rps, name in traffic}
        results = list(zip(planned, pool.map(run, planned, chunksize=4), strict=True))
        seconds = {key: each.get() for key, each in waiting.items()}
    measured = [*figures.false_alarms(results), *figures.power(results), *figures.seconds(seconds)]
    measured += release.figures(figures.COMMAND)
    for figure in measured:
        sys.stdout.write(figure.line() + "\n")
    return 0 if all(figure.ok for figure in measured) else 1


if __name__ == "__main__":
    sys.exit(main())
