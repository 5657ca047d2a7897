// The first samples as the model sees them: pictures, or the numbers they are.
import { useEffect, useRef } from 'preact/hooks';
import type { DataLook, Preview, Seen } from '../engine/protocol.ts';
import { grouped } from '../words/numbers.ts';

type SeenPicture = NonNullable<Seen['picture']>;

// What is shown larger than it is shows its pixels.
const smallSide = 96;

export const Thumb = ({ picture, name }: { picture: SeenPicture; name: string }) => {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const { data, width, height } = picture;
    canvas.current?.getContext('2d')?.putImageData(new ImageData(data, width, height), 0, 0);
  }, [picture]);
  const kind = Math.max(picture.width, picture.height) < smallSide ? 'thumb pixels' : 'thumb';
  return (
    <canvas ref={canvas} class={kind} width={picture.width} height={picture.height} role="img" aria-label={name} />
  );
};

const fileOf = ({ file, place }: Preview): string => file.split('/').at(-1) || `sample ${place}`;

const shortNumber = (value: number): string => String(Number(value.toPrecision(3)));

const Numbers = ({ previews }: { previews: Preview[] }) => (
  // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls sideways must be reachable by keyboard
  <section class="boxed scroll" tabIndex={0} aria-label="Samples as numbers">
    <table>
      <thead>
        <tr>
          <th scope="col">Sample</th>
          <th scope="col">Input</th>
          <th scope="col">Shape</th>
          <th scope="col">First numbers</th>
          <th scope="col" class="num">
            From
          </th>
          <th scope="col" class="num">
            To
          </th>
        </tr>
      </thead>
      <tbody>
        {previews.flatMap((preview) =>
          preview.seen.map(({ input, numbers }) => (
            <tr key={`${preview.place} ${input}`}>
              <th scope="row">
                {grouped(preview.place + 1)} <span class="meta">{fileOf(preview)}</span>
              </th>
              <td class="mono">{input}</td>
              <td class="mono">{numbers.shape.join(' × ')}</td>
              <td class="mono">{numbers.first.map(shortNumber).join(' ')}</td>
              <td class="num">{shortNumber(numbers.min)}</td>
              <td class="num">{shortNumber(numbers.max)}</td>
            </tr>
          )),
        )}
      </tbody>
    </table>
  </section>
);

export const SampleThumbs = ({ look }: { look: DataLook }) => {
  const { previews, pictures, count } = look;
  const shown = previews.flatMap((preview) =>
    preview.seen.flatMap(({ picture }) => (picture === undefined ? [] : [{ preview, picture }])),
  );
  const [first] = shown;
  const color = pictures[0]?.channels === 1 ? 'grey' : pictures[0]?.color.toUpperCase();
  return (
    <section aria-labelledby="see">
      <div class="sec-head">
        <h2 id="see">As the model sees them</h2>
        {first !== undefined && (
          <span class="meta">
            {first.picture.height} × {first.picture.width}, {color}
          </span>
        )}
      </div>
      {first === undefined ? (
        <Numbers previews={previews} />
      ) : (
        <ul class="thumbs">
          {shown.map(({ preview, picture }) => (
            <li key={preview.place}>
              <Thumb picture={picture} name={fileOf(preview)} />
            </li>
          ))}
          {count > previews.length && <li class="more">{grouped(count - previews.length)} more</li>}
        </ul>
      )}
    </section>
  );
};
