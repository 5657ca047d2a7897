// In this literal form bundlers find the file and put it beside their output.
export const loadWasm = (): Promise<Response> => fetch(new URL('./narrowcast.wasm', import.meta.url));
