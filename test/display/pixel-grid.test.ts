import { decode } from "fast-png";
import { describe, expect, test } from "vitest";
import { mimeBundle } from "../../src/display/mime.ts";
import { type PixelGridOptions, type PixelImage, pixelGrid } from "../../src/display/render/pixel-grid.ts";

/** The colours of each picture, line by line. */
async function colorsOf(images: readonly PixelImage[], options: Partial<PixelGridOptions> = {}): Promise<number[][][]> {
  const html = (await mimeBundle(pixelGrid(images, { width: 2, alt: "pictures", ...options })))["text/html"];
  return [...html.matchAll(/base64,([^"]+)"/g)].map(([, png]) => {
    const { data } = decode(Buffer.from(png, "base64"));
    return Array.from({ length: data.length / 3 }, (_, at) => Array.from(data.subarray(3 * at, 3 * at + 3)));
  });
}

describe("pictures in a grid", () => {
  test("bytes are shades of grey as they are", async () => {
    const [colors] = await colorsOf([{ pixels: Uint8Array.of(0, 100, 200, 255) }]);
    expect(colors).toEqual([0, 100, 200, 255].map((grey) => [grey, grey, grey]));
  });

  test("numbers are grey from the lowest of all pictures to the highest", async () => {
    const [first, second] = await colorsOf([{ pixels: [-1, 0, 0, 0] }, { pixels: [1, 0, 0, 0] }]);
    expect(first[0]).toEqual([0, 0, 0]);
    expect(second[0]).toEqual([255, 255, 255]);
  });

  test("signed numbers are white at 0, blue below, orange above, as strong as they are large", async () => {
    const [colors] = await colorsOf([{ pixels: [-2, -1, 0, 2] }], { colors: "signed" });
    expect(colors).toEqual([
      [0, 90, 178],
      [128, 173, 217],
      [255, 255, 255],
      [213, 94, 0],
    ]);
  });

  test("pictures of nothing but 0 are white, of one value black", async () => {
    expect((await colorsOf([{ pixels: [0, 0] }], { colors: "signed" }))[0][0]).toEqual([255, 255, 255]);
    expect((await colorsOf([{ pixels: [3, 3] }]))[0][0]).toEqual([0, 0, 0]);
  });

  test("labels are text, never markup, and say in plain text what is shown", async () => {
    const shown = await mimeBundle(
      pixelGrid([{ pixels: [0, 1], label: '"><script>alert(1)</script>' }], { width: 2, alt: "trousers" }),
    );
    expect(shown["text/html"]).not.toContain("<script");
    expect(shown["text/plain"]).toContain("[1 pictures of 2 × 1 pixels] trousers: ");
  });

  test.each([
    [[], "expected at least one, in lines of 2 pixels, got 0 pixels"],
    [[{ pixels: [1, 2, 3] }], "expected at least one, in lines of 2 pixels, got 3 pixels"],
    [[{ pixels: [1, 2] }, { pixels: [1, 2, 3, 4] }], "expected 2 pixels in each, got 4 in number 2"],
    [[{ pixels: [1, Number.NaN] }], "expected finite numbers, got NaN"],
  ])("refuses %o", (images, message) => {
    expect(() => pixelGrid(images, { width: 2, alt: "" })).toThrow(`Cannot show pictures: ${message}`);
  });
});
