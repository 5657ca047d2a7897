/** The package's version. */
declare const __VERSION__: string;
/** The Content-Security-Policy of the built page. */
declare const __POLICY__: string;

declare module '*.zip?url' {
  const url: string;
  export default url;
}

declare module '*.onnx?url' {
  const url: string;
  export default url;
}
