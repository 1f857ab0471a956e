import type { Data } from "plotly.js-dist-min";
import { type Figure, figure, label, plain, quiet, seriesColor } from "../display/figure.ts";
import { text } from "../errors/kinds.ts";
import { type Declared, readOptions } from "../errors/options.ts";
import type { Fit } from "../fit/fit-result.ts";
import { fittedMixture, rowsOfFit, type Whole } from "../fit/fitted.ts";
import { type Branch, expertsBelow } from "../laws/gates/nodes.ts";
import { byLabel } from "../models/coefficient-table.ts";
import { coefficients } from "../models/coefficients.ts";
import type { ByColumn, Coefficients } from "../models/named-parameters.ts";
import { expertShares } from "../models/shares.ts";
import { formatHundredths, formatNumber } from "../text/number.ts";

/** What may be told to a plot of a tree. */
export interface TreePlotOptions {
  readonly title?: string;
}

const OPTIONS = { title: text } satisfies Declared<TreePlotOptions>;
const ACT = "plot the gates";

/** Coefficients that are written at a branch, and experts of which they are; the cursor shows all. */
const WRITTEN = 3;
const MOST_WRITTEN = 12;

/** A branch of a gate where it is drawn. */
interface Place {
  readonly branch: Branch;
  /** Share of the rows that go there. */
  readonly reach: number;
  readonly from: readonly [x: number, y: number];
  readonly to: readonly [x: number, y: number];
  /** Its log-odds against the first branch; absent: it is that. */
  readonly contrast: ByColumn | undefined;
}

/**
 * A fit's gates from the root to the experts: each branch as wide as the share of the rows that go there, with the
 * coefficients of its log-odds against the first branch of the gate, and those of the experts at the ends.
 *
 * The reach of a node is the sum of the responsibilities below it, so that one that has died is seen. A flat gate is a tree of
 * one level.
 *
 * @throws InputError for a model without its rows
 * @remarks cost that of an E-step where the shares are not known
 * @example
 * ```ts
 * import { datasetPath, fit, treePlot } from "mixlens";
 * const options = { response: "petal_width", features: ["petal_length"], gate: "tree:2x2", starts: 2 } as const;
 * const iris = fit(datasetPath("iris"), options);
 * if (!treePlot(iris).alt.startsWith("A tree of gates: node 1")) throw new Error("from the root down");
 * ```
 */
export function treePlot(fit: Whole, options: TreePlotOptions = {}): Figure {
  fittedMixture(ACT, fit);
  const { title = "Gates and experts" } = readOptions(ACT, options, OPTIONS);
  const { spec } = fit.mixture;
  const found = coefficients(fit);
  const places = placesOf(fit, found);
  const depth = Math.max(...places.map(({ to: [x] }) => x));
  return figure(altOf(places), [...places.map(edge), notes(places, spec.gateColumns), ends(places, found)], {
    title: { text: plain(title) },
    height: Math.max(300, 120 + 84 * spec.k),
    margin: { l: 28, r: 28, t: 56, b: 28 },
    xaxis: { visible: false, range: [-0.12, depth + 0.4 * depth] },
    yaxis: { visible: false, range: [spec.k - 0.4, -0.6] },
    showlegend: false,
    hovermode: "closest",
  });
}

/** Every branch from the root down. */
function placesOf(fit: Whole & Partial<Pick<Fit, "shares">>, { gate }: Coefficients): readonly Place[] {
  const { mixture } = fit;
  const { nodes } = mixture.gateLaw;
  const shares = fit.shares ?? sharesOf(fit);
  const middle = (experts: readonly number[]): number => (experts[0] + experts[experts.length - 1]) / 2;
  const depths = new Map([[0, 0]]);
  let at = 0;
  return nodes.flatMap((node, number) => {
    const x = depths.get(number) ?? 0;
    const from = [x, middle(expertsBelow(node))] as const;
    return node.branches.map((branch, c): Place => {
      if (branch.node !== undefined) depths.set(branch.node, x + 1);
      const reach = branch.experts.reduce((sum, z) => sum + shares[z], 0);
      const contrast = c === 0 ? undefined : gate[at];
      at++;
      return { branch, reach, from, to: [x + 1, middle(branch.experts)], contrast };
    });
  });
}

function sharesOf(fit: Whole): readonly number[] {
  const rows = rowsOfFit(ACT, fit, undefined, "treePlot(fit(data, options))");
  const { responsibilities } = fit.mixture.posterior(fit.theta, rows);
  return expertShares(responsibilities, fit.mixture.spec.k, rows);
}

