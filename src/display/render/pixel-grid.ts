import { checkArgument } from "../../errors/arguments.ts";
import { listOf, numbers, objectOf, oneOf, required, text, whole } from "../../errors/kinds.ts";
import { type Declared, defaulted, readOptions } from "../../errors/options.ts";
import { InputError } from "../../errors.ts";
import { formatNumber } from "../../text/number.ts";
import { escapeHtml } from "../html.ts";
import { jupyterDisplay, type MimeBundle } from "../mime.ts";

/** One picture of a grid. */
export interface PixelImage {
  /** Values of the pixels, line by line. */
  readonly pixels: ArrayLike<number>;
  /** What stands below it. */
  readonly label?: string;
}

/** How a grid is laid out. */
export interface PixelGridOptions {
  /** Pixels of a line. */
  readonly width: number;
  /** Pictures side by side; default 10. */
  readonly columns?: number;
  /** Pixels of the screen for each of a picture; default 2. */
  readonly scale?: number;
  /**
   * `"grey"`, the default: from the lowest value, black, to the highest, white, of all pictures, or from 0 to 255 for
   * bytes. `"signed"`: white at 0, blue below, orange above, the stronger the farther off, the farthest 2 % alike.
   */
  readonly colors?: "grey" | "signed";
  /** What the pictures are, for readers who cannot see them. */
  readonly alt: string;
}

const pictures = listOf(
  objectOf({ pixels: required(numbers), label: text }, "a picture"),
  "a list of pictures, each with its pixels",
);
const OPTIONS = {
  width: required(whole),
  columns: defaulted(whole, 10),
  scale: defaulted(whole, 2),
  colors: defaulted(oneOf(["grey", "signed"]), "grey"),
  alt: required(text),
} satisfies Declared<PixelGridOptions>;

/** Small pictures in a grid; a notebook shows them. */
export interface PixelGrid {
  readonly alt: string;
  readonly [jupyterDisplay]: () => Promise<MimeBundle>;
}

/**
 * Small pictures side by side, such as digits or the weights of a linear predictor of their pixels.
 *
 * @throws InputError for pictures of other sizes than the first's, or none
 * @example
 * ```ts
 * import { mimeBundle, pixelGrid } from "mixlens";
 * const slope = { pixels: Float64Array.of(-1, 0, 0, 1), label: "<slope>" };
 * const shown = await mimeBundle(pixelGrid([slope], { width: 2, colors: "signed", alt: "a slope" }));
 * if (!shown["text/html"].includes("&lt;slope&gt;") || !shown["text/plain"].includes("2 × 2")) throw new Error("shown");
 * ```
 */
export function pixelGrid(images: readonly PixelImage[], options: PixelGridOptions): PixelGrid {
  checkArgument("show pictures", "images", images, pictures);
  const { width, columns, scale, colors, alt } = readOptions("show pictures", options, OPTIONS);
  const size = images[0]?.pixels.length ?? 0;
  const height = size / width;
  if (!(size > 0 && Number.isInteger(height))) {
    throw new InputError("show pictures", `at least one, in lines of ${width} pixels`, `${size} pixels`);
  }
  const odd = images.findIndex(({ pixels }) => pixels.length !== size);
  if (odd >= 0) {
    throw new InputError(
      "show pictures",
      `${size} pixels in each`,
      `${images[odd].pixels.length} in number ${odd + 1}`,
    );
  }
  const shade = colors === "grey" ? greys(images) : signed(images);
  const html = async (): Promise<string> => {
    const pictures = await Promise.all(images.map((image) => picture(image, width, height, scale, shade)));
    const style = `display:grid;grid-template-columns:repeat(${columns},max-content);gap:6px 10px;font-size:11px`;
    return `<div style="${style}">${pictures.join("")}</div>`;
  };
  const labels = images.flatMap(({ label }) => (label === undefined ? [] : [label]));
  const text = `[${images.length} pictures of ${width} × ${height} pixels] ${alt}${labels.length > 0 ? `: ${labels.join(", ")}` : ""}`;
  return { alt, [jupyterDisplay]: async () => ({ "text/html": await html(), "text/plain": text }) };
}

type Color = readonly [number, number, number];

async function picture(
  { pixels, label }: PixelImage,
  width: number,
  height: number,
  scale: number,
  shade: (value: number) => Color,
): Promise<string> {
  // Loaded when there is something to show: a start without pictures is quicker.
  const { encode } = await import("fast-png");
  const data = new Uint8Array(3 * width * height);
  for (let at = 0; at < pixels.length; at++) data.set(shade(pixels[at]), 3 * at);
  const png = Buffer.from(encode({ width, height, data, channels: 3 })).toString("base64");
  const caption = label === undefined ? "" : `<br>${escapeHtml(label)}`;
  const [w, h] = [scale * width, scale * height];
  const alt = escapeHtml(label ?? `${width} × ${height} pixels`);
  return `<div style="text-align:center"><img alt="${alt}" width="${w}" height="${h}" style="image-rendering:pixelated" src="data:image/png;base64,${png}">${caption}</div>`;
}

function greys(images: readonly PixelImage[]): (value: number) => Color {
  const areBytes = images.every(({ pixels }) => pixels instanceof Uint8Array);
  const [low, high] = areBytes ? [0, 255] : extent(images);
  return (value) => {
    const grey = Math.round((255 * (value - low)) / (high - low || 1));
    return [grey, grey, grey];
  };
}

/** Share of the values that are not at full strength. */
const STRONGEST = 0.98;
const BELOW: Color = [0, 90, 178];
const ABOVE: Color = [213, 94, 0];

function signed(images: readonly PixelImage[]): (value: number) => Color {
  extent(images);
  const sizes = images.flatMap(({ pixels }) => Array.from(pixels, Math.abs)).sort((a, b) => a - b);
  // A few extremes must not pale all others.
  const most = sizes[Math.ceil(STRONGEST * sizes.length) - 1] || 1;
  return (value) => {
    const strength = Math.min(1, Math.abs(value) / most);
    const [r, g, b] = (value < 0 ? BELOW : ABOVE).map((full) => Math.round(255 + strength * (full - 255)));
    return [r, g, b];
  };
}

function extent(images: readonly PixelImage[]): [number, number] {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const { pixels } of images) {
    for (let at = 0; at < pixels.length; at++) {
      if (!Number.isFinite(pixels[at])) {
        throw new InputError("show pictures", "finite numbers", formatNumber(pixels[at]));
      }
      low = Math.min(low, pixels[at]);
      high = Math.max(high, pixels[at]);
    }
  }
  return [low, high];
}
