import digit0 from '../../../models/digits/digit-0.png';
import digit2 from '../../../models/digits/digit-2.png';
import digit4 from '../../../models/digits/digit-4.png';
import digit7 from '../../../models/digits/digit-7.png';
import { FileButton } from '../parts/file-button.tsx';
import { NarrowingFigure } from '../parts/narrowing-figure.tsx';
import { NoticeNote } from '../parts/note.tsx';
import { Privacy } from '../parts/privacy.tsx';
import { loadSample, sampleModels } from '../sample.ts';
import type { Narrowcast } from '../use-narrowcast.ts';

const digits = [digit7, digit2, digit0, digit4];

interface DropScreenProps {
  page: Narrowcast;
}

export const DropScreen = ({ page }: DropScreenProps) => {
  const { view, notice, description } = page;
  const extensions = description?.formats.map(({ extension }) => extension) ?? [];
  const busy = view.at === 'reading';
  const missing = notice?.kind === 'problem' ? notice.problem.missing : [];
  return (
    <>
      <div class="hero">
        <div class="head">
          <h1>Make a trained model smaller, and see what it costs</h1>
          <p class="lead">float32 ONNX or TFLite in; int8, int4 or float16 out. In this tab, weight by weight.</p>
        </div>
        {notice !== undefined && (
          <div class="notice">
            <NoticeNote notice={notice}>
              {missing.length > 0 && (
                <div class="row">
                  <FileButton kind="small" onFiles={page.give}>
                    Add {missing.join(', ')}
                  </FileButton>
                </div>
              )}
            </NoticeNote>
          </div>
        )}
        <section class="drop" aria-label="Choose a model" aria-busy={busy}>
          <NarrowingFigure />
          <div class="row">
            <FileButton kind="primary" accept={[...extensions, '.data', '.bin', '.json'].join()} onFiles={page.give}>
              Choose a model
            </FileButton>
            <span class="small" role="status">
              {busy ? `Reading ${view.name}` : ''}
            </span>
          </div>
          <p class="meta gap-s">
            Or drop it anywhere on this page: <code>.onnx</code> with its data files, <code>.tflite</code>, a recipe{' '}
            <code>.json</code>, or a whole folder.
          </p>
        </section>
        <section aria-labelledby="samples-h">
          <div class="sec-head">
            <h2 id="samples-h">Or start with a sample</h2>
          </div>
          <div class="samples">
            {sampleModels.map((sample) => (
              <button
                key={sample.name}
                class="sample-row"
                type="button"
                onClick={() => void loadSample(sample).then(page.give)}
              >
                <span class="pic">
                  {digits.map((digit) => (
                    <img key={digit} src={digit} alt="" width="28" height="28" />
                  ))}
                </span>
                <span>
                  <b>Try it with a small {sample.format} model</b>
                  <span class="meta">
                    {sample.name}, which reads handwritten digits, and 40 of them: 261 kB, on board
                  </span>
                </span>
              </button>
            ))}
          </div>
        </section>
      </div>
      <Privacy />
    </>
  );
};
