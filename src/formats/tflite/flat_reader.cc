#include "formats/tflite/flat_reader.h"

#include <algorithm>
#include <unordered_map>

namespace narrowcast::tflite {
namespace {

constexpr uint64_t kOffsetBytes = 4;
// What a record costs beyond its fields: its place in the set and in the map of records already read.
constexpr uint64_t kTableBytes = sizeof(Table) + 64;
constexpr uint64_t kListBytes = sizeof(std::vector<Index>) + 64;
constexpr uint64_t kBlobBytes = sizeof(Blob) + 64;
// A record is known by its position and by how it is read.
constexpr uint32_t kListKey = kTableTypes;
constexpr uint32_t kBlobKey = 2 * kTableTypes;
constexpr uint64_t kKeys = 1024;

std::string at_byte(uint64_t position) { return "byte " + std::to_string(position); }

std::unexpected<Error> malformed(std::string what, uint64_t position) {
  return fail(ErrorCode::malformed, std::move(what), at_byte(position));
}

class FlatReader {
 public:
  FlatReader(ByteView file, Budget& budget) : file_(file), budget_(budget) {}

  Result<FlatFile> read();

 private:
  struct Vtable {
    uint64_t position = 0;
    uint32_t slots = 0;
    uint32_t table_bytes = 0;
  };

  template <typename T>
  [[nodiscard]] T load(uint64_t position) const {
    return load_le<T>(file_.data() + position);
  }
  [[nodiscard]] bool inside(uint64_t position, uint64_t bytes) const {
    return position <= file_.size() && bytes <= file_.size() - position;
  }

  Result<uint64_t> follow(uint64_t position) const;
  Result<Vtable> read_vtable(uint64_t position);
  Result<Index> read_table(uint64_t position, TableType type);
  Result<uint64_t> read_field(uint64_t position, const FieldInfo& field, const Table& so_far);
  Result<Index> read_union(uint64_t position, const FieldInfo& field, const Table& so_far);
  Result<Index> read_list(uint64_t position, TableType type);
  Result<Index> read_blob(uint64_t position, const FieldInfo& field);
  Result<uint32_t> read_length(uint64_t position, uint64_t element_bytes);
  Status claim(uint64_t position, uint64_t bytes);
  Status charge(uint64_t position, uint64_t records, uint64_t bytes);

