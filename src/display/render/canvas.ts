/** A rectangle of pixels, four bytes to each. */
interface Pixels {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8ClampedArray;
}

/** What plotly asks of a canvas for heat maps and images: coloured rectangles, and pixels as a whole. */
interface Context {
  fillStyle: string;
  fillRect(x: number, y: number, width: number, height: number): void;
  createImageData(width: number, height: number): Pixels;
  putImageData(pixels: Pixels): void;
}

/** A canvas of a page that has none of its own. */
export interface Canvas {
  readonly width: number;
  readonly height: number;
  getContext(): Context;
  toDataURL(): string;
}

type Encode = (pixels: Pixels & { readonly channels: 4 }) => Uint8Array;

/**
 * Lets the canvases of a page be filled, and told as PNG.
 *
 * Its text is part of the program that draws: it refers to nothing but itself.
 */
export function fillable(canvas: Canvas, encode: Encode): void {
  const filled = new WeakMap<Canvas, Pixels>();
  const blank = (width: number, height: number): Pixels => ({
    width,
    height,
    data: new Uint8ClampedArray(4 * width * height),
  });
  // As canvases have it, setting a size begins a new picture.
  const pixelsOf = (canvas: Canvas): Pixels => {
    const known = filled.get(canvas);
    if (known?.width === canvas.width && known.height === canvas.height) return known;
    const fresh = blank(canvas.width, canvas.height);
    filled.set(canvas, fresh);
    return fresh;
  };
  const paint = (canvas: Canvas, style: string, x: number, y: number, width: number, height: number): void => {
    const pixels = pixelsOf(canvas);
    const [red = 0, green = 0, blue = 0, alpha = 1] = (style.match(/[\d.]+/g) ?? []).map(Number);
    const color = [red, green, blue, 255 * alpha];
    const [right, below] = [Math.min(x + width, pixels.width), Math.min(y + height, pixels.height)];
    for (let row = Math.max(0, y); row < below; row++) {
      for (let column = Math.max(0, x); column < right; column++) {
        pixels.data.set(color, 4 * (row * pixels.width + column));
      }
    }
  };
  canvas.getContext = function () {
    const own = this;
    return {
      fillStyle: "rgb(0,0,0)",
      fillRect(x, y, width, height) {
        const [left, top] = [Math.min(x, x + width), Math.min(y, y + height)].map(Math.round);
        paint(own, this.fillStyle, left, top, Math.round(Math.abs(width)), Math.round(Math.abs(height)));
      },
      createImageData: blank,
      putImageData: (pixels) => pixelsOf(own).data.set(pixels.data),
    };
  };
  canvas.toDataURL = function () {
    const bytes = encode({ ...pixelsOf(this), channels: 4 });
    return `data:image/png;base64,${Buffer.from(bytes).toString("base64")}`;
  };
}
