// The other side of the table for the spectrum, for JAX and for flexmix.

import { GATED_ROWS } from "./baseline-programs.ts";

/** Rows of linear experts, and where they were drawn. */
const ROWS = `${GATED_ROWS}
b = rng.standard_normal((k, d))
y = (x * b[z]).sum(1) + 0.5 * rng.standard_normal(n)
`;

/**
 * The missing-information spectrum of linear experts: scores of gate and experts with the weights r_z (1{z = v} − r_v) make
 * the missing information, and the blocks of the complete one are its second derivatives.
 */
export const SPECTRUM: string = `${ROWS}
from scipy.linalg import block_diag, eigh

def softmax(a):
    e = np.exp(a - a.max(1, keepdims=True))
    return e / e.sum(1, keepdims=True)

def informations():
    both = x @ np.vstack([b, w]).T
    gate = np.hstack([np.zeros((n, 1)), both[:, k:]])
    e = (y[:, None] - both[:, :k]) / 0.5
    p, r = softmax(gate), softmax(gate - 0.5 * e * e)
    ofGate = np.block([[(x * (p[:, h] * ((h == j) - p[:, j]))[:, None]).T @ x for j in range(1, k)] for h in range(1, k)])
    ofExperts = []
    for z in range(k):
        u = np.hstack([x / 0.5, np.sqrt(2) * e[:, z:z + 1]])
        own = (u * r[:, z:z + 1]).T @ u
        own[-1, :-1] *= np.sqrt(2); own[:-1, -1] = own[-1, :-1]
        ofExperts.append(own)
    scores = [(z, x) for z in range(1, k)]
    scores += [(z, np.hstack([x * (e[:, z:z + 1] / 0.5), e[:, z:z + 1] ** 2 - 1])) for z in range(k)]
    blocks = [[None] * len(scores) for _ in scores]
    for a, (z, f) in enumerate(scores):
        for c in range(a, len(scores)):
            v, g = scores[c]
            blocks[a][c] = (f * (r[:, z] * ((z == v) - r[:, v]))[:, None]).T @ g
            blocks[c][a] = blocks[a][c].T
    return block_diag(ofGate, *ofExperts), np.block(blocks)

times = []
for _ in range(runs + 1):
    start = time.perf_counter()
    complete, missing = informations()
    largest = eigh(missing, complete)[0][-1]
    times.append(1000 * (time.perf_counter() - start))
print(json.dumps(dict(medianMs=float(np.median(times[1:])), minMs=min(times[1:]), largest=float(largest))))
`;

/** A step of linear experts with one Newton step of the gate, compiled by JAX for one thread, block by block: the best of three sizes. */
export const JAX_STEP: string = `
import os
os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
os.environ["JAX_PLATFORMS"] = "cpu"
${ROWS}
import jax, jax.numpy as jnp
jax.config.update("jax_enable_x64", True)
pairs = [(h, j) for h in range(1, k) for j in range(h, k)]

def block(rows):
    x, y = rows
    both = x @ jnp.vstack([b, w]).T
    gate = jnp.hstack([jnp.zeros((len(y), 1)), both[:, k:]])
    e = (y[:, None] - both[:, :k]) / 0.5
    joint = gate - 0.5 * e * e
    p, r = jax.nn.softmax(gate), jax.nn.softmax(joint)
    value = (jax.nn.logsumexp(joint, 1) - jax.nn.logsumexp(gate, 1)).sum()
    weights = [r[:, z] for z in range(k)] + [p[:, h] * ((h == j) - p[:, j]) for h, j in pairs]
    grams = jnp.stack([(x * v[:, None]).T @ x for v in weights])
    return value, (r * e).T @ x, (r * e * e).sum(0), (r - p)[:, 1:].T @ x, grams

def step(x, y):
    value, cross, square, slope, grams = jax.tree.map(lambda part: part.sum(0), jax.lax.map(block, (x, y)))
    change = jnp.linalg.solve(grams[:k], cross[:, :, None])
    at = {pair: k + i for i, pair in enumerate(pairs)}
    hessian = jnp.block([[grams[at[min(h, j), max(h, j)]] for j in range(1, k)] for h in range(1, k)])
    return value, change, square, jnp.linalg.solve(hessian, slope.ravel())

best = None
for rows in (1000, 5000, n):
    compiled, parts = jax.jit(step), (jnp.array(x.reshape(-1, rows, d)), jnp.array(y.reshape(-1, rows)))
    jax.block_until_ready(compiled(*parts))
    times = []
    for _ in range(runs):
        start = time.perf_counter(); jax.block_until_ready(compiled(*parts)); times.append(1000 * (time.perf_counter() - start))
    found = dict(medianMs=float(np.median(times)), minMs=min(times))
    if best is None or found["medianMs"] < best["medianMs"]: best = found
print(json.dumps(best))
`;

/** The best of twenty random starts of linear experts and a gate on all columns but the response y, by flexmix, with the reading of the file. */
export const FLEXMIX_SEARCH: string = `
suppressMessages(library(flexmix))
args <- commandArgs(trailingOnly = TRUE)
set.seed(1)
times <- c()
for (run in seq_len(as.integer(args[3]))) {
  start <- proc.time()[["elapsed"]]
  rows <- read.csv(args[1])
  gate <- FLXPmultinom(reformulate(setdiff(names(rows), "y")))
  found <- stepFlexmix(y ~ ., data = rows, k = as.integer(args[2]), concomitant = gate, nrep = 20, verbose = FALSE)
  times <- c(times, proc.time()[["elapsed"]] - start)
}
cat(sprintf('{"totals": [%s], "ll": %.10g}', paste(times, collapse = ", "), logLik(found)))
`;
