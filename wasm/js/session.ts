// One model in the engine. Calls return what the engine answered, or throw its error.
import type { Guarded } from './engine.js';
import { type ErrorCode, NarrowcastError } from './errors.js';
import { copyIn, copyOut, heapBytes } from './heap.js';
import type { ByteStream } from './source.js';
import type { Inspection, OutputFile, Report } from './types.js';

interface Step {
  phase: 'weights' | 'done';
  done: number;
  total: number;
  item: string;
}

type Answer = { ok: unknown } | { error: { code: ErrorCode; message: string; where: string } };

function answerOf(json: string): unknown {
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
