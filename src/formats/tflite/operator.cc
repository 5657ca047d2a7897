#include "formats/tflite/operator.h"

#include <algorithm>
#include <array>

namespace narrowcast::tflite {
namespace {

constexpr std::array kOptionSlots{field::Operator::builtin_options, field::Operator::builtin_options_2};

// Ops whose options are named after their family.
struct Shared {
  std::string_view op;
  TableType table;
};
constexpr Shared kShared[] = {
    {"AVERAGE_POOL_2D", TableType::Pool2DOptions},
    {"MAX_POOL_2D", TableType::Pool2DOptions},
    {"L2_POOL_2D", TableType::Pool2DOptions},
    {"L2_NORMALIZATION", TableType::L2NormOptions},
    {"MEAN", TableType::ReducerOptions},
    {"SUM", TableType::ReducerOptions},
    {"REDUCE_PROD", TableType::ReducerOptions},
    {"REDUCE_MAX", TableType::ReducerOptions},
    {"REDUCE_MIN", TableType::ReducerOptions},
    {"REDUCE_ANY", TableType::ReducerOptions},
    {"REDUCE_ALL", TableType::ReducerOptions},
    {"MAXIMUM", TableType::MaximumMinimumOptions},
    {"MINIMUM", TableType::MaximumMinimumOptions},
    {"UNIDIRECTIONAL_SEQUENCE_RNN", TableType::SequenceRNNOptions},
    {"CONV_3D_TRANSPOSE", TableType::Conv3DOptions},
    {"RANDOM_STANDARD_NORMAL", TableType::RandomOptions},
    {"RANDOM_UNIFORM", TableType::RandomOptions},
    {"MULTINOMIAL", TableType::RandomOptions},
};

// "CONV_2D" and "Conv2DOptions" both give "conv2d".
std::string folded(std::string_view name) {
  if (name.ends_with("Options")) name.remove_suffix(7);
  std::string out;
  for (const char c : name) {
    if (c != '_') out += static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
  }
  return out;
}

bool names_subgraph(const FieldInfo& field) {
  return field.name.ends_with("subgraph_index") || field.name.ends_with("subgraph_indices") ||
         field.name == "called_computations" || field.name == "subgraph";
}

AttributeValue read_option(const TableView& options, uint16_t slot) {
  const FieldInfo& info = options.info(slot);
  switch (info.kind) {
    case FieldKind::scalar:
      if (info.scalar == ScalarType::f32) return options.real(slot);
      return options.integer(slot);
    case FieldKind::string:
      return std::string(options.text(slot));
    case FieldKind::scalars:
      if (info.scalar == ScalarType::f32) return options.reals(slot);
      if (info.scalar == ScalarType::u8) return std::monostate();
      return options.integers(slot);
    default:
      return std::monostate();
  }
}

}  // namespace

std::optional<OptionsPlace> options_of(std::string_view builtin_name) {
  const auto* shared = std::ranges::find(kShared, builtin_name, &Shared::op);
  if (shared != std::end(kShared)) return OptionsPlace{UnionType::BuiltinOptions, shared->table};
  const std::string wanted = folded(builtin_name);
  for (const UnionType in : {UnionType::BuiltinOptions, UnionType::BuiltinOptions2}) {
    for (const TableType member : union_info(in).members) {
      if (folded(table_info(member).name) == wanted) return OptionsPlace{in, member};
    }
  }
  return std::nullopt;
}

Result<OperatorCodeRecord> read_operator_code(const TableView& code, Budget& budget) {
  const int64_t builtin = std::max(code.integer(field::OperatorCode::builtin_code),
                                   code.integer(field::OperatorCode::deprecated_builtin_code));
  const std::string_view custom = code.text(field::OperatorCode::custom_code);
  NC_CHECK(budget.take(sizeof(OperatorCodeRecord) + custom.size()));
  if (builtin < 0) return fail(ErrorCode::malformed, "An operator code is below zero.");
  OperatorCodeRecord record{.builtin = static_cast<int32_t>(builtin),
                            .custom = {},
                            .version = static_cast<int>(code.integer(field::OperatorCode::version))};
  if (builtin == kCustomOperator) {
    if (custom.empty()) return fail(ErrorCode::malformed, "A custom operator code has no name.");
    record.custom = custom;
  }
  return record;
}

Result<RawOp> read_op(const TableView& op, const OperatorCodeRecord& code, Budget& budget) {
  NC_CHECK(budget.take(code.custom.size()));
  RawOp raw{.domain = std::string(kTfliteDomain), .type = {}, .version = code.version, .attributes = {}};
  raw.type = builtin_operator_name(code.builtin);
  if (raw.type.empty()) raw.type = "BUILTIN_" + std::to_string(code.builtin);  // newer than the schema: carried along
  if (code.builtin == kCustomOperator) {
    raw.domain = kCustomDomain;
    raw.type = code.custom;
  }
  for (const uint16_t slot : kOptionSlots) {
    const auto options = op.child(slot);
    if (!options) continue;
    for (const Field& present : options->table().fields) {
      const FieldInfo& info = options->info(present.slot);
      const bool is_list = info.kind == FieldKind::scalars || info.kind == FieldKind::string;
      NC_CHECK(budget.take(sizeof(Attribute) + (is_list ? 8 * options->count(present.slot) : 0)));
      raw.attributes.push_back({std::string(info.name), read_option(*options, present.slot)});
    }
  }
  if (const Blob* custom = op.blob(field::Operator::custom_options)) {
    NC_CHECK(budget.take(sizeof(Attribute)));
    const auto length = static_cast<int64_t>(payload_length(custom->payload));
    raw.attributes.push_back({std::string(kCustomOptions), Constant{DType::u8, {length}, custom->payload}});
  }
  return raw;
}

std::vector<int64_t> subgraphs_of(const TableView& op) {
  std::vector<int64_t> subgraphs;
  for (const uint16_t slot : kOptionSlots) {
    const auto options = op.child(slot);
    if (!options) continue;
    const auto fields = table_info(options->table().type).fields;
    for (std::size_t i = 0; i < fields.size(); ++i) {
      if (!names_subgraph(fields[i])) continue;
      const auto field_slot = static_cast<uint16_t>(i);
      if (fields[i].kind == FieldKind::scalar) {
        subgraphs.push_back(options->integer(field_slot));
      } else {
        const std::vector<int64_t> list = options->integers(field_slot);
        subgraphs.insert(subgraphs.end(), list.begin(), list.end());
      }
    }
  }
  return subgraphs;
}

}  // namespace narrowcast::tflite
