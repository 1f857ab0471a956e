import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { datasetPath } from "../../src/datasets/dataset-path.ts";
import { fashionMnist } from "../../src/datasets/fashion-mnist.ts";
import { randomInvert } from "../../src/datasets/random-invert.ts";
import { InputError } from "../../src/errors.ts";
import { random } from "../../src/math/random.ts";

const { train, test: held, names } = await fashionMnist();

test("60,000 and 10,000 images of 784 bytes, each label as often as the others", () => {
  for (const [{ rows, images, labels }, count] of [
    [train, 60_000],
    [held, 10_000],
  ] as const) {
    expect([rows, images.length, labels.length]).toEqual([count, count * 784, count]);
    const counts = names.map((_, code) => labels.filter((label) => label === code).length);
    expect(counts).toEqual(new Array(10).fill(count / 10));
  }
});

test("mean and standard deviation of the training pixels are the 0.2860 and 0.3530 that others have", () => {
  const mean = train.images.reduce((sum, value) => sum + value, 0) / train.images.length / 255;
  const squares = train.images.reduce((sum, value) => sum + (value / 255 - mean) ** 2, 0) / train.images.length;
  expect(mean).toBeCloseTo(0.286, 4);
  expect(Math.sqrt(squares)).toBeCloseTo(0.353, 4);
});

// Debian's packager left name and time out of the head of the gzip files; the rest is the home page's.
test.each([
  ["train-images-idx3-ubyte", "2017-08-31T10:50:06Z", "8d4fb7e6c68d591d4c3dfef9ec88bf0d"],
  ["train-labels-idx1-ubyte", "2017-08-31T10:50:06Z", "25c81989df183df01b3e8a0aad5dffbe"],
  ["t10k-images-idx3-ubyte", "2017-08-31T10:50:27Z", "bef4ecab320f06d8554ea6380940ec79"],
  ["t10k-labels-idx1-ubyte", "2017-08-31T10:50:27Z", "bb300cfdad3c16e7a12a480ee83cd310"],
])("%s has the MD5 that its home page publishes", (name, time, md5) => {
  const bytes = readFileSync(join(datasetPath("fashion-mnist"), `${name}.gz`));
  const head = Buffer.from([0x1f, 0x8b, 8, 8, 0, 0, 0, 0, 0, 3]);
  head.writeUInt32LE(Date.parse(time) / 1000, 4);
  const hash = createHash("md5");
  // Its fourth byte says whether there is a name in the head: then the file is as downloaded.
  for (const part of bytes[3] === 0 ? [head, `${name}\0`, bytes.subarray(10)] : [bytes]) hash.update(part);
  expect(hash.digest("hex")).toBe(md5);
});

test("half of the images are inverted, to 5 standard errors, by the seed alone; the labels stay", () => {
  const { images, inverted, labels, rows } = randomInvert(train, random(1));
  expect([labels, rows]).toEqual([train.labels, 60_000]);
  const share = inverted.reduce((sum, flip) => sum + flip, 0) / rows;
  expect(Math.abs(share - 0.5)).toBeLessThan((5 * 0.5) / Math.sqrt(rows));
  let wrong = 0;
  for (let at = 0; at < images.length; at++) {
    const wanted = inverted[Math.floor(at / 784)] === 1 ? 255 - train.images[at] : train.images[at];
    if (images[at] !== wanted) wrong++;
  }
  expect(wrong).toBe(0);
  const again = randomInvert(train, random(1));
  expect(Buffer.compare(again.images, images)).toBe(0);
  expect(Buffer.compare(randomInvert(train, random(2)).inverted, inverted)).not.toBe(0);
});

test("each image is inverted independently of its label and of the one before, to 5 standard errors", () => {
  const { inverted, labels, rows } = randomInvert(train, random(5));
  const off = (flips: Uint8Array): number => {
    const share = flips.reduce((sum, flip) => sum + flip, 0) / flips.length;
    return Math.abs(share - 0.5) / (0.5 / Math.sqrt(flips.length));
  };
  for (let code = 0; code < 10; code++) expect(off(inverted.filter((_, i) => labels[i] === code))).toBeLessThan(5);
  expect(off(inverted.subarray(1).map((flip, i) => Number(flip === inverted[i])))).toBeLessThan(5);
  expect(rows).toBe(60_000);
});

test("bytes that are no images of one size are refused", () => {
  const error = new InputError("invert images", "2 rows of one size", "3 bytes");
  expect(() => randomInvert({ rows: 2, images: new Uint8Array(3) }, random(1))).toThrow(error);
});
