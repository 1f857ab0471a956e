// The layers, low to high: a module may import its own layer and those below it, and each outside
// dependency comes in by one door.
const layers = [
  ["errors", "text"],
  ["files", "math", "compute"],
  ["table", "rows", "spark"],
  ["datasets", "solve"],
  ["laws"],
  ["models"],
  ["frame", "algorithms"],
  ["fit"],
  ["theory", "images", "routes"],
  ["inference"],
  ["display"],
  ["charts"],
  ["experiments"],
  ["jupyter"],
  ["cli"],
];
const folder = (names) => `^src/(${names.join("|")})(/|\\.ts$)`;

const upward = layers.slice(0, -1).map((names, level) => ({
  name: `no-import-above-${names.join("-")}`,
  severity: "error",
  from: { path: folder(names) },
  to: { path: folder(layers.slice(level + 1).flat()) },
}));

const door = (dependency, path) => ({
  name: `one-door-for-${dependency}`,
  severity: "error",
  from: { path: "^src/", pathNot: path },
  to: { path: `(^|node_modules/)${dependency}(/|$)` },
});

module.exports = {
  forbidden: [
    { name: "no-cycles", severity: "error", from: {}, to: { circular: true } },
    { name: "no-orphans", severity: "error", from: { orphan: true, path: "^src/" }, to: {} },
    { name: "resolvable", severity: "error", from: {}, to: { couldNotResolve: true } },
    { name: "no-test-in-source", severity: "error", from: { path: "^src/" }, to: { path: "^test/" } },
    ...upward,
    {
      name: "display-knows-types-only",
      severity: "error",
      from: { path: "^src/display/" },
      to: {
        path: "^src/(math|compute|table|rows|datasets|solve|laws|models|frame|algorithms|fit|theory|images|routes|inference)/",
        dependencyTypesNot: ["type-only"],
      },
    },
    door("worker_threads", "^src/(compute|display|jupyter)/"),
    door("plotly.js-dist-min", "^src/(display|charts)/"),
    door("fflate", "^src/jupyter/code/"),
    door("fast-png", "^src/display/render/"),
    door("@duckdb", "^src/table/duckdb/"),
    door("@grpc", "^src/spark/"),
    door("apache-arrow", "^src/(spark|table/arrow)/"),
    door("happy-dom", "^src/display/render/browserless.ts$"),
    door("tslab", "^src/jupyter/"),
    door("typescript", "^src/jupyter/"),
    door("danfojs-node", "^$"),
    door("pure-rand", "^$"),
    door("commander", "^src/cli/"),
    door("valibot", "^src/fit/model-schema.ts$"),
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    // AssemblyScript: another language, compiled by .kernels.mjs.
    exclude: { path: "^src/compute/assembly/" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    enhancedResolveOptions: { exportsFields: ["exports"], conditionNames: ["import", "require", "node", "default"] },
  },
};
