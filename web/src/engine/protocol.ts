// What the page and its worker say to each other. Errors cross as plain data: a clone of an Error loses its fields.
import type { Description, ErrorCode, Inspection, Progress, Recipe, Report } from 'narrowcast';

export interface Failure {
  /** `page` marks what went wrong around the engine rather than in it. */
  code: ErrorCode | 'page';
  number: number;
  message: string;
  where: string;
  /** Data files that the model asked for and that did not come with it. */
  missing?: string[];
}

export type Answer<T> = { ok: T } | { failure: Failure };

/** A model file and the data files that came with it, by the path under which they came. */
export interface ModelFiles {
  model: File;
  data: Record<string, File>;
}

export interface OutputBlob {
  /** Empty for the model itself. */
  name: string;
  blob: Blob;
}

export interface Narrowed {
  report: Report;
  files: OutputBlob[];
  /** Of the model file, in hexadecimal; empty where the browser cannot tell. */
  sha256: string;
  elapsedMs: number;
  heapBytes: number;
}

export interface NarrowRequest {
  files: ModelFiles;
  recipe: Recipe;
  dataName: string;
}

/** Calls that take long carry a number of the page's choosing, by which they can be cancelled. */
export interface EngineWorker {
  describe(): Promise<Answer<Description>>;
  inspect(id: number, files: ModelFiles): Promise<Answer<Inspection>>;
  /** The report of a narrowing that writes nothing. */
  estimate(id: number, request: NarrowRequest): Promise<Answer<Report>>;
  narrow(id: number, request: NarrowRequest, onProgress: (progress: Progress) => void): Promise<Answer<Narrowed>>;
  cancel(id: number): void;
}
