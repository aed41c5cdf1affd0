"""Writes the benchmark model `coalition(S, A, T)` in Melian's language, for any number of sectors, actors and weeks.

    python benches/coalition/model.py FOLDER [--sectors 8] [--actors 8] [--weeks 104]

A yardstick for speed, with every kind of work that a war model does: attrition, supply, morale, ties, choices, events. It says nothing about any war.
"""

import argparse
import datetime
import pathlib

START = datetime.date(2024, 1, 1)
ELECTION = 40

TEXT = """melian 0.1

model coalition "A coalition at war, for benchmarks"
time weekly from {start} for {weeks} weeks

index Sector {{ {sectors} }}
index Actor {{ {actors} }}
index Side {{ attacker, defender }}
map other[Side] -> Side {{ attacker: defender, defender: attacker }}

param alpha[Side] ~ {{ attacker: lognormal(median: 0.020, sigma: 0.25), defender: lognormal(median: 0.025, sigma: 0.25) }}
param p ~ triangular(0.5, 0.7, 0.9)
param q ~ triangular(0.2, 0.4, 0.5)
param sigma ~ triangular(0.1, 0.25, 0.5)
param kappa ~ lognormal(median: 8, sigma: 0.4)
param delta ~ normal(0.10, 0.10)
param rho[Side] ~ {{ attacker: lognormal(median: 6, sigma: 0.2), defender: lognormal(median: 5, sigma: 0.2) }}
param prod[Side] ~ {{ attacker: lognormal(median: 60, sigma: 0.2), defender: lognormal(median: 20, sigma: 0.2) }}
param h0 ~ lognormal(median: 0.002, sigma: 0.6)
param pi ~ beta(4, 3)
param lambda ~ beta(2, 5)
param beta_choice ~ lognormal(median: 1.5, sigma: 0.3)
param phi ~ beta(2, 8)
param aid_raw[Actor] ~ normal(5, 1.5)
let aid[a: Actor] = max(0, aid_raw[a])

const v[Sector] = {{ {terrain} }}
const strength0[Side] = {{ attacker: 45, defender: 38 }}
const fill0[Side] = {{ attacker: 0.9, defender: 0.7 }}
const morale0[Side] = {{ attacker: 0.75, defender: 0.80 }}
const central0[Side] = {{ attacker: 400, defender: 150 }}
const cap[Side] = {{ attacker: 80, defender: 70 }}
const sign[Side] = {{ attacker: 1, defender: -1 }}
const place[Actor] = {{ {places} }}
let n0[s: Sector, i: Side] = strength0[i] * v[s]

// State at the start of the week, carried by `previous`: its updates (floors, caps, clamps) are not those of stocks.
let n[s: Sector, i: Side] = previous(n_next[s, i], n0[s, i])
let k[s: Sector, i: Side] = previous(k_next[s, i], fill0[i] * n0[s, i])
let m[s: Sector, i: Side] = previous(m_next[s, i], morale0[i])
let f[s: Sector] = previous(f_next[s], 0)
let central[i: Side] = previous(central_next[i], central0[i])
let pipeline_stock[a: Actor] = previous(pipeline_next[a], 3 * aid[a])
let w[a: Actor] = previous(w_next[a], 0.4 + 0.4 * place[a] / {last_actor})
let tie[a: Actor, b: Actor] = previous(tie_next[a, b], 0.2 + 0.6 / (1 + abs(place[a] - place[b])))

// 1. Escalation and the election.
let front_mean = sum(f[s] for s in Sector) / {sector_count}
let surge = count(support[a] == surging for a in Actor) / {actor_count}
event escalated at rate h0 * exp(1.5 * previous(surge, 0) + 0.5 * abs(front_mean) / 100) * (1 / week)
{election}
let e = if occurred(escalated) then 1 else 0

// 2. Choices.
choice support[a: Actor] by coalition every 4 weeks
  options {{ low, middle, surging }}
  start middle
  utility {{
    low: -2 * (w[a] - 0.5) - 0.2 * front_mean / 100 + 0.3 * e
    middle: 0.5
    surging: -0.2 + 2 * (w[a] - 0.5) + 0.4 * front_mean / 100 - 0.3 * e
  }}
  precision beta_choice
  switching cost 0
  memory none

// 3. Aid.
let factor[a: Actor] = if support[a] == low then 0.4 else if support[a] == middle then 1 else 1.8
let withheld[a: Actor] = {withheld}
let pipeline_next[a: Actor] = pipeline_stock[a] + 2 * aid[a] * factor[a] * w[a] * withheld[a] - pipeline_stock[a] / 3
let arrivals = sum(pipeline_stock[a] / 3 for a in Actor)

// 4. Sectors.
noise z[Sector, Side] ~ normal(0, 1)
let demand[s: Sector, i: Side] = 0.2 * n[s, i]
let used[s: Sector, i: Side] = min(k[s, i], demand[s, i])
let x[s: Sector, i: Side] = n[s, i] * m[s, i] * (0.3 + 0.7 * used[s, i] / demand[s, i])
let loss[s: Sector, j: Side] =
  min(0.5 * n[s, j], alpha[other(j)] * x[s, other(j)] ^ p * n[s, j] ^ q * exp(sigma * z[s, j] - sigma ^ 2 / 2))
let y[s: Sector] = tanh(1.5 * (ln(x[s, attacker] / x[s, defender]) - delta))
let f_next[s: Sector] = f[s] + kappa * y[s]
let need[s: Sector, i: Side] = max(0, n0[s, i] - n[s, i])
let reinforced[i: Side] = min(1, rho[i] / max(sum(need[s, i] for s in Sector), 1e-6))
let n_next[s: Sector, i: Side] = max(n[s, i] - loss[s, i] + need[s, i] * reinforced[i], 0.5)
let request[s: Sector, i: Side] = max(0, n[s, i] - k[s, i])
let requested[i: Side] = sum(request[s, i] for s in Sector)
let shipped[i: Side] = min(central[i], cap[i], requested[i])
let share[i: Side] = shipped[i] / max(requested[i], 1e-6)
let k_next[s: Sector, i: Side] = k[s, i] - used[s, i] + share[i] * request[s, i]
let m_next[s: Sector, i: Side] =
  clamp(m[s, i] + 0.05 * (morale0[i] - m[s, i]) - 0.8 * loss[s, i] / n[s, i] + sign[i] * 0.01 * y[s], 0.05, 1)
let central_next[i: Side] =
  central[i] + (if i == attacker then prod[attacker] * (1 + 0.2 * e) else prod[defender] + arrivals) - shipped[i]

// 5. Support at home.
noise mood[Actor] ~ normal(0, 1)
let y_mean = sum(y[s] for s in Sector) / {sector_count}
let w_next[a: Actor] = clamp(
  w[a] + 0.1 * phi * (0.6 - w[a]) + 0.1 / {actor_count} * sum(tie[a, b] * (w[b] - w[a]) for b in Actor) + 0.02 * y_mean
  + 0.02 * mood[a] - 0.01 * e,
  0, 1)

// 6. Ties.
let tie_next[a: Actor, b: Actor] = tie[a, b] + 0.2 * lambda * (1 - abs(w[a] - w[b]) - tie[a, b])

// Outputs, at the end of the week: what is carried has its new value there, and `previous` is the value of the week.
let strength = ln(sum(x[s, attacker] for s in Sector) / sum(x[s, defender] for s in Sector))
series out00 = sum(n[s, attacker] for s in Sector) "Personnel, attacker"
series out01 = sum(n[s, defender] for s in Sector) "Personnel, defender"
series out02 = sum(loss[s, attacker] for s in Sector) "Losses, attacker"
series out03 = sum(loss[s, defender] for s in Sector) "Losses, defender"
series out04 = mean(m[s, attacker] for s in Sector) "Morale, attacker"
series out05 = mean(m[s, defender] for s in Sector) "Morale, defender"
series out06 = sum(k[s, attacker] for s in Sector) "Shells, attacker"
series out07 = sum(k[s, defender] for s in Sector) "Shells, defender"
series out08 = central[attacker] "Central stock, attacker"
series out09 = central[defender] "Central stock, defender"
series out10 = sum(f[s] for s in Sector) "Front area"
series out11 = max(f[s] for s in Sector) "Front area, greatest"
series out12 = min(f[s] for s in Sector) "Front area, least"
series out13 = previous(arrivals, 0) "Aid arriving"
series out14 = sum(pipeline_stock[a] for a in Actor) "Aid on its way"
series out15 = mean(w[a] for a in Actor) "Support"
series out16 = mean(tie[a, b] for a in Actor, b in Actor) "Ties"
series out17 = surge "Share of surging actors"
series out18 = e "Escalated"
series out19 = previous(strength, 0) "Log ratio of strength"

question escalation = occurred(escalated)
question front_above_300 = sum(f[s] for s in Sector) > 300 at {end}
question defender_below_220 = sum(n[s, defender] for s in Sector) < 220 by {end}
"""


