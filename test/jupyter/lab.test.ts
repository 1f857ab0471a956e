import { once } from "node:events";
import { readdirSync } from "node:fs";
import { copyFile, readFile } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { expect, test } from "vitest";
import { startLab } from "../../src/jupyter/lab/lab.ts";
import { isRunnable, readNotebook } from "../../src/jupyter/run/notebook.ts";
import { actInLab, freePort, runInLab } from "./lab-driver.ts";
import { scratchFolder, scratchNotebook } from "./scratch.ts";

// One environment for all: tests that start JupyterLab stay in this file, so that two do not set it up at once.
const project = join(import.meta.dirname, "../..");
const pictures = join(project, ".mixlens/screenshots");

test("a notebook runs in JupyterLab from the first cell to the last", { timeout: 240_000 }, async () => {
  const notebook = await scratchNotebook(
    'import { InputError } from "mixlens"; import * as tslab from "tslab";',
    'console.log(new InputError("a", "b", "c").message); tslab.display.html("<h3>shown</h3>");',
    "await new Promise((done) => setTimeout(done, 300));",
  );
  expect(await runInLab(notebook, join(pictures, "scratch.png"))).toEqual({
    cells: 3,
    executed: 3,
    failed: [],
    prompts: ["[1]:", "[2]:", "[3]:"],
    liveFigures: 0,
  });
});

const chapters = readdirSync(join(project, "notebooks")).filter((name) => name.endsWith(".ipynb"));

test.each(chapters)("%s runs in JupyterLab from the menu, its figures live", { timeout: 420_000 }, async (name) => {
  // A copy: JupyterLab saves what it runs.
  const notebook = join(await scratchFolder(), name);
  await copyFile(join(project, "notebooks", name), notebook);
  const cells = (await readNotebook(notebook)).cells.filter(isRunnable);
  const figures = cells
    .flatMap(({ outputs }) => outputs.map((output) => JSON.stringify(output)))
    .filter((output) => output.includes("[figure] "));
  const facts = await runInLab(notebook, join(pictures, name.replace(/ipynb$/, "png")), 360_000);
  expect(facts).toMatchObject({ cells: cells.length, executed: cells.length, failed: [] });
  expect(facts.liveFigures).toBe(figures.length);
  expect(figures.length).toBeGreaterThan(0);
});

