#include "formats/tflite/write_operator.h"

#include <algorithm>
#include <bit>

#include "formats/tflite/operator.h"
#include "formats/tflite/write_tensor.h"

namespace narrowcast::tflite {
namespace {

// deprecated_builtin_code is a byte; PLACEHOLDER_FOR_GREATER_OP_CODES tells old readers that it is not enough.
constexpr int32_t kLargestOldCode = 127;

std::unexpected<Error> unfit(const RawOp& raw, std::string_view name) {
  return fail(ErrorCode::internal,
              "An edit gave " + raw.type + " an option '" + std::string(name) + "' that the format cannot hold.");
}

uint16_t value_slot(UnionType in) {
  return in == UnionType::BuiltinOptions ? field::Operator::builtin_options : field::Operator::builtin_options_2;
}

// The slot of the options that have a field of this name: those that are there, or those that the op should have.
std::optional<OptionsPlace> place_of(const TableSet& set, const Table& op, const RawOp& raw, std::string_view name) {
  for (const UnionType in : {UnionType::BuiltinOptions, UnionType::BuiltinOptions2}) {
    const Field* field = op.find(value_slot(in));
    if (field == nullptr) continue;
    const TableType type = set.table(static_cast<Index>(field->bits)).type;
    if (find_field(type, name)) return OptionsPlace{in, type};
  }
  const auto place = raw.domain == kTfliteDomain ? options_of(raw.type) : std::nullopt;
  const bool is_free = place && op.find(value_slot(place->in)) == nullptr;
  return is_free && find_field(place->table, name) ? place : std::nullopt;
}

bool fits(ScalarType type, int64_t value) {
  switch (type) {
    case ScalarType::boolean:
      return value == 0 || value == 1;
    case ScalarType::i8:
      return value >= INT8_MIN && value <= INT8_MAX;
    case ScalarType::u8:
      return value >= 0 && value <= UINT8_MAX;
    case ScalarType::i16:
      return value >= INT16_MIN && value <= INT16_MAX;
    case ScalarType::u16:
      return value >= 0 && value <= UINT16_MAX;
    case ScalarType::i32:
      return value >= INT32_MIN && value <= INT32_MAX;
    case ScalarType::u32:
      return value >= 0 && value <= UINT32_MAX;
    case ScalarType::i64:
    case ScalarType::u64:
      return true;
    default:
      return false;
  }
}

// The bits of the field; nothing when the value does not fit it.
std::optional<uint64_t> option_bits(TableSet& set, const FieldInfo& info, const AttributeValue& value) {
  if (const auto* integer = std::get_if<int64_t>(&value)) {
    if (info.kind != FieldKind::scalar || !fits(info.scalar, *integer)) return std::nullopt;
    const unsigned bits = 8 * scalar_bytes(info.scalar);
    return static_cast<uint64_t>(*integer) & (bits == 64 ? UINT64_MAX : (uint64_t{1} << bits) - 1);
  }
  if (const auto* real = std::get_if<float>(&value)) {
    if (info.kind != FieldKind::scalar || info.scalar != ScalarType::f32) return std::nullopt;
    return std::bit_cast<uint32_t>(*real);
  }
  if (const auto* text = std::get_if<std::string>(&value)) {
    if (info.kind != FieldKind::string) return std::nullopt;
    return set.add_string(*text);
  }
  if (const auto* reals = std::get_if<std::vector<float>>(&value)) {
    if (info.kind != FieldKind::scalars || info.scalar != ScalarType::f32) return std::nullopt;
    Bytes bytes;
    for (const float element : *reals) append_le(bytes, element);
    return set.add_scalars(info, std::move(bytes));
  }
  if (const auto* integers = std::get_if<std::vector<int64_t>>(&value)) {
    if (info.kind != FieldKind::scalars) return std::nullopt;
    Bytes bytes;
    for (const int64_t integer : *integers) {
      if (!fits(info.scalar, integer)) return std::nullopt;
      const auto* from = reinterpret_cast<const uint8_t*>(&integer);
      bytes.insert(bytes.end(), from, from + scalar_bytes(info.scalar));
    }
    return set.add_scalars(info, std::move(bytes));
  }
  return std::nullopt;
}

Status set_custom_options(TableSet& set, Index op, const RawOp& raw) {
  const AttributeValue* value = raw.find(kCustomOptions);
  if (value == nullptr) {
    set.added_table(op).erase(field::Operator::custom_options);
    return {};
  }
  const auto* constant = std::get_if<Constant>(value);
  if (constant == nullptr) return unfit(raw, kCustomOptions);
  const FieldInfo& info = table_info(TableType::Operator).fields[field::Operator::custom_options];
  const Index blob = set.add_scalars(info, constant->payload);
  set.added_table(op).set(field::Operator::custom_options, blob);
  return {};
}

// A copy of the options that can be changed, made if there are none yet.
Index own_options(TableSet& set, Index op, OptionsPlace place) {
  const Field* present = set.table(op).find(value_slot(place.in));
  Table copy =
      present == nullptr ? Table{.type = place.table, .fields = {}} : set.table(static_cast<Index>(present->bits));
  const Index options = set.add_table(std::move(copy));
  set.added_table(op).set(value_slot(place.in), options);
  set.added_table(op).set(static_cast<uint16_t>(value_slot(place.in) - 1), union_number(place.in, place.table));
  return options;
}

}  // namespace

CodeEditor::CodeEditor(const Files& files, const TfliteRecords& records, TableSet& set)
    : set_(set), codes_(records.codes) {
  const auto list = TableView(files, records.tables, records.root).children(field::Model::operator_codes);
  list_.assign(list.begin(), list.end());
}

void CodeEditor::set_version(uint32_t code, int version) {
  const Index copy = set_.add_table(set_.table(list_[code]));
  set_.added_table(copy).set(field::OperatorCode::version, static_cast<uint32_t>(version));
  list_[code] = copy;
  codes_[code].version = version;
}

Result<uint32_t> CodeEditor::find_or_add(const RawOp& op) {
  OperatorCodeRecord wanted{.builtin = kCustomOperator, .custom = {}, .version = op.version};
  if (op.domain == kCustomDomain) {
    wanted.custom = op.type;
  } else {
    const auto number = builtin_operator_number(op.type);
    if (op.domain != kTfliteDomain || !number) {
      return fail(ErrorCode::internal, "TFLite has no op '" + op.type + "' of domain '" + op.domain + "'.");
    }
    wanted.builtin = *number;
  }
  const auto known = std::ranges::find_if(codes_, [&](const OperatorCodeRecord& code) {
    return code.builtin == wanted.builtin && code.custom == wanted.custom && code.version == wanted.version;
  });
  if (known != codes_.end()) return static_cast<uint32_t>(known - codes_.begin());

  Table table{.type = TableType::OperatorCode, .fields = {}};
  table.set(field::OperatorCode::deprecated_builtin_code,
            static_cast<uint64_t>(std::min(wanted.builtin, kLargestOldCode)));
  if (!wanted.custom.empty()) table.set(field::OperatorCode::custom_code, set_.add_string(wanted.custom));
  table.set(field::OperatorCode::version, static_cast<uint32_t>(wanted.version));
  table.set(field::OperatorCode::builtin_code, static_cast<uint64_t>(wanted.builtin));
  list_.push_back(set_.add_table(std::move(table)));
  codes_.push_back(std::move(wanted));
  return static_cast<uint32_t>(codes_.size() - 1);
}

Status set_option(TableSet& set, Index op, const RawOp& raw, std::string_view name) {
  if (name == kCustomOptions) return set_custom_options(set, op, raw);
  const AttributeValue* value = raw.find(name);
  const auto place = place_of(set, set.table(op), raw, name);
  if (!place) return value == nullptr ? Status() : unfit(raw, name);
  const uint16_t slot = *find_field(place->table, name);
  const Index options = own_options(set, op, *place);
  if (value == nullptr) {
    set.added_table(options).erase(slot);
    return {};
  }
  const auto bits = option_bits(set, table_info(place->table).fields[slot], *value);
  if (!bits) return unfit(raw, name);
  set.added_table(options).set(slot, *bits);
  return {};
}

Result<Index> new_operator(TableSet& set, const RawOp& raw, uint32_t code, const std::vector<int32_t>& inputs,
                           const std::vector<int32_t>& outputs) {
  Table table{.type = TableType::Operator, .fields = {}};
  table.set(field::Operator::opcode_index, code);
  table.set(field::Operator::inputs, add_int32s(set, inputs));
  table.set(field::Operator::outputs, add_int32s(set, outputs));
  const Index op = set.add_table(std::move(table));
  // An op that has options gets their table even when all of them are left at their defaults.
  if (const auto place = raw.domain == kTfliteDomain ? options_of(raw.type) : std::nullopt)
    own_options(set, op, *place);
  for (const Attribute& attribute : raw.attributes) NC_CHECK(set_option(set, op, raw, attribute.name));
  return op;
}

}  // namespace narrowcast::tflite
