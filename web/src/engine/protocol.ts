// What the page and its worker say to each other. Errors cross as plain data: a clone of an Error loses its fields.
import type {
  DataWarning,
  Description,
  ErrorCode,
  InputStatistics,
  Inspection,
  Picture,
  PictureSettings,
  Progress,
  Recipe,
  Report,
  Tensor,
  ValueInfo,
} from 'narrowcast';
import type { DataWish } from '../recipe/data-wish.ts';

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

export interface SampleFile {
  path: string;
  file: File;
  /** The model's input that it is for, where that has to be said. */
  input?: string;
}

/** Samples that a run is fed with. */
export interface DataRequest {
  /** Of the model. */
  inputs: ValueInfo[];
  files: SampleFile[];
  wish: DataWish;
  /** The right answers. */
  labels?: File;
  /** How many run samples at once. */
  workers?: number;
}

/** One input's part of a sample. */
export interface Seen {
  input: string;
  numbers: { shape: number[]; dtype: string; first: number[]; min: number; max: number };
  picture?: Picture;
}

export interface Preview {
  /** Among the chosen samples. */
  index: number;
  /** Among all samples, and the file that holds it. */
  place: number;
  file: string;
  seen: Seen[];
}

/** What samples hold, as far as they were read. */
export interface DataLook {
  /** How many were chosen, of how many. */
  count: number;
  available: number;
  read: number;
  /** Of a message: those that came since the one before. */
  previews: Preview[];
  /** How pictures become numbers, for the inputs that take some. */
  pictures: (PictureSettings & { input: string })[];
  fed: InputStatistics[];
  warnings: DataWarning[];
}

export interface OutputAnswer {
  name: string;
  shape: number[];
  min: number;
  max: number;
  /** The classes it holds most likely, where it is a row of scores. */
  top?: { index: number; share: number }[];
}

/** What a model says of a sample. */
export interface ModelAnswer {
  place: number;
  file: string;
  outputs: OutputAnswer[];
}

export interface NarrowRequest {
  files: ModelFiles;
  recipe: Recipe;
  dataName: string;
  data?: DataRequest;
}

/** Calls that take long carry a number of the page's choosing, by which they can be cancelled. */
export interface EngineWorker {
  describe(): Promise<Answer<Description>>;
  inspect(id: number, files: ModelFiles): Promise<Answer<Inspection>>;
  /** What samples hold; `tell` hears of it while they are read. */
  lookAt(id: number, request: DataRequest, tell: (look: DataLook) => void): Promise<Answer<DataLook>>;
  /** What the float model says of a few samples. */
  askFloat(id: number, files: ModelFiles, request: DataRequest): Promise<Answer<ModelAnswer[]>>;
  /** The sample of this index among the chosen ones; `isKept`: of those that were looked at. */
  readSample(
    id: number,
    request: DataRequest,
    index: number,
    isKept: boolean,
  ): Promise<Answer<Record<string, Tensor> | undefined>>;
  /** The report of a narrowing that writes nothing. */
  estimate(id: number, request: NarrowRequest): Promise<Answer<Report>>;
  narrow(id: number, request: NarrowRequest, onProgress: (progress: Progress) => void): Promise<Answer<Narrowed>>;
  /** A report as one HTML file. */
  reportPage(report: Report, title: string): Promise<Answer<string>>;
  cancel(id: number): void;
  /** Ends the search of a `narrow` for what is better in float, which then gives what there is. */
  stopSearch(id: number): void;
}
