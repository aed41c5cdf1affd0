"""What versions of the benchmark model in Python share: their options, and how they answer.

A version is a function of seed and size that returns `[week, output]` means, standard deviations and `[week, output, 5]` quantiles, and the shares of
futures with each of the three events.
"""

import argparse
import json
import sys
import time

PROBABILITIES = [0.05, 0.25, 0.5, 0.75, 0.95]


def serve(description: str, run, warm_up: bool, **more) -> None:
    """Runs rounds and prints one line of JSON for each: once, or with `--serve` for every seed on standard input."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, default in [("sectors", 8), ("actors", 8), ("weeks", 104), ("replicas", 10_240), ("seed", 1)]:
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--serve", action="store_true", help="run a round for every seed on standard input")
    for name, help in more.items():
        parser.add_argument(f"--{name}", action="store_true", help=help)
    arguments = parser.parse_args()
    chosen = {name: getattr(arguments, name) for name in more}

    def round(seed: int) -> None:
        began = time.perf_counter()
        mean, sd, quantiles, events = run(seed, arguments.replicas, arguments.sectors, arguments.actors, arguments.weeks, **chosen)
        seconds = time.perf_counter() - began
        error = sd / arguments.replicas**0.5
        answers = {"mean": mean.tolist(), "error": error.tolist(), "quantiles": quantiles.tolist(), "events": [float(e) for e in events]}
        print(json.dumps({"seconds": [seconds], "replicas": arguments.replicas, **answers}), flush=True)

    if warm_up:
        run(arguments.seed + 1, arguments.replicas, arguments.sectors, arguments.actors, arguments.weeks, **chosen)
    if not arguments.serve:
        round(arguments.seed)
        return
    print("ready", flush=True)
    for line in sys.stdin:
        round(int(line))
