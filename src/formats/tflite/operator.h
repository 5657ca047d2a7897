#pragma once

#include "formats/tflite/budget.h"
#include "formats/tflite/records.h"

namespace narrowcast::tflite {

Result<OperatorCodeRecord> read_operator_code(const TableView& code, Budget& budget);

// What an op sees of its Operator: type, version and the options that are present, by their names in the schema.
// Booleans and enums are integers; bytes (flexbuffers) are left in the file.
Result<RawOp> read_op(const TableView& op, const OperatorCodeRecord& code, Budget& budget);

// Indices of the subgraphs that an Operator's options name, in the order of the fields.
std::vector<int64_t> subgraphs_of(const TableView& op);

// Table that holds the options of a builtin op, and the union it belongs to.
struct OptionsPlace {
  UnionType in = UnionType::BuiltinOptions;
  TableType table = TableType::AddOptions;
};
// Nothing for ops without options.
std::optional<OptionsPlace> options_of(std::string_view builtin_name);

}  // namespace narrowcast::tflite
