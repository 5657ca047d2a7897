// What a file format offers. Formats know their file's records and the neutral graph, nothing above.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "ir/edit_log.h"
#include "ir/function.h"
#include "ir/graph.h"
#include "ir/rope.h"

namespace narrowcast {

// The records of one file, as its format keeps them; invisible above.
class FormatRecords {
 public:
  virtual ~FormatRecords() = default;
};

struct Format;

// A model that was read. `files` must outlive it; it owns no payload bytes.
struct Model {
  Files files;
  Graph graph;
  const Format* format = nullptr;
  std::unique_ptr<const FormatRecords> records;
  std::vector<Function> functions;  // ONNX: what the model defines of its own
};

struct Format {
  std::string_view name;       // "onnx", "tflite"
  std::string_view extension;  // with its dot
  // Looks at the content only.
  bool (*sniff)(ByteView bytes);
  Result<Model> (*read)(Files files);
  // The files that the edits make of the model: the model itself first. An empty log gives the input file.
  // `data_name` is what a new external data file is called, should one be needed.
  Result<std::vector<OutputFile>> (*write)(const Model& model, const EditLog& log, std::string_view data_name);
  // Names of the data files that a model refers to, in order of first use. Null: the format has none.
  Result<std::vector<std::string>> (*external_files)(ByteView model) = nullptr;
};

}  // namespace narrowcast
