import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { basename, delimiter, dirname, join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { chromium, type Page } from "playwright-core";
import { type Lab, startLab } from "../../src/jupyter/lab/lab.ts";
import { isRunnable, readNotebook } from "../../src/jupyter/run/notebook.ts";

/** What a reader of the notebook sees after "Run All Cells". */
export interface LabFacts {
  /** Code cells that have source. */
  readonly cells: number;
  /** Those that the kernel ran; after an error it passes over the rest. */
  readonly executed: number;
  /** Numbers of the cells that ended in an error. */
  readonly failed: readonly number[];
  /** Brackets beside the code cells, as shown: "[1]:". */
  readonly prompts: readonly string[];
  /** Plotly figures that live (zoom, hover), not their pictures. */
  readonly liveFigures: number;
}

const root = join(import.meta.dirname, "../..");

/** Opens a notebook in a real JupyterLab and a real browser, runs all cells and takes a picture of the whole page. */
export function runInLab(notebook: string, screenshot: string, timeout: number = 45_000): Promise<LabFacts> {
  return inLab(notebook, (page, lab) => drive(page, lab, notebook, screenshot, timeout));
}

/**
 * Opens a notebook in a real JupyterLab and a real browser, runs all cells and then acts on the page.
 *
 * @param meanwhile acts on the page as the cells run
 */
export function actInLab<T>(
  notebook: string,
  screenshot: string,
  act: (page: Page) => Promise<T>,
  meanwhile: (page: Page) => Promise<void> = async () => {},
): Promise<T> {
  return inLab(notebook, async (page, lab) => {
    await Promise.all([runCells(page, lab, notebook, screenshot, 90_000), meanwhile(page)]);
    return act(page);
  });
}

/** Opens a notebook in a real JupyterLab and a real browser, runs all cells and takes pictures of it in both themes. */
export function photographInLab(notebook: string, light: string, dark: string): Promise<void> {
  return inLab(notebook, async (page, lab) => {
    await runCells(page, lab, notebook, light, 600_000);
    await photograph(page, light);
    await page.setViewportSize({ width: 1300, height: 1000 });
    await page.getByRole("menuitem", { name: "Settings", exact: true }).click();
    for (const hasText of ["Theme", "JupyterLab Dark"]) {
      await page.locator(".lm-Menu-item", { hasText }).first().click();
    }
    await page.keyboard.press("Control+B");
    await photograph(page, dark);
  });
}

async function inLab<T>(notebook: string, act: (page: Page, lab: Lab) => Promise<T>): Promise<T> {
  const server = new AbortController();
  await mkdir(join(root, ".mixlens/tmp"), { recursive: true });
  // What is changed in the page's settings is not the user's own.
  const settings = await mkdtemp(join(root, ".mixlens/tmp/"));
  process.env.JUPYTERLAB_SETTINGS_DIR = settings;
  const lab = await startLab({
    project: root,
    notebooks: dirname(notebook),
    port: await freePort(),
    token: "mixlens-test",
    browser: false,
    log: () => {},
    signal: server.signal,
  });
  try {
    return await inBrowser((page) => act(page, lab));
  } finally {
    server.abort();
    await lab.ended;
    await rm(settings, { recursive: true, force: true });
  }
}

/** Opens a page in a real browser, and acts on it. */
export async function inBrowser<T>(act: (page: Page) => Promise<T>): Promise<T> {
  const switches = "no-sandbox disable-gpu disable-quic no-first-run disable-background-networking";
  const args = `${switches} disable-component-update disable-sync`.split(" ").map((name) => `--${name}`);
  const browser = await chromium.launch({ executablePath: findChromium(), args });
  try {
    return await act(await browser.newPage({ viewport: { width: 1300, height: 1000 } }));
  } finally {
    await browser.close();
  }
}

async function drive(page: Page, lab: Lab, file: string, screenshot: string, timeout: number): Promise<LabFacts> {
  const { cells, statuses } = await runCells(page, lab, file, screenshot, timeout);
  await photograph(page, screenshot);
  return {
    cells,
    executed: statuses.filter((status) => status === "ok" || status === "error").length,
    failed: statuses.flatMap((status, index) => (status === "error" ? [index + 1] : [])),
    prompts: await page.locator(".jp-CodeCell .jp-InputPrompt").allTextContents(),
    liveFigures: await page.locator(".js-plotly-plot:has(.main-svg)").count(),
  };
}

/** Runs all cells of a notebook; the number of those with source, and how those that ran ended. */
async function runCells(
  page: Page,
  lab: Lab,
  file: string,
  screenshot: string,
  timeout: number,
): Promise<{ cells: number; statuses: readonly string[] }> {
  const cells = (await readNotebook(file)).cells.filter(isRunnable).length;
  const { ready, statuses } = kernelReplies(page);
  await mkdir(dirname(screenshot), { recursive: true });
  const address = new URL(lab.url);
  await page.goto(`${address.origin}/lab/tree/${encodeURIComponent(basename(file))}?reset&${address.searchParams}`);
  // Before the kernel answers, the page calls it idle, too, and to run cells asks which kernel to take.
  await ready;
  const idle = page.locator(".jp-Notebook-ExecutionIndicator[data-status='idle']");
  await idle.waitFor({ timeout });

  await page.getByRole("menuitem", { name: "Run", exact: true }).click();
  await page.getByRole("menuitem", { name: "Run All Cells", exact: true }).click();
  const end = performance.now() + timeout;
  while (statuses.length < cells) {
    if (performance.now() > end) {
      await page.screenshot({ path: screenshot });
      throw new Error(`${statuses.length} of ${cells} cells ended within ${timeout} ms: see ${screenshot}`);
    }
    await setTimeout(50);
  }
  await idle.waitFor({ timeout });
  return { cells, statuses };
}

/** A picture of the notebook from its first cell to its last, without the file browser. */
async function photograph(page: Page, path: string): Promise<void> {
  await page.keyboard.press("Control+B");
  const panel = page.locator(".jp-WindowedPanel-outer");
  // JupyterLab draws only the cells in view, and knows a cell's height when it has drawn it: look twice.
  for (let look = 0; look < 2; look++) {
    const height = await panel.evaluate((element) => {
      element.scrollTop = 0;
      return element.scrollHeight;
    });
    await page.setViewportSize({ width: 1100, height: height + 150 });
    await setTimeout(1000);
  }
  const end = await page.locator(".jp-Cell").last().boundingBox();
  await page.screenshot({ path, clip: { x: 0, y: 0, width: 1100, height: (end?.y ?? 0) + (end?.height ?? 0) + 30 } });
}

/** What the kernel answers: `ready` once it has told what it is, and the status of each cell, in order, as it ends. */
function kernelReplies(page: Page): { ready: Promise<void>; statuses: string[] } {
  const statuses: string[] = [];
  const ready = new Promise<void>((answered) => {
    page.on("websocket", (socket) => {
      if (!socket.url().includes("/channels")) return;
      socket.on("framereceived", ({ payload }) => {
        const { header, content } = decode(Buffer.from(payload));
        if (header.msg_type === "kernel_info_reply") answered();
        if (header.msg_type === "execute_reply") statuses.push(String(content.status));
      });
    });
  });
  return { ready, statuses };
}

/** Jupyter's framing v1: a count, as many offsets, then channel, header, parent header, metadata and content. */
function decode(frame: Buffer): { header: { msg_type?: string }; content: { status?: string } } {
  const offset = (part: number) => Number(frame.readBigUInt64LE(8 * (part + 1)));
  const json = (part: number) => JSON.parse(frame.subarray(offset(part), offset(part + 1)).toString());
  return { header: json(1), content: json(4) };
}

function findChromium(): string {
  const folders = ["/usr/bin", ...(process.env.PATH ?? "").split(delimiter)];
  const found = folders
    .flatMap((folder) => ["chromium", "google-chrome"].map((name) => join(folder, name)))
    .find(existsSync);
  if (found === undefined) throw new Error("no Chromium: install the package chromium");
  return found;
}

/** A port that is free just now. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const { port } = server.address() as AddressInfo;
  await new Promise((closed) => server.close(closed));
  return port;
}
