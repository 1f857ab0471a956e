// The other side of the table, as a good user of numpy, scipy or pandas would write it.

/** Eigenvalues of the symmetric matrix in a file. */
export const EIGENVALUES = `
import json, sys, time, numpy as np
from scipy.linalg import eigvalsh
a = np.fromfile(sys.argv[1]).reshape(int(sys.argv[2]), -1)
largest, times = eigvalsh(a)[-1], []
for _ in range(int(sys.argv[3])):
    start = time.perf_counter(); eigvalsh(a); times.append(1000 * (time.perf_counter() - start))
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

/** A step of Poisson experts: block by block, so that a block stays in the cache, in the best of three sizes. */
export const POISSON_STEP = `
import json, sys, time, numpy as np
from concurrent.futures import ThreadPoolExecutor

n, d, k, threads, runs = map(int, sys.argv[1:])
rng = np.random.default_rng(1)
x = rng.standard_normal((n, d)); x[:, 0] = 1
b = rng.standard_normal((k, d)) * np.where(np.arange(d) == 0, 1, 0.6 / np.sqrt(d))
w = 0.5 * rng.standard_normal((k - 1, d)) / np.sqrt(d)
z = (np.hstack([np.zeros((n, 1)), x @ w.T]) + rng.gumbel(size=(n, k))).argmax(1)
y = rng.poisson(np.exp((x * b[z]).sum(1))).astype(float)

def block(x, y):
    both = x @ np.vstack([b, w]).T
    eta, mean = both[:, :k], np.exp(both[:, :k])
    g = np.zeros((len(y), k)); g[:, 1:] = both[:, k:]
    a = y[:, None] * eta - mean + g
    ma = a.max(1, keepdims=True); ea = np.exp(a - ma); sa = ea.sum(1, keepdims=True)
    mg = g.max(1, keepdims=True); eg = np.exp(g - mg); sg = eg.sum(1, keepdims=True)
    r, p = ea / sa, eg / sg
    grams = []
    for z in range(k):
        t = np.sqrt(r[:, z:z + 1] * mean[:, z:z + 1]) * x; grams.append(t.T @ t)
    for z in range(1, k):
        for v in range(z, k):
            if z == v: t = np.sqrt(p[:, z:z + 1] * (1 - p[:, z:z + 1])) * x; grams.append(t.T @ t)
            else: t = np.sqrt(p[:, z:z + 1] * p[:, v:v + 1]) * x; grams.append(-(t.T @ t))
    return (np.log(sa / sg) + ma - mg).sum(), (r * (y[:, None] - mean)).T @ x, (r - p)[:, 1:].T @ x, np.array(grams)

def iteration(rows, pool):
    run = lambda i: block(x[i:i + rows], y[i:i + rows])
    parts = list((pool.map if pool else map)(run, range(0, n, rows)))
    value, gb, gw, a = (sum(part[j] for part in parts) for j in range(4))
    for z in range(k): np.linalg.solve(a[z], gb[z])
    h = np.zeros(((k - 1) * d, (k - 1) * d)); at = k
    for z in range(k - 1):
        for v in range(z, k - 1):
            h[z*d:z*d+d, v*d:v*d+d] = a[at]; h[v*d:v*d+d, z*d:z*d+d] = a[at]; at += 1
    np.linalg.solve(h, gw.ravel())

pool, best = ThreadPoolExecutor(threads) if threads > 1 else None, None
for rows in (1024, 4096, 16384):
    times = []
    for _ in range(runs):
        start = time.perf_counter(); iteration(rows, pool); times.append(1000 * (time.perf_counter() - start))
    found = dict(medianMs=float(np.median(times)), minMs=min(times))
    if best is None or found["medianMs"] < best["medianMs"]: best = found
print(json.dumps(best))
`;
