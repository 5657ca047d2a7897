#include "formats/tflite/schema.h"

#include <algorithm>
#include <iterator>

namespace narrowcast::tflite {
namespace {

#include "formats/tflite/schema_table.inc"

static_assert(std::size(kTables) == kTableTypes);

}  // namespace

const TableInfo& table_info(TableType type) { return kTables[static_cast<std::size_t>(type)]; }
const UnionInfo& union_info(UnionType type) { return kUnions[static_cast<std::size_t>(type)]; }

unsigned scalar_bytes(ScalarType type) {
  switch (type) {
    case ScalarType::none:
    case ScalarType::boolean:
    case ScalarType::i8:
    case ScalarType::u8:
      return 1;
    case ScalarType::i16:
    case ScalarType::u16:
      return 2;
    case ScalarType::i32:
    case ScalarType::u32:
    case ScalarType::f32:
      return 4;
    case ScalarType::i64:
    case ScalarType::u64:
    case ScalarType::f64:
      return 8;
  }
  return 1;
}

std::optional<uint16_t> find_field(TableType table, std::string_view name) {
  const auto fields = table_info(table).fields;
  const auto it = std::ranges::find(fields, name, &FieldInfo::name);
  if (it == fields.end()) return std::nullopt;
  return static_cast<uint16_t>(it - fields.begin());
}

std::optional<TableType> union_member(UnionType type, uint64_t number) {
  const auto members = union_info(type).members;
  if (number == 0 || number > members.size()) return std::nullopt;
  return members[static_cast<std::size_t>(number - 1)];
}

uint8_t union_number(UnionType type, TableType member) {
  const auto members = union_info(type).members;
  const auto it = std::ranges::find(members, member);
  return it == members.end() ? uint8_t{0} : static_cast<uint8_t>(it - members.begin() + 1);
}

std::string_view builtin_operator_name(int64_t number) {
  if (number < 0 || number >= std::ssize(kNamesOfBuiltinOperator)) return {};
  return kNamesOfBuiltinOperator[number];
}

std::optional<int32_t> builtin_operator_number(std::string_view name) {
  const auto* it = std::ranges::find(kNamesOfBuiltinOperator, name);
  if (it == std::end(kNamesOfBuiltinOperator)) return std::nullopt;
  return static_cast<int32_t>(it - std::begin(kNamesOfBuiltinOperator));
}

std::string_view tensor_type_name(int64_t number) {
  if (number < 0 || number >= std::ssize(kNamesOfTensorType)) return {};
  return kNamesOfTensorType[number];
}

}  // namespace narrowcast::tflite