/** Such as `52 %`. */
function percentOf(reach: number): string {
  return `${reach < 0.01 ? formatHundredths(100 * reach) : (100 * reach).toFixed(0)} %`;
}

/** Such as `alcohol 0.81, flavanoids 0.2`. */
function written(names: readonly string[], values: ByColumn, most: number): string {
  const shown = names
    .slice(0, most)
    .map((name) => `${label(name)} ${formatNumber(Number(values[name].toPrecision(3)))}`);
  return [...shown, ...(names.length > most ? ["…"] : [])].join(", ");
}

/** The outer side of a branch. */
function outer({ from, to }: Place): "bottom center" | "top center" {
  return to[1] > from[1] ? "bottom center" : "top center";
}

/** The name of where a branch leads. */
function nameOf({ name, experts, node }: Branch): string {
  return node === undefined ? `expert ${experts[0] + 1}` : name;
}

function edge({ branch, reach, from, to }: Place): Data {
  return {
    type: "scatter",
    mode: "lines",
    x: [from[0], to[0]],
    y: [from[1], to[1]],
    hoverinfo: "skip",
    line: { color: branch.node === undefined ? seriesColor(branch.experts[0]) : quiet, width: 1 + 15 * reach },
    opacity: 0.6,
  };
}

/** The gates' coefficients, in the middle of their branches. */
function notes(places: readonly Place[], columns: readonly string[]): Data {
  const isWritten = places.length <= 2 * MOST_WRITTEN;
  const own = places.map(({ contrast }) => ({
    short: contrast === undefined ? "reference" : written(columns, contrast, WRITTEN),
    long: contrast === undefined ? "reference" : written(columns, contrast, columns.length),
  }));
  return {
    type: "scatter",
    mode: isWritten ? "text+markers" : "markers",
    x: places.map(({ from, to }) => from[0] + 0.5 * (to[0] - from[0])),
    y: places.map(({ from, to }) => from[1] + 0.5 * (to[1] - from[1])),
    text: own.map(({ short }) => short.replaceAll(", ", "<br>")),
    // On the side that the branch leaves free, as a label on its own middle would be struck by it.
    textposition: places.map((place) => (outer(place) === "top center" ? "top left" : "bottom left")),
    textfont: { color: quiet, size: 11 },
    hovertext: places.map(({ branch }, at) => `${branch.name}: ${own[at].long.replaceAll(", ", "<br>")}`),
    hoverinfo: "text",
    marker: { color: quiet, size: 4 },
  };
}

/** Nodes and experts, with their reach. */
function ends(places: readonly Place[], { columns, experts }: Coefficients): Data {
  const isWritten = experts.length <= MOST_WRITTEN;
  const expertOf = ({ branch }: Place, most: number): readonly string[] => {
    if (branch.node !== undefined) return [];
    return byLabel(experts[branch.experts[0]]).map(({ label: name, values }) => {
      return `${name === "" ? "" : `${label(name)}: `}${written(columns.expert, values, most)}`;
    });
  };
  const headOf = (place: Place): string => `${nameOf(place.branch)}, ${percentOf(place.reach)}`;
  return {
    type: "scatter",
    mode: "text+markers",
    x: places.map(({ to }) => to[0]),
    y: places.map(({ to }) => to[1]),
    text: places.map((place) => {
      const below = isWritten ? expertOf(place, WRITTEN).slice(0, 1) : [];
      const lines = below.flatMap((line) => line.split(", "));
      return [headOf(place), ...lines].map((line) => `  ${line}`).join("<br>");
    }),
    textposition: places.map((place) => (place.branch.node === undefined ? "middle right" : outer(place))),
    hovertext: places.map((place) =>
      [headOf(place), ...expertOf(place, columns.expert.length)].join("<br>").replaceAll(", ", "<br>"),
    ),
    hoverinfo: "text",
    marker: {
      color: places.map(({ branch }) => (branch.node === undefined ? seriesColor(branch.experts[0]) : quiet)),
      size: places.map(({ reach }) => 6 + 18 * Math.sqrt(reach)),
    },
  };
}

function altOf(places: readonly Place[]): string {
  const said = places.map(({ branch, reach }) => {
    const end = branch.node === undefined ? ` (expert ${branch.experts[0] + 1})` : "";
    return `${branch.name}${end} ${percentOf(reach)}`;
  });
  return `A tree of gates: ${said.join(", ")} of the rows.`;
}
