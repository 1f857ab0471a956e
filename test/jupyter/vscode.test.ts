import { execFileSync } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { curvePlot } from "../../src/display/curve-plot.ts";
import { mimeBundle } from "../../src/display/mime.ts";
import { vscodeExtension } from "../../src/jupyter/code/vscode-extension.ts";
import { inBrowser } from "./lab-driver.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "vscode-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** What another program finds in a ZIP file, after it has held each file against its checksum. */
async function unzipped(bytes: Buffer): Promise<Record<string, string>> {
  const file = join(folder, "some.zip");
  await writeFile(file, bytes);
  const script = `import json, sys, zipfile
z = zipfile.ZipFile(sys.argv[1])
assert z.testzip() is None
print(json.dumps({name: z.read(name).decode() for name in z.namelist()}))`;
  return JSON.parse(execFileSync("python3", ["-c", script, file], { encoding: "utf8", maxBuffer: 2 ** 26 }));
}

test("the extension says what it is, and what it loads is there", async () => {
  const files = await unzipped(vscodeExtension());
  const { name, publisher, version, engines, contributes } = JSON.parse(files["extension/package.json"]);
  const [{ type, entrypoint }] = contributes.notebookPreload;
  expect(type).toBe("jupyter-notebook");
  expect(Object.keys(files)).toContain(join("extension", entrypoint));
  const manifest = files["extension.vsixmanifest"];
  for (const said of [
    `Id="${name}"`,
    `Publisher="${publisher}"`,
    `Version="${version}"`,
    `Value="${engines.vscode}"`,
  ]) {
    expect(manifest).toContain(said);
  }
  for (const path of Object.keys(files)) {
    const ending = path.slice(path.lastIndexOf("."));
    if (path !== "[Content_Types].xml") expect(files["[Content_Types].xml"]).toContain(`Extension="${ending}"`);
  }
});

/** Puts outputs on a page as VS Code does: HTML as text, and then a copy of each script at the end of its output. */
function asInVsCode(page: Page, outputs: readonly string[]): Promise<void> {
  return page.evaluate((outputs) => {
    for (const html of outputs) {
      const output = document.body.appendChild(document.createElement("div"));
      output.innerHTML = html;
      for (const script of [...output.querySelectorAll("script")]) {
        const copy = document.createElement("script");
        copy.type = script.type;
        copy.text = script.text;
        output.appendChild(copy).remove();
      }
    }
  }, outputs);
}

test.each(["before", "after"])("figures live where its script is loaded %s them, each in its place", async (when) => {
  const files = await unzipped(vscodeExtension());
  const titles = ["first", "second"];
  const figures = titles.map((title) => curvePlot([{ name: "EM", y: [3, 2, 1] }], { title, x: "step", y: "loss" }));
  const outputs = (await Promise.all(figures.map(mimeBundle))).map((bundle) => bundle["text/html"]);
  await inBrowser(async (page) => {
    const load = () => page.addScriptTag({ type: "module", content: files["extension/plotly.js"] });
    const live = page.locator(".js-plotly-plot .gtitle");
    if (when === "before") await load();
    await asInVsCode(page, outputs);
    if (when === "after") {
      // Until then, and without it, they are pictures.
      expect(await live.count()).toBe(0);
      expect(await page.locator("img.mixlens-picture:visible").count()).toBe(2);
      await load();
    }
    await expect.poll(() => live.allTextContents(), { timeout: 20_000 }).toEqual(titles);
    expect(await page.locator("img.mixlens-picture:visible").count()).toBe(0);
  });
});

test("a figure of a page that is hidden at first has room for its names, on a telephone below it", async () => {
  const files = await unzipped(vscodeExtension());
  const curves = ["a name that takes its room", "another name"].map((name) => ({ name, y: [3, 2, 1] }));
  const bundle = await mimeBundle(curvePlot(curves, { title: "A title of more than one line", x: "step", y: "loss" }));
  await inBrowser(async (page) => {
    await page.setViewportSize({ width: 390, height: 800 });
    await page.evaluate("document.body.style.display = 'none'");
    await asInVsCode(page, [bundle["text/html"]]);
    await page.addScriptTag({ type: "module", content: files["extension/plotly.js"] });
    await page.waitForTimeout(200);
    await page.evaluate("document.body.style.display = ''");
    const box = async (part: string) => (await page.locator(`.legend ${part}`).first().boundingBox())!;
    const [name, all] = [await box(".legendtext"), await box(".bg")];
    expect(name.x + name.width).toBeLessThan(all.x + all.width);
    expect(all.x + all.width).toBeLessThan(390);
    expect(all.y).toBeGreaterThan((await page.locator(".xy").first().boundingBox())!.y + 100);
  });
});

test("figures and pictures are as dark as the theme, and follow it", async () => {
  const files = await unzipped(vscodeExtension());
  const bundle = await mimeBundle(curvePlot([{ name: "EM", y: [3, 2, 1] }], { title: "one", x: "step", y: "loss" }));
  await inBrowser(async (page) => {
    const theme = (kind: string, text: string, ground: string) =>
      page.evaluate(`document.documentElement.style.setProperty("--vscode-editor-background", "${ground}");
        document.body.style.color = "${text}";
        document.body.dataset.vscodeThemeId = "${kind}";`);
    await theme("dark", "#cccccc", "rgb(31, 31, 31)");
    await asInVsCode(page, [bundle["text/html"]]);
    expect(await page.locator("img.mixlens-picture").evaluate(({ style }) => style.filter)).toContain("invert");
    await page.addScriptTag({ type: "module", content: files["extension/plotly.js"] });
    const ground = () =>
      page
        .locator(".main-svg")
        .first()
        .evaluate(({ style }) => style.background);
    await page.locator(".main-svg").first().waitFor();
    expect(await ground()).toBe("rgb(31, 31, 31)");
    await theme("light", "#3b3b3b", "rgb(255, 255, 255)");
    await expect.poll(ground).toBe("rgb(255, 255, 255)");
  });
});

test("the command writes it, and says how it is installed", async () => {
  const cli = join(import.meta.dirname, "../../dist/cli.mjs");
  const out = join(folder, "figures.vsix");
  execFileSync(process.execPath, [cli, "vscode", "--out", out]);
  const written = await unzipped(await readFile(out));
  const own = await unzipped(vscodeExtension());
  // The functions in it have the text of their build.
  const rest = ({ "extension/plotly.js": _, ...files }: Record<string, string>) => files;
  expect(rest(written)).toEqual(rest(own));
  expect(written["extension/plotly.js"]).toContain("mixlensTheme");
  execFileSync(process.execPath, [cli, "vscode", "--out", join(folder, "again.vsix")]);
  expect((await readFile(join(folder, "again.vsix"))).equals(await readFile(out))).toBe(true);
});
