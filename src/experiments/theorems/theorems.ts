import { curvePlot } from "../../display/curve-plot.ts";
import type { Figure } from "../../display/figure.ts";
import { random } from "../../math/random.ts";
import { mixture } from "../../models/mixture.ts";
import { formatNumber, formatRate } from "../../text/number.ts";
import type { Table } from "../../text/table.ts";
import { symmetricRate } from "../../theory/symmetric-rate.ts";
import { drawStart, type PairSettings, pairOf } from "../figures/symmetric-data.ts";
import type { Study } from "../runner/experiment.ts";
import { limitOf } from "../runner/limit.ts";
import {
  convergenceChecks,
  drawMixture,
  type Found,
  informationChecks,
  liftedChecks,
  populationCheck,
  symmetricChecks,
} from "./theorem-checks.ts";

/** A statement, and what its worst deviation over the instances must be. */
interface Check {
  readonly theorem: string;
  readonly statement: string;
  /** Names of the numbers it is the worst of, one for each model. */
  readonly of: readonly string[];
  /** The worst may be no more than this; of an inequality's slack, no less; of a control, it must be more. */
  readonly atMost?: number;
  readonly atLeast?: number;
}

const linear: PairSettings = { experts: "linear", rows: 500, features: 3, gateNorm: 2, expertNorm: 2 };
const logistic: PairSettings = { experts: "logistic", rows: 1000, features: 2, gateNorm: 4, expertNorm: 4 };
const many = { rows: 80_000, features: 3 };
const pairs = ["linear pair", "logistic pair"];
const mixtures = ["3 linear experts", "2 logistic experts"];
const mixtureRows = 500;
/** So that runs of EM on mixtures have a limit, whatever is drawn. */
const ridge = 0.5;
const all = [...pairs, ...mixtures];
const named = (models: readonly string[], check: string): string[] => models.map((model) => `${model}: ${check}`);

const checks: readonly Check[] = [
  {
    theorem: "4.1",
    statement: "EM is the mirror step in the lift, projected onto Ω (distance of the steps)",
    of: named(mixtures, "step"),
    atMost: 1e-6,
  },
  {
    theorem: "4.1",
    statement: "in the lift D(η, φ) = E KL(p(y, z | x; φ) ‖ p(y, z | x; η))",
    of: named(mixtures, "divergence"),
    atMost: 1e-11,
  },
  {
    theorem: "4.1",
    statement: "in the lift L(η) = L(φ) + ⟨∇L(φ), η − φ⟩ + D(η, φ) − E KL(post(φ) ‖ post(η))",
    of: named(mixtures, "gap"),
    atMost: 1e-11,
  },
  {
    theorem: "4.1",
    statement: "control: the same with the arguments of D exchanged",
    of: named(mixtures, "swapped"),
    atLeast: 1e-3,
  },
  {
    theorem: "5.1",
    statement: "Q(θ | φ) − Q(φ | φ) = ⟨∇L(φ), θ − φ⟩ + D(θ, φ)",
    of: named(pairs, "surrogate"),
    atMost: 1e-11,
  },
  {
    theorem: "5.1",
    statement: "EM is the mirror-descent step of size 1 (distance of the steps)",
    of: named(pairs, "step"),
    atMost: 1e-8,
  },
  { theorem: "5.1", statement: "∇A(θ⁺) = ∇A(θ) − ∇L(θ)", of: named(pairs, "dual"), atMost: 1e-8 },
  {
    theorem: "5.1",
    statement: "D(θ, φ) = E KL(p(y, z | x; φ) ‖ p(y, z | x; θ))",
    of: named(pairs, "divergence"),
    atMost: 1e-11,
  },
  {
    theorem: "5.1",
    statement: "L(θ) = L(φ) + ⟨∇L(φ), θ − φ⟩ + D(θ, φ) − E KL(post(φ) ‖ post(θ))",
    of: named(pairs, "gap"),
    atMost: 1e-11,
  },
  {
    theorem: "5.1",
    statement: "control: the arguments of D exchanged",
    of: named(pairs, "swapped"),
    atLeast: 1e-3,
  },
  { theorem: "5.1", statement: "control: ½‖θ − φ‖² for D", of: named(pairs, "euclidean"), atLeast: 1e-3 },
  { theorem: "5.1", statement: "control: a step of size 0.9", of: named(pairs, "shorter"), atLeast: 1e-3 },
  { theorem: "5.1", statement: "control: a step of size 1.1", of: named(pairs, "longer"), atLeast: 1e-3 },
  {
    theorem: "4.2",
    statement: "Lₜ − Lₜ₊₁ = Qₜ(θᵗ) − Qₜ(θᵗ⁺¹) + E KL(post(θᵗ) ‖ post(θᵗ⁺¹))",
    of: named(all, "identity"),
    atMost: 1e-10,
  },
  {
    theorem: "4.2",
    statement: "every step of a run is the mirror step (in standard errors)",
    of: named(all, "mirror"),
    atMost: 1e-5,
  },
  {
    theorem: "4.2 (i)",
    statement: "(L₁ − L*)/T − minₜ [Qₜ(θᵗ) − Qₜ(θᵗ⁺¹)] ≥ 0",
    of: named(all, "bestStep"),
    atLeast: -1e-10,
  },
  {
    theorem: "4.2 (ii)",
    statement: "D(θ*, θ¹)/T − (L(θᵀ⁺¹) − L*) ≥ 0, of runs on which L is convex relative to A",
    of: named(pairs, "average"),
    atLeast: -1e-10,
  },
  {
    theorem: "B.1 (iii)",
    statement: "E KL(post(θᵗ) ‖ post(θ*)) − [Lₜ₊₁ − L* + Qₜ(θ*) − Qₜ(θᵗ⁺¹)] ≥ 0",
    of: named(all, "contraction"),
    atLeast: -1e-10,
  },
  { theorem: "B.2", statement: "∇²L is the complete less the missing information (by differences)", of: named(all, "hessian"), atMost: 1e-6 },
  {
    theorem: "B.2",
    statement: "the missing relative to the complete information is the Jacobian of EM at its limit (by differences)",
    of: named(all, "jacobian"),
    atMost: 1e-4,
  },
  { theorem: "B.2", statement: "no eigenvalue of that is below 0", of: named(all, "lowest"), atLeast: -1e-12 },
  {
    theorem: "B.2",
    statement: "the rate of EM's own steps is λₘₐₓ at its limit, as near as they come to settle",
    of: named(all, "rate"),
    atMost: 0.03,
  },
  {
    theorem: "B.4",
    statement: `λₘₐₓ at the truth of ${many.rows} rows is the population's (sampling error)`,
    of: named(pairs, "population"),
    atMost: 0.05,
  },
];

