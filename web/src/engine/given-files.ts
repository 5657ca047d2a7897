// Files as they are dropped or chosen, sorted into a model and what belongs to it.

/** A file and the path under which it came: its folders too, where a folder was dropped. */
export interface GivenFile {
  path: string;
  file: File;
}

export interface Sorted {
  models: File[];
  data: Record<string, File>;
}

export const fromList = (files: Iterable<File>): GivenFile[] =>
  Array.from(files, (file) => ({ path: file.webkitRelativePath || file.name, file }));

function entries(folder: FileSystemDirectoryReader): Promise<FileSystemEntry[]> {
  return new Promise((resolve, reject) => folder.readEntries(resolve, reject));
}

async function filesUnder(entry: FileSystemEntry, path: string): Promise<GivenFile[]> {
  if (entry.isFile) {
    const file = await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject));
    return [{ path, file }];
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  const found: GivenFile[] = [];
  // A reader gives its entries in portions, the last of which is empty.
  for (let portion = await entries(reader); portion.length > 0; portion = await entries(reader)) {
    for (const child of portion) found.push(...(await filesUnder(child, `${path}/${child.name}`)));
  }
  return found;
}

/** To be called in the event itself: afterwards the browser has emptied the transfer. */
export function fromDrop(transfer: DataTransfer): Promise<GivenFile[]> {
  const dropped = Array.from(transfer.items)
    .filter((item) => item.kind === 'file')
    .map((item) => item.webkitGetAsEntry());
  const folders = dropped.some((entry) => entry?.isDirectory);
  if (!folders) return Promise.resolve(fromList(transfer.files));
  return Promise.all(dropped.map((entry) => (entry === null ? [] : filesUnder(entry, entry.name)))).then((all) =>
    all.flat(),
  );
}

/** Which of the files are models is told by their extension, one of those the engine names. */
export function sortFiles(given: GivenFile[], extensions: string[]): Sorted {
  const isModel = ({ path }: GivenFile): boolean => extensions.some((end) => path.toLowerCase().endsWith(end));
  return {
    models: given.filter(isModel).map(({ file }) => file),
    data: Object.fromEntries(given.filter((one) => !isModel(one)).map(({ path, file }) => [path, file])),
  };
}
