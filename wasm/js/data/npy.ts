// Arrays in NumPy's files: .npy, one array (format versions 1 to 3), and .npz, a zip of them. The header is a Python
// dictionary in ASCII or UTF-8: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
import { type Unzipped, unzipSync, type Zippable, zipSync } from 'fflate';
import { NarrowcastError } from '../errors.js';
import { arrayOf, type DataType, elementBytes, elementCount, type Tensor } from '../tensor.js';

const magic = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59]; // \x93NUMPY
const headerAlignment = 64;
const longestHeader = 1 << 16;
const mostAxes = 64;
const mostBytes = 2 ** 32;
const oldestZipDate = new Date(1980, 0, 1); // always the same, so that the same arrays give the same file

const descriptors: Record<string, DataType> = {
  f2: 'float16',
  f4: 'float32',
  f8: 'float64',
  i1: 'int8',
  i2: 'int16',
  i4: 'int32',
  i8: 'int64',
  u1: 'uint8',
  u2: 'uint16',
  u4: 'uint32',
  u8: 'uint64',
  b1: 'bool',
};

interface Header {
  dtype: DataType;
  columnMajor: boolean;
  shape: number[];
}

function parseHeader(text: string, fail: (message: string) => never): Header {
  const field = (key: string, value: string): string =>
    new RegExp(`['"]${key}['"]\\s*:\\s*${value}`).exec(text)?.[1] ?? fail(`Its header says nothing usable of ${key}.`);
  const descriptor = field('descr', `['"]([^'"]{1,16})['"]`);
  const [, order, kind = ''] = /^([<>=|])?(.*)$/.exec(descriptor) ?? [];
  const dtype = Object.hasOwn(descriptors, kind) ? descriptors[kind] : undefined;
  if (dtype === undefined) fail(`It holds elements of type '${descriptor}', which no model is fed with.`);
  if (order === '>' && elementBytes(dtype as DataType) > 1) fail('Its elements are big-endian.');
  const sizes = field('shape', '\\(([\\d\\sL,]*)\\)').split(',');
  if (sizes.at(-1)?.trim() === '') sizes.pop();
  const shape = sizes.map((size) => (/^\s*\d+L?\s*$/.test(size) ? Number.parseInt(size, 10) : Number.NaN));
  if (shape.length > mostAxes || !shape.every(Number.isSafeInteger)) fail('Its header has a shape that is none.');
  return { dtype: dtype as DataType, columnMajor: field('fortran_order', '(True|False)') === 'True', shape };
}

/** Elements whose first axis runs fastest, in the order of a shape whose last one does. */
function rowMajor(tensor: Tensor): Tensor {
  const { dtype, shape, data } = tensor;
  const result = data.slice();
  const strides = shape.map((_, axis) => elementCount(shape.slice(0, axis)));
  const index = shape.map(() => 0);
  let from = 0;
  for (let to = 0; to < data.length; to += 1) {
    result[to] = data[from] as never;
    for (let axis = shape.length - 1; axis >= 0; axis -= 1) {
      const [size, stride] = [shape[axis] as number, strides[axis] as number];
      from += stride;
      index[axis] = (index[axis] as number) + 1;
      if (index[axis] !== size) break;
      index[axis] = 0;
      from -= size * stride;
    }
  }
  return { dtype, shape, data: result };
}

/** What no .npy file's header goes beyond. */
export const npyHeadBytes = 12 + longestHeader;

function headerOf(bytes: Uint8Array, fail: (message: string) => never): Header & { end: number } {
  const version = bytes[6] ?? 0;
  const begin = version === 1 ? 10 : 12;
  if (bytes.length < begin || magic.some((byte, i) => bytes[i] !== byte)) fail('It does not begin as .npy files do.');
  if (version < 1 || version > 3) fail(`Its format has the version ${version}.`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = version === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  const end = begin + length;
  if (length > longestHeader || end > bytes.length) fail('Its header is cut off, or far too long.');
  return { ...parseHeader(new TextDecoder().decode(bytes.subarray(begin, end)), fail), end };
}

const failAt =
  (where: string) =>
  (message: string): never => {
    throw new NarrowcastError('usage', `This is no array that can be read. ${message}`, where);
  };

/** The shape of an array, from the file's first bytes. Errors: usage, naming the file `where`. */
export const readNpyShape = (head: Uint8Array, where: string): number[] => headerOf(head, failAt(where)).shape;

/** Reads one array. Errors: usage, naming the file `where`. */
export function readNpy(bytes: Uint8Array, where: string): Tensor {
  const fail = failAt(where);
  const { dtype, columnMajor, shape, end } = headerOf(bytes, fail);
  const size = elementCount(shape) * elementBytes(dtype);
  const there = bytes.length - end;
  if (size !== there) fail(`Its header speaks of ${size} bytes, but there are ${there}.`);
  // A copy, for elements may lie at any address of the file; slice() of a Buffer is none.
  const tensor = { dtype, shape, data: arrayOf(dtype, new Uint8Array(bytes.subarray(end))) };
  return columnMajor && shape.length > 1 ? rowMajor(tensor) : tensor;
}

/** One array as a file, format version 1, elements in row order. */
export function writeNpy({ dtype, shape, data }: Tensor): Uint8Array {
  const kind = Object.entries(descriptors).find(([, type]) => type === dtype)?.[0];
  if (kind === undefined) throw new NarrowcastError('unsupported', `A .npy file cannot hold ${dtype}.`);
  const order = elementBytes(dtype) === 1 ? '|' : '<';
  const sizes = shape.length === 1 ? `${shape[0]},` : shape.join(', ');
  const text = `{'descr': '${order}${kind}', 'fortran_order': False, 'shape': (${sizes}), }`;
  const begin = 10;
  const end = Math.ceil((begin + text.length + 1) / headerAlignment) * headerAlignment;
  const file = new Uint8Array(end + data.byteLength);
  file.set([...magic, 1, 0]);
  new DataView(file.buffer).setUint16(8, end - begin, true);
  file.set(new TextEncoder().encode(`${text.padEnd(end - begin - 1)}\n`), begin);
  file.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), end);
  return file;
}

/** Reads all arrays, by name. Errors: usage. */
export function readNpz(bytes: Uint8Array, where: string): Record<string, Tensor> {
  let announced = 0;
  let files: Unzipped;
  try {
    files = unzipSync(bytes, {
      filter: ({ name, originalSize }) => {
        announced += originalSize;
        if (announced > mostBytes) throw new RangeError('it is larger than 4 GB');
        return name.endsWith('.npy');
      },
    });
  } catch (error) {
    throw new NarrowcastError('usage', `This is no .npz file: ${(error as Error).message}.`, where);
  }
  const names = Object.keys(files);
  return Object.fromEntries(
    names.map((name) => [name.slice(0, -'.npy'.length), readNpy(files[name] as Uint8Array, `${where}: ${name}`)]),
  );
}

/** Arrays under their names, not compressed, as numpy.savez does. */
export function writeNpz(tensors: Record<string, Tensor>): Uint8Array {
  const files: Zippable = Object.fromEntries(
    Object.entries(tensors).map(([name, tensor]) => [`${name}.npy`, writeNpy(tensor)]),
  );
  return zipSync(files, { level: 0, mtime: oldestZipDate });
}
