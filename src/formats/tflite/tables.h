// The records of a flatbuffer as plain tables: which fields are present, their bits, and what they point to. Payloads
// stay spans of the file. A set can lie over another one: what was read stays as it is, changed copies are added.
#pragma once

#include <string>
#include <vector>

#include "formats/tflite/schema.h"
#include "ir/payload.h"

namespace narrowcast::tflite {

using Index = uint32_t;  // of a table, list or blob in its set

// `bits`: a scalar's own, zero-extended; otherwise the index of the table, list or blob.
struct Field {
  uint16_t slot = 0;
  uint64_t bits = 0;
};

struct Table {
  TableType type = TableType::Model;
  std::vector<Field> fields;  // ascending slots; absent fields are not there

  [[nodiscard]] const Field* find(uint16_t slot) const;
  void set(uint16_t slot, uint64_t bits);
  void erase(uint16_t slot);
};

// A vector of scalars, or a string (its terminator not counted).
struct Blob {
  Payload payload;
  uint8_t element_bytes = 1;
  uint8_t align = 1;  // of the first element, in the file
  bool is_string = false;
};

class TableSet {
 public:
  // `base` must outlive the set.
  explicit TableSet(const TableSet* base = nullptr);

  [[nodiscard]] const Table& table(Index index) const;
  [[nodiscard]] const std::vector<Index>& list(Index index) const;
  [[nodiscard]] const Blob& blob(Index index) const;

  Index add_table(Table table);
  Index add_list(std::vector<Index> list);
  Index add_blob(Blob blob);
  Index add_string(std::string_view text);
  // Elements for a field of kind scalars.
  Index add_scalars(const FieldInfo& field, Payload payload);
  // Only what was added to this set, not to its base, can be changed.
  Table& added_table(Index index) { return tables_[index - first_table_]; }

  [[nodiscard]] Index tables_end() const { return first_table_ + static_cast<Index>(tables_.size()); }
  [[nodiscard]] Index lists_end() const { return first_list_ + static_cast<Index>(lists_.size()); }
  [[nodiscard]] Index blobs_end() const { return first_blob_ + static_cast<Index>(blobs_.size()); }

 private:
  const TableSet* base_;
  Index first_table_ = 0;
  Index first_list_ = 0;
  Index first_blob_ = 0;
  std::vector<Table> tables_;
  std::vector<std::vector<Index>> lists_;
  std::vector<Blob> blobs_;
};

// Typed access to the fields of one table.
class TableView {
 public:
  TableView(const Files& files, const TableSet& set, Index index) : files_(&files), set_(&set), index_(index) {}

  [[nodiscard]] const Files& files() const { return *files_; }
  [[nodiscard]] Index index() const { return index_; }
  [[nodiscard]] const Table& table() const { return set_->table(index_); }
  [[nodiscard]] const FieldInfo& info(uint16_t slot) const { return table_info(table().type).fields[slot]; }
  [[nodiscard]] bool has(uint16_t slot) const { return table().find(slot) != nullptr; }

  // A scalar, sign-extended, or what the schema says when it is absent. Not for floats.
  [[nodiscard]] int64_t integer(uint16_t slot) const;
  [[nodiscard]] float real(uint16_t slot) const;
  // In the file's bytes; empty when absent.
  [[nodiscard]] std::string_view text(uint16_t slot) const;
  // The elements, sign-extended; empty when absent.
  [[nodiscard]] std::vector<int64_t> integers(uint16_t slot) const;
  [[nodiscard]] std::vector<float> reals(uint16_t slot) const;
  [[nodiscard]] uint64_t count(uint16_t slot) const;
  [[nodiscard]] const Blob* blob(uint16_t slot) const;
  [[nodiscard]] std::optional<TableView> child(uint16_t slot) const;
  // The tables of a list; empty when absent.
  [[nodiscard]] std::span<const Index> children(uint16_t slot) const;
  [[nodiscard]] TableView at(Index index) const { return {*files_, *set_, index}; }

 private:
  const Files* files_;
  const TableSet* set_;
  Index index_;
};

// The bits as the scalar type has them; floats give their bits.
int64_t extend_scalar(ScalarType type, uint64_t bits);

}  // namespace narrowcast::tflite
