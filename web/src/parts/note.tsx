import type { ComponentChildren } from 'preact';
import type { Notice } from '../state.ts';
import type { Problem } from '../words/problem.ts';
import { Code } from './save.tsx';

interface ProblemNoteProps {
  problem: Problem;
  /** Buttons that help. */
  children?: ComponentChildren;
}

export const ProblemNote = ({ problem, children }: ProblemNoteProps) => (
  <div class="problem stack">
    <div class={`note ${problem.missing.length === 0 ? 'bad' : 'warn'}`} role="alert">
      <h2>{problem.title}</h2>
      <span>
        {problem.text}
        {problem.where !== '' && (
          <>
            {' '}
            Where: <code>{problem.where}</code>.
          </>
        )}
      </span>
      <span>{problem.next}</span>
    </div>
    {problem.command !== undefined && <Code text={problem.command} what="the command" />}
    {children}
    <p class="err-code">{problem.code}</p>
  </div>
);

interface NoticeNoteProps {
  notice: Notice;
  children?: ComponentChildren;
}

export const NoticeNote = ({ notice, children }: NoticeNoteProps) => {
  if (notice === undefined) return null;
  if (notice.kind === 'problem') return <ProblemNote problem={notice.problem}>{children}</ProblemNote>;
  return (
    <div class="note problem" role="status">
      <b>{notice.title}</b>
      <span>{notice.text}</span>
    </div>
  );
};
