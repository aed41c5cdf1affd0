"""Times `coalition(S, A, T)` in Melian and in its peers, turn by turn, after making sure that they agree.

    cargo build --release && cargo build --release -p coalition
    python -m venv target/peers && target/peers/bin/pip install -r benches/coalition/requirements.txt
    target/peers/bin/python benches/coalition/compare.py [--rounds 9] [--sectors 8] [--actors 8] [--weeks 104] [--replicas 10240]

What is timed is the simulation of all futures with means and quantiles of 20 outputs in every week, on two cores; not reading or compiling a model, importing a
library, or writing a page. Melian and `by hand` draw 10 futures under each draw of the parameters, from the same random numbers: they must agree
but for rounding, and in quantiles for the width of a bucket. The others draw parameters for every future, as they like, and must agree within 4.5 standard errors.
"""

import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile

import model

HERE = pathlib.Path(__file__).resolve().parent
RELEASE = HERE.parent.parent / "target" / "release"
REPLICATIONS = 10
STATE = lambda sectors, actors: 7 * sectors + 2 + 3 * actors + actors**2 + 2


class Melian:
    """The command, once for every round."""

    def __init__(self, arguments, *options: str):
        self.options = options
        self.arguments = arguments
        self.folder = tempfile.TemporaryDirectory()
        model.write(pathlib.Path(self.folder.name), arguments.sectors, arguments.actors, arguments.weeks)
        self.peak = 0

    def round(self, seed: int) -> dict:
        out = pathlib.Path(self.folder.name) / "report.json"
        command = [RELEASE / "melian", "run", self.folder.name, "--draws", str(self.arguments.replicas // REPLICATIONS), "--reps", str(REPLICATIONS),
                   "--seed", str(seed), "--threads", "2", "--quiet", "--no-cache", f"--json={out}", "--out", self.folder.name, *self.options]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            sys.exit(f"{command[0]} ended with {process.returncode}")
        self.peak = max(self.peak, usage.ru_maxrss)
        report = json.loads(out.read_text())
        series = [s["worlds"][0] for s in report["series"]]
        weeks = range(self.arguments.weeks)
        return {
            "seconds": [report["run"]["seconds"]],
            "mean": [[s["mean"][week] for s in series] for week in weeks],
            "error": [[s["mc_error"][week] for s in series] for week in weeks],
            "quantiles": [[[s[at][week] for at in ["p05", "p25", "p50", "p75", "p95"]] for s in series] for week in weeks],
            "events": [q["worlds"][0]["mean"] for q in report["questions"]],
        }

    def close(self):
        self.folder.cleanup()


class Server:
    """A program that stays, and runs a round for every seed."""

    def __init__(self, arguments, *command):
        size = [f"--{name}={getattr(arguments, name)}" for name in ["sectors", "actors", "weeks", "replicas"]]
        self.process = subprocess.Popen([*map(str, command), "--serve", *size], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.DEVNULL, text=True)
        if self.process.stdout.readline().strip() != "ready":
            sys.exit(f"{command} does not start")

    def round(self, seed: int) -> dict:
        self.process.stdin.write(f"{seed}\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        status = pathlib.Path(f"/proc/{self.process.pid}/status")
        if status.exists():
            self.peak = next(int(row.split()[1]) for row in status.read_text().splitlines() if row.startswith("VmHWM"))
        return json.loads(line)

    peak = 0

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def disagreement(ours: dict, theirs: dict, weeks: int, replicas: int) -> float:
    """Returns the largest distance of means at the quarters and of shares of events, in standard errors of their difference."""
    apart = []
    for week in [weeks * quarter // 4 - 1 for quarter in (1, 2, 3, 4)]:
        for a, b, ea, eb in zip(ours["mean"][week], theirs["mean"][week], ours["error"][week], theirs["error"][week]):
            error = (ea**2 + eb**2) ** 0.5
            apart.append(abs(a - b) / error if error > 0 else (0 if a == b else float("inf")))
    for a, b in zip(ours["events"], theirs["events"]):
        # Futures of a draw are alike: the error of our share is larger than that of as many futures by themselves.
        p = (a + b) / 2
        error = (p * (1 - p) * (1 / replicas + REPLICATIONS / replicas)) ** 0.5
        apart.append(abs(a - b) / error if error > 0 else (0 if a == b else float("inf")))
    return max(apart)


def buckets(ours: dict, theirs: dict) -> float:
    """Returns the largest distance of quantiles, relative to the larger of the value and the range from 5% to 95%, of all series and weeks."""
    return max(
        abs(a - b) / (max(abs(a), mine[-1] - mine[0]) or 1)
        for week in zip(ours["quantiles"], theirs["quantiles"]) for mine, other in zip(*week) for a, b in zip(mine, other)
    )


def rounding(ours: dict, theirs: dict) -> float:
    """Returns the largest relative distance of means, of all weeks."""
    pairs = [(a, b) for week in zip(ours["mean"], theirs["mean"]) for a, b in zip(*week)]
    scale = [max(map(abs, column)) for column in zip(*ours["mean"])]
    return max(abs(a - b) / (scale[i % len(scale)] or 1) for i, (a, b) in enumerate(pairs))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, default in [("rounds", 9), ("sectors", 8), ("actors", 8), ("weeks", 104), ("replicas", 10_240)]:
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--single", action="store_true", help="Melian in single precision too")
    arguments = parser.parse_args()
    native, python = RELEASE / "coalition", sys.executable
    sides = {
        "Melian": Melian(arguments),
        "Rust by hand": Server(arguments, native, "lanes"),
        "Rust, plain": Server(arguments, native, "plain"),
        "Numba": Server(arguments, python, HERE / "in_numba.py"),
        "JAX": Server(arguments, python, HERE / "in_jax.py"),
        "NumPy": Server(arguments, python, HERE / "in_numpy.py"),
    }
    if arguments.single:
        sides["Melian, single"] = Melian(arguments, "--precision", "single")
        sides["JAX, single"] = Server(arguments, python, HERE / "in_jax.py", "--single")

    # Another seed for each peer of Melian's, so that nothing agrees by accident; by hand has the same.
    first = {name: side.round(1) for name, side in sides.items()}
    ours = first["Melian"]
    exact = rounding(ours, first["Rust by hand"])
    bucket = buckets(ours, first["Rust by hand"])
    print(f"{'Rust by hand':<16} apart by {exact:.1e} of a mean, {bucket:.1%} of a quantile at most")
    # Buckets of both are 1/64 of a distance wide: from zero by hand, in Melian from a value that the series takes.
    if not (exact < 1e-9 and bucket < 2 / 64):
        sys.exit("Melian and Rust by hand do not agree")
    for name in [name for name in sides if name not in ("Melian", "Rust by hand")]:
        apart = disagreement(ours, first[name], arguments.weeks, arguments.replicas)
        print(f"{name:<16} apart by {apart:.1f} standard errors at most")
        if not apart < 4.5:
            sys.exit(f"Melian and {name} do not agree")

    seconds = {name: [] for name in sides}
    for seed in range(2, arguments.rounds + 2):
        for name, side in sides.items():
            seconds[name].append(side.round(seed)["seconds"][0])
        print(f"\rround {seed - 1} of {arguments.rounds}", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    futures = arguments.replicas
    updates = futures * arguments.weeks * STATE(arguments.sectors, arguments.actors)
    base = statistics.median(seconds["Melian"])
    print(f"coalition({arguments.sectors}, {arguments.actors}, {arguments.weeks}), {futures} futures, medians of {arguments.rounds} rounds in turn")
    print(f"{'':<16} {'s':>7} {'least':>7} {'ratio':>7} {'futures/s':>10} {'updates/s':>10} {'MB':>6}")
    for name, values in seconds.items():
        median = statistics.median(values)
        print(f"{name:<16} {median:>7.3f} {min(values):>7.3f} {median / base:>7.2f} {futures / median:>10.0f} {updates / median:>10.1e} "
              f"{sides[name].peak / 1024:>6.0f}")
    for side in sides.values():
        side.close()


if __name__ == "__main__":
    main()
