// Where samples come in, and what came.

import type { DataGroup } from '../engine/data-groups.ts';
import type { GivenFile } from '../engine/given-files.ts';
import type { SampleDesk } from '../use-samples.ts';
import { counted, grouped } from '../words/numbers.ts';
import { FileButton } from './file-button.tsx';

const mostNamed = 3;

const titleOf = ({ name, files }: DataGroup): string =>
  name === '' ? counted(files.length, 'picture') : files.some(({ path }) => path !== name) ? `${name}/` : name;

interface GroupProps {
  group: DataGroup;
  samples: SampleDesk;
}

const Group = ({ group, samples }: GroupProps) => {
  const { inputs } = samples;
  const title = titleOf(group);
  const id = `input-of-${group.name}`;
  return (
    <li class="group">
      <span class="group-name">
        <b>{title}</b> <span class="meta">{group.name === '' ? '' : counted(group.files.length, 'file')}</span>
      </span>
      {inputs.length > 1 && (
        <span class="row">
          <label class="small" for={id}>
            Input <span class="vh">that {title} is for</span>
          </label>
          <select id={id} onChange={(event) => samples.assign(group.name, event.currentTarget.value)}>
            <option value="" selected={group.input === undefined} disabled>
              the file says it
            </option>
            {inputs.map(({ name }) => (
              <option key={name} selected={name === group.input}>
                {name}
              </option>
            ))}
          </select>
        </span>
      )}
      <button class="btn small" type="button" onClick={() => samples.remove(group.name)}>
        Remove<span class="vh"> {title}</span>
      </button>
    </li>
  );
};

const Ignored = ({ names }: { names: string[] }) => {
  const more = names.length - mostNamed;
  return (
    <p class="meta">
      {counted(names.length, 'other file')} ignored: {names.slice(0, mostNamed).join(', ')}
      {more > 0 && ` and ${grouped(more)} more`}
    </p>
  );
};

interface SampleDropProps {
  samples: SampleDesk;
  onFiles: (files: GivenFile[]) => void;
}

export const SampleDrop = ({ samples, onFiles }: SampleDropProps) => {
  const { files, look, isReading } = samples;
  const isEmpty = files.groups.length === 0;
  return (
    <section class="drop slim" aria-label="Samples" aria-busy={isReading}>
      {isEmpty ? (
        <div>
          <b>Drop a folder of typical inputs</b>
          <p class="meta">jpg, png, webp, npy, npz, csv, jsonl, wav, pb, or a zip of these</p>
        </div>
      ) : (
        <div class="came">
          <ul>
            {files.groups.map((group) => (
              <Group key={group.name} group={group} samples={samples} />
            ))}
          </ul>
          <p class="meta" role="status">
            {look === undefined
              ? isReading
                ? 'Reading'
                : ''
              : `${isReading ? `Read ${grouped(look.read)} of ` : ''}${counted(look.count, 'sample')}${
                  look.available > look.count ? `, chosen from ${grouped(look.available)}` : ''
                }`}
          </p>
          {files.ignored.length > 0 && <Ignored names={files.ignored} />}
        </div>
      )}
      <div class="row">
        <FileButton kind={isEmpty ? '' : 'small'} isFolder onFiles={onFiles}>
          {isEmpty ? 'Choose a folder' : 'Add a folder'}
        </FileButton>
        <FileButton kind={isEmpty ? '' : 'small'} onFiles={onFiles}>
          {isEmpty ? 'Choose files' : 'Add files'}
        </FileButton>
      </div>
    </section>
  );
};
