// What schema.fbs says, as tables: the reader checks a file against them, the writer lays records out by them.
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "formats/tflite/schema_ids.h"

namespace narrowcast::tflite {

enum class ScalarType : uint8_t { none, boolean, i8, u8, i16, u16, i32, u32, i64, u64, f32, f64 };
enum class FieldKind : uint8_t { scalar, string, table, union_value, scalars, tables };

struct FieldInfo {
  std::string_view name;
  FieldKind kind;
  ScalarType scalar;    // of scalar and scalars
  uint8_t child;        // table, tables: TableType; union_value: UnionType, whose type stands in the slot before
  uint8_t force_align;  // bytes; 0: as the elements need
  int64_t preset;       // what an absent scalar means (every float's is 0)
};

struct TableInfo {
  std::string_view name;
  std::span<const FieldInfo> fields;  // by vtable slot
  uint8_t rank;                       // a table's rank is above the rank of every table that can hold it
};

struct UnionInfo {
  std::string_view name;
  std::span<const TableType> members;  // member i has type number i + 1; 0 is "none"
};

const TableInfo& table_info(TableType type);
const UnionInfo& union_info(UnionType type);
// Bytes of one scalar: 1, 2, 4 or 8.
unsigned scalar_bytes(ScalarType type);
// Bytes that the field takes inside its table: the scalar itself, or an offset.
inline unsigned inline_bytes(const FieldInfo& field) {
  return field.kind == FieldKind::scalar ? scalar_bytes(field.scalar) : 4;
}

// The slot of a field; nothing when the table has no field of that name.
std::optional<uint16_t> find_field(TableType table, std::string_view name);
// The member of a union with this type number; nothing for 0 and for numbers beyond the schema.
std::optional<TableType> union_member(UnionType type, uint64_t number);
// The type number of a member; 0 when the table is not one.
uint8_t union_number(UnionType type, TableType member);

// "CONV_2D"; empty for numbers that the schema does not know.
std::string_view builtin_operator_name(int64_t number);
std::optional<int32_t> builtin_operator_number(std::string_view name);
std::string_view tensor_type_name(int64_t number);
inline constexpr int32_t kCustomOperator = 32;  // BuiltinOperator CUSTOM

}  // namespace narrowcast::tflite