  ByteView file_;
  Budget& budget_;
  FlatFile flat_;
  std::unordered_map<uint64_t, Index> known_;  // looked up only, never walked
  uint64_t claimed_ = 0;
  uint64_t records_ = 0;
};

// Records do not overlap in any file that a builder made; letting them would let a file describe more than it holds.
Status FlatReader::claim(uint64_t position, uint64_t bytes) {
  claimed_ += bytes;
  flat_.end = std::max(flat_.end, position + bytes);
  if (claimed_ > file_.size()) return malformed("Records of the file overlap.", position);
  return {};
}

Status FlatReader::charge(uint64_t position, uint64_t records, uint64_t bytes) {
  records_ += records;
  if (records_ > kMaxRecords) {
    return fail(ErrorCode::unsupported, "The file has more than " + std::to_string(kMaxRecords) + " records.",
                at_byte(position));
  }
  return budget_.take(bytes);
}

Result<uint64_t> FlatReader::follow(uint64_t position) const {
  const auto offset = load<uint32_t>(position);
  const uint64_t target = position + offset;
  if (offset == 0 || target % kOffsetBytes != 0 || !inside(target, kOffsetBytes)) {
    return malformed("An offset leads to a place where no record can stand.", position);
  }
  return target;
}

Result<FlatReader::Vtable> FlatReader::read_vtable(uint64_t position) {
  const int64_t start = static_cast<int64_t>(position) - load<int32_t>(position);
  if (start < 0 || start % 2 != 0 || !inside(static_cast<uint64_t>(start), 4)) {
    return malformed("A table's vtable lies outside the file.", position);
  }
  const auto vtable = static_cast<uint64_t>(start);
  const auto vtable_bytes = load<uint16_t>(vtable);
  const auto table_bytes = load<uint16_t>(vtable + 2);
  if (vtable_bytes < 4 || vtable_bytes % 2 != 0 || !inside(vtable, vtable_bytes) || table_bytes < 4 ||
      !inside(position, table_bytes)) {
    return malformed("A table or its vtable has an impossible size.", position);
  }
  flat_.end = std::max(flat_.end, vtable + vtable_bytes);
  return Vtable{vtable, (vtable_bytes - 4U) / 2U, table_bytes};
}

Result<Index> FlatReader::read_table(uint64_t position, TableType type) {
  const uint64_t key = position * kKeys + static_cast<uint64_t>(type);
  if (const auto it = known_.find(key); it != known_.end()) return it->second;
  NC_TRY(const Vtable vtable, read_vtable(position));
  NC_CHECK(claim(position, vtable.table_bytes));

  const TableInfo& info = table_info(type);
  Table table{.type = type, .fields = {}};
  uint64_t used = kOffsetBytes;
  for (uint32_t slot = 0; slot < vtable.slots; ++slot) {
    const uint64_t within = load<uint16_t>(vtable.position + 4 + 2 * uint64_t{slot});
    if (within == 0) continue;
    if (slot >= info.fields.size()) {
      return fail(ErrorCode::unsupported,
                  "The file is newer than the engine: " + std::string(info.name) + " has a field " +
                      std::to_string(slot) + " that is not known.",
                  at_byte(position));
    }
    const FieldInfo& field = info.fields[slot];
    const unsigned width = inline_bytes(field);
    used += width;
    if (within < kOffsetBytes || within + width > vtable.table_bytes || used > vtable.table_bytes ||
        (position + within) % width != 0) {
      return malformed("Field " + std::string(info.name) + "." + std::string(field.name) + " lies outside its table.",
                       position);
    }
    NC_TRY(const uint64_t bits, read_field(position + within, field, table));
    table.fields.push_back({static_cast<uint16_t>(slot), bits});
  }
  NC_CHECK(charge(position, 1, kTableBytes + sizeof(Field) * table.fields.capacity()));
  const Index index = flat_.tables.add_table(std::move(table));
  known_.emplace(key, index);
  return index;
}

Result<uint64_t> FlatReader::read_field(uint64_t position, const FieldInfo& field, const Table& so_far) {
  if (field.kind == FieldKind::scalar) {
    uint64_t bits = 0;
    std::memcpy(&bits, file_.data() + position, scalar_bytes(field.scalar));
    return bits;
  }
  NC_TRY(const uint64_t target, follow(position));
  switch (field.kind) {
    case FieldKind::table:
      return read_table(target, static_cast<TableType>(field.child));
    case FieldKind::union_value:
      return read_union(target, field, so_far);
    case FieldKind::tables:
      return read_list(target, static_cast<TableType>(field.child));
    default:
      return read_blob(target, field);
  }
}

Result<Index> FlatReader::read_union(uint64_t position, const FieldInfo& field, const Table& so_far) {
  // The type stands in the slot before the value's, so it has been read.
  const auto slot = find_field(so_far.type, field.name);
  const Field* type = so_far.find(static_cast<uint16_t>(*slot - 1));
  const std::string name = std::string(table_info(so_far.type).name) + "." + std::string(field.name);
  if (type == nullptr || type->bits == 0) return malformed(name + " has a value but no type.", position);
  const auto member = union_member(static_cast<UnionType>(field.child), type->bits);
  if (!member) {
    return fail(ErrorCode::unsupported,
                "The file is newer than the engine: " + name + " has type " + std::to_string(type->bits) +
                    ", which is not known.",
                at_byte(position));
  }
  return read_table(position, *member);
}

Result<uint32_t> FlatReader::read_length(uint64_t position, uint64_t element_bytes) {
  const auto count = load<uint32_t>(position);
  if (!inside(position + kOffsetBytes, count * element_bytes)) {
    return malformed("A list is longer than the file.", position);
  }
  NC_CHECK(claim(position, kOffsetBytes + count * element_bytes));
  return count;
}

Result<Index> FlatReader::read_list(uint64_t position, TableType type) {
  const uint64_t key = position * kKeys + kListKey + static_cast<uint64_t>(type);
  if (const auto it = known_.find(key); it != known_.end()) return it->second;
  NC_TRY(const uint32_t count, read_length(position, kOffsetBytes));
  NC_CHECK(charge(position, 1 + uint64_t{count}, kListBytes + sizeof(Index) * uint64_t{count}));
  std::vector<Index> list;
  list.reserve(count);
  for (uint32_t i = 0; i < count; ++i) {
    NC_TRY(const uint64_t target, follow(position + kOffsetBytes * (1 + uint64_t{i})));
    NC_TRY(const Index index, read_table(target, type));
    list.push_back(index);
  }
  const Index index = flat_.tables.add_list(std::move(list));
  known_.emplace(key, index);
  return index;
}

Result<Index> FlatReader::read_blob(uint64_t position, const FieldInfo& field) {
  const bool is_string = field.kind == FieldKind::string;
  const auto element_bytes = static_cast<uint8_t>(is_string ? 1 : scalar_bytes(field.scalar));
  const uint8_t align = std::max(element_bytes, field.force_align);
  const uint64_t key = position * kKeys + kBlobKey + (is_string ? 0U : 64U + align) + element_bytes;
  if (const auto it = known_.find(key); it != known_.end()) return it->second;
  NC_TRY(const uint32_t count, read_length(position, element_bytes));
  const Span span{0, position + kOffsetBytes, uint64_t{count} * element_bytes};
  if (is_string) {
    const uint64_t terminator = span.offset + span.length;
    if (!inside(terminator, 1) || file_[static_cast<std::size_t>(terminator)] != 0) {
      return malformed("A string does not end with a zero byte.", position);
    }
    NC_CHECK(claim(terminator, 1));
  }
  NC_CHECK(charge(position, 1, kBlobBytes));
  const Index index =
      flat_.tables.add_blob({.payload = span, .element_bytes = element_bytes, .align = align, .is_string = is_string});
  known_.emplace(key, index);
  return index;
}

Result<FlatFile> FlatReader::read() {
  if (file_.size() < 8) return malformed("The file is too short to be a TFLite model.", 0);
  NC_CHECK(claim(0, 8));
  NC_TRY(const uint64_t root, follow(0));
  NC_TRY(flat_.root, read_table(root, TableType::Model));
  return std::move(flat_);
}

}  // namespace

Result<FlatFile> read_flat(ByteView file, Budget& budget) { return FlatReader(file, budget).read(); }

}  // namespace narrowcast::tflite
