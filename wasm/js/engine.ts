// Loads the engine and keeps one instance for all callers; an instance that met a fault is thrown away.
import { loadWasm } from '#wasm';
import type { EngineModule, NativeEngine } from './engine-module.js';
import { NarrowcastError } from './errors.js';
import { heapBytes } from './heap.js';
import createEngineModule from './narrowcast.js';

export type WasmSource = BufferSource | Response | WebAssembly.Module;

// Wasm memory never shrinks: an idle instance above this is dropped, so that a large model does not stay allocated.
const keptHeapBytes = 256 * 2 ** 20;
// malloc fails before the address space is full; an abort this close to the end is taken for want of memory.
const nearlyFullBytes = 3 * 2 ** 30;

interface Instance {
  readonly module: EngineModule;
  /** Growing the memory was refused. */
  readonly starved: () => boolean;
  readonly lastWords: () => string;
  users: number;
  fault: NarrowcastError | undefined;
}

let compiled: Promise<WebAssembly.Module> | undefined;
let current: Promise<Instance> | undefined;

async function compile(source: WasmSource | Promise<WasmSource>): Promise<WebAssembly.Module> {
  const wasm = await source;
  if (wasm instanceof WebAssembly.Module) return wasm;
  if (typeof Response === 'undefined' || !(wasm instanceof Response)) return WebAssembly.compile(wasm as BufferSource);
  if (!wasm.ok) throw new NarrowcastError('usage', `The engine could not be loaded: HTTP ${wasm.status}.`, wasm.url);
  const streamed = wasm.headers.get('content-type')?.startsWith('application/wasm');
  return streamed ? WebAssembly.compileStreaming(wasm) : WebAssembly.compile(await wasm.arrayBuffer());
}

function watchGrowth(instance: WebAssembly.Instance): () => boolean {
  const memory = Object.values(instance.exports).find((value) => value instanceof WebAssembly.Memory);
  let refused = false;
  if (memory !== undefined) {
    const grow = memory.grow.bind(memory);
    memory.grow = (pages) => {
      refused = true;
      const before = grow(pages);
      refused = false;
      return before;
    };
  }
  return () => refused;
}

function instantiate(wasm: WebAssembly.Module): Promise<Instance> {
  let starved = (): boolean => false;
  let lastWords = '';
  return new Promise((resolve, reject) => {
    createEngineModule({
      // The glue waits for `receive` and would never hear of a failure.
      instantiateWasm(imports, receive) {
        WebAssembly.instantiate(wasm, imports).then((instance) => {
          starved = watchGrowth(instance);
          receive(instance);
        }, reject);
        return {};
      },
      printErr: (text) => {
        lastWords = text;
      },
    }).then(
      (module) => resolve({ module, starved: () => starved(), lastWords: () => lastWords, users: 0, fault: undefined }),
      reject,
    );
  });
}

function loadFault(error: unknown): unknown {
  if (!(error instanceof RangeError)) return error;
  return new NarrowcastError('out_of_memory', 'There is no memory for the engine.', '', { cause: error });
}

function acquire(): Promise<Instance> {
  compiled ??= compile(loadWasm());
  current ??= compiled.then(instantiate);
  const pending = current;
  return pending.catch((error) => {
    if (current === pending) current = compiled = undefined;
    throw loadFault(error);
  });
}

async function acquireOwn(): Promise<Instance> {
  const wasm = await compiledEngine();
  return instantiate(wasm).catch((error) => {
    throw loadFault(error);
  });
}

function discard(instance: Instance): void {
  void current?.then((kept) => {
    if (kept === instance) current = undefined;
  });
}

/**
 * Loads the engine ahead of its first use. Without `wasm` the package finds its own file; hand it in where a bundler
 * does not, as bytes, a Response or a compiled module.
 */
export async function init(options: { wasm?: WasmSource | Promise<WasmSource> } = {}): Promise<void> {
  if (options.wasm !== undefined) {
    compiled = compile(options.wasm);
    current = undefined;
  }
  await acquire();
}

/** The compiled engine, for workers: they need not fetch and compile it again. */
export function compiledEngine(): Promise<WebAssembly.Module> {
  compiled ??= compile(loadWasm());
  const pending = compiled;
  return pending.catch((error) => {
    if (compiled === pending) compiled = undefined;
    throw loadFault(error);
  });
}

/** One model's engine, and the guard through which every call to it goes. */
export interface Guarded {
  readonly module: EngineModule;
  readonly engine: NativeEngine;
  /** Runs a call; whatever it throws besides NarrowcastError is a fault, which ends the instance. */
  guard<T>(call: () => T): T;
}

function faultOf(instance: Instance, error: unknown): NarrowcastError {
  const outOfMemory = instance.starved() || heapBytes(instance.module) >= nearlyFullBytes;
  const message = outOfMemory
    ? 'The model needs more memory than there is.'
    : `The engine stopped on a fault and was discarded: ${instance.lastWords() || String(error)}`;
  return new NarrowcastError(outOfMemory ? 'out_of_memory' : 'engine_trap', message, '', { cause: error });
}

/** An engine that is kept until `release`. */
export interface Held extends Guarded {
  /** Deletes the engine; no call may follow. */
  release(): void;
}

function lend(instance: Instance): Held {
  const guard = <R>(call: () => R): R => {
    if (instance.fault !== undefined) throw instance.fault;
    try {
      return call();
    } catch (error) {
      if (error instanceof NarrowcastError) throw error;
      instance.fault = faultOf(instance, error);
      discard(instance);
      throw instance.fault;
    }
  };
  const engine = guard(() => new instance.module.Engine());
  instance.users += 1;
  const release = (): void => {
    instance.users -= 1;
    if (instance.fault !== undefined) return;
    engine.delete();
    if (instance.users === 0 && heapBytes(instance.module) > keptHeapBytes) discard(instance);
  };
  return { module: instance.module, engine, guard, release };
}

/** Lends an engine to `use` and deletes it afterwards, whatever happened. */
export async function withEngine<T>(use: (lent: Guarded) => Promise<T>): Promise<T> {
  const held = lend(await acquire());
  try {
    return await use(held);
  } finally {
    held.release();
  }
}

/**
 * An engine in an instance of its own, for work that outlasts a request: what others do neither grows its memory nor
 * ends it, and its memory goes when it is released. After a fault every call throws that fault.
 */
export async function holdEngine(): Promise<Held> {
  return lend(await acquireOwn());
}
