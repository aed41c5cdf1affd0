"""The benchmark model `coalition(S, A, T)` in JAX on the CPU: all futures at once, compiled as a whole, a scan over weeks; double precision unless `--single`.

    python benches/coalition/in_jax.py
"""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax, random

import peer


@partial(jax.jit, static_argnums=(1, 2, 3, 4, 5))
def simulate(key, R: int, S: int, A: int, T: int, dtype):
    keys = iter(random.split(key, 32))
    normal = lambda *shape: random.normal(next(keys), (*shape, R), dtype)
    lognormal = lambda median, sigma: median * jnp.exp(sigma * normal())

    def triangular(low, mode, high):
        u = random.uniform(next(keys), (R,), dtype)
        left = low + jnp.sqrt(u * (high - low) * (mode - low))
        right = high - jnp.sqrt((1 - u) * (high - low) * (high - mode))
        return jnp.where(u < (mode - low) / (high - low), left, right)

    beta_of = lambda a, b: random.beta(next(keys), a, b, (R,), dtype)
    alpha = jnp.stack([lognormal(0.020, 0.25), lognormal(0.025, 0.25)])
    p, q, sigma = triangular(0.5, 0.7, 0.9), triangular(0.2, 0.4, 0.5), triangular(0.1, 0.25, 0.5)
    kappa, delta = lognormal(8.0, 0.4), 0.10 + 0.10 * normal()
    rho = jnp.stack([lognormal(6.0, 0.2), lognormal(5.0, 0.2)])
    prod = jnp.stack([lognormal(60.0, 0.2), lognormal(20.0, 0.2)])
    h0, pi, lam = lognormal(0.002, 0.6), beta_of(4.0, 3.0), beta_of(2.0, 5.0)
    beta, phi = lognormal(1.5, 0.3), beta_of(2.0, 8.0)
    aid = jnp.maximum(0, 5 + 1.5 * normal(A))

    v = jnp.asarray(0.85 + 0.1 * (np.arange(S) % 4), dtype)
    column = lambda values: jnp.asarray(values, dtype)
    n0 = (column([45.0, 38.0])[:, None] * v)[:, :, None]  # side, sector, future
    mbar, cap, sign = column([[[0.75]], [[0.80]]]), column([[80.0], [70.0]]), column([[[0.01]], [[-0.01]]])
    gap = np.abs(np.arange(A)[:, None] - np.arange(A)[None])
    full = lambda values: jnp.broadcast_to(values, (*values.shape[:-1], R))
    start = dict(
        N=full(n0), M=full(jnp.broadcast_to(mbar, (2, S, 1))), K=full(n0 * column([[[0.9]], [[0.7]]])), F=jnp.zeros((S, R), dtype),
        Q=full(column([[400.0], [150.0]])), P=3 * aid, W=full(column(0.4 + 0.4 * np.arange(A) / (A - 1))[:, None]),
        C=jnp.ones((A, R), jnp.int32), L=full(column(0.2 + 0.6 / (1 + gap))[:, :, None]), E=jnp.zeros(R, dtype), G=jnp.zeros(R, dtype),
        low=jnp.zeros(R, bool),
    )
    luck = next(keys)

    def week(state, t):
        N, M, K, F, Q, P, W, C, L, E, G, low = (state[name] for name in ["N", "M", "K", "F", "Q", "P", "W", "C", "L", "E", "G", "low"])
        k1, k2, k3, k4, k5 = random.split(random.fold_in(luck, t), 5)
        fbar = F.mean(0)
        surge = (C == 2).astype(dtype).mean(0)
        hazard = h0 * jnp.exp(1.5 * surge + 0.5 * jnp.abs(fbar) / 100)
        E = jnp.where((E == 0) & (random.uniform(k1, (R,), dtype) < 1 - jnp.exp(-hazard)), 1.0, E).astype(dtype)
        G = jnp.where(t == 40, (random.uniform(k2, (R,), dtype) < 1 - pi).astype(dtype), G)

        def choose(_):
            low_, high_ = -2 * (W - 0.5) - 0.2 * fbar / 100 + 0.3 * E, -0.2 + 2 * (W - 0.5) + 0.4 * fbar / 100 - 0.3 * E
            worth = beta * jnp.stack([low_, jnp.full_like(W, 0.5), high_])
            return jnp.argmax(worth + random.gumbel(k3, (3, A, R), dtype), 0).astype(jnp.int32)

        C = lax.cond(t % 4 == 0, choose, lambda _: C, None)
        arrivals = P.sum(0) / 3
        g = jnp.ones((A, R), dtype).at[0].set(1 - 0.7 * G)
        P = P + 2 * aid * column([0.4, 1.0, 1.8])[C] * W * g - P / 3

        D = 0.2 * N
        U = jnp.minimum(K, D)
        X = N * M * (0.3 + 0.7 * U / D)
        z = random.normal(k4, (2, S, R), dtype)
        loss = jnp.minimum(0.5 * N, alpha[::-1, None] * X[::-1] ** p * N**q * jnp.exp(sigma * z - sigma**2 / 2))
        y = jnp.tanh(1.5 * (jnp.log(X[0] / X[1]) - delta))
        F = F + kappa * y
        need = jnp.maximum(0, n0 - N)
        filled = jnp.minimum(1, rho / jnp.maximum(need.sum(1), 1e-6))
        request = jnp.maximum(0, N - K)
        requested = request.sum(1)
        shipped = jnp.minimum(jnp.minimum(Q, cap), requested)
        K = K - U + (shipped / jnp.maximum(requested, 1e-6))[:, None] * request
        M = jnp.clip(M + 0.05 * (mbar - M) - 0.8 * loss / N + sign * y, 0.05, 1)
        N = jnp.maximum(N - loss + need * filled[:, None], 0.5)
        Q = Q + jnp.stack([prod[0] * (1 + 0.2 * E), prod[1] + arrivals]) - shipped

        pull = (L * (W[None] - W[:, None])).sum(1)
        mood = random.normal(k5, (A, R), dtype)
        W_next = jnp.clip(W + 0.1 * phi * (0.6 - W) + 0.1 / A * pull + 0.02 * y.mean(0) + 0.02 * mood - 0.01 * E, 0, 1)
        L = L + 0.2 * lam * (1 - jnp.abs(W[:, None] - W[None]) - L)
        W = W_next
        defenders = N[1].sum(0)
        low = low | (defenders < 220)
        outputs = jnp.stack([
            N[0].sum(0), defenders, loss[0].sum(0), loss[1].sum(0), M[0].mean(0), M[1].mean(0), K[0].sum(0), K[1].sum(0), Q[0], Q[1],
            F.sum(0), F.max(0), F.min(0), arrivals, P.sum(0), W.mean(0), L.mean((0, 1)), (C == 2).astype(dtype).mean(0), E,
            jnp.log(X[0].sum(0) / X[1].sum(0)),
        ])
        state = dict(N=N, M=M, K=K, F=F, Q=Q, P=P, W=W, C=C, L=L, E=E, G=G, low=low)
        return state, outputs

    end, outputs = lax.scan(week, start, jnp.arange(T))
    return outputs, jnp.stack([end["E"].mean(), (end["F"].sum(0) > 300).mean(), end["low"].mean()])


def run(seed: int, replicas: int, sectors: int, actors: int, weeks: int, single: bool):
    outputs, events = simulate(random.key(seed), replicas, sectors, actors, weeks, jnp.float32 if single else jnp.float64)
    # NumPy's sort is several times faster than that of JAX on the CPU.
    outputs = np.asarray(outputs)
    quantiles = np.quantile(outputs, peer.PROBABILITIES, axis=2).transpose(1, 2, 0)
    return outputs.mean(2), outputs.std(2), quantiles, np.asarray(events)


if __name__ == "__main__":
    jax.config.update("jax_enable_x64", True)
    peer.serve(__doc__, run, warm_up=True, single="in single precision")
