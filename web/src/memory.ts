// What a run takes of this tab's memory, and what a tab can have.
import { defaultWorkers, estimateCalibrationMemory } from 'narrowcast';

// An engine addresses 4 GB, and needs room for more than the model.
const instanceBytes = 3 * 2 ** 30;
// Where the browser tells how much memory there is, a tab takes at most half of it.
const tabShare = 0.5;

const deviceBytes = (): number => {
  const gigabytes = (navigator as Navigator & { deviceMemory?: number }).deviceMemory;
  return gigabytes === undefined ? Number.POSITIVE_INFINITY : gigabytes * 2 ** 30;
};

export interface Memory {
  /** How many workers run samples: fewer where memory is scarce. */
  workers: number;
  calibrationBytes: number;
  /** An engine has no room for the model, or for what calibration makes of it. */
  isTooLarge: boolean;
  isTooLargeForSamples: boolean;
}

export function memoryOf(modelBytes: number): Memory {
  let workers = defaultWorkers();
  while (workers > 1 && estimateCalibrationMemory(modelBytes, workers) > deviceBytes() * tabShare) workers -= 1;
  return {
    workers,
    calibrationBytes: estimateCalibrationMemory(modelBytes, workers),
    isTooLarge: modelBytes > instanceBytes,
    isTooLargeForSamples: estimateCalibrationMemory(modelBytes, 1) > instanceBytes,
  };
}
