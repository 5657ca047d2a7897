const lastPart = (path: string): string => path.split(/[\\/]/).at(-1) ?? path;

/** The file a model means by `name`. A drop of single files loses their folders, so the bare name will do. */
export function findData<T>(given: Record<string, T>, name: string): T | undefined {
  const paths = Object.keys(given);
  const path =
    paths.find((candidate) => candidate === name || candidate.endsWith(`/${name}`)) ??
    paths.find((candidate) => lastPart(candidate) === lastPart(name));
  return path === undefined ? undefined : given[path];
}
