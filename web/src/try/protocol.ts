// A runtime that executes models for real, in a worker or beside it.
import type { Tensor } from 'narrowcast';

export type Tensors = Record<string, Tensor>;

export interface RuntimeModel {
  bytes: Uint8Array;
  /** Data files by the names that the model uses. */
  data: Record<string, Uint8Array>;
}

export interface Measured {
  outputs: Tensors;
  /** Milliseconds that a run takes, measured several times after some to warm up. */
  times: number[];
}

export interface Runtime {
  /** Makes a model ready under a name; what had the name before goes. */
  open(name: string, model: RuntimeModel): Promise<void>;
  run(name: string, inputs: Tensors): Promise<Measured>;
}
