"""The benchmark model `coalition(S, A, T)` in NumPy, as a good user would write it: all futures at once, double precision.

    python benches/coalition/in_numpy.py
"""

import numpy as np

import peer


def run(seed: int, replicas: int, sectors: int, actors: int, weeks: int):
    rng = np.random.default_rng(seed)
    R, S, A = replicas, sectors, actors

    def lognormal(median, sigma, *shape):
        return np.exp(np.log(median) + sigma * rng.standard_normal((R, *shape)))

    alpha = np.stack([lognormal(0.020, 0.25), lognormal(0.025, 0.25)], 1)
    p = rng.triangular(0.5, 0.7, 0.9, R)
    q = rng.triangular(0.2, 0.4, 0.5, R)
    sigma = rng.triangular(0.1, 0.25, 0.5, R)
    kappa = lognormal(8, 0.4)
    delta = rng.normal(0.10, 0.10, R)
    rho = np.stack([lognormal(6, 0.2), lognormal(5, 0.2)], 1)
    prod = np.stack([lognormal(60, 0.2), lognormal(20, 0.2)], 1)
    h0 = lognormal(0.002, 0.6)
    pi = rng.beta(4, 3, R)
    lam = rng.beta(2, 5, R)
    beta = lognormal(1.5, 0.3)
    phi = rng.beta(2, 8, R)
    aid = np.maximum(0, rng.normal(5, 1.5, (R, A)))

    v = 0.85 + 0.1 * (np.arange(S) % 4)
    n0 = np.stack([45 * v, 38 * v], 1)[None]  # 1, S, 2
    mbar = np.array([0.75, 0.80])
    cap = np.array([80.0, 70.0])
    sign = np.array([1.0, -1.0])
    b = np.array([0.0, 0.5, -0.2])
    c = np.array([-2.0, 0.0, 2.0])
    d = np.array([-0.2, 0.0, 0.4])
    e = np.array([0.3, 0.0, -0.3])

    N = np.broadcast_to(n0, (R, S, 2)).copy()
    M = np.broadcast_to(mbar, (R, S, 2)).copy()
    K = N * np.array([0.9, 0.7])
    F = np.zeros((R, S))
    Q = np.broadcast_to(np.array([400.0, 150.0]), (R, 2)).copy()
    P = 3 * aid
    W = np.broadcast_to(0.4 + 0.4 * np.arange(A) / (A - 1), (R, A)).copy()
    C = np.ones((R, A), dtype=np.int64)
    gap = np.abs(np.arange(A)[:, None] - np.arange(A)[None])
    L = np.broadcast_to(0.2 + 0.6 / (1 + gap), (R, A, A)).copy()
    E = np.zeros(R)
    G = np.zeros(R)
    low = np.zeros(R, dtype=bool)
    means, sds = np.empty((2, weeks, 20))
    quantiles = np.empty((weeks, 20, 5))

    for t in range(weeks):
        fbar = F.mean(1)
        surge = (C == 2).mean(1)
        hazard = h0 * np.exp(1.5 * surge + 0.5 * np.abs(fbar) / 100)
        E = np.where((E == 0) & (rng.random(R) < 1 - np.exp(-hazard)), 1.0, E)
        if t == 40:
            G = (rng.random(R) < 1 - pi).astype(float)
        if t % 4 == 0:
            utility = beta[:, None, None] * (
                b + c * (W[:, :, None] - 0.5) + d * fbar[:, None, None] / 100 + e * E[:, None, None]
            )
            C = np.argmax(utility + rng.gumbel(size=(R, A, 3)), axis=2)
        g = np.ones((R, A))
        g[:, 0] = 1 - 0.7 * G
        arrivals = P.sum(1) / 3
        P = P + 2 * aid * np.array([0.4, 1.0, 1.8])[C] * W * g - P / 3

        D = 0.2 * N
        U = np.minimum(K, D)
        X = N * M * (0.3 + 0.7 * U / D)
        other = X[:, :, ::-1]
        z = rng.standard_normal((R, S, 2))
        s_ = sigma[:, None, None]
        loss = np.minimum(
            0.5 * N,
            alpha[:, None, ::-1] * other ** p[:, None, None] * N ** q[:, None, None] * np.exp(s_ * z - s_**2 / 2),
        )
        y = np.tanh(1.5 * (np.log(X[:, :, 0] / X[:, :, 1]) - delta[:, None]))
        F = F + kappa[:, None] * y
        need = np.maximum(0, n0 - N)
        reinforced = np.minimum(1, rho / np.maximum(need.sum(1), 1e-6))
        request = np.maximum(0, N - K)
        requested = request.sum(1)
        shipped = np.minimum(np.minimum(Q, cap), requested)
        K = K - U + (shipped / np.maximum(requested, 1e-6))[:, None] * request
        M = np.clip(M + 0.05 * (mbar - M) - 0.8 * loss / N + sign * 0.01 * y[:, :, None], 0.05, 1)
        N = np.maximum(N - loss + need * reinforced[:, None], 0.5)
        Q = Q + np.stack([prod[:, 0] * (1 + 0.2 * E), prod[:, 1] + arrivals], 1) - shipped

        ybar = y.mean(1)
        pull = np.einsum("rab,rb->ra", L, W) - L.sum(2) * W
        W_next = np.clip(
            W + 0.1 * phi[:, None] * (0.6 - W) + 0.1 / A * pull + 0.02 * ybar[:, None]
            + 0.02 * rng.standard_normal((R, A)) - 0.01 * E[:, None], 0, 1,
        )
        L = L + 0.2 * lam[:, None, None] * (1 - np.abs(W[:, :, None] - W[:, None, :]) - L)
        W = W_next

        front = F.sum(1)
        defenders = N[:, :, 1].sum(1)
        low |= defenders < 220
        outputs = np.stack([
            N[:, :, 0].sum(1), defenders, loss[:, :, 0].sum(1), loss[:, :, 1].sum(1), M[:, :, 0].mean(1), M[:, :, 1].mean(1),
            K[:, :, 0].sum(1), K[:, :, 1].sum(1), Q[:, 0], Q[:, 1], front, F.max(1), F.min(1), arrivals, P.sum(1), W.mean(1),
            L.mean((1, 2)), (C == 2).mean(1), E, np.log(X[:, :, 0].sum(1) / X[:, :, 1].sum(1)),
        ])
        means[t], sds[t] = outputs.mean(1), outputs.std(1)
        quantiles[t] = np.quantile(outputs, peer.PROBABILITIES, axis=1).T

    return means, sds, quantiles, (E.mean(), (front > 300).mean(), low.mean())


if __name__ == "__main__":
    peer.serve(__doc__, run, warm_up=False)
