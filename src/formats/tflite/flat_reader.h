#pragma once

#include "formats/tflite/budget.h"
#include "formats/tflite/tables.h"

namespace narrowcast::tflite {

// More records (tables, lists, blobs) and list entries than this are refused: a model of a hundred thousand nodes has
// about a million.
inline constexpr uint32_t kMaxRecords = uint32_t{1} << 22;

struct FlatFile {
  TableSet tables;
  Index root = 0;
  uint64_t end = 0;  // bytes: no record reaches beyond
};

// Reads a flatbuffer by the schema and checks it in the same pass: each offset, vtable, length, alignment and string
// terminator before it is used. What several parents point to is read once. Depth is bounded by the schema, in which
// no table contains itself; memory by `budget`, and no byte may belong to two records.
// Errors: malformed, with the byte; unsupported, naming a field or union member that the schema does not know.
Result<FlatFile> read_flat(ByteView file, Budget& budget);

}  // namespace narrowcast::tflite