def text(sectors: int, actors: int, weeks: int) -> str:
    """Returns the model."""
    rows = lambda name, values: ", ".join(f"{name}{i}: {value}" for i, value in enumerate(values))
    election = START + datetime.timedelta(weeks=ELECTION)
    held = weeks > ELECTION
    return TEXT.format(
        start=START, weeks=weeks, end=START + datetime.timedelta(weeks=weeks, days=-1),
        sectors=", ".join(f"s{s}" for s in range(sectors)), actors=", ".join(f"a{a}" for a in range(actors)),
        terrain=rows("s", [[0.85, 0.95, 1.05, 1.15][s % 4] for s in range(sectors)]), places=rows("a", range(actors)),
        last_actor=actors - 1, sector_count=sectors, actor_count=actors,
        election=f"event lost at {election} with probability 1 - pi" if held else "",
        withheld="if a == a0 then (if occurred(lost) then 0.3 else 1) else 1" if held else "1",
    )


def write(folder: pathlib.Path, sectors: int, actors: int, weeks: int) -> None:
    """Writes the model into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "coalition.mel").write_text(text(sectors, actors, weeks))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--sectors", type=int, default=8)
    parser.add_argument("--actors", type=int, default=8)
    parser.add_argument("--weeks", type=int, default=104)
    arguments = parser.parse_args()
    write(arguments.folder, arguments.sectors, arguments.actors, arguments.weeks)


if __name__ == "__main__":
    main()