/** The theorems in numbers as JSON. */
export interface TheoremsJson {
  /** Whether all checks do. */
  readonly holds: boolean;
  readonly checks: readonly TheoremCheck[];
  readonly populationRates: readonly PopulationRate[];
}

/** All theorems on stated models, one instance a draw of each. */
export const theorems: Study<Found, TheoremsJson> = {
  id: "theorems",
  title: "The theorems in numbers",
  instances: 10,
  settings: { linear, logistic, mixtureRows, ridge, many, checks },
  instance: (seed) => {
    const found: Found = {};
    const note = (model: string, numbers: Found): void => {
      for (const [name, value] of Object.entries(numbers)) found[`${model}: ${name}`] = value;
    };
    [linear, logistic].forEach((settings, at) => {
      const rng = random(seed, at);
      note(pairs[at], symmetricChecks(settings, rng));
      const { model, data, truth } = pairOf(settings, rng);
      const start = drawStart(truth, 0.3, rng);
      const limit = limitOf(model, data, start);
      note(pairs[at], convergenceChecks(model, data, start, limit));
      note(pairs[at], informationChecks(model, data, start, limit));
      note(pairs[at], populationCheck({ ...settings, ...many }, rng));
    });
    (["linear", "logistic"] as const).forEach((experts, at) => {
      const rng = random(seed, 2 + at);
      const drawn = drawMixture(experts, mixtureRows, rng);
      const { model, data, truth } = drawn;
      note(mixtures[at], liftedChecks(drawn, rng));
      const tamed = mixture({ ...model.spec, ridge });
      const limit = limitOf(tamed, data, truth);
      note(mixtures[at], convergenceChecks(tamed, data, truth, limit));
      note(mixtures[at], informationChecks(tamed, data, truth, limit));
    });
    return found;
  },
  summary: (instances) => {
    const found = checks.flatMap((check) => check.of.map((name) => worst(check, name, instances)));
    const rates = populationRates();
    return {
      json: { holds: found.every(({ holds }) => holds), checks: found, populationRates: rates },
      tables: [checkTable(found), rateTable(rates)],
      figures: { "population-rates": ratePlot(rates) },
    };
  },
};

