// The forms in which a file may be handed in, made one: a size and its chunks.

/** Anything that knows its size and gives its bytes in order; a Blob or a File is one. */
export interface StreamedBytes {
  readonly size: number;
  stream(): AsyncIterable<Uint8Array> | ReadableStream<Uint8Array>;
}
export type ByteSource = Uint8Array | ArrayBuffer | StreamedBytes;

export interface ByteStream {
  readonly size: number;
  chunks(): AsyncIterable<Uint8Array>;
}

// Not every browser lets a ReadableStream be iterated.
async function* readAll(stream: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = stream.getReader();
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) yield next.value;
  } finally {
    await reader.cancel();
  }
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

export function openSource(source: ByteSource): ByteStream {
  if (source instanceof ArrayBuffer) return openSource(new Uint8Array(source));
  if (ArrayBuffer.isView(source)) return { size: source.byteLength, chunks: () => once(source) };
  return {
    size: source.size,
    chunks: () => {
      const stream = source.stream();
      return 'getReader' in stream ? readAll(stream) : stream;
    },
  };
}
