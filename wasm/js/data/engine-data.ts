// What the engine reads of calibration data, as src/job/read_data.h says.
import { withEngine } from '../engine.js';
import { Session } from '../session.js';
import { openSource } from '../source.js';
import { arrayOf, type DataType, isDataType, type Tensor } from '../tensor.js';
import { unreadable } from './errors.js';

/** The tensor and its name. */
export async function readData(
  bytes: Uint8Array,
  request: object,
  where: string,
): Promise<{ name: string; tensor: Tensor }> {
  return withEngine(async (lent) => {
    const session = new Session(lent);
    await session.addFile(where, openSource(bytes), () => {});
    const [output] = session.readData(JSON.stringify(request));
    if (output === undefined || !isDataType(output.dtype)) {
      throw unreadable(`Tensors of type ${output?.dtype} are not read.`, where);
    }
    const all = new Uint8Array(output.size);
    for (let at = 0; at < all.length; at += session.chunkBytes) {
      all.set(session.read(0, at, Math.min(session.chunkBytes, all.length - at)), at);
    }
    const dtype: DataType = output.dtype;
    return { name: output.name, tensor: { dtype, shape: output.shape, data: arrayOf(dtype, all) } };
  });
}
