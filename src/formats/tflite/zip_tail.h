#pragma once

#include "base/result.h"
#include "ir/rope.h"

namespace narrowcast::tflite {

// Appends what followed the flatbuffer in the input file. Files with TFLITE_METADATA end with a ZIP of label files,
// whose directory counts its offsets from the start of the whole file (Python's zipfile does when it appends): those
// move along with the archive, so that strict readers find the entries too. An archive that counts from its own
// start, and bytes that are no archive, are kept as they are.
// Errors: unsupported, when the archive is a ZIP64 or would lie beyond 4 GiB.
Status append_tail(const Files& files, Span tail, Rope& out);

}  // namespace narrowcast::tflite
