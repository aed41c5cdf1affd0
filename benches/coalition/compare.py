"""Times `coalition(8, 8, 104)` in Melian and in NumPy, turn by turn, and compares their answers.

    cargo build --release
    python benches/coalition/compare.py [rounds]

Both sides simulate 10,240 futures of 104 weeks in double precision and take means and quantiles of 20 outputs in every week: NumPy as 10,240 draws of
the parameters, Melian as 1,024 draws with 10 futures each. Melian's time is the simulation that it reports (quantiles included, page not) on all cores;
NumPy's is that of its `run`, without importing. Needs NumPy.
"""

import json
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

import numpy

import coalition

HERE = pathlib.Path(__file__).resolve().parent
MELIAN = HERE.parent.parent / "target" / "release" / "melian"
DRAWS, REPLICATIONS = 1_024, 10
REPLICAS = DRAWS * REPLICATIONS


def melian(seed: int) -> tuple[float, dict]:
    with tempfile.TemporaryDirectory() as folder:
        out = pathlib.Path(folder) / "report.json"
        subprocess.run(
            [MELIAN, "run", HERE / "model", "--draws", str(DRAWS), "--reps", str(REPLICATIONS), "--seed", str(seed), f"--json={out}",
             "--out", folder],
            check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )
        report = json.loads(out.read_text())
    answers = {a["label"]["name"]: a["worlds"][0] for a in report["measures"] + report["questions"]}
    return report["run"]["seconds"], answers


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    ours, theirs = [], []
    for seed in range(1, rounds + 1):
        seconds, answers = melian(seed)
        ours.append(seconds)
        began = time.perf_counter()
        _, _, events, final = coalition.run(REPLICAS, seed)
        theirs.append(time.perf_counter() - began)
        print(f"round {seed}: Melian {ours[-1]:.3f} s, NumPy {numpy.__version__} {theirs[-1]:.3f} s")
    names = dict(zip(["escalation", "front_above_300", "defender_below_220"], events))
    names.update({name: values.mean() for name, values in final.items()})
    errors = {name: (p * (1 - p) / REPLICAS) ** 0.5 for name, p in list(names.items())[:3]}
    errors.update({name: values.std() / REPLICAS**0.5 for name, values in final.items()})
    print(f"{'answer':<20} {'Melian':>12} {'NumPy':>12} {'apart by':>9}")
    for name, value in names.items():
        mine = answers[name]
        error = (errors[name] ** 2 + mine["mc_error"] ** 2) ** 0.5
        print(f"{name:<20} {mine['mean']:>12.4f} {value:>12.4f} {(mine['mean'] - value) / error:>6.1f} se")
    print(f"median: Melian {statistics.median(ours):.3f} s, NumPy {statistics.median(theirs):.3f} s, "
          f"ratio {statistics.median(theirs) / statistics.median(ours):.1f}")


if __name__ == "__main__":
    main()
