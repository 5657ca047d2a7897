import { type Description, dataKind } from 'narrowcast';
import { FileButton } from '../parts/file-button.tsx';
import { FloatAnswers } from '../parts/float-answers.tsx';
import { NoticeNote, ProblemNote } from '../parts/note.tsx';
import { RecipeRail } from '../parts/recipe-rail.tsx';
import { SampleDrop } from '../parts/sample-drop.tsx';
import { SampleFacts } from '../parts/sample-facts.tsx';
import { SampleSettings } from '../parts/sample-settings.tsx';
import { SampleThumbs } from '../parts/sample-thumbs.tsx';
import { techniqueOf, techniquesOf } from '../recipe/techniques.ts';
import type { Opened } from '../state.ts';
import type { Narrowcast } from '../use-narrowcast.ts';

interface DataScreenProps {
  page: Narrowcast;
  description: Description;
  opened: Opened;
}

const Answers = ({ page }: { page: Narrowcast }) => {
  const { labels, setLabels } = page.samples;
  return (
    <div class="row gap">
      <FileButton kind="small" accept=".csv,.txt" onFiles={([given]) => setLabels(given?.file)}>
        {labels === undefined ? 'Add the right answers' : 'Other answers'}
      </FileButton>
      {labels !== undefined && (
        <button class="btn small" type="button" onClick={() => setLabels(undefined)}>
          Without answers
        </button>
      )}
      <span class="meta">
        {labels === undefined
          ? 'A .csv of file,class, or a class a line: the result then shows the accuracy.'
          : `${labels.name}: the result shows the accuracy.`}
      </span>
    </div>
  );
};

export const DataScreen = ({ page, description, opened }: DataScreenProps) => {
  const { samples, wish } = page;
  const { look, problem, isReading, files } = samples;
  const hasSound = files.groups.some((group) => group.files.some(({ path }) => dataKind(path) === 'wav'));
  return (
    <div class="cols">
      <div class="main">
        <div class="head">
          <h1 tabIndex={-1}>Show it typical inputs</h1>
          <p class="lead">
            The model runs on these to learn which numbers each of its values takes on. What is like the inputs it will
            really see works best; 100 to 500 are enough.
          </p>
        </div>
        <NoticeNote notice={page.notice} />
        {problem !== undefined && <ProblemNote problem={problem} />}
        <SampleDrop samples={samples} onFiles={page.give} />
        {look !== undefined && look.previews.length > 0 && <SampleThumbs look={look} />}
        {files.groups.length > 0 && (
          <SampleSettings
            description={description}
            look={look}
            hasSound={hasSound}
            wish={samples.wish}
            onWish={samples.setWish}
          />
        )}
        {files.groups.length > 0 && <Answers page={page} />}
        <FloatAnswers page={page} opened={opened} />
        {look !== undefined && <SampleFacts look={look} isReading={isReading} />}
      </div>
      <RecipeRail
        page={page}
        description={description}
        opened={opened}
        technique={techniqueOf(wish, techniquesOf(description), description)}
        estimate={undefined}
      />
    </div>
  );
};
