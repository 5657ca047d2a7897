// Real TFLite models to test with, as far as they are here: [{ name, path }], sorted; none in a fresh clone without npm ci.
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../..', import.meta.url));

export function tfliteModels() {
  const shared = process.env.NARROWCAST_MODELS ?? join(root, '../shared/models');
  const folders = [
    join(shared, 'tflite'),
    join(root, 'node_modules/@mediapipe/face_detection'),
    join(root, 'node_modules/@mediapipe/selfie_segmentation'),
  ];
  return folders.filter(existsSync).flatMap((folder) =>
    readdirSync(folder)
      .filter((name) => name.endsWith('.tflite'))
      .sort()
      .map((name) => ({ name, path: join(folder, name) })),
  );
}
