import { fewBytes, fewMirror, fewTiles, isFew } from "./few";
import { imageBytes, imageTiles } from "./images";
import { theJob, Job } from "./job";
import { blocksOf, HESSIAN, linearMirror, linearRuns, linearTiles, PRODUCT } from "./linear";
import { logisticExpansion, logisticPosterior, logisticPosteriorMirror, logisticRuns } from "./logistic";
import { poissonExpansion, poissonMirror, poissonPosterior, poissonPosteriorMirror, poissonRuns } from "./poisson";
import { softmaxMirror } from "./softmax";
import { RUN } from "./tiles";

/** The kernels; those of few experts follow: see few-layout.ts. */
const LINEAR = 0;
const LOGISTIC_POSTERIOR = 1;
const LOGISTIC_EXPANSION = 2;
const IMAGES = 3;
const POISSON_POSTERIOR = 4;
const POISSON_EXPANSION = 5;

/** Turns of a loop to look before sleeping, about 20 µs: waking up takes longer than most waits. */
const LOOKS = 4000;

const GENERATION = offsetof<Job>("generation");
const LEFT = offsetof<Job>("left");
const DONE = offsetof<Job>("done");

/** Bytes of scratch that the job takes of each at work. */
export function scratchBytes(): i32 {
  const job = theJob();
  if (job.kernel === IMAGES) return <i32>imageBytes(job);
  if (isFew(job)) return <i32>fewBytes(job);
  return <i32>(<usize>runsOf(job) * RUN) + 16 * job.length;
}

function runsOf(job: Job): i32 {
  if (job.kernel === LINEAR) return linearRuns(job);
  return job.kernel >= POISSON_POSTERIOR ? poissonRuns(job) : logisticRuns(job);
}

/** A worker's life: to sleep until there is work, and work. */
export function attend(participant: i32): void {
  for (let seen = 0; ; ) {
    atomic.wait<i32>(GENERATION, seen, -1);
    seen = atomic.load<i32>(GENERATION);
    work(participant);
  }
}

/** Takes chunks until none is left. */
export function work(participant: i32): void {
  const job = theJob();
  for (;;) {
    const left = atomic.sub<i32>(LEFT, 1);
    if (left <= 0) return;
    const chunk = job.chunks - left;
    const first = chunk * job.chunkTiles;
    const end = min(first + job.chunkTiles, job.tileCount);
    const lanes = job.scratch + <usize>participant * job.scratchBytes;
    const sums = job.sums + <usize>chunk * (<usize>job.length << 3);
    if (job.kernel === IMAGES) imageTiles(job, first, end, lanes, sums);
    else if (isFew(job)) fewTiles(job, first, end, lanes, sums);
    else {
      memory.fill(lanes, 0, <usize>job.length << 4);
      runTiles(job, first, end, lanes + (<usize>job.length << 4), lanes);
      addLanes(lanes, job.length, sums);
    }
    const chunks = job.chunks;
    if (atomic.add<i32>(DONE, 1) + 1 === chunks) atomic.notify(DONE, 1);
  }
}

/** Adds the two lanes of each sum: of two sums at a time. */
function addLanes(lanes: usize, length: i32, sums: usize): void {
  const end = sums + (<usize>length << 3);
  for (; sums + 8 < end; sums += 16, lanes += 32) {
    const a = v128.load(lanes);
    const b = v128.load(lanes, 16);
    v128.store(sums, f64x2.add(v128.shuffle<f64>(a, b, 0, 2), v128.shuffle<f64>(a, b, 1, 3)));
  }
  if (sums < end) store<f64>(sums, load<f64>(lanes) + load<f64>(lanes, 8));
}

/** Adds so many bytes of numbers to others. */
function addTo(sums: usize, from: usize, bytes: usize): void {
  const end = sums + bytes;
  for (; sums + 8 < end; sums += 16, from += 16) {
    v128.store(sums, f64x2.add(v128.load(sums), v128.load(from)));
  }
  if (sums < end) store<f64>(sums, load<f64>(sums) + load<f64>(from));
}

function runTiles(job: Job, first: i32, end: i32, scratch: usize, lanes: usize): void {
  if (job.kernel === LINEAR) linearTiles(job, first, end, scratch, lanes);
  else if (job.kernel === LOGISTIC_POSTERIOR) logisticPosterior(job, first, end, scratch, lanes);
  else if (job.kernel === LOGISTIC_EXPANSION) logisticExpansion(job, first, end, scratch, lanes);
  else if (job.kernel === POISSON_POSTERIOR) poissonPosterior(job, first, end, scratch, lanes);
  else if (job.kernel === POISSON_EXPANSION) poissonExpansion(job, first, end, scratch, lanes);
}

/** Waits for the last chunk and adds the sums of all, in order, to those of the first. */
export function finish(): void {
  const job = theJob();
  for (let looks = 0; atomic.load<i32>(DONE) < job.chunks; looks++) {
    if (looks > LOOKS) atomic.wait<i32>(DONE, atomic.load<i32>(DONE), 1_000_000);
  }
  for (let chunk = 1; chunk < job.chunks; chunk++) {
    const bytes = <usize>job.length << 3;
    addTo(job.sums, job.sums + <usize>chunk * bytes, bytes);
  }
  if (job.kernel === LINEAR) linearMirror(job, job.sums);
  if (job.kernel === LOGISTIC_EXPANSION && !(job.parts & PRODUCT)) softmaxMirror(job.sums, job.classes, job.d, blocksOf(job));
  if (job.kernel === LOGISTIC_POSTERIOR) logisticPosteriorMirror(job, job.sums);
  if (job.kernel === POISSON_POSTERIOR) poissonPosteriorMirror(job, job.sums);
  if (job.kernel === POISSON_EXPANSION && job.parts & HESSIAN) poissonMirror(job, job.sums);
  if (isFew(job)) fewMirror(job, job.sums);
}
