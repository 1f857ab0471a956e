import type { NaturalForm } from "../laws/natural.ts";
import type { Mixture } from "../models/mixture.ts";
import type { Observations } from "../rows/observations.ts";
import { firstRows, totalWeight } from "../rows/units.ts";
import { gateLogarithms, type LiftedRows, type Logarithms, posteriorLogarithms } from "./lifted-probabilities.ts";

/** A mixture, an expert of it in natural parameters, and how many a row has of all experts (q). */
interface LiftedMixture {
  readonly model: Mixture;
  readonly expert: NaturalForm;
  readonly size: number;
}

/** A point η of a lift on some rows. What several of its figures need, a pass over the rows each, is found once. */
export class PointOfLift {
  readonly #k: number;
  #gate: Logarithms | undefined;
  #posterior: Logarithms | undefined;
  #means: Float64Array | undefined;

  /** @param eta n × q; must not change */
  constructor(
    readonly lift: LiftedMixture,
    readonly eta: Float64Array,
    readonly data: Observations,
  ) {
    this.#k = lift.model.experts.length;
  }

  /** log g_z of every unit (U × k), and A_x of each. */
  get gate(): Logarithms {
    this.#gate ??= gateLogarithms(this.lift.expert, this.#k, this.eta, this.data);
    return this.#gate;
  }

  /** log r_z of every unit (U × k), and lse_z ⟨S(y), η_z⟩ of each. */
  get posterior(): Logarithms {
    this.#posterior ??= posteriorLogarithms(this.lift.expert, this.#k, this.eta, this.data);
    return this.#posterior;
  }

  /** ∇A(η) (n × q). */
  get means(): Float64Array {
    this.#means ??= meansOf(this.lift.expert, this.#k, this.eta, this.gate, this.data);
    return this.#means;
  }

  /** L(η). */
  loss(): number {
    const { lift, data } = this;
    const [gate, posterior] = [this.gate.sums, this.posterior.sums];
    return (
      unitMeanOf(data, (unit) => gate[unit] - posterior[unit]) -
      meanOf(data, (row) => lift.expert.logBase(data.response[row], data.trials?.[row] ?? 1))
    );
  }

  /** ∂L/∂η (n × q). */
  lossGradient(): Float64Array {
    const { lift, data } = this;
    const [k, m] = [this.#k, lift.expert.size];
    const statistic = new Float64Array(m);
    const slope = this.means.slice();
    const { logs } = this.posterior;
    for (let row = 0, at = 0; row < data.rows; row++) {
      const from = (data.units?.[row] ?? row) * k;
      lift.expert.statistic(data.response[row], statistic);
      for (let z = 0; z < k; z++) {
        const share = Math.exp(logs[from + z]);
        for (let j = 0; j < m; j++) slope[at++] -= share * statistic[j];
      }
    }
    return slope;
  }

  /** D_A(η, φ). */
  divergence(phi: PointOfLift): number {
    const [a, b] = [this.gate.sums, phi.gate.sums];
    return unitMeanOf(this.data, (unit) => a[unit] - b[unit]) - this.changeFrom(phi, phi.means);
  }

  /** ⟨slope, η − φ⟩. */
  changeFrom({ eta: phi }: PointOfLift, slope: Float64Array): number {
    const { eta, data } = this;
    const q = this.lift.size;
    return meanOf(data, (row) => {
      let sum = 0;
      for (let at = row * q; at < (row + 1) * q; at++) sum += slope[at] * (eta[at] - phi[at]);
      return sum;
    });
  }

  /** E KL(P(z | x, y; η) ‖ P(z | x, y; φ)). */
  posteriorDivergence(phi: PointOfLift): number {
    const k = this.#k;
    const [{ logs: from }, { logs: to }] = [this.posterior, phi.posterior];
    return unitMeanOf(this.data, (unit) => divergenceOf(from, to, unit * k, (unit + 1) * k));
  }
}

/** ∇A(η) (n × q), of which the gate's logarithms are known. */
export function meansOf(
  expert: NaturalForm,
  k: number,
  eta: Float64Array,
  { logs }: Logarithms,
  { units, trials }: LiftedRows,
): Float64Array {
  const m = expert.size;
  const out = new Float64Array(eta.length);
  for (let row = 0, at = 0; at < eta.length; row++) {
    const from = (units?.[row] ?? row) * k;
    for (let z = 0; z < k; z++, at += m) {
      expert.means(eta, at, out, at, trials?.[row] ?? 1);
      const share = Math.exp(logs[from + z]);
      for (let j = at; j < at + m; j++) out[j] *= share;
    }
  }
  return out;
}

/** KL of probabilities, from their logarithms. */
function divergenceOf(from: Float64Array, to: Float64Array, start: number, end: number): number {
  let sum = 0;
  for (let at = start; at < end; at++) {
    // p log(p/q) − p + q sums to the same as p log(p/q), and is never negative: nothing cancels.
    const p = Math.exp(from[at]);
    sum += p * (from[at] - to[at]) - p + Math.exp(to[at]);
  }
  return sum;
}

/** E over the units of the sums over their rows, by weight. */
export function meanOf(data: Observations, value: (row: number) => number): number {
  let sum = 0;
  for (let row = 0; row < data.rows; row++) sum += (data.weights?.[row] ?? 1) * value(row);
  return sum / totalWeight(data);
}

/** E over the units, by weight. */
export function unitMeanOf(data: Observations, value: (unit: number) => number): number {
  const own = data.units && firstRows(data.units);
  const count = own?.length ?? data.rows;
  let sum = 0;
  for (let unit = 0; unit < count; unit++) sum += (data.weights?.[own?.[unit] ?? unit] ?? 1) * value(unit);
  return sum / totalWeight(data);
}
