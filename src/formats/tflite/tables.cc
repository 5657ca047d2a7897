#include "formats/tflite/tables.h"

#include <algorithm>
#include <bit>

namespace narrowcast::tflite {

const Field* Table::find(uint16_t slot) const {
  const auto it = std::ranges::lower_bound(fields, slot, {}, &Field::slot);
  return it != fields.end() && it->slot == slot ? &*it : nullptr;
}

void Table::set(uint16_t slot, uint64_t bits) {
  const auto it = std::ranges::lower_bound(fields, slot, {}, &Field::slot);
  if (it != fields.end() && it->slot == slot) {
    it->bits = bits;
  } else {
    fields.insert(it, {slot, bits});
  }
}

void Table::erase(uint16_t slot) {
  std::erase_if(fields, [slot](const Field& field) { return field.slot == slot; });
}

TableSet::TableSet(const TableSet* base) : base_(base) {
  if (base == nullptr) return;
  first_table_ = base->tables_end();
  first_list_ = base->lists_end();
  first_blob_ = base->blobs_end();
}

const Table& TableSet::table(Index index) const {
  return index < first_table_ ? base_->table(index) : tables_[index - first_table_];
}
const std::vector<Index>& TableSet::list(Index index) const {
  return index < first_list_ ? base_->list(index) : lists_[index - first_list_];
}
const Blob& TableSet::blob(Index index) const {
  return index < first_blob_ ? base_->blob(index) : blobs_[index - first_blob_];
}

Index TableSet::add_table(Table table) {
  tables_.push_back(std::move(table));
  return tables_end() - 1;
}
Index TableSet::add_list(std::vector<Index> list) {
  lists_.push_back(std::move(list));
  return lists_end() - 1;
}
Index TableSet::add_blob(Blob blob) {
  blobs_.push_back(std::move(blob));
  return blobs_end() - 1;
}

Index TableSet::add_string(std::string_view text) {
  return add_blob({.payload = Bytes(text.begin(), text.end()), .is_string = true});
}

Index TableSet::add_scalars(const FieldInfo& field, Payload payload) {
  const auto bytes = static_cast<uint8_t>(scalar_bytes(field.scalar));
  return add_blob({.payload = std::move(payload), .element_bytes = bytes, .align = std::max(bytes, field.force_align)});
}

int64_t extend_scalar(ScalarType type, uint64_t bits) {
  switch (type) {
    case ScalarType::i8:
      return static_cast<int8_t>(bits);
    case ScalarType::i16:
      return static_cast<int16_t>(bits);
    case ScalarType::i32:
      return static_cast<int32_t>(bits);
    default:
      return static_cast<int64_t>(bits);
  }
}

int64_t TableView::integer(uint16_t slot) const {
  const Field* field = table().find(slot);
  return field == nullptr ? info(slot).preset : extend_scalar(info(slot).scalar, field->bits);
}

float TableView::real(uint16_t slot) const {
  const Field* field = table().find(slot);
  return field == nullptr ? 0.0F : std::bit_cast<float>(static_cast<uint32_t>(field->bits));
}

const Blob* TableView::blob(uint16_t slot) const {
  const Field* field = table().find(slot);
  return field == nullptr ? nullptr : &set_->blob(static_cast<Index>(field->bits));
}

std::string_view TableView::text(uint16_t slot) const {
  const Blob* found = blob(slot);
  if (found == nullptr) return {};
  const ByteView bytes = payload_view(*files_, found->payload);
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

uint64_t TableView::count(uint16_t slot) const {
  const Blob* found = blob(slot);
  return found == nullptr ? 0 : payload_length(found->payload) / found->element_bytes;
}

std::vector<int64_t> TableView::integers(uint16_t slot) const {
  std::vector<int64_t> values;
  const Blob* found = blob(slot);
  if (found == nullptr) return values;
  const ByteView bytes = payload_view(*files_, found->payload);
  values.reserve(bytes.size() / found->element_bytes);
  for (std::size_t at = 0; at < bytes.size(); at += found->element_bytes) {
    uint64_t bits = 0;
    std::memcpy(&bits, bytes.data() + at, found->element_bytes);
    values.push_back(extend_scalar(info(slot).scalar, bits));
  }
  return values;
}

std::vector<float> TableView::reals(uint16_t slot) const {
  std::vector<float> values;
  const Blob* found = blob(slot);
  if (found == nullptr) return values;
  const ByteView bytes = payload_view(*files_, found->payload);
  values.resize(bytes.size() / sizeof(float));
  if (!values.empty()) std::memcpy(values.data(), bytes.data(), bytes.size());
  return values;
}

std::optional<TableView> TableView::child(uint16_t slot) const {
  const Field* field = table().find(slot);
  if (field == nullptr) return std::nullopt;
  return at(static_cast<Index>(field->bits));
}

std::span<const Index> TableView::children(uint16_t slot) const {
  const Field* field = table().find(slot);
  if (field == nullptr) return {};
  return set_->list(static_cast<Index>(field->bits));
}

}  // namespace narrowcast::tflite
