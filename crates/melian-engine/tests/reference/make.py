"""Writes the reference values that the engine's functions are tested against, with mpmath at 60 digits (and SciPy for discrete quantiles).

Run in this folder: python make.py. Each line: function, arguments (as exact hexadecimal doubles), value (rounded to a double).
"""

import random

import mpmath as mp
import scipy.stats as st

mp.mp.dps = 60
random.seed(20241028)
rows = []


def add(name, value, *arguments):
    rows.append(" ".join([name, *(float(a).hex() for a in arguments), float(value).hex()]))


def spread(low, high, n):
    return [random.uniform(low, high) for _ in range(n)]


for x in spread(-20, 20, 400) + spread(-740, 709, 200) + spread(-1e-3, 1e-3, 60) + [0.0, 1.0, -1.0, 709.7, -745.0, -708.5]:
    add("exp", mp.exp(x), x)
for x in spread(-30, 30, 300) + spread(-0.4, 0.4, 200) + spread(-1e-6, 1e-6, 40) + [300.0, 709.0]:
    add("exp_m1", mp.expm1(x), x)
for x in [10**e for e in spread(-300, 300, 300)] + spread(0.4, 2.5, 300) + spread(0.99, 1.01, 100) + [5e-324, 1e-310, 1.7e308]:
    add("ln", mp.log(x), x)
for x in spread(-0.9, 3, 200) + spread(-1e-4, 1e-4, 100):
    add("ln_1p", mp.log1p(x), x)
for x in spread(-3, 3, 300) + spread(-0.01, 0.01, 60) + spread(-25, 25, 60):
    add("tanh", mp.tanh(x), x)
for x in spread(-8, 8, 200) + spread(-700, 40, 60):
    add("logistic", 1 / (1 + mp.exp(-mp.mpf(x))), x)
for x in spread(-7, 7, 200) + spread(-1e5, 1e5, 200):
    add("sin", mp.sin(x), x)
    add("cos", mp.cos(x), x)
for _ in range(500):
    x, y = random.uniform(0.01, 30), random.uniform(-8, 8)
    add("power", mp.power(x, y), x, y)
for _ in range(200):
    x, y = 10 ** random.uniform(-100, 100), random.uniform(-3, 3)
    add("power_far", mp.power(x, y), x, y)
for x in [10**e for e in spread(-4, 6, 200)] + spread(0.5, 3, 100):
    add("ln_gamma", mp.loggamma(x), x)
for p in spread(0.001, 0.999, 200) + [10 ** -e for e in spread(1, 15, 100)] + [1 - 10 ** -e for e in spread(1, 12, 60)]:
    add("normal_quantile", mp.sqrt(2) * mp.erfinv(2 * mp.mpf(p) - 1), p)
for x in spread(-6, 6, 200) + spread(-36, -6, 60):
    add("normal_cdf", mp.ncdf(x), x)


def polish(start, cdf, pdf, p):
    x = mp.mpf(start)
    for _ in range(6):
        x -= (cdf(x) - mp.mpf(p)) / pdf(x)
    return x


def gamma_quantile(k, p):
    density = lambda x: mp.exp((k - 1) * mp.log(x) - x - mp.loggamma(k))
    return polish(st.gamma.ppf(p, k), lambda x: mp.gammainc(k, 0, x, regularized=True), density, p)


def beta_quantile(a, b, p):
    density = lambda x: mp.power(x, a - 1) * mp.power(1 - x, b - 1) / mp.beta(a, b)
    return polish(st.beta.ppf(p, a, b), lambda x: mp.betainc(a, b, 0, x, regularized=True), density, p)


for _ in range(120):
    k = 10 ** random.uniform(-0.7, 2.5)
    x = random.uniform(0.1, 2.5) * k
    add("gamma_cdf", mp.gammainc(k, 0, x, regularized=True), k, x)
    p = random.uniform(0.002, 0.998)
    add("gamma_quantile", gamma_quantile(k, p), k, p)
for _ in range(120):
    a, b = 10 ** random.uniform(-0.5, 2), 10 ** random.uniform(-0.5, 2)
    x = min(max(random.betavariate(a, b), 1e-6), 1 - 1e-6)
    add("beta_cdf", mp.betainc(a, b, 0, x, regularized=True), a, b, x)
    p = random.uniform(0.01, 0.99)
    add("beta_quantile", beta_quantile(a, b, p), a, b, p)
for _ in range(120):
    df, p = 10 ** random.uniform(-0.2, 2), random.uniform(0.005, 0.995)
    add("student_t_quantile", st.t.ppf(p, df), df, p)
    x = random.uniform(-6, 6)
    add("student_t_cdf", 1 - mp.betainc(df / 2, 0.5, 0, df / (df + mp.mpf(x) ** 2), regularized=True) / 2 if x > 0
        else mp.betainc(mp.mpf(df) / 2, 0.5, 0, df / (df + mp.mpf(x) ** 2), regularized=True) / 2, df, x)
for _ in range(300):
    mean, p = 10 ** random.uniform(-2, 5), random.uniform(0, 1)
    add("poisson_quantile", st.poisson.ppf(p, mean), mean, p)
    n, q = float(random.randint(1, 10 ** random.randint(1, 5))), random.uniform(0.001, 0.999)
    add("binomial_quantile", st.binom.ppf(p, n, q), n, q, p)

with open("values.txt", "w") as file:
    file.write("\n".join(rows) + "\n")
print(len(rows), "values")
