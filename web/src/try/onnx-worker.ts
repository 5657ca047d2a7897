// onnxruntime-web: fetched when somebody tries a model, and not before.
import { expose } from 'comlink';
import type { Tensor } from 'narrowcast';
import * as ort from 'onnxruntime-web/wasm';
import type { Measured, Runtime, RuntimeModel, Tensors } from './protocol.ts';
import { timed } from './timed.ts';

// More threads need headers that a static host may not send.
ort.env.wasm.numThreads = 1;
ort.env.logLevel = 'error';

const sessions = new Map<string, ort.InferenceSession>();

const feedOf = ({ dtype, shape, data }: Tensor): ort.Tensor =>
  new ort.Tensor(dtype as ort.Tensor.Type, data as never, shape);

const tensorOf = ({ type, dims, data }: ort.Tensor): Tensor =>
  ({ dtype: type, shape: [...dims], data }) as unknown as Tensor;

const runtime: Runtime = {
  async open(name: string, { bytes, data }: RuntimeModel): Promise<void> {
    await sessions.get(name)?.release();
    sessions.delete(name);
    const externalData = Object.entries(data).map(([path, content]) => ({ path, data: content }));
    sessions.set(name, await ort.InferenceSession.create(bytes, { executionProviders: ['wasm'], externalData }));
  },
  async run(name: string, inputs: Tensors): Promise<Measured> {
    const session = sessions.get(name);
    if (session === undefined) throw new Error(`${name} is not open`);
    const feeds = Object.fromEntries(
      session.inputNames.flatMap((input) => {
        const tensor = inputs[input];
        return tensor === undefined ? [] : [[input, feedOf(tensor)]];
      }),
    );
    const outputs = await session.run(feeds);
    const times = await timed(() => session.run(feeds));
    return {
      outputs: Object.fromEntries(
        session.outputNames.map((output) => [output, tensorOf(outputs[output] as ort.Tensor)]),
      ),
      times,
    };
  },
};

expose(runtime);
