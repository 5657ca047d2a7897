#include "rewrite/tflite_int8_version.h"

#include <algorithm>

namespace narrowcast {
namespace {

struct Int8Version {
  std::string_view type;
  int version;
  std::string_view runtime;
  std::size_t slot = 0;  // of the operand that decides
  int most_axes = 99;    // more of them ask for `beyond`
  int beyond = 0;
};

// Reference tflite.md, 1.7.
constexpr Int8Version kVersions[] = {
    {"ABS", 2, "2.4.0"},
    {"ADD", 2, "1.14.0"},
    {"AVERAGE_POOL_2D", 2, "1.14.0"},
    {"BATCH_TO_SPACE_ND", 2, "1.14.0"},
    {"CONCATENATION", 2, "1.14.0"},
    {"DEPTH_TO_SPACE", 2, "2.5.0"},
    {"EXPAND_DIMS", 1, "1.10.0"},
    {"GATHER", 2, "1.14.0"},
    {"GELU", 2, "2.9.0"},
    {"HARD_SWISH", 1, "1.15.0"},
    {"L2_NORMALIZATION", 2, "1.14.0"},
    {"LEAKY_RELU", 1, "1.13.1"},
    {"LOGISTIC", 2, "1.14.0"},
    {"LOG_SOFTMAX", 2, "1.14.0"},
    {"MAXIMUM", 2, "1.14.0"},
    {"MAX_POOL_2D", 2, "1.14.0"},
    {"MEAN", 2, "1.14.0"},
    {"MINIMUM", 2, "1.14.0"},
    {"MIRROR_PAD", 2, "2.3.0"},
    {"MUL", 2, "1.14.0"},
    {"PACK", 2, "1.14.0"},
    {"PAD", 2, "1.14.0", 0, 4, 4},
    {"PRELU", 1, "1.8.0"},
    {"REDUCE_MAX", 2, "1.14.0"},
    {"REDUCE_MIN", 2, "1.14.0"},
    {"RELU", 2, "2.1.0"},
    {"RELU6", 2, "1.14.0"},
    {"RELU_N1_TO_1", 1, "1.5.0"},
    {"RESIZE_BILINEAR", 2, "1.14.0"},
    {"RESIZE_NEAREST_NEIGHBOR", 2, "1.14.0"},
    {"REVERSE_V2", 3, "2.5.0"},
    {"RSQRT", 2, "2.5.0"},
    {"SLICE", 2, "1.14.0", 0, 4, 5},
    {"SOFTMAX", 2, "1.14.0"},
    {"SPACE_TO_BATCH_ND", 2, "1.14.0"},
    {"SPACE_TO_DEPTH", 2, "1.14.0"},
    {"SPLIT", 2, "1.14.0", 1},
    {"SPLIT_V", 2, "2.3.0"},
    {"SQUARED_DIFFERENCE", 2, "2.5.0"},
    {"STRIDED_SLICE", 2, "1.14.0", 0, 4, 4},
    {"SUB", 2, "1.14.0"},
    {"SUM", 2, "1.15.0"},
    {"TANH", 2, "1.14.0"},
    {"TILE", 3, "2.8.0"},
    {"TRANSPOSE", 2, "1.14.0", 0, 4, 4},
    {"UNPACK", 2, "1.14.0"},
};

const Int8Version* find(std::string_view type) {
  const auto* row = std::ranges::find(kVersions, type, &Int8Version::type);
  return row == std::end(kVersions) ? nullptr : row;
}

// Ops of which an option, a rank or the scales ask for another kernel. Nothing: the table's.
std::optional<int> special(const ops::VersionQuery& query) {
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
  if (op.type == "GATHER" && has("batch_dims")) return 5;
  if (op.type == "STRIDED_SLICE" && (has("ellipsis_mask") || has("new_axis_mask"))) return 6;
  if (op.type.ends_with("_ND") && query.rank(0) >= 0 && query.rank(0) != 4) return 3;
  const bool compares_or_subtracts = op.type == "MAXIMUM" || op.type == "MINIMUM" || op.type == "SUB";
  if (compares_or_subtracts && query.operands.size() > 1 && query.operands[0].shape != query.operands[1].shape &&
      std::max(query.rank(0), query.rank(1)) > 4) {
    return 3;
  }
  return std::nullopt;
}

}  // namespace

std::optional<int> tflite_int8_version(const ops::VersionQuery& query) {
  const Int8Version* row = query.op.domain == kTfliteDomain ? find(query.op.type) : nullptr;
  if (row == nullptr || query.dtype(row->slot) != DType::i8) return std::nullopt;
  if (const auto other = special(query)) return other;
  return query.rank(row->slot) > row->most_axes ? row->beyond : row->version;
}

std::string_view tflite_int8_runtime(std::string_view type, int version) {
  const Int8Version* row = find(type);
  return row != nullptr && row->version == version ? row->runtime : std::string_view();
}

}  // namespace narrowcast