test("controls in JupyterLab move a figure in place, survive a reload, and stand still without their kernel", {
  timeout: 240_000,
}, async () => {
  const hostile = "</script><img src=x onerror=window.hacked=1>";
  const notebook = await scratchNotebook(
    'import { curvePlot } from "mixlens"; import { button, liveFigure, progress, select, show, slider } from "mixlens/notebook";',
    `const ratio = slider({ label: "signal-to-noise", min: 0.5, max: 8, step: 0.1, value: 2 });
const shape = select({ label: "shape", options: ["sine", ${JSON.stringify(hostile)}] });
const again = button({ label: "Move on" });
liveFigure([ratio, shape, again], (ratio, shape, clicks) => {
  const x = Array.from({ length: 61 }, (_, i) => i / 10);
  const y = x.map((t) => Math.sin(ratio * t + clicks));
  return curvePlot([{ name: shape, x, y }, { name: "none", x, y: x.map(() => 0) }], { title: \`Ratio \${ratio}, shifts \${clicks}\`, x: "time (s)", y: "height" });
})`,
    `const bar = progress({ label: "starts", total: 20 });
const go = button({ label: "Start", onClick: async () => {
  for (let i = 1; i <= 20; i++) { bar.value = i; bar.note = "start " + i; await new Promise((r) => setTimeout(r, 40)); }
} });
await show(go); await show(bar);`,
  );
  await actInLab(notebook, join(pictures, "live-failure.png"), async (page) => {
    const title = page.locator(".mixlens-figure .gtitle");
    const curve = () => page.locator(".mixlens-figure .scatterlayer path.js-line").first().getAttribute("d");
    const range = page.locator(".mixlens-range");
    const still = page.locator(".mixlens-output").first();
    const values = page.locator("output.mixlens-value");
    const soon = <T>(read: () => Promise<T>) => expect.poll(read, { timeout: 15_000, interval: 30 });
    const reads = (text: string) => soon(() => title.textContent()).toBe(text);
    const saves = (text: string) =>
      soon(async () => {
        await page.keyboard.press("Control+S");
        await page.waitForTimeout(300);
        return readFile(notebook, "utf8");
      }).toContain(text);
    const menu = async (name: string, ...items: string[]) => {
      await page.getByRole("menuitem", { name, exact: true }).click();
      for (const hasText of items) await page.locator(".lm-Menu-item", { hasText }).first().click();
    };
    await title.waitFor();
    await reads("Ratio 2, shifts 0");

    const before = await curve();
    const box = (await range.boundingBox())!;
    await page.mouse.move(box.x + box.width * 0.2, box.y + box.height / 2);
    await page.mouse.down();
    for (let at = 0.2; at <= 0.7; at += 0.01) await page.mouse.move(box.x + box.width * at, box.y + box.height / 2);
    await page.mouse.up();
    const ratio = Number(await values.textContent());
    expect(ratio).toBeGreaterThan(5);
    await reads(`Ratio ${ratio}, shifts 0`);
    expect(await curve()).not.toBe(before);
    expect(await page.locator(".mixlens-figure").count()).toBe(1);

    await page.getByRole("button", { name: "Move on", exact: true }).click();
    await reads(`Ratio ${ratio}, shifts 1`);
    await page.locator(".mixlens-select").selectOption({ index: 1 });
    await soon(() => page.locator(".mixlens-figure .legendtext").first().textContent()).toContain("</script><img");
    await range.focus();
    // None of them is undone by the kernel's word of an earlier one.
    for (let press = 0; press < 8; press++) await page.keyboard.press("ArrowRight");
    const stepped = Number((ratio + 0.8).toFixed(1));
    await reads(`Ratio ${stepped}, shifts 1`);

    const bar = page.locator("progress.mixlens-progress");
    const seen = new Set<number>();
    await page.getByRole("button", { name: "Start", exact: true }).click();
    await soon(async () => {
      seen.add(await bar.evaluate((element: HTMLProgressElement) => element.value));
      return Math.max(...seen);
    }).toBe(20);
    expect(seen.size).toBeGreaterThan(4);
    await page.locator(".mixlens-row").first().scrollIntoViewIfNeeded();
    await page.screenshot({ path: join(pictures, "live.png") });

    await menu("Settings", "Theme", "JupyterLab Dark");
    await soon(() => page.evaluate(() => document.body.dataset.jpThemeLight)).toBe("false");
    await page.waitForTimeout(500);
    await page.screenshot({ path: join(pictures, "live-dark.png") });

    await saves(`signal-to-noise: ${stepped} (0.5 to 8)`);
    await page.reload();
    await title.waitFor();
    await reads(`Ratio ${stepped}, shifts 1`);
    await page.locator(".mixlens-select").selectOption({ index: 0 });
    await page.getByRole("button", { name: "Move on", exact: true }).click();
    await reads(`Ratio ${stepped}, shifts 2`);
    // The picture that is kept follows, though the page was loaded anew.
    await saves("shape: sine (of 2)");

    await menu("Kernel", "Restart Kernel");
    await page.getByRole("button", { name: "Confirm Kernel Restart" }).click();
    await soon(() => page.locator(".mixlens-row").count()).toBe(0);
    await soon(() => still.textContent()).toContain("shape sine (of 2)");
    await soon(() => still.locator("img").getAttribute("alt")).toContain("shifts 2");
    await page.screenshot({ path: join(pictures, "live-still.png") });
    expect(await page.locator(".mixlens-row").count()).toBe(0);
    expect(await page.evaluate(() => (window as { hacked?: number }).hacked)).toBeUndefined();
  });
});

