// How to get it, repeat it, prove it.
import type { Description } from 'narrowcast';
import { commandParts, commandText } from '../recipe/command.ts';
import { linkTo } from '../recipe/link.ts';
import { completed } from '../recipe/wish.ts';
import type { Outcome } from '../state.ts';
import type { Narrowcast } from '../use-narrowcast.ts';
import { sizeText } from '../words/numbers.ts';
import { Code, CopyButton, download, downloadJson } from './save.tsx';

interface TakeAwayProps {
  page: Narrowcast;
  outcome: Outcome;
  description: Description;
  model: string;
}

export const fileName = (outcome: Outcome, name: string): string => (name === '' ? outcome.name : name);

export const TakeAway = ({ page, outcome, description, model }: TakeAwayProps) => {
  const { narrowed, wish, name } = outcome;
  const stem = name.replace(/\.[^.]*$/, '');
  const kept = narrowed.report.external_files_kept;
  const recipe = completed(wish, description);
  const savePage = async (): Promise<void> => {
    const html = await page.engine.reportPage(narrowed.report, model);
    download(new Blob([html], { type: 'text/html' }), `${stem}.report.html`);
  };
  const recipeText = JSON.stringify(recipe, null, 2);
  return (
    <section aria-labelledby="take" class="gap-xl">
      <div class="sec-head">
        <h2 id="take">Take it away</h2>
        <span class="meta">the command line makes the same file, byte for byte</span>
      </div>
      <ul class="takes">
        {narrowed.files.map((file) => (
          <li key={file.name}>
            <div>
              <h3>{file.name === '' ? 'Model' : 'Data file'}</h3>
              <p class="meta">
                {file.name === '' ? 'The narrowed model' : 'Belongs beside the model, under this name'}
              </p>
            </div>
            <div>
              <p class="file-name">{fileName(outcome, file.name)}</p>
              <p class="meta">
                {sizeText(file.blob.size)}
                {file.name === '' && narrowed.sha256 !== '' && (
                  <>
                    , SHA-256 <span class="mono hash">{narrowed.sha256}</span>
                  </>
                )}
              </p>
            </div>
            <div class="acts">
              <button class="btn small" type="button" onClick={() => download(file.blob, fileName(outcome, file.name))}>
                Download<span class="vh"> {fileName(outcome, file.name)}</span>
              </button>
            </div>
          </li>
        ))}
        {kept.length > 0 && (
          <li>
            <div>
              <h3>Your data files</h3>
              <p class="meta">Still part of the model</p>
            </div>
            <p class="small">
              Keep these beside it: <code>{kept.join(', ')}</code>
            </p>
          </li>
        )}
        <li>
          <div>
            <h3>Command</h3>
            <p class="meta">The same result without a browser</p>
          </div>
          <Code text={commandText(commandParts(model, wish, description, outcome.samples))} what="the command" />
        </li>
        <li>
          <div>
            <h3>Recipe</h3>
            <p class="meta">
              Every setting. Drop it on this page to restore them, or give it to the command line with --recipe
            </p>
          </div>
          <div class="code">
            <pre>{recipeText}</pre>
          </div>
          <div class="acts">
            <CopyButton text={recipeText} what="the recipe" />
            <button class="btn small" type="button" onClick={() => downloadJson(recipe, `${stem}.recipe.json`)}>
              Download<span class="vh"> the recipe</span>
            </button>
          </div>
        </li>
        <li>
          <div>
            <h3>Link</h3>
            <p class="meta">For somebody with the same model</p>
          </div>
          <p class="small">Opens this page with these settings. It holds nothing of the model, nor of the samples.</p>
          <div class="acts">
            <CopyButton text={linkTo({ recipe: wish, samples: outcome.samples?.wish ?? {} })} what="the link" />
          </div>
        </li>
        <li>
          <div>
            <h3>Report</h3>
            <p class="meta">What was narrowed, what was not and why, every number above</p>
          </div>
          <p class="small">
            JSON, or one HTML file with tables and histograms, as the command line writes them with --report. Names and
            numbers, no weights.
          </p>
          <div class="acts">
            <button
              class="btn small"
              type="button"
              onClick={() => downloadJson(narrowed.report, `${stem}.report.json`)}
            >
              <span class="vh">Download the report as </span>JSON
            </button>
            <button class="btn small" type="button" onClick={() => void savePage()}>
              <span class="vh">Download the report as </span>HTML
            </button>
          </div>
        </li>
      </ul>
    </section>
  );
};
