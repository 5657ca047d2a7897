// How far the work is, on stderr: one line that is rewritten on a terminal, a line every 10 % anywhere else.
import type { Progress } from '../types.js';

type Told = Pick<Progress, 'fraction' | 'item'> & { phase: string };

const barCells = 24;
const redrawMs = 80;

export class ProgressLine {
  readonly #label: string;
  readonly #stream = process.stderr;
  #lastDraw = 0;
  #lastTenth = 0;

  constructor(label: string) {
    this.#label = label;
  }

  update(progress: Told): void {
    if (this.#stream.isTTY) this.#draw(progress);
    else this.#log(progress);
  }

  #draw({ fraction, phase, item }: Told): void {
    const now = performance.now();
    if (now - this.#lastDraw < redrawMs) return;
    this.#lastDraw = now;
    const cells = Math.round(fraction * barCells);
    const bar = '#'.repeat(cells) + '.'.repeat(barCells - cells);
    const percent = `${Math.floor(fraction * 100)}`.padStart(3);
    const line = `${this.#label} [${bar}] ${percent} % ${phase} ${item}`;
    this.#stream.write(`\r\u001b[K${line.slice(0, this.#stream.columns - 1)}`);
  }

  #log({ fraction, phase }: Told): void {
    const tenth = Math.floor(fraction * 10);
    if (tenth <= this.#lastTenth) return;
    this.#lastTenth = tenth;
    this.#stream.write(`${this.#label}: ${tenth * 10} % (${phase})\n`);
  }

  clear(): void {
    if (this.#stream.isTTY) this.#stream.write('\r\u001b[K');
  }
}
