// Hands a model's files to the engine: the model, then the data files that it refers to.
import type { FileOptions } from './options.js';
import type { Tell } from './progress.js';
import type { Session } from './session.js';
import { type ByteSource, openSource } from './source.js';
import { makeTurn } from './turn.js';

/** Returns the names of the data files. */
export async function addFiles(
  session: Session,
  model: ByteSource,
  options: FileOptions,
  tell: Tell = () => {},
): Promise<string[]> {
  const turn = makeTurn(options.signal);
  const add = async (name: string, source: ByteSource): Promise<void> => {
    const stream = openSource(source);
    let done = 0;
    await turn();
    await session.addFile(name, stream, (count) => {
      options.signal?.throwIfAborted();
      done += count;
      tell('reading', done, stream.size, name);
    });
  };
  const place = session.files;
  await add('model', model);
  const given = options.externalData ?? {};
  const names = session.externalFiles(place);
  for (const name of names) {
    const source =
      typeof given === 'function' ? await given(name) : Object.hasOwn(given, name) ? given[name] : undefined;
    if (source !== undefined) await add(name, source);
  }
  return names;
}
