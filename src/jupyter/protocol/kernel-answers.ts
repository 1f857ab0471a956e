import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { packageRoot } from "../../files/package-root.ts";
import type { Session } from "../cells/tslab.ts";
import type { Content } from "./wire.ts";

type Reader = Pick<Session<unknown>, "complete" | "inspect" | "isComplete">;

type Answer = (session: Reader, content: Content) => Content;

/** What a request gets for an answer, apart from those that run cells. */
export const answers: Readonly<Record<string, Answer>> = {
  kernel_info_request: () => kernelInfo(),
  is_complete_request: (session, { code }) => ({ ...session.isComplete(String(code)) }),
  complete_request: (session, content) => {
    const { code, offset } = cursor(content);
    const { start, end, candidates } = session.complete(code, offset);
    const [cursor_start, cursor_end] = [start, end].map((at) => [...code.slice(0, at)].length);
    return { status: "ok", matches: candidates, cursor_start, cursor_end, metadata: {} };
  },
  inspect_request: (session, content) => {
    const { code, offset } = cursor(content);
    const data = session.inspect(code, offset);
    return { status: "ok", found: data !== undefined, data: { ...data }, metadata: {} };
  },
};

/** Jupyter counts characters, JavaScript halves of some. */
function cursor({ code, cursor_pos }: Content): { code: string; offset: number } {
  const text = String(code);
  return { code: text, offset: [...text].slice(0, Number(cursor_pos)).join("").length };
}

function kernelInfo(): Content {
  const { version } = JSON.parse(readFileSync(join(packageRoot(), "package.json"), "utf8"));
  return {
    status: "ok",
    protocol_version: "5.3",
    implementation: "mixlens",
    implementation_version: version,
    banner: `Mixlens ${version} (TypeScript, Node ${process.version})`,
    help_links: [],
    language_info: {
      name: "typescript",
      version: installedVersion("typescript"),
      mimetype: "text/typescript",
      file_extension: ".ts",
      // The names by which Jupyter's editors know the language.
      codemirror_mode: { mode: "typescript", name: "javascript", typescript: true },
    },
  };
}

function installedVersion(name: string): string {
  return createRequire(import.meta.url)(`${name}/package.json`).version;
}
