"""Measures what size costs, and draws it: time against sectors, weeks, worlds and futures, and memory against futures.

    cargo build --release
    python benches/growth.py [--rounds 3] [--figure docs/src/images/growth.svg]

Sectors, weeks and futures are those of `coalition(S, 8, T)`, worlds those of the gambit without its claims, which name worlds of their own. Time is that of the
processors for the whole command, from text to page, on two threads: it depends less than the clock on what else the machine does. Memory is the peak. Points are taken
in turn and the least of all rounds counts. The line is the best one through the points; how far they lie from it is printed.
"""

import argparse
import os
import pathlib
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
MELIAN = HERE.parent / "target" / "release" / "melian"
sys.path.insert(0, str(HERE / "coalition"))
import model  # noqa: E402  It lies beside the peers that are held against it.

WORLDS = ["no_troops", "no_shells", "no_dprk", "us_aid_ends", "kyiv_leaves_kursk", "ukraine_mobilises"]
REPLICATIONS = 10


def gambit(folder: pathlib.Path) -> None:
    """Copies the gambit without what names worlds."""
    subprocess.run([MELIAN, "copy", "gambit", folder], check=True, stdout=subprocess.DEVNULL)
    (folder / "claims.mel").unlink()
    head = folder / "gambit.mel"
    head.write_text("\n".join(line for line in head.read_text().splitlines() if "{effect(" not in line) + "\n")


def run(folder: pathlib.Path, draws: int, worlds: int) -> tuple[float, float]:
    """Returns the processor seconds of a command, and its peak memory in MB."""
    command = [MELIAN, "run", folder, "--draws", str(draws), "--reps", str(REPLICATIONS), "--threads", "2", "--quiet", "--no-cache", "--out", folder,
               *(word for name in WORLDS[: worlds - 1] for word in ("--do", name))]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    # What `wait4` tells of memory begins with that of this program.
    status = pathlib.Path(f"/proc/{process.pid}/status")
    peak = 0
    while True:
        ended, code, usage = os.wait4(process.pid, os.WNOHANG)
        if ended:
            break
        peak = next((int(row.split()[1]) for row in status.read_text().splitlines() if row.startswith("VmHWM")), peak)
        time.sleep(0.002)
    process.returncode = os.waitstatus_to_exitcode(code)
    if process.returncode:
        sys.exit(f"{' '.join(map(str, command))} ended with {process.returncode}")
    return usage.ru_utime + usage.ru_stime, peak / 1000


def line(points: list[tuple[float, float]]) -> tuple[float, float]:
    """Returns the intercept and the slope of the line that is nearest in squares."""
    xs, ys = zip(*points)
    x, y = sum(xs) / len(xs), sum(ys) / len(ys)
    slope = sum((a - x) * (b - y) for a, b in points) / sum((a - x) ** 2 for a in xs)
    return y - slope * x, slope


def ticks(most: float) -> list[float]:
    """Returns round numbers from zero to most."""
    power = 10 ** (len(str(int(most))) - 1) if most >= 1 else next(10**-e for e in range(1, 12) if most >= 10**-e)
    step = next(s for s in (power / 5, power / 2, power, 2 * power, 5 * power) if most / s <= 4.5)
    return [i * step for i in range(int(most / step) + 1)]


def panel(left: int, title: str, across: str, up: str, points: list[tuple[float, float]]) -> str:
    """Draws points and their line, both axes from zero."""
    width, height, top = 170, 130, 40
    most_x, most_y = 1.05 * max(x for x, _ in points), 1.12 * max(y for _, y in points)
    at = lambda x, y: (left + width * x / most_x, top + height * (1 - y / most_y))
    parts = [f'<text x="{left}" y="18" class="title">{title}</text>', f'<text x="{left}" y="33">{up}</text>']
    for tick in ticks(most_y):
        _, y = at(0, tick)
        parts.append(f'<path d="M{left} {y:.1f}h{width}" class="grid"/><text x="{left - 5}" y="{y + 3.5:.1f}" class="end">{tick:g}</text>')
    for tick in ticks(most_x):
        x, _ = at(tick, 0)
        label = f"{tick / 1000:g}k" if most_x > 5000 and tick else f"{tick:g}"
        parts.append(f'<text x="{x:.1f}" y="{top + height + 15}" class="middle">{label}</text>')
    parts.append(f'<text x="{left + width}" y="{top + height + 31}" class="end">{across}</text>')
    begin, slope = line(points)
    (x1, y1), (x2, y2) = at(0, max(begin, 0)), at(most_x, begin + slope * most_x)
    parts.append(f'<path d="M{x1:.1f} {y1:.1f}L{x2:.1f} {y2:.1f}" class="line"/>')
    parts += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.5"/>' for x, y in (at(*point) for point in points)]
    return "".join(parts)


