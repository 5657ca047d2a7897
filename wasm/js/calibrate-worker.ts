// One worker of a calibration or comparison: an engine of its own, with the whole models, that sees some of the samples.
import { port } from '#port';
import { holdEngine, init } from './engine.js';
import { NarrowcastError } from './errors.js';
import { runOnce } from './model.js';
import { Session } from './session.js';
import type { Answer, Ask, Kind, Requests } from './worker-protocol.js';

/** A file that comes in chunks: each is taken before the next one is asked for. */
class Arriving {
  #give: ((chunk: Uint8Array | undefined) => void) | undefined;
  #taken: (() => void) | undefined;
  readonly #whole: Promise<void>;

  constructor(session: Session, name: string, size: number) {
    this.#whole = session.addFile(name, { size, chunks: () => this.#chunks() }, () => {});
    this.#whole.catch(() => {});
  }

  async *#chunks(): AsyncGenerator<Uint8Array> {
    for (;;) {
      const chunk = await new Promise<Uint8Array | undefined>((resolve) => {
        this.#give = resolve;
        this.#taken?.();
      });
      if (chunk === undefined) return;
      yield chunk;
    }
  }

  /** Resolves when the next chunk can come; rejects when the file does not fit. */
  async #ready(): Promise<void> {
    if (this.#give !== undefined) return;
    const taken = new Promise<void>((resolve) => {
      this.#taken = resolve;
    });
    await Promise.race([taken, this.#whole]);
  }

  async put(chunk: Uint8Array | undefined): Promise<void> {
    await this.#ready();
    const give = this.#give;
    this.#give = undefined;
    give?.(chunk);
    await (chunk === undefined ? this.#whole : this.#ready());
  }
}

let opened: Promise<Session> | undefined;
let arriving: Arriving | undefined;

const session = (): Promise<Session> => {
  opened ??= holdEngine().then((held) => new Session(held));
  return opened;
};

type Handlers = { [K in Kind]: (ask: Requests[K]['ask']) => Promise<Requests[K]['answer']> };

const handlers: Handlers = {
  init: async (ask) => {
    await init(ask);
    return undefined;
  },
  file: async ({ name, size }) => {
    arriving = new Arriving(await session(), name, size);
    return undefined;
  },
  chunk: async ({ bytes }) => {
    await arriving?.put(bytes);
    return undefined;
  },
  fileEnd: async () => {
    await arriving?.put(undefined);
    return undefined;
  },
  externalFiles: async ({ model }) => (await session()).externalFiles(model),
  load: async ({ options, second }) => {
    const open = await session();
    const { watched = 0 } = second === undefined ? open.load(options) : open.compare(second, options);
    return { watched, heapBytes: open.heapBytes };
  },
  sample: async ({ index, inputs }) => {
    const open = await session();
    open.sample(index);
    const { heapBytes } = await runOnce(open, inputs, {}, () => {});
    return { heapBytes };
  },
  observed: async () => (await session()).observed(),
};

function failureOf(error: unknown): Answer {
  if (error instanceof NarrowcastError) {
    return { failure: { code: error.code, message: error.message, where: error.where } };
  }
  return { failure: { code: 'internal', message: `A worker failed: ${String(error)}`, where: '' } };
}

async function answer({ kind, ask }: Ask): Promise<Answer> {
  try {
    return { ok: await (handlers[kind] as (ask: unknown) => Promise<unknown>)(ask) };
  } catch (error) {
    return failureOf(error);
  }
}

let last: Promise<void> = Promise.resolve();
port.listen((message) => {
  last = last.then(async () => port.post(await answer(message)));
});
