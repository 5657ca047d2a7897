// Writes small ONNX models by hand, independently of the engine: just the protobuf wire format.

function varint(value) {
  const bytes = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  while (rest > 127n) {
    bytes.push(Number(rest & 127n) | 128);
    rest >>= 7n;
  }
  return Uint8Array.from([...bytes, Number(rest)]);
}

const int = (number, value) => Buffer.concat([varint(number << 3), varint(value)]);
const bytes = (number, value) => {
  const content = typeof value === 'string' ? Buffer.from(value) : value;
  return Buffer.concat([varint((number << 3) | 2), varint(content.length), content]);
};
/** A field of bytes, of text or of a message. */
export const bytesField = bytes;
const message = (number, ...fields) => bytes(number, Buffer.concat(fields));

const external = 1;

const bytesOf = (data) => Buffer.from(data.buffer, data.byteOffset, data.byteLength);

const arrayNumbers = { Float32Array: 1, Uint8Array: 2, Int8Array: 3, Int32Array: 6, BigInt64Array: 7 };

/** An initializer of its array's type; `place` {location, offset, length} puts its data into another file. */
export function tensor(name, dims, data, place) {
  const entries = Object.entries(place ?? {}).map(([key, value]) =>
    message(13, bytes(1, key), bytes(2, String(value))),
  );
  const content = place === undefined ? [bytes(9, bytesOf(data))] : [...entries, int(14, external)];
  return message(
    5,
    ...dims.map((dim) => int(1, dim)),
    int(2, arrayNumbers[data.constructor.name]),
    bytes(8, name),
    ...content,
  );
}

const float = (number, value) => {
  const field = Buffer.alloc(5);
  field[0] = (number << 3) | 5;
  field.writeFloatLE(value, 1);
  return field;
};

/**
 * Whole numbers are int attributes: a float that may be whole is given as {float}. Lists are of whole numbers, those of
 * others are given as Float32Array.
 * In a function, {reference} is the caller's float attribute of that name.
 */
function attribute([name, value]) {
  const content = () => {
    if (Array.isArray(value)) return [...value.map((entry) => int(8, entry)), int(20, 7)];
    if (value instanceof Float32Array) return [...Array.from(value, (entry) => float(7, entry)), int(20, 6)];
    if (typeof value === 'string') return [bytes(4, value), int(20, 3)];
    if (value?.reference !== undefined) return [int(20, 1), bytes(21, value.reference)];
    if (typeof value === 'object') return [float(2, value.float), int(20, 1)];
    return [int(3, value), int(20, 2)];
  };
  return message(5, bytes(1, name), ...content());
}

export const node = (type, inputs, outputs, name = '', attributes = {}, domain = '') =>
  message(
    1,
    ...inputs.map((i) => bytes(1, i)),
    ...outputs.map((o) => bytes(2, o)),
    bytes(3, name),
    bytes(4, type),
    ...Object.entries(attributes).map(attribute),
    ...(domain === '' ? [] : [bytes(7, domain)]),
  );

/** An op of the model's own, in the domain 'own', made of `nodes`. `attributes` are names. */
export const localFunction = (name, inputs, outputs, nodes, attributes = [], opset = 17) =>
  message(
    25,
    bytes(1, name),
    ...inputs.map((i) => bytes(4, i)),
    ...outputs.map((o) => bytes(5, o)),
    ...attributes.map((a) => bytes(6, a)),
    // A node's field in a function is 7, in a graph 1.
    ...nodes.map((n) => Buffer.concat([varint((7 << 3) | 2), n.subarray(1)])),
    message(9, bytes(1, ''), int(2, opset)),
    message(9, bytes(1, 'own'), int(2, 1)),
    bytes(10, 'own'),
  );

const typeNumbers = {
  float32: 1,
  uint8: 2,
  int8: 3,
  uint16: 4,
  int16: 5,
  int32: 6,
  int64: 7,
  bool: 9,
  float16: 10,
  float64: 11,
  uint32: 12,
  uint64: 13,
};

const shape = (dims) =>
  message(2, ...dims.map((dim) => message(1, typeof dim === 'string' ? bytes(2, dim) : int(1, dim))));

const value = (number, name, dims, dtype = 'float32') =>
  message(
    number,
    bytes(1, name),
    message(2, message(1, int(1, typeNumbers[dtype]), ...(dims === undefined ? [] : [shape(dims)]))),
  );

/** Sizes are numbers, or names of open ones; without any the rank is open too. */
export const input = (name, dims, dtype) => value(11, name, dims, dtype);
export const output = (name, dims, dtype) => value(12, name, dims, dtype);

/** Parts in any order: nodes, tensors, inputs, outputs. With functions, the domain 'own' is imported. */
export const model = (parts, opset = 17, functions = []) =>
  Buffer.concat([
    int(1, 8),
    bytes(2, 'narrowcast tests'),
    message(7, ...parts, bytes(2, 'main')),
    message(8, bytes(1, ''), int(2, opset)),
    ...(functions.length === 0 ? [] : [message(8, bytes(1, 'own'), int(2, 1)), ...functions]),
  ]);

/** Numbers in -1..1 from a fixed sequence. */
export function numbers(count, seed = 1) {
  let state = seed;
  return Float32Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  });
}

export { bytesOf };
