"""The benchmark model `coalition(S, A, T)` in Numba: one future after the other, over all cores, double precision.

    python benches/coalition/in_numba.py
"""

from math import exp, log, tanh

import numba
import numpy as np

import peer


def parameters(rng, R: int, A: int):
    """Returns `[future, parameter]`, and `[future, actor]` aid."""
    lognormal = lambda median, sigma: median * np.exp(sigma * rng.standard_normal(R))
    columns = [
        lognormal(0.020, 0.25), lognormal(0.025, 0.25), rng.triangular(0.5, 0.7, 0.9, R), rng.triangular(0.2, 0.4, 0.5, R),
        rng.triangular(0.1, 0.25, 0.5, R), lognormal(8, 0.4), rng.normal(0.10, 0.10, R), lognormal(6, 0.2), lognormal(5, 0.2),
        lognormal(60, 0.2), lognormal(20, 0.2), lognormal(0.002, 0.6), rng.beta(4, 3, R), rng.beta(2, 5, R), lognormal(1.5, 0.3),
        rng.beta(2, 8, R),
    ]
    return np.stack(columns, 1), np.maximum(0, rng.normal(5, 1.5, (R, A)))


@numba.njit(parallel=True, fastmath=True)
def simulate(seed, parameter, aids, S, A, T, out, events):
    for r in numba.prange(parameter.shape[0]):
        np.random.seed(seed * 1_000_003 + r)
        alpha_a, alpha_d, p, q, sigma, kappa, delta, rho_a, rho_d, prod_a, prod_d, h0, pi, lam, beta, phi = parameter[r]
        aid = aids[r]
        v = np.empty(S)
        for s in range(S):
            v[s] = 0.85 + 0.1 * (s % 4)
        Na, Nd = 45 * v, 38 * v
        Ka, Kd = 0.9 * Na, 0.7 * Nd
        Ma, Md = np.full(S, 0.75), np.full(S, 0.80)
        F = np.zeros(S)
        Qa, Qd = 400.0, 150.0
        P = 3 * aid
        W, C, L, W_next = np.empty(A), np.ones(A, np.int64), np.empty((A, A)), np.empty(A)
        for a in range(A):
            W[a] = 0.4 + 0.4 * a / (A - 1)
            for b in range(A):
                L[a, b] = 0.2 + 0.6 / (1 + abs(a - b))
        E = 0.0
        G = 0.0
        low = 0.0
        for t in range(T):
            fbar = F.sum() / S
            surge = 0.0
            for a in range(A):
                surge += C[a] == 2
            surge /= A
            if E == 0 and np.random.random() < 1 - exp(-h0 * exp(1.5 * surge + 0.5 * abs(fbar) / 100)):
                E = 1.0
            if t == 40:
                G = 1.0 if np.random.random() < 1 - pi else 0.0
            if t % 4 == 0:
                for a in range(A):
                    u0 = exp(beta * (-2 * (W[a] - 0.5) - 0.2 * fbar / 100 + 0.3 * E))
                    u1 = exp(beta * 0.5)
                    u2 = exp(beta * (-0.2 + 2 * (W[a] - 0.5) + 0.4 * fbar / 100 - 0.3 * E))
                    at = np.random.random() * (u0 + u1 + u2)
                    C[a] = 0 if at < u0 else (1 if at < u0 + u1 else 2)
            arrivals = P.sum() / 3
            for a in range(A):
                m = 0.4 if C[a] == 0 else (1.0 if C[a] == 1 else 1.8)
                g = 1 - 0.7 * G if a == 0 else 1.0
                P[a] += 2 * aid[a] * m * W[a] * g - P[a] / 3
            need_a = need_d = request_a = request_d = 0.0
            for s in range(S):
                need_a += max(0.0, 45 * v[s] - Na[s])
                need_d += max(0.0, 38 * v[s] - Nd[s])
                request_a += max(0.0, Na[s] - Ka[s])
                request_d += max(0.0, Nd[s] - Kd[s])
            fill_a, fill_d = min(1.0, rho_a / max(need_a, 1e-6)), min(1.0, rho_d / max(need_d, 1e-6))
            ship_a, ship_d = min(Qa, 80.0, request_a), min(Qd, 70.0, request_d)
            share_a, share_d = ship_a / max(request_a, 1e-6), ship_d / max(request_d, 1e-6)
            losses_a = losses_d = strength_a = strength_d = y_sum = 0.0
            for s in range(S):
                na, nd, ka, kd = Na[s], Nd[s], Ka[s], Kd[s]
                used_a, used_d = min(ka, 0.2 * na), min(kd, 0.2 * nd)
                xa = na * Ma[s] * (0.3 + 0.7 * used_a / (0.2 * na))
                xd = nd * Md[s] * (0.3 + 0.7 * used_d / (0.2 * nd))
                luck_d = exp(sigma * np.random.standard_normal() - sigma**2 / 2)
                luck_a = exp(sigma * np.random.standard_normal() - sigma**2 / 2)
                loss_d = min(0.5 * nd, alpha_a * xa**p * nd**q * luck_d)
                loss_a = min(0.5 * na, alpha_d * xd**p * na**q * luck_a)
                y = tanh(1.5 * (log(xa / xd) - delta))
                F[s] += kappa * y
                Ka[s] = ka - used_a + share_a * max(0.0, na - ka)
                Kd[s] = kd - used_d + share_d * max(0.0, nd - kd)
                Ma[s] = min(1.0, max(0.05, Ma[s] + 0.05 * (0.75 - Ma[s]) - 0.8 * loss_a / na + 0.01 * y))
                Md[s] = min(1.0, max(0.05, Md[s] + 0.05 * (0.80 - Md[s]) - 0.8 * loss_d / nd - 0.01 * y))
                Na[s] = max(na - loss_a + max(0.0, 45 * v[s] - na) * fill_a, 0.5)
                Nd[s] = max(nd - loss_d + max(0.0, 38 * v[s] - nd) * fill_d, 0.5)
                losses_a += loss_a
                losses_d += loss_d
                strength_a += xa
                strength_d += xd
                y_sum += y
            Qa += prod_a * (1 + 0.2 * E) - ship_a
            Qd += prod_d + arrivals - ship_d
            for a in range(A):
                pull = 0.0
                for b in range(A):
                    pull += L[a, b] * (W[b] - W[a])
                w = W[a] + 0.1 * phi * (0.6 - W[a]) + 0.1 / A * pull + 0.02 * y_sum / S + 0.02 * np.random.standard_normal() - 0.01 * E
                W_next[a] = min(1.0, max(0.0, w))
            for a in range(A):
                for b in range(A):
                    L[a, b] += 0.2 * lam * (1 - abs(W[a] - W[b]) - L[a, b])
            for a in range(A):
                W[a] = W_next[a]
            surge = 0.0
            for a in range(A):
                surge += C[a] == 2
            defenders = Nd.sum()
            if defenders < 220:
                low = 1.0
            out[t, 0, r], out[t, 1, r], out[t, 2, r], out[t, 3, r] = Na.sum(), defenders, losses_a, losses_d
            out[t, 4, r], out[t, 5, r], out[t, 6, r], out[t, 7, r] = Ma.sum() / S, Md.sum() / S, Ka.sum(), Kd.sum()
            out[t, 8, r], out[t, 9, r], out[t, 10, r], out[t, 11, r] = Qa, Qd, F.sum(), F.max()
            out[t, 12, r], out[t, 13, r], out[t, 14, r], out[t, 15, r] = F.min(), arrivals, P.sum(), W.sum() / A
            out[t, 16, r], out[t, 17, r], out[t, 18, r], out[t, 19, r] = L.sum() / (A * A), surge / A, E, log(strength_a / strength_d)
        events[r, 0], events[r, 1], events[r, 2] = E, 1.0 if F.sum() > 300 else 0.0, low


def run(seed: int, replicas: int, sectors: int, actors: int, weeks: int):
    parameter, aid = parameters(np.random.default_rng(seed), replicas, actors)
    out, events = np.empty((weeks, 20, replicas)), np.empty((replicas, 3))
    simulate(seed, parameter, aid, sectors, actors, weeks, out, events)
    # NumPy's selection is faster than sorting in Numba over both cores.
    quantiles = np.quantile(out, peer.PROBABILITIES, axis=2).transpose(1, 2, 0)
    return out.mean(2), out.std(2), quantiles, events.mean(0)


if __name__ == "__main__":
    peer.serve(__doc__, run, warm_up=True)
