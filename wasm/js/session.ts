// One model in the engine. Calls return what the engine answered, or throw its error.
import type { Guarded } from './engine.js';
import { type ErrorCode, NarrowcastError } from './errors.js';
import { copyIn, copyOut, heapBytes, putIn } from './heap.js';
import type { ByteStream } from './source.js';
import type { TensorRecord } from './tensor.js';
import type { Inspection, OutputFile, Report, ValueInfo } from './types.js';

interface Step {
  phase: 'weights' | 'done';
  done: number;
  total: number;
  item: string;
}

/** What the engine was last told that runs are fed with. */
interface Fed {
  records: readonly TensorRecord[];
  profile: boolean;
  /** Where the elements of each go. */
  inputs: number[];
  /** Steps of a run. */
  total: number;
}

// As wasm/bindings.cc numbers what a run came to.
const outcomes = { goesOn: 0, done: 1, doneWithOtherOutputs: 2, failed: 3 } as const;

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
  held_bytes: number;
  peak_bytes: number;
  bound_bytes: number;
  nodes: { name: string; op: string; ms: number; bytes: number; joined: string[] }[];
}

type Answer = { ok: unknown } | { error: { code: ErrorCode; message: string; where: string } };

export function answerOf(json: string): unknown {
  const answer = JSON.parse(json) as Answer;
  if ('ok' in answer) return answer.ok;
  const { code, message, where } = answer.error;
  throw new NarrowcastError(code, message, where);
}

const sameShape = (a: readonly number[], b: readonly number[]): boolean =>
  a.length === b.length && a.every((size, i) => size === b[i]);

const sameRecords = (a: readonly TensorRecord[], b: readonly TensorRecord[]): boolean =>
  a.length === b.length &&
  a.every(({ name, dtype, shape }, i) => {
    const other = b[i] as TensorRecord;
    return name === other.name && dtype === other.dtype && sameShape(shape, other.shape);
  });

export class Session {
  readonly #lent: Guarded;
  #fed: Fed | undefined;
  #outputs: OutputTensor[] = [];
  #files = 0;

  constructor(lent: Guarded) {
    this.#lent = lent;
  }

  #ask(call: () => string): unknown {
    return answerOf(this.#lent.guard(call));
  }

  async addFile(name: string, source: ByteStream, onBytes: (count: number) => void): Promise<void> {
    const { module, engine, guard } = this.#lent;
    this.#files += 1;
    await copyIn(module, (size) => guard(() => engine.allocate(name, size)), name, source, onBytes);
  }

  /** How many files were put in. */
  get files(): number {
    return this.#files;
  }

  /** Those that the model in this place among the files asks for. */
  externalFiles(model = 0): string[] {
    return this.#ask(() => this.#lent.engine.externalFiles(model)) as string[];
  }

  inspect(): Inspection {
    return this.#ask(() => this.#lent.engine.inspect()) as Inspection;
  }

  /** Reads the file that was put in as calibration data; `read` gives its bytes. */
  readData(request: string): OutputTensor[] {
    return this.#ask(() => this.#lent.engine.readData(request)) as OutputTensor[];
  }

  /** The activations whose ranges the recipe needs. */
  watched(recipe: string): string[] {
    return this.#ask(() => this.#lent.engine.watched(recipe)) as string[];
  }

  start(recipe: string, dataName: string, ranges: string): Step {
    return this.#ask(() => this.#lent.engine.start(recipe, dataName, ranges)) as Step;
  }

  step(): Step {
    return this.#ask(() => this.#lent.engine.step()) as Step;
  }

  load(options: string): Interface {
    return this.#ask(() => this.#lent.engine.load(options)) as Interface;
  }

  /** Makes the first model and the one whose files begin at `second` ready to run side by side. */
  compare(second: number, options: string): Interface {
    return this.#ask(() => this.#lent.engine.compare(second, options)) as Interface;
  }

  /**
   * Says what runs are fed with; a request like the last one does not cross the border. Returns the steps of a run.
   * Tensors and bytes follow the same order.
   */
  feed(records: readonly TensorRecord[], bytes: readonly Uint8Array[], profile: boolean): number {
    let fed = this.#fed;
    if (fed === undefined || fed.profile !== profile || !sameRecords(fed.records, records)) {
      this.#fed = undefined;
      const request = JSON.stringify({ inputs: records, profile });
      const answer = this.#ask(() => this.#lent.engine.feed(request)) as Pick<Fed, 'inputs' | 'total'>;
      // Copied: a shape is the caller's, who may change it.
      fed = { records: records.map((record) => ({ ...record, shape: [...record.shape] })), profile, ...answer };
      this.#fed = fed;
    }
    for (let i = 0; i < bytes.length; i += 1) {
      putIn(this.#lent.module, fed.inputs[i] as number, bytes[i] as Uint8Array);
    }
    return fed.total;
  }

  /** Begins a run or goes on with it, one step or until `budgetMs` are over. True when it is done. */
  run(begins: boolean, budgetMs: number): boolean {
    const outcome = this.#lent.guard(() => this.#lent.engine.run(begins, budgetMs));
    if (outcome === outcomes.goesOn) return false;
    if (outcome !== outcomes.done) {
      this.#outputs = this.#ask(() => this.#lent.engine.outputs()) as OutputTensor[];
    }
    return true;
  }

  /** After run() said true. */
  get runOutputs(): readonly OutputTensor[] {
    return this.#outputs;
  }

  /** The next run is the sample of this index; only when it calibrates or compares. */
  sample(index: number): void {
    this.#lent.guard(() => this.#lent.engine.sample(index));
  }

  /** What was seen of the samples so far: the text of a range file, or of a comparison. */
  observed(): string {
    const text = this.#lent.guard(() => this.#lent.engine.observed());
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
