import type { ComponentChildren } from 'preact';
import { useId } from 'preact/hooks';
import { fromList, type GivenFile } from '../engine/given-files.ts';

interface FileButtonProps {
  kind: string;
  accept?: string;
  /** A folder with all that is in it, instead of files. */
  isFolder?: boolean;
  onFiles: (files: GivenFile[]) => void;
  children: ComponentChildren;
}

/** A label that looks like a button; the input itself stays reachable by keyboard. */
export const FileButton = ({ kind, accept, isFolder = false, onFiles, children }: FileButtonProps) => {
  const id = useId();
  return (
    <>
      <input
        class="vh"
        type="file"
        id={id}
        multiple
        {...(isFolder ? { webkitdirectory: true } : {})}
        accept={accept}
        onChange={(event) => {
          const input = event.currentTarget;
          onFiles(fromList(input.files ?? []));
          // So that the same file can be chosen again.
          input.value = '';
        }}
      />
      <label class={`btn ${kind}`} for={id}>
        {children}
      </label>
    </>
  );
};
