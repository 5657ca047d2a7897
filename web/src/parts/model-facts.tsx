// What the model is, before anything is done to it.
import type { Inspection, ValueInfo } from 'narrowcast';
import { counted, countSized, grouped, percentText, shapeText, sized } from '../words/numbers.ts';
import { type StackedRow, StackedTable } from './stacked-table.tsx';
import { Tile } from './tile.tsx';

const opsetText = ({ opsets }: Inspection): string =>
  opsets.map(({ domain, version }) => (domain === '' ? `opset ${version}` : `${domain} ${version}`)).join(', ');

/** Format names are the engine's; these are how people write them. */
const formatNames: Record<string, string> = { onnx: 'ONNX', tflite: 'TFLite' };
export const formatName = (format: string): string => formatNames[format] ?? format;

export const SummaryTiles = ({ model }: { model: Inspection }) => {
  const size = sized(model.bytes);
  const parameters = countSized(model.parameters);
  return (
    <div class="tiles calm">
      <Tile
        title="Size"
        value={size.value}
        unit={size.unit}
        meta={`${percentText(model.float_bytes / Math.max(1, model.bytes))} of it float weights`}
      />
      <Tile
        title="Parameters"
        value={parameters.value}
        unit={parameters.unit}
        meta={model.already_quantized ? 'some quantized already' : 'none quantized yet'}
      />
      <Tile
        title="Nodes"
        value={grouped(model.nodes)}
        meta={`${counted(model.ops.length, 'kind')} of op${model.graphs > 1 ? `, in ${model.graphs} graphs` : ''}`}
      />
      <Tile
        title="Format"
        value={formatName(model.format)}
        meta={
          [opsetText(model), model.producer && `made by ${model.producer}`].filter(Boolean).join('; ') ||
          'no maker named'
        }
      />
    </div>
  );
};

const valueRow = (direction: string, { name, dtype, shape, dim_names }: ValueInfo): StackedRow => ({
  key: `${direction} ${name}`,
  name,
  cells: [direction, dtype, <span class="mono">{shapeText(shape, dim_names)}</span>],
});

export const InputsOutputs = ({ model }: { model: Inspection }) => (
  <section aria-labelledby="io">
    <div class="sec-head">
      <h2 id="io">Inputs and outputs</h2>
    </div>
    <p class="meta">They stay as they are: what calls the model need not change.</p>
    <StackedTable
      kind=""
      nameKind="mono name"
      titles={['Name', 'Direction', 'Type', 'Shape']}
      rows={[
        ...model.inputs.map((value) => valueRow('in', value)),
        ...model.outputs.map((value) => valueRow('out', value)),
      ]}
    />
  </section>
);
