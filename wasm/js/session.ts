// One model in the engine. Calls return what the engine answered, or throw its error.
import type { Guarded } from './engine.js';
import { type ErrorCode, NarrowcastError } from './errors.js';
import { copyIn, copyOut, heapBytes, putIn } from './heap.js';
import type { ByteStream } from './source.js';
import type { Inspection, OutputFile, Report, ValueInfo } from './types.js';

interface Step {
  phase: 'weights' | 'nodes' | 'done';
  done: number;
  total: number;
  item: string;
}

/** Of a run. */
interface RunStep extends Step {
  /** When the phase is 'done'. */
  outputs?: OutputTensor[];
}

/** What a model takes and gives. */
export interface Interface {
  inputs: ValueInfo[];
  outputs: ValueInfo[];
  /** How many values are observed, when it calibrates. */
  watched?: number;
}

export interface OutputTensor {
  name: string;
  size: number;
  dtype: string;
  shape: number[];
}

/** What a run came to; nodes only when it was profiled. */
export interface RunReport {
  peak_bytes: number;
  nodes: { name: string; op: string; ms: number; bytes: number; joined: string[] }[];
}

type Answer = { ok: unknown } | { error: { code: ErrorCode; message: string; where: string } };

export function answerOf(json: string): unknown {
  const answer = JSON.parse(json) as Answer;
  if ('ok' in answer) return answer.ok;
  const { code, message, where } = answer.error;
  throw new NarrowcastError(code, message, where);
}

export class Session {
  readonly #lent: Guarded;

  constructor(lent: Guarded) {
    this.#lent = lent;
  }

  #ask(call: () => string): unknown {
    return answerOf(this.#lent.guard(call));
  }

  async addFile(name: string, source: ByteStream, onBytes: (count: number) => void): Promise<void> {
    const { module, engine, guard } = this.#lent;
    await copyIn(module, (size) => guard(() => engine.allocate(name, size)), name, source, onBytes);
  }

  externalFiles(): string[] {
    return this.#ask(() => this.#lent.engine.externalFiles()) as string[];
  }

  inspect(): Inspection {
    return this.#ask(() => this.#lent.engine.inspect()) as Inspection;
  }

  start(recipe: string, dataName: string): Step {
    return this.#ask(() => this.#lent.engine.start(recipe, dataName)) as Step;
  }

  step(): Step {
    return this.#ask(() => this.#lent.engine.step()) as Step;
  }

  load(options: string): Interface {
    return this.#ask(() => this.#lent.engine.load(options)) as Interface;
  }

  /** Begins a run on tensors that `putInput` gave since the last one; with a budget it goes on as `stepFor` does. */
  startRun(request: string, budgetMs: number): RunStep {
    return this.#ask(() => this.#lent.engine.run(request, budgetMs)) as RunStep;
  }

  putInput(name: string, bytes: Uint8Array): void {
    const { module, engine, guard } = this.#lent;
    putIn(module, (size) => guard(() => engine.allocate(name, size)), name, bytes);
  }

  /** Steps until it is done or `budgetMs` are over, but at least once. */
  stepFor(budgetMs: number): RunStep {
    return this.#ask(() => this.#lent.engine.stepFor(budgetMs)) as RunStep;
  }

  /** The next run is the sample of this index; only when it calibrates. */
  sample(index: number): void {
    this.#lent.guard(() => this.#lent.engine.sample(index));
  }

  /** The text of a range file of the samples so far. */
  ranges(): string {
    const text = this.#lent.guard(() => this.#lent.engine.ranges());
    return text.startsWith('{"error"') ? (answerOf(text) as string) : text;
  }

  runReport(): RunReport {
    return JSON.parse(this.#lent.guard(() => this.#lent.engine.report())) as RunReport;
  }

  outputs(): OutputFile[] {
    return this.#ask(() => this.#lent.engine.outputs()) as OutputFile[];
  }

  report(): Report {
    return JSON.parse(this.#lent.guard(() => this.#lent.engine.report())) as Report;
  }

  get chunkBytes(): number {
    return this.#lent.module.chunkBytes;
  }

  get heapBytes(): number {
    return heapBytes(this.#lent.module);
  }

  read(output: number, offset: number, size: number): Uint8Array<ArrayBuffer> {
    const { module, engine, guard } = this.#lent;
    return copyOut(
      module,
      guard(() => engine.read(output, offset, size)),
      size,
    );
  }
}
