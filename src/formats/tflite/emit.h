#pragma once

#include "base/result.h"
#include "formats/tflite/records.h"
#include "ir/rope.h"

namespace narrowcast::tflite {

// A whole file: the flatbuffer below `root`, then the bytes outside it, 16-aligned, then the tail.
struct FileContents {
  const TableSet* tables = nullptr;
  Index root = 0;
  std::vector<OutsideRecord> outside;  // records of tables that are not reached are left out
  Span tail;
};

// Lays the file out and writes it. Shared tables, lists and blobs stay shared; equal vtables are written once;
// payloads become pieces of the rope. The same contents always give the same bytes.
// Errors: unsupported, when the flatbuffer would be larger than 2 GiB.
Result<Rope> emit_file(const Files& files, const FileContents& contents);

}  // namespace narrowcast::tflite