/** A check on one model: its worst value over the instances, held against what it must be. */
export interface TheoremCheck {
  readonly theorem: string;
  readonly statement: string;
  readonly model: string;
  readonly worst: number;
  readonly atMost?: number;
  readonly atLeast?: number;
  /** How many instances it was seen in. */
  readonly seen: number;
  readonly holds: boolean;
}

function worst(check: Check, name: string, instances: readonly Found[]): TheoremCheck {
  const { theorem, statement, atMost, atLeast } = check;
  // JSON has null for what is not finite: as bad as can be.
  const never = atMost === undefined ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  const values = instances.filter((found) => name in found).map((found) => found[name] ?? never);
  const extreme = atMost === undefined ? Math.min(...values) : Math.max(...values);
  return {
    theorem,
    statement,
    model: name.replace(/: .*/, ""),
    worst: extreme,
    ...(atMost !== undefined && { atMost }),
    ...(atLeast !== undefined && { atLeast }),
    seen: values.length,
    holds: values.length > 0 && (atMost === undefined ? extreme >= (atLeast ?? 0) : extreme <= atMost),
  };
}

function checkTable(found: readonly TheoremCheck[]): Table {
  const columns = ["theorem", "statement", ...all, "wanted", "holds"].map((name) => ({ name }));
  const rows = checks.map(({ theorem, statement, atMost, atLeast }) => {
    const verdicts = found.filter((verdict) => verdict.theorem === theorem && verdict.statement === statement);
    const wanted = atMost === undefined ? `≥ ${formatNumber(atLeast ?? 0)}` : `≤ ${formatNumber(atMost)}`;
    const worsts = all.map((model) => verdicts.find((verdict) => verdict.model === model)?.worst);
    return [theorem, statement, ...worsts, wanted, verdicts.every(({ holds }) => holds) ? "yes" : "NO"];
  });
  const caption = "Worst value over the instances: the largest deviation, or the least slack, in nats per row.";
  return { columns, rows, caption };
}

/** λₘₐₓ of features X ~ N(0, I) at the truth. */
export interface PopulationRate {
  readonly experts: "linear" | "logistic";
  readonly expertNorm: number;
  readonly gateNorm: number;
  /** Between w and β, in degrees. */
  readonly angle: number;
  readonly rate: number;
}

const EXPERT_NORMS = [0.5, 1, 2, 4, 8];

function populationRates(): PopulationRate[] {
  return (["linear", "logistic"] as const).flatMap((experts) =>
    [0, 45, 90].flatMap((angle) =>
      [1, 2, 4].flatMap((gateNorm) =>
        EXPERT_NORMS.map((expertNorm) => {
          const rate = symmetricRate({ experts, expertNorm, gateNorm, angle, features: 5 });
          return { experts, expertNorm, gateNorm, angle, rate };
        }),
      ),
    ),
  );
}

function rateTable(rates: readonly PopulationRate[]): Table {
  const columns = [...["experts", "angle", "‖w‖"], ...EXPERT_NORMS.map((norm) => `‖β‖ = ${norm}`)];
  const lines = rates.filter(({ expertNorm }) => expertNorm === EXPERT_NORMS[0]);
  const rows = lines.map(({ experts, angle, gateNorm }) => {
    const line = rates.filter((one) => one.experts === experts && one.angle === angle && one.gateNorm === gateNorm);
    return [experts, angle, gateNorm, ...line.map(({ rate }) => formatRate(rate))];
  });
  const caption = "Theorem B.4: λₘₐₓ of the population at the truth, by integrals over features X ~ N(0, I).";
  return { columns: columns.map((name) => ({ name })), rows, caption };
}

function ratePlot(rates: readonly PopulationRate[]): Figure {
  const shown = rates.filter(({ gateNorm }) => gateNorm === 4);
  const names = new Set(shown.map(({ experts, angle }) => `${experts}, ${angle}°`));
  const curves = Array.from(names, (name) => {
    const points = shown.filter(({ experts, angle }) => `${experts}, ${angle}°` === name);
    return { name, x: points.map(({ expertNorm }) => expertNorm), y: points.map(({ rate }) => rate) };
  });
  return curvePlot(curves, { title: "Rate of EM at the truth, ‖w‖ = 4", x: "‖β‖", y: "λₘₐₓ" });
}