test("figures in JupyterLab live without a call for it, after a reload too, and follow its theme", {
  timeout: 240_000,
}, async () => {
  const notebook = await scratchNotebook(
    'import { figure } from "mixlens"; import { show } from "mixlens/notebook";',
    'await show(figure("first", [{ y: [1, 2] }], {})); figure("second", [{ y: [3, 4] }], {})',
  );
  await actInLab(notebook, join(pictures, "figures-failure.png"), async (page) => {
    const live = page.locator(".js-plotly-plot:has(.main-svg)");
    const soon = <T>(read: () => Promise<T>) => expect.poll(read, { timeout: 15_000, interval: 100 });
    const ground = () =>
      live.first().evaluate((chart) => getComputedStyle(chart.querySelector(".main-svg")!).backgroundColor);
    const saved = async (): Promise<number> => {
      await page.keyboard.press("Control+S");
      await page.waitForTimeout(300);
      return (await readFile(notebook, "utf8")).split("data:image/svg+xml;base64,").length - 1;
    };
    await soon(() => live.count()).toBe(2);
    const output = page.locator(".jp-OutputArea-output:has(.js-plotly-plot)").first();
    const room = (await output.boundingBox())!.width;
    expect((await live.first().boundingBox())!.width).toBeGreaterThan(0.9 * room);
    // The pictures come later, and the charts stay as they are.
    await live.evaluateAll((charts) => void charts.map((chart) => chart.toggleAttribute("data-same", true)));
    await soon(saved).toBe(2);
    expect(await page.locator(".js-plotly-plot[data-same]").count()).toBe(2);

    expect(await ground()).toBe("rgb(255, 255, 255)");
    await page.getByRole("menuitem", { name: "Settings", exact: true }).click();
    for (const hasText of ["Theme", "JupyterLab Dark"]) {
      await page.locator(".lm-Menu-item", { hasText }).first().click();
    }
    await soon(ground).toBe("rgb(17, 17, 17)");
    await page.reload();
    await soon(() => live.count()).toBe(2);
    expect(await ground()).toBe("rgb(17, 17, 17)");
    expect(await page.locator(".jp-OutputArea-output img").count()).toBe(0);
  });
});

test("no chart in JupyterLab offers to upload itself, and none asks another server for anything", {
  timeout: 240_000,
}, async () => {
  const notebook = await scratchNotebook(
    'import { figure } from "mixlens"; import { initPlotly, liveFigure, slider } from "mixlens/notebook"; import { display } from "tslab"; initPlotly();',
    'figure("dots", [{ y: [1, 2] }], {})',
    'liveFigure([slider({ label: "s", min: 0, max: 1 })], (s) => figure("line", [{ y: [s, 2] }], {}))',
    `display.html('<div id="own"></div><script>Plotly.newPlot("own", [{ y: [1, 2] }], {}, { responsive: true })</script>');`,
  );
  await actInLab(notebook, join(pictures, "cloud-failure.png"), async (page) => {
    await expect.poll(() => page.locator(".modebar").count(), { timeout: 15_000 }).toBe(3);
    const buttons = page.locator(".modebar-btn");
    const titles = await buttons.evaluateAll((all) => all.map((button) => button.getAttribute("data-title") ?? ""));
    expect(titles.filter((title) => title.startsWith("Download plot"))).toHaveLength(3);
    expect(titles.filter((title) => /share|cloud|studio/i.test(title))).toEqual([]);
    const resources = await page.evaluate(() => performance.getEntriesByType("resource").map(({ name }) => name));
    const origin = new URL(page.url()).origin;
    expect(resources.filter((url) => !/^(data|blob):/.test(url) && new URL(url).origin !== origin)).toEqual([]);
  });
});

test("a later start skips the set-up, and the signal ends the server with exit code 0", async () => {
  const controller = new AbortController();
  const said: string[] = [];
  const lab = await startLab({
    project,
    port: await freePort(),
    browser: false,
    log: (line) => said.push(line),
    signal: controller.signal,
  });
  expect((await fetch(lab.url)).status).toBe(200);
  expect(said.join("\n")).toMatch(/^JupyterLab shows [^\n]*$/);
  controller.abort();
  expect(await lab.ended).toBe(0);
});

test("a cell that fails in JupyterLab is told by its number", async () => {
  const notebook = await scratchNotebook("1", 'throw new Error("here")', "3");
  const facts = await runInLab(notebook, join(pictures, "scratch-failure.png"));
  expect(facts).toMatchObject({ cells: 3, executed: 2, failed: [2], prompts: ["[1]:", "[2]:", "[ ]:"] });
});

test("a port in use is refused, not replaced", async () => {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  await expect(startLab({ project, port, browser: false, log: () => {} })).rejects.toThrow(
    `Cannot start JupyterLab: expected a free port, got ${port}, which is in use; choose another with --port`,
  );
  server.close();
});
