// Files of samples as they came: a folder, an archive, an array, or pictures that were chosen one by one.
import { dataKind } from 'narrowcast';
import type { GivenFile } from './given-files.ts';

export interface DataGroup {
  /** The folder or the file; empty for loose pictures. */
  name: string;
  /** The model's input that it is for, where that has to be said. */
  input?: string;
  files: GivenFile[];
}

export interface SampleFiles {
  groups: DataGroup[];
  /** Files that hold no samples. */
  ignored: string[];
}

export const noFiles: SampleFiles = { groups: [], ignored: [] };

const isHidden = (path: string): boolean => /(^|\/)(\.|__MACOSX\/)/.test(path);

export const holdsSamples = ({ path }: GivenFile): boolean => dataKind(path) !== undefined && !isHidden(path);

function groupName({ path }: GivenFile): string {
  const folder = path.indexOf('/');
  if (folder > 0) return path.slice(0, folder);
  return dataKind(path) === 'picture' ? '' : path;
}

const stem = (name: string): string => name.replace(/\.[^.]*$/, '');

/** The files with more; a group that comes again replaces the old one, but for loose pictures, which are added. */
export function addFiles(to: SampleFiles, given: GivenFile[], inputs: string[]): SampleFiles {
  const fresh = new Map<string, DataGroup>();
  for (const file of given.filter(holdsSamples)) {
    const name = groupName(file);
    const group = fresh.get(name);
    if (group !== undefined) group.files.push(file);
    else {
      // An array that is called like an input is for it.
      const input = inputs.length > 1 && inputs.includes(stem(name)) ? { input: stem(name) } : {};
      fresh.set(name, { name, files: [file], ...input });
    }
  }
  const loose = fresh.get('');
  const old = to.groups.find(({ name }) => name === '');
  if (loose !== undefined && old !== undefined) {
    const known = new Map([...old.files, ...loose.files].map((file) => [file.path, file]));
    fresh.set('', { ...old, files: [...known.values()] });
  }
  const ignored = given.filter((file) => !holdsSamples(file) && !isHidden(file.path)).map(({ path }) => path);
  return {
    groups: [...to.groups.filter(({ name }) => !fresh.has(name)), ...fresh.values()],
    ignored: [...new Set([...to.ignored, ...ignored])],
  };
}

export const countFiles = ({ groups }: SampleFiles): number =>
  groups.reduce((total, { files }) => total + files.length, 0);

const mostListed = 4;

/** What the command line is given: folders, files, or a folder to be made of loose pictures. */
export const pathsOf = ({ groups }: SampleFiles): string[] =>
  groups.flatMap(({ name, input, files }) => {
    const paths =
      name === ''
        ? files.length <= mostListed
          ? files.map(({ path }) => path)
          : ['pictures/']
        : files.some(({ path }) => path !== name)
          ? [`${name}/`]
          : [name];
    return input === undefined ? paths : paths.map((path) => `${input}=${path}`);
  });
