#pragma once

#include "formats/tflite/records.h"

namespace narrowcast::tflite {

// The model's operator codes while a file is rewritten. A code that is there is used again, others are appended; one
// is changed only where all of its operators agree on another version.
class CodeEditor {
 public:
  CodeEditor(const Files& files, const TfliteRecords& records, TableSet& set);

  void set_version(uint32_t code, int version);
  // The index of the code for this op and version. Errors: internal, when the op is no builtin of the schema.
  Result<uint32_t> find_or_add(const RawOp& op);
  [[nodiscard]] const OperatorCodeRecord& record(uint32_t code) const { return codes_[code]; }
  [[nodiscard]] const std::vector<Index>& list() const { return list_; }

 private:
  TableSet& set_;
  std::vector<OperatorCodeRecord> codes_;
  std::vector<Index> list_;
};

// Sets or, when the op no longer has it, removes an option of an Operator by its name in the schema. `op` was added
// to `set`. Errors: internal, when the op has no option of this name or the value does not fit it.
Status set_option(TableSet& set, Index op, const RawOp& raw, std::string_view name);

// An Operator table for a node that an edit inserted. `inputs` and `outputs` are tensor indices.
Result<Index> new_operator(TableSet& set, const RawOp& raw, uint32_t code, const std::vector<int32_t>& inputs,
                           const std::vector<int32_t>& outputs);

}  // namespace narrowcast::tflite
