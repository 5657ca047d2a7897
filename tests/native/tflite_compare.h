// Compares two TFLite files record by record, apart from where the records stand.
#pragma once

#include <set>

#include "tflite_builder.h"

namespace narrowcast::tflite {

class FileComparison {
 public:
  FileComparison(ByteView a, ByteView b)
      : files_a_{{"a", a}}, files_b_{{"b", b}}, model_a_(read_model(a)), model_b_(read_model(b)) {}

  // The paths at which the files differ, such as "Model.subgraphs[0].tensors[2].type".
  std::vector<std::string> run() {
    if (!model_a_ || !model_b_) return {"unreadable"};
    const auto& a = static_cast<const TfliteRecords&>(*model_a_->records);
    const auto& b = static_cast<const TfliteRecords&>(*model_b_->records);
    a_ = &a;
    b_ = &b;
    compare(a.root, b.root, "Model");
    for (std::size_t i = 0; i < std::min(a.buffers.size(), b.buffers.size()); ++i) {
      if (!std::ranges::equal(bytes_of(files_a_, a.buffers[i]), bytes_of(files_b_, b.buffers[i]))) {
        differences_.push_back("data of buffer " + std::to_string(i));
      }
    }
    if (!std::ranges::equal(bytes_of(files_a_, a.tail), bytes_of(files_b_, b.tail))) differences_.push_back("tail");
    return differences_;
  }

 private:
  void compare(Index ia, Index ib, const std::string& path) {
    if (!seen_.emplace(ia, ib).second) return;
    const Table& ta = a_->tables.table(ia);
    const Table& tb = b_->tables.table(ib);
    if (ta.type != tb.type) return differences_.push_back(path);
    const auto fields = table_info(ta.type).fields;
    for (std::size_t i = 0; i < fields.size(); ++i) {
      const auto slot = static_cast<uint16_t>(i);
      const std::string at = path + "." + std::string(fields[slot].name);
      const Field* fa = ta.find(slot);
      const Field* fb = tb.find(slot);
      if ((fa == nullptr) != (fb == nullptr)) {
        differences_.push_back(at);
      } else if (fa != nullptr && !(ta.type == TableType::Buffer && slot == field::Buffer::offset)) {
        compare_field(fields[slot], fa->bits, fb->bits, at);
      }
    }
  }

  void compare_field(const FieldInfo& info, uint64_t a, uint64_t b, const std::string& at) {
    switch (info.kind) {
      case FieldKind::scalar:
        if (a != b) differences_.push_back(at);
        return;
      case FieldKind::table:
      case FieldKind::union_value:
        return compare(static_cast<Index>(a), static_cast<Index>(b), at);
      case FieldKind::tables: {
        const auto& la = a_->tables.list(static_cast<Index>(a));
        const auto& lb = b_->tables.list(static_cast<Index>(b));
        if (la.size() != lb.size()) differences_.push_back(at + ".length");
        for (std::size_t i = 0; i < std::min(la.size(), lb.size()); ++i) {
          compare(la[i], lb[i], at + "[" + std::to_string(i) + "]");
        }
        return;
      }
      default: {
        const auto bytes_a = payload_view(files_a_, a_->tables.blob(static_cast<Index>(a)).payload);
        const auto bytes_b = payload_view(files_b_, b_->tables.blob(static_cast<Index>(b)).payload);
        if (!std::ranges::equal(bytes_a, bytes_b)) differences_.push_back(at);
      }
    }
  }

  Files files_a_;
  Files files_b_;
  Result<Model> model_a_;
  Result<Model> model_b_;
  const TfliteRecords* a_ = nullptr;
  const TfliteRecords* b_ = nullptr;
  std::set<std::pair<Index, Index>> seen_;
  std::vector<std::string> differences_;
};

inline std::vector<std::string> differences(ByteView a, ByteView b) { return FileComparison(a, b).run(); }

// Writes all records of a file again, without any edit.
inline Bytes reemit(const Model& model) {
  const auto& records = static_cast<const TfliteRecords&>(*model.records);
  const auto rope = emit_file(model.files, {&records.tables, records.root, records.outside, records.tail});
  return rope ? flatten(model.files, *rope) : Bytes();
}

}  // namespace narrowcast::tflite
