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
const message = (number, ...fields) => bytes(number, Buffer.concat(fields));

const float32 = 1;
const external = 1;

const bytesOf = (data) => Buffer.from(data.buffer, data.byteOffset, data.byteLength);

/** A float32 initializer; `place` {location, offset, length} puts its data into another file. */
export function tensor(name, dims, data, place) {
  const entries = Object.entries(place ?? {}).map(([key, value]) =>
    message(13, bytes(1, key), bytes(2, String(value))),
  );
  const content = place === undefined ? [bytes(9, bytesOf(data))] : [...entries, int(14, external)];
  return message(5, ...dims.map((dim) => int(1, dim)), int(2, float32), bytes(8, name), ...content);
}

export const node = (type, inputs, outputs, name = '') =>
  message(1, ...inputs.map((i) => bytes(1, i)), ...outputs.map((o) => bytes(2, o)), bytes(3, name), bytes(4, type));

const value = (number, name, dims) =>
  message(
    number,
    bytes(1, name),
    message(2, message(1, int(1, float32), message(2, ...dims.map((dim) => message(1, int(1, dim)))))),
  );

export const input = (name, dims) => value(11, name, dims);
export const output = (name, dims) => value(12, name, dims);

/** Parts in any order: nodes, tensors, inputs, outputs. */
export const model = (parts, opset = 17) =>
  Buffer.concat([
    int(1, 8),
    bytes(2, 'narrowcast tests'),
    message(7, ...parts, bytes(2, 'main')),
    message(8, bytes(1, ''), int(2, opset)),
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
