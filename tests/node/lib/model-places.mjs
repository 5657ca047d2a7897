// Where models are: this repository's own, those of npm packages, and the developers' folder, which may be absent.
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const sharedFolder = process.env.NARROWCAST_MODELS ?? join(root, '../shared/models');

export const own = (path) => join(root, 'models', path);
export const npm = (path) => join(root, 'node_modules', path);
export const shared = (path) => join(sharedFolder, path);
