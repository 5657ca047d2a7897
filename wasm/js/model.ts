// Running models in float.
import { type Guarded, type Held, holdEngine, withEngine } from './engine.js';
import { NarrowcastError } from './errors.js';
import { addFiles } from './files.js';
import type { FileOptions } from './options.js';
import { type OutputTensor, Session } from './session.js';
import type { ByteSource } from './source.js';
import { arrayOf, describeTensor, isDataType, type Tensor, type TensorLike } from './tensor.js';
import { budgetMs, makeTurn } from './turn.js';
import type { ValueInfo } from './types.js';

export interface LoadOptions extends FileOptions {
  /** The key of a TFLite signature; without it the main graph runs. */
  signature?: string;
  /** Fast 3x3 convolutions by F(4x4, 3x3), about 1e-5 of the largest output less exact. Default: true. */
  winograd?: boolean;
  /** Joins element-wise nodes to the ones before them. Default: true. */
  fuse?: boolean;
}

export interface RunOptions {
  /** Measures every node. */
  profile?: boolean;
  /** How many nodes are done. */
  onProgress?: (progress: RunProgress) => void;
  /** Stops the run between two nodes; the promise then rejects with the signal's reason. */
  signal?: AbortSignal;
}

export interface RunProgress {
  done: number;
  total: number;
}

export interface NodeProfile {
  name: string;
  op: string;
  ms: number;
  /** Of its results. */
  bytes: number;
  /** The ops that were joined to it. */
  joined: string[];
}

export interface Profile {
  /** The most memory that values and constants took at once; packed weights come on top. */
  peakBytes: number;
  /** Of it, what was there before the run: constants and inputs. */
  heldBytes: number;
  /** What no run in this order of nodes can do without: every value from when it is made to when it is last read. */
  boundBytes: number;
  /** In the order in which they ran. */
  nodes: NodeProfile[];
}

export interface RunResult {
  outputs: Record<string, Tensor>;
  /** The most memory the engine's instance has held, the model's file included. */
  heapBytes: number;
  /** With the option `profile`. */
  profile?: Profile;
}

const loadKeys: Record<keyof LoadOptions, true> = {
  externalData: true,
  signal: true,
  signature: true,
  winograd: true,
  fuse: true,
};

function engineOptions(options: LoadOptions): string {
  for (const key of Object.keys(options)) {
    if (!(key in loadKeys)) throw new NarrowcastError('usage', `There is no option '${key}'.`, key);
  }
  const { signature = '', winograd = true, fuse = true } = options;
  if (typeof signature !== 'string')
    throw new NarrowcastError('usage', 'A signature is named by its key.', 'signature');
  return JSON.stringify({ signature, winograd, fuse });
}

function takeOutput(session: Session, index: number, { name, size, dtype, shape }: OutputTensor): Tensor {
  if (!isDataType(dtype)) {
    throw new NarrowcastError('unsupported', `An output of type ${dtype} cannot be given out.`, name);
  }
  return { dtype, shape: [...shape], data: arrayOf(dtype, session.read(index, 0, size)) };
}

/** @internal */
export async function runOnce(
  session: Session,
  inputs: Record<string, TensorLike>,
  { profile = false, onProgress, signal }: RunOptions,
  proceed: () => void,
): Promise<RunResult> {
  const tensors = Object.entries(inputs).map(([name, tensor]) => describeTensor(name, tensor));
  signal?.throwIfAborted();
  const total = session.feed(
    tensors.map(({ record }) => record),
    tensors.map(({ bytes }) => bytes),
    profile,
  );
  onProgress?.({ done: 0, total });
  const turn = makeTurn(signal);
  const budget = onProgress === undefined ? budgetMs : 0;
  for (let done = 1; !session.run(done === 1, budget); done += 1) {
    onProgress?.({ done, total });
    await turn();
    proceed();
  }
  onProgress?.({ done: total, total });
  const outputs = session.runOutputs.map((output, index) => [output.name, takeOutput(session, index, output)]);
  const result: RunResult = { outputs: Object.fromEntries(outputs), heapBytes: session.heapBytes };
  if (profile) {
    const { peak_bytes: peakBytes, held_bytes: heldBytes, bound_bytes: boundBytes, nodes } = session.runReport();
    result.profile = { peakBytes, heldBytes, boundBytes, nodes };
  }
  return result;
}

async function open(lent: Guarded, model: ByteSource, options: LoadOptions) {
  const given = engineOptions(options);
  const session = new Session(lent);
  await addFiles(session, model, options);
  return { session, ...session.load(given) };
}

/**
 * A model that is ready to run as often as one likes. It keeps an engine of its own until `dispose`; runs that overlap
 * wait for each other. After a fault of the engine (`engine_trap`, `out_of_memory`) every run rejects with that fault:
 * dispose of the model and load it again.
 */
export class LoadedModel {
  readonly inputs: ValueInfo[];
  readonly outputs: ValueInfo[];
  readonly #held: Held;
  readonly #session: Session;
  #last: Promise<unknown> = Promise.resolve();
  #pending = 0;
  #disposed = false;

  /** @internal Use `loadModel`. */
  constructor(held: Held, opened: Awaited<ReturnType<typeof open>>) {
    this.#held = held;
    this.#session = opened.session;
    this.inputs = opened.inputs;
    this.outputs = opened.outputs;
  }

  /** Runs the model. Errors: usage, saying what the model takes; unsupported; the signal's reason. */
  async run(inputs: Record<string, TensorLike>, options: RunOptions = {}): Promise<RunResult> {
    this.#proceed();
    this.#pending += 1;
    const before = this.#last;
    const result = before.then(() => {
      this.#proceed();
      return runOnce(this.#session, inputs, options, () => this.#proceed());
    });
    this.#last = result.catch(() => {});
    try {
      return await result;
    } finally {
      this.#pending -= 1;
      if (this.#disposed && this.#pending === 0) this.#held.release();
    }
  }

  #proceed(): void {
    if (this.#disposed) throw new NarrowcastError('usage', 'The model was disposed of.');
  }

  /** Gives the memory back. A run that goes on is stopped, and rejects. */
  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    if (this.#pending === 0) this.#held.release();
  }
}

/** Makes a model ready to run. Errors: malformed; unsupported, naming the first op that does not run; usage. */
export async function loadModel(model: ByteSource, options: LoadOptions = {}): Promise<LoadedModel> {
  const held = await holdEngine();
  try {
    return new LoadedModel(held, await open(held, model, options));
  } catch (error) {
    held.release();
    throw error;
  }
}

/** Runs a model once; `loadModel` is for more. */
export function run(
  model: ByteSource,
  inputs: Record<string, TensorLike>,
  options: LoadOptions & RunOptions = {},
): Promise<RunResult> {
  const { profile, onProgress, ...load } = options;
  const during: RunOptions = {
    ...(profile === undefined ? {} : { profile }),
    ...(onProgress === undefined ? {} : { onProgress }),
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  };
  return withEngine(async (lent) => {
    const { session } = await open(lent, model, load);
    return runOnce(session, inputs, during, () => {});
  });
}
