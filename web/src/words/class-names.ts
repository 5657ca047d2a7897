/**
 * Names by class, out of a file: a name a line, from class 0 on; lines of number and name, under a head or not; or JSON,
 * a list or an object of names by number. Throws a sentence when it is none of these.
 */
export function classNames(text: string): string[] {
  const trimmed = text.trim();
  if (/^[[{]/.test(trimmed)) return fromJson(trimmed);
  const lines = trimmed.split(/\r?\n/).map((line) => line.trim());
  const numbered = lines.map((line) => /^(\d+)\s*[,;:\t ]\s*(\S.*)$/.exec(line));
  const rows = numbered[0] === null ? numbered.slice(1) : numbered;
  if (rows.length === 0 || rows.includes(null)) return lines;
  const names: string[] = [];
  for (const row of rows) names[Number(row?.[1])] = row?.[2] ?? '';
  return names;
}

function fromJson(text: string): string[] {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    throw new Error('The class names are not JSON.');
  }
  const names: string[] = [];
  // ImageNet's usual file has pairs of an identifier and a name.
  const nameOf = (entry: unknown): string => String(Array.isArray(entry) ? entry.at(-1) : entry);
  for (const [index, entry] of Object.entries(parsed as object)) {
    if (!/^\d+$/.test(index)) throw new Error('The class names have keys that are no numbers.');
    names[Number(index)] = nameOf(entry);
  }
  return names;
}
