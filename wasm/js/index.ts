export {
  describe,
  dryRun,
  inspect,
  type QuantizeResult,
  quantize,
  quantizeTo,
} from './api.js';
export {
  type CalibrateOptions,
  type CalibrationProgress,
  type CalibrationResult,
  type CalibrationWarning,
  calibrate,
  estimateCalibrationMemory,
  mergeRanges,
  type RangeOptions,
  type RangesResult,
  readRanges,
  type ValueRange,
} from './calibrate.js';
export {
  type CompareOptions,
  type CompareProgress,
  type ComparisonResult,
  compare,
  type Gates,
  type Labels,
} from './compare.js';
export type { ChannelStatistics, DataWarning, InputStatistics } from './data/fed.js';
export { type DataFile, type DataSource, kindOf as dataKind } from './data/files.js';
export { readLabels } from './data/labels.js';
export type { PictureOptions } from './data/pictures.js';
export { type Picture, type PictureSettings, pictureOf, pictureSettings } from './data/preview.js';
export { modelInputs, openSamples, type SampleOptions, type Samples } from './data/samples.js';
export { type CalibrationSamples, defaultWorkers, type IndexedSamples } from './deal.js';
export { init, type WasmSource } from './engine.js';
export { type ErrorCode, NarrowcastError } from './errors.js';
export type {
  CalibrationMethod,
  ImageFit,
  ImageInterpolation,
  ImagePresetName,
  Mode,
  Recipe,
  RecipeOptions,
  Style,
  Weights,
} from './generated/describe.js';
export { imagePresets, recipeSettings } from './generated/describe.js';
export {
  type LoadedModel,
  type LoadOptions,
  loadModel,
  type NodeProfile,
  type Profile,
  type RunOptions,
  type RunProgress,
  type RunResult,
  run,
} from './model.js';
export type { Sink, StreamResult } from './narrow.js';
export type { ExternalData, FileOptions, JudgeChoice, QuantizeOptions } from './options.js';
export { completeRecipe, outputName, withRanges } from './recipe.js';
export { reportHtml } from './report-html.js';
export type { ByteSource, StreamedBytes } from './source.js';
export type { DataType, Tensor, TensorData, TensorLike } from './tensor.js';
export type * from './types.js';
