import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { transform } from "rolldown/utils";

const OPTIONS = { lang: "ts", sourcemap: true, tsconfig: false, typescript: { onlyRemoveTypeImports: true } };

/** Takes the types out of a TypeScript module, and leaves word of where its lines were. */
export async function load(url, context, nextLoad) {
  const { protocol, pathname } = new URL(url);
  if (protocol !== "file:" || !pathname.endsWith(".ts")) return nextLoad(url, context);
  const path = fileURLToPath(url);
  const { code, map, errors } = await transform(path, await readFile(path, "utf8"), OPTIONS);
  if (errors.length > 0) throw new SyntaxError(errors.map(({ message }) => `${message} in ${path}`).join("\n"));
  const encoded = Buffer.from(JSON.stringify(map)).toString("base64");
  const source = `${code}\n//# sourceMappingURL=data:application/json;base64,${encoded}`;
  return { format: "module", source, shortCircuit: true };
}
