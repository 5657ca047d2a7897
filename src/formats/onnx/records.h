// Where everything stands in an ONNX file, so that a writer can pass through what no edit touches.
#pragma once

#include <vector>

#include "formats/format.h"
#include "formats/onnx/wire.h"

namespace narrowcast::onnx {

namespace model_field {
enum : uint32_t { ir_version = 1, producer_name = 2, graph = 7, opset_import = 8, metadata_props = 14, functions = 25 };
}
namespace graph_field {
enum : uint32_t {
  node = 1,
  name = 2,
  initializer = 5,
  input = 11,
  output = 12,
  value_info = 13,
  sparse_initializer = 15
};
}
namespace node_field {
enum : uint32_t { input = 1, output = 2, name = 3, op_type = 4, attribute = 5, domain = 7 };
}
namespace attribute_field {
enum : uint32_t { name = 1, tensor = 5, graph = 6, tensors = 10, graphs = 11, sparse_tensor = 22, sparse_tensors = 23 };
}
namespace tensor_field {
enum : uint32_t {
  dims = 1,
  data_type = 2,
  segment = 3,
  float_data = 4,
  int32_data = 5,
  string_data = 6,
  int64_data = 7,
  name = 8,
  raw_data = 9,
  double_data = 10,
  uint64_data = 11,
  external_data = 13,
  data_location = 14
};
}

// A field of the model or of a graph, with the id of what it holds, if it holds something with an id.
struct Kid {
  uint32_t field = 0;
  Span whole;
  Span body;
  uint32_t id = 0xFFFFFFFF;  // NodeId of a node; ValueId of an initializer, input, output or value_info
};

struct GraphRecord {
  Span body;
  std::vector<Kid> kids;
};

// How a constant is stored.
enum class Home : uint8_t { none, initializer, constant_node };

struct OnnxRecords : FormatRecords {
  std::vector<Kid> model;
  std::vector<GraphRecord> graphs;  // by scope
  std::vector<Span> nodes;          // by node: the body of its record
  std::vector<Home> homes;          // by value
  std::vector<bool> external;       // by value: its payload stands in another file
};

DType dtype_of_onnx(int64_t data_type);
int32_t onnx_of_dtype(DType dtype);

Result<Model> read(Files files);
Result<std::vector<OutputFile>> write(const Model& model, const EditLog& log, std::string_view data_name);
bool sniff(ByteView bytes);

// Names of the external data files that the model refers to, in order of first use. A model without any gives none.
Result<std::vector<std::string>> external_files(ByteView model);

}  // namespace narrowcast::onnx