STYLE = """text{font:11px sans-serif;fill:#444}.title{font-weight:bold;font-size:12px;fill:#222}.end{text-anchor:end}.middle{text-anchor:middle}
.grid{stroke:#ddd;fill:none}.line{stroke:#b5651d;stroke-width:1.5;fill:none}circle{fill:#1f4e79}"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--figure", type=pathlib.Path)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        root = pathlib.Path(name)
        # For each point: what it is counted by, the model's folder, draws, worlds.
        points: dict[str, list[tuple[int, pathlib.Path, int, int]]] = {"sectors": [], "weeks": [], "worlds": [], "futures": []}
        for sectors in [8, 16, 32, 64, 128]:
            model.write(root / f"s{sectors}", sectors, 8, 52)
            points["sectors"].append((sectors, root / f"s{sectors}", 128, 1))
        for weeks in [52, 104, 208, 416]:
            model.write(root / f"t{weeks}", 8, 8, weeks)
            points["weeks"].append((weeks, root / f"t{weeks}", 256, 1))
        gambit(root / "gambit")
        points["worlds"] = [(worlds, root / "gambit", 256, worlds) for worlds in range(1, len(WORLDS) + 2)]
        model.write(root / "f", 8, 8, 26)
        points["futures"] = [(REPLICATIONS * draws, root / "f", draws, 1) for draws in [1024, 4096, 8192, 16_384, 32_768]]

        seconds: dict[tuple[str, int], float] = {}
        memory: dict[int, float] = {}
        for number in range(arguments.rounds):
            for what, of_panel in points.items():
                for at, folder, draws, worlds in of_panel:
                    took, peak = run(folder, draws, worlds)
                    seconds[what, at] = min(took, seconds.get((what, at), took))
                    if what == "futures":
                        memory[at] = max(peak, memory.get(at, peak))
            print(f"\rround {number + 1} of {arguments.rounds}", end="", file=sys.stderr, flush=True)
        print(file=sys.stderr)

    titles = {"sectors": "128 draws, 52 weeks", "weeks": "256 draws, 8 sectors", "worlds": "the gambit, 256 draws", "futures": "26 weeks, 8 sectors"}
    panels = [(f"{what.capitalize()}", f"{what}: {title}", "processor seconds", [(at, seconds[what, at]) for at, *_ in points[what]])
              for what, title in titles.items()]
    panels.append(("Memory", "futures: 26 weeks, 8 sectors", "MB", sorted(memory.items())))
    for title, across, up, found in panels:
        begin, slope = line(found)
        apart = max(abs(y - begin - slope * x) / y for x, y in found)
        print(f"{title:<8} {up} at {', '.join(f'{x}: {y:.3g}' for x, y in found)}; line {begin:.3g} + {slope:.3g} each, apart {apart:.0%} at most")
    if arguments.figure:
        drawn = "".join(panel(45 + 225 * i, title, across, up, found) for i, (title, across, up, found) in enumerate(panels))
        size = f'width="{225 * len(panels) + 10}" height="210" viewBox="0 0 {225 * len(panels) + 10} 210"'
        arguments.figure.write_text(f'<svg xmlns="http://www.w3.org/2000/svg" {size}><style>{STYLE}</style><rect width="100%" height="100%" fill="#fff"/>{drawn}</svg>\n')


if __name__ == "__main__":
    main()
