// Where everything stands in a TFLite file, so that a writer can pass through what no edit touches.
#pragma once

#include <vector>

#include "formats/format.h"
#include "formats/tflite/tables.h"

namespace narrowcast::tflite {

// Custom ops: their type is the custom code.
inline constexpr std::string_view kCustomDomain = "tflite.custom";
// The u8 attribute under which a node shows its Operator.custom_options, a span of the file.
inline constexpr std::string_view kCustomOptions = "custom_options";

// What an operator code means, with both of its number fields taken together.
struct OperatorCodeRecord {
  int32_t builtin = 0;
  std::string custom;  // of kCustomOperator only
  int version = 1;
};

// Bytes that a table refers to by offset and size, outside the flatbuffer: data of a Buffer, options of an Operator.
struct OutsideRecord {
  Index table = 0;
  Payload payload;
};

struct TfliteRecords : FormatRecords {
  TableSet tables;
  Index root = 0;
  std::vector<OperatorCodeRecord> codes;  // by opcode index
  std::vector<uint32_t> first_value;      // by scope: ValueId of its tensor 0; the others follow in order
  std::vector<uint32_t> tensor_count;     // by scope
  std::vector<Index> operators;           // by node: its Operator table
  std::vector<Span> buffers;              // by buffer index: its data, empty for none
  std::vector<OutsideRecord> outside;
  uint64_t flat_end = 0;  // bytes: the flatbuffer itself
  Span tail;              // what follows everything the flatbuffer refers to: a ZIP of label files, or nothing
};

DType dtype_of_tflite(int64_t tensor_type);
// TensorType of a dtype. Errors: unsupported, for types that TFLite does not have.
Result<int32_t> tflite_of_dtype(DType dtype, std::string_view where);

bool sniff(ByteView bytes);

// Reads a model; file 0 is the whole of it. Subgraphs become scopes 0, 1... in order, their tensors values and their
// operators nodes in order. Payloads stay in the file; what is copied of it is bounded by Budget.
// Errors: malformed (the file breaks the format's rules), unsupported (fields newer than the schema, data in external
// files, TFLM's compressed tensors), with the tensor, operator or byte.
Result<Model> read(Files files);

// The model with the log's edits. Everything else keeps its fields, order, sharing and absence of fields.
// Errors: unsupported (more than 2 GiB, edits that a kept metadata record contradicts), internal (an edit that the
// format cannot express).
Result<std::vector<OutputFile>> write(const Model& model, const EditLog& log, std::string_view data_name);

}  // namespace narrowcast::tflite
