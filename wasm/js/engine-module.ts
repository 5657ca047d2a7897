// What the Emscripten glue offers, as wasm/bindings.cc declares it.
export interface NativeEngine {
  allocate(name: string, size: number): number;
  externalFiles(model: number): string;
  inspect(): string;
  watched(recipe: string): string;
  start(recipe: string, dataName: string, ranges: string): string;
  step(): string;
  readData(request: string): string;
  load(options: string): string;
  compare(second: number, options: string): string;
  feed(request: string): string;
  run(begins: boolean, budgetMs: number): number;
  sample(index: number): void;
  observed(): string;
  outputs(): string;
  read(output: number, offset: number, size: number): number;
  report(): string;
  delete(): void;
}

/** Range files made one. */
export interface NativeRanges {
  add(text: string): string;
  state(): string;
  summary(): string;
  values(options: string): string;
  delete(): void;
}

export interface EngineModule {
  readonly HEAPU8: Uint8Array<ArrayBuffer>;
  readonly chunkBytes: number;
  readonly Engine: new () => NativeEngine;
  readonly Ranges: new () => NativeRanges;
  describe(): string;
  judge(states: string, options: string): string;
}

export interface EngineModuleOptions {
  instantiateWasm(imports: WebAssembly.Imports, receive: (instance: WebAssembly.Instance) => void): object;
  printErr(text: string): void;
}
