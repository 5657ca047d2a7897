// Makes models/digits.zip, the page's samples, of the ten drawn digits in models/digits: each four times, moved a little.
import { readFile, writeFile } from 'node:fs/promises';
import { zipSync } from 'fflate';
import { decodePicture } from '../dist/data/pictures.js';
import { greyPng } from '../tests/node/lib/png.mjs';

const side = 28;
const moves = [
  [-1, 0],
  [1, 1],
  [0, -1],
  [2, 0],
];
const folder = new URL('../models/digits/', import.meta.url);
// A date of its own would make other bytes each time.
const mtime = new Date(2026, 0, 1);
const files = {};
for (let digit = 0; digit < 10; digit += 1) {
  const name = `digit-${digit}.png`;
  const { data } = await decodePicture(new Uint8Array(await readFile(new URL(name, folder))), name);
  const at = (x, y) => (x < 0 || y < 0 || x >= side || y >= side ? 0 : data[4 * (y * side + x)] / 255);
  for (const [i, [right, down]] of moves.entries()) {
    const pixels = Array.from({ length: side * side }, (_, p) => at((p % side) - right, Math.floor(p / side) - down));
    files[`${digit}-${i}.png`] = [new Uint8Array(greyPng(pixels, side, side)), { mtime }];
  }
}
await writeFile(new URL('../models/digits.zip', import.meta.url), zipSync(files));
