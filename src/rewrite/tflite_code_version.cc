#include "rewrite/tflite_code_version.h"

#include <algorithm>

namespace narrowcast {
namespace {

struct CodeVersion {
  std::string_view type;
  struct Kernel {
    int version = 0;  // 0: there is none
    std::string_view runtime;
  } int8, int16;
  std::size_t slot = 0;  // of the operand that decides
  int most_axes = 99;    // more of them ask for `beyond`
  int beyond = 0;
};

// Reference tflite.md, 1.7, and the converter's own tables.
constexpr CodeVersion kVersions[] = {
    {"ABS", {2, "2.4.0"}, {3, "2.5.0"}},
    {"ADD", {2, "1.14.0"}, {3, "2.4.0"}},
    {"AVERAGE_POOL_2D", {2, "1.14.0"}, {3, "2.3.0"}},
    {"BATCH_TO_SPACE_ND", {2, "1.14.0"}, {4, "2.12.0"}},
    {"CONCATENATION", {2, "1.14.0"}, {3, "2.3.0"}},
    {"DEPTH_TO_SPACE", {2, "2.5.0"}},
    {"EXPAND_DIMS", {1, "1.10.0"}, {1, "1.10.0"}},
    {"GATHER", {2, "1.14.0"}, {4, "2.4.0"}},
    {"GELU", {2, "2.9.0"}},
    {"HARD_SWISH", {1, "1.15.0"}},
    {"L2_NORMALIZATION", {2, "1.14.0"}},
    {"LEAKY_RELU", {1, "1.13.1"}, {2, "2.3.0"}},
    {"LOGISTIC", {2, "1.14.0"}, {3, "2.3.0"}},
    {"LOG_SOFTMAX", {2, "1.14.0"}},
    {"MAXIMUM", {2, "1.14.0"}, {4, "2.3.0"}},
    {"MAX_POOL_2D", {2, "1.14.0"}, {3, "2.3.0"}},
    {"MEAN", {2, "1.14.0"}, {3, "2.4.0"}},
    {"MINIMUM", {2, "1.14.0"}, {4, "2.3.0"}},
    {"MIRROR_PAD", {2, "2.3.0"}, {3, "2.12.0"}},
    {"MUL", {2, "1.14.0"}, {4, "2.3.0"}},
    {"PACK", {2, "1.14.0"}, {3, "2.3.0"}},
    {"PAD", {2, "1.14.0"}, {3, "2.4.0"}, 0, 4, 4},
    {"PRELU", {1, "1.8.0"}},
    {"REDUCE_MAX", {2, "1.14.0"}, {3, "2.5.0"}},
    {"REDUCE_MIN", {2, "1.14.0"}, {3, "2.5.0"}},
    {"RELU", {2, "2.1.0"}, {3, "2.5.0"}},
    {"RELU6", {2, "1.14.0"}, {3, "2.5.0"}},
    {"RELU_N1_TO_1", {1, "1.5.0"}},
    {"RESIZE_BILINEAR", {2, "1.14.0"}, {4, "2.5.0"}},
    {"RESIZE_NEAREST_NEIGHBOR", {2, "1.14.0"}, {4, "2.4.0"}},
    {"REVERSE_V2", {3, "2.5.0"}},
    {"RSQRT", {2, "2.5.0"}, {3, "2.15.0"}},
    {"SLICE", {2, "1.14.0"}, {4, "2.4.0"}, 0, 4, 5},
    {"SOFTMAX", {2, "1.14.0"}, {3, "2.3.0"}},
    {"SPACE_TO_BATCH_ND", {2, "1.14.0"}, {4, "2.12.0"}},
    {"SPACE_TO_DEPTH", {2, "1.14.0"}},
    {"SPLIT", {2, "1.14.0"}, {4, "2.3.0"}, 1},
    {"SPLIT_V", {2, "2.3.0"}},
    {"SQUARED_DIFFERENCE", {2, "2.5.0"}},
    {"STRIDED_SLICE", {2, "1.14.0"}, {1, "1.6.0"}, 0, 4, 4},
    {"SUB", {2, "1.14.0"}, {5, "2.4.0"}},
    {"SUM", {2, "1.15.0"}},
    {"TANH", {2, "1.14.0"}, {3, "2.3.0"}},
    {"TILE", {3, "2.8.0"}},
    {"TRANSPOSE", {2, "1.14.0"}, {5, "2.4.0"}, 0, 4, 4},
    {"UNPACK", {2, "1.14.0"}, {4, "2.3.0"}},
};

const CodeVersion* find(std::string_view type) {
  const auto* row = std::ranges::find(kVersions, type, &CodeVersion::type);
  return row == std::end(kVersions) ? nullptr : row;
}

bool compares_or_subtracts(const RawOp& op) { return op.type == "MAXIMUM" || op.type == "MINIMUM" || op.type == "SUB"; }

// Ops of which an option, a rank or the scales ask for another int8 kernel. Nothing: the table's.
std::optional<int> special_int8(const ops::VersionQuery& query) {
  const RawOp& op = query.op;
  const auto has = [&](const char* option) { return op.int_or(option, 0) != 0; };
  if (op.type.starts_with("RESIZE_")) {
    const bool corners = op.type == "RESIZE_NEAREST_NEIGHBOR" && has("align_corners");
    if (has("half_pixel_centers") || corners) return 3;
  }
  if (op.type == "MUL" && query.operand_scales.size() > 1 && !query.result_scales.empty() &&
      query.result_scales[0] > 0) {
    if (query.operand_scales[0] * query.operand_scales[1] / query.result_scales[0] >= 1) return 3;
  }
  if (op.type.ends_with("_ND") && query.rank(0) >= 0 && query.rank(0) != 4) return 3;
  if (compares_or_subtracts(op) && query.operands.size() > 1 && query.operands[0].shape != query.operands[1].shape &&
      std::max(query.rank(0), query.rank(1)) > 4) {
    return 3;
  }
  return std::nullopt;
}

// The same for codes of either type.
std::optional<int> special(const ops::VersionQuery& query) {
  const RawOp& op = query.op;
  const auto has = [&](const char* option) { return op.int_or(option, 0) != 0; };
  if (op.type == "GATHER" && has("batch_dims")) return 5;
  if (op.type == "TRANSPOSE" && query.rank(0) > 5) return 6;
  if (op.type == "STRIDED_SLICE" && (has("ellipsis_mask") || has("new_axis_mask"))) return 6;
  return std::nullopt;
}

}  // namespace

std::optional<int> tflite_code_version(const ops::VersionQuery& query) {
  const CodeVersion* row = query.op.domain == kTfliteDomain ? find(query.op.type) : nullptr;
  if (row == nullptr) return std::nullopt;
  const DType dtype = query.dtype(row->slot);
  if (dtype != DType::i8 && (dtype != DType::i16 || row->int16.version == 0)) return std::nullopt;
  if (const auto other = special(query)) return other;
  if (dtype == DType::i8) {
    if (const auto other = special_int8(query)) return other;
  }
  const int version = dtype == DType::i8 ? row->int8.version : row->int16.version;
  return query.rank(row->slot) > row->most_axes ? std::max(version, row->beyond) : version;
}

std::string_view tflite_code_runtime(std::string_view type, int version) {
  const CodeVersion* row = find(type);
  if (row == nullptr) return {};
  if (row->int8.version == version) return row->int8.runtime;
  return row->int16.version == version ? row->int16.runtime : std::string_view();
}

}  // namespace narrowcast
