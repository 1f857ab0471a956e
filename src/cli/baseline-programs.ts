// The other side of the table, as a good user of numpy, scipy, JAX, pandas or flexmix would write it.

/** Eigenvalues of the symmetric matrix in a file, with their vectors or without. */
export const EIGEN = `
import json, sys, time, numpy as np
from scipy.linalg import eigh
a = np.fromfile(sys.argv[1]).reshape(int(sys.argv[2]), -1)
find = lambda: eigh(a, eigvals_only=sys.argv[4] == "eigenvalues")
largest, times = np.max(find() if sys.argv[4] == "eigenvalues" else find()[0]), []
for _ in range(int(sys.argv[3])):
    start = time.perf_counter(); find(); times.append(1000 * (time.perf_counter() - start))
print(json.dumps(dict(medianMs=float(np.median(times)), minMs=min(times), largest=float(largest))))
`;

/** A CSV file, read. */
export const READ = `
import json, sys, time, numpy as np, pandas
times = []
for _ in range(int(sys.argv[2]) + 1):
    start = time.perf_counter(); pandas.read_csv(sys.argv[1]); times.append(1000 * (time.perf_counter() - start))
print(json.dumps(dict(medianMs=float(np.median(times)), minMs=min(times[1:]))))
`;

/** Features that are drawn, a gate, and the expert of each row by it; of experts and response each program draws its own. */
export const GATED_ROWS: string = `
import json, sys, time, numpy as np

n, d, k, threads, runs = map(int, sys.argv[1:6])
rng = np.random.default_rng(1)
x = rng.standard_normal((n, d)); x[:, 0] = 1
w = 0.5 * rng.standard_normal((k - 1, d)) / np.sqrt(d)
z = (np.hstack([np.zeros((n, 1)), x @ w.T]) + rng.gumbel(size=(n, k))).argmax(1)
`;

/** Softmax of a gate or an expert, Gram matrices of two classes, and the timing of what both kinds of steps come to. */
const STEPS = `${GATED_ROWS}
from concurrent.futures import ThreadPoolExecutor

def softmax(a):
    top = a.max(1, keepdims=True); e = np.exp(a - top); s = e.sum(1, keepdims=True)
    return e / s, np.log(s) + top

def with_reference(a): return np.hstack([np.zeros((len(a), 1)), a])

def gram(x, weight):
    t = np.sqrt(weight)[:, None] * x
    return t.T @ t

def pairs(x, p, weight):
    m = p.shape[1]
    return [gram(x, weight * p[:, h] * (1 - p[:, h])) if h == j else -gram(x, weight * p[:, h] * p[:, j])
            for h in range(1, m) for j in range(h, m)]

def solved(grams, gradient, m):
    h = np.zeros((m * d, m * d)); at = 0
    for z in range(m):
        for v in range(z, m):
            h[z*d:z*d+d, v*d:v*d+d] = grams[at]; h[v*d:v*d+d, z*d:z*d+d] = grams[at]; at += 1
    return np.linalg.solve(h, gradient.ravel())

def iteration(rows, pool):
    run = lambda i: block(x[i:i + rows], y[i:i + rows])
    parts = list((pool.map if pool else map)(run, range(0, n, rows)))
    value, gradients, gate, grams = (sum(part[j] for part in parts) for j in range(4))
    own = m * (m + 1) // 2
    for z in range(k): solved(grams[z * own:(z + 1) * own], gradients[z], m)
    solved(grams[k * own:], gate, k - 1)

def timed():
    pool, best = ThreadPoolExecutor(threads) if threads > 1 else None, None
    for rows in (1024, 4096, 16384):
        times = []
        for _ in range(runs):
            start = time.perf_counter(); iteration(rows, pool); times.append(1000 * (time.perf_counter() - start))
        found = dict(medianMs=float(np.median(times)), minMs=min(times))
        if best is None or found["medianMs"] < best["medianMs"]: best = found
    print(json.dumps(best))
`;

/** A step of Poisson experts: block by block, so that a block stays in the cache, in the best of three sizes. */
const POISSON_STEP = `${STEPS}
m = 1
b = rng.standard_normal((k, d)) * np.where(np.arange(d) == 0, 1, 0.6 / np.sqrt(d))
y = rng.poisson(np.exp((x * b[z]).sum(1))).astype(float)

def block(x, y):
    both = x @ np.vstack([b, w]).T
    eta, mean = both[:, :k], np.exp(both[:, :k])
    p, norm = softmax(with_reference(both[:, k:]))
    r, total = softmax(y[:, None] * eta - mean + with_reference(both[:, k:]))
    grams = [gram(x, r[:, z] * mean[:, z]) for z in range(k)] + pairs(x, p, 1)
    return (total - norm).sum(), (r * (y[:, None] - mean)).T @ x, (r - p)[:, 1:].T @ x, np.array(grams)

timed()
`;

/** The same of logistic experts. */
const LOGISTIC_STEP = `${STEPS}
m = int(sys.argv[6]) - 1
b = rng.standard_normal((k, m, d)) * np.where(np.arange(d) == 0, 1, 0.6 / np.sqrt(d))
chances = np.array([softmax(with_reference(x @ b[z].T))[0] for z in range(k)])
y = (rng.uniform(size=n)[:, None] > chances[z, np.arange(n)].cumsum(1)).sum(1).clip(0, m)

def block(x, y):
    both = x @ np.vstack([b.reshape(k * m, d), w]).T
    gate = with_reference(both[:, k * m:])
    p, norm = softmax(gate)
    each = [softmax(with_reference(both[:, z * m:(z + 1) * m])) for z in range(k)]
    rows = np.arange(len(y))
    eta = [with_reference(both[:, z * m:(z + 1) * m])[rows, y] - each[z][1][:, 0] for z in range(k)]
    r, total = softmax(np.array(eta).T + gate)
    label = np.arange(1, m + 1)[None, :] == y[:, None]
    gradients = np.array([(r[:, z:z + 1] * (label - each[z][0][:, 1:])).T @ x for z in range(k)])
    grams = [g for z in range(k) for g in pairs(x, each[z][0], r[:, z])] + pairs(x, p, 1)
    return (total - norm).sum(), gradients, (r - p)[:, 1:].T @ x, np.array(grams)

timed()
`;

/** Steps by the kind of their experts. */
export const STEP_PROGRAMS: Readonly<Record<"poisson" | "logistic", string>> = {
  poisson: POISSON_STEP,
  logistic: LOGISTIC_STEP,
};
