// What a visitor takes away: a copy on the clipboard, a file in the downloads.
import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';

// The address must outlive the click; how long the browser needs it is not told.
const addressLivesMs = 60_000;

export function download(blob: Blob, name: string): void {
  const url = URL.createObjectURL(blob);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), addressLivesMs);
}

export const downloadJson = (value: unknown, name: string): void =>
  download(new Blob([`${JSON.stringify(value, null, 2)}\n`], { type: 'application/json' }), name);

interface CopyButtonProps {
  text: string;
  /** What is copied, for those who do not see what the button stands beside. */
  what: string;
}

const saidForMs = 2000;

export const CopyButton = ({ text, what }: CopyButtonProps) => {
  const [said, setSaid] = useState('');
  useEffect(() => {
    if (said === '') return;
    const timer = setTimeout(() => setSaid(''), saidForMs);
    return () => clearTimeout(timer);
  }, [said]);
  const copy = (): void => {
    // The clipboard is missing where the page is not served securely.
    const done = navigator.clipboard?.writeText(text) ?? Promise.reject();
    done.then(
      () => setSaid('Copied'),
      () => setSaid('Not allowed'),
    );
  };
  return (
    <button class="btn small" type="button" onClick={copy}>
      {said || 'Copy'}
      <span class="vh"> {what}</span>
      <span class="vh" role="status">
        {said}
      </span>
    </button>
  );
};

interface CodeProps {
  text: string;
  what: string;
  children?: ComponentChildren;
}

export const Code = ({ text, what, children }: CodeProps) => (
  <div class="code">
    <pre>{text}</pre>
    <div class="row">
      <CopyButton text={text} what={what} />
      {children}
    </div>
  </div>
);
