"""Times `melian run gambit` with one world, two, and so on, turn by turn: the whole command, from text to page.

    cargo build --release
    python benches/worlds.py [rounds]

The gambit's claims name worlds of their own, so they are left out here, and so is the headline that compares two worlds.
"""

import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

MELIAN = pathlib.Path(__file__).resolve().parent.parent / "target" / "release" / "melian"
WORLDS = ["no_troops", "no_shells", "no_dprk", "us_aid_ends", "kyiv_leaves_kursk", "ukraine_mobilises"]


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    seconds = {count: [] for count in range(len(WORLDS) + 1)}
    with tempfile.TemporaryDirectory() as folder:
        model = pathlib.Path(folder) / "gambit"
        subprocess.run([MELIAN, "copy", "gambit", model], check=True, stdout=subprocess.DEVNULL)
        (model / "claims.mel").unlink()
        head = model / "gambit.mel"
        head.write_text("\n".join(line for line in head.read_text().splitlines() if "{effect(" not in line) + "\n")
        for _ in range(rounds):
            for count, taken in seconds.items():
                arguments = [word for name in WORLDS[:count] for word in ("--do", name)]
                began = time.perf_counter()
                subprocess.run([MELIAN, "run", model, "--no-cache", *arguments, "--out", folder], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
                taken.append(time.perf_counter() - began)
    first = statistics.median(seconds[0])
    print("worlds  seconds  each further world / the first")
    for count, taken in seconds.items():
        median = statistics.median(taken)
        share = f"{(median - first) / count / first:.2f}" if count else ""
        print(f"{count + 1:>6}  {median:>7.2f}  {share:>31}")


if __name__ == "__main__":
    main()
