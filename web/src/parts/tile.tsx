import type { ComponentChildren } from 'preact';

interface TileProps {
  title: string;
  value: ComponentChildren;
  /** The same of the float model. */
  was?: string;
  unit?: string;
  meta?: ComponentChildren;
  children?: ComponentChildren;
}

export const Tile = ({ title, value, was, unit, meta, children }: TileProps) => (
  <div class="tile">
    <h3>{title}</h3>
    <p class="big">
      {was !== undefined && (
        <>
          <span class="was">
            {was}
            <span class="vh"> before, now</span>
          </span>{' '}
        </>
      )}
      {value}
      {unit !== undefined && unit !== '' && <span class="unit"> {unit}</span>}
    </p>
    {children}
    {meta !== undefined && <p class="meta">{meta}</p>}
  </div>
);
