// LiteRT.js, whose script wants a document: it runs beside the page, not in a worker.
import type { CompiledModel } from '@litertjs/core';
import type { Tensor } from 'narrowcast';
import type { Measured, Runtime, Tensors } from './protocol.ts';
import { timed } from './timed.ts';

// Where the build puts LiteRT's own files; see vite.config.ts.
const folder = './litert/';
const models = new Map<string, CompiledModel>();

async function load() {
  const litert = await import('@litertjs/core');
  await litert.loadLiteRt(folder);
  return litert;
}

let loading: ReturnType<typeof load> | undefined;

export const liteRt: Runtime = {
  async open(name, { bytes }) {
    loading ??= load();
    const { loadAndCompile } = await loading;
    models.get(name)?.delete();
    models.delete(name);
    models.set(name, await loadAndCompile(bytes, { accelerator: 'wasm' }));
  },
  async run(name: string, inputs: Tensors): Promise<Measured> {
    const model = models.get(name);
    if (model === undefined || loading === undefined) throw new Error(`${name} is not open`);
    const { Tensor: LiteTensor } = await loading;
    const feeds = Object.fromEntries(
      Object.entries(inputs).map(([input, { data, shape }]) => [input, new LiteTensor(data as Float32Array, shape)]),
    );
    const runOnce = async (): Promise<[string, Tensor][]> =>
      Promise.all(
        Object.entries(await model.run(feeds)).map(async ([output, tensor]): Promise<[string, Tensor]> => {
          const { dtype, layout } = tensor.type;
          const told = { dtype, shape: Array.from(layout.dimensions), data: await tensor.data() };
          tensor.delete();
          return [output, told as Tensor];
        }),
      );
    const outputs = Object.fromEntries(await runOnce());
    const times = await timed(runOnce);
    for (const feed of Object.values(feeds)) feed.delete();
    return { outputs, times };
  },
};
