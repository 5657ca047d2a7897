// Axes and the lists of integers that ops take as an attribute, as an operand, or as either by version.
#pragma once

#include <string_view>

#include "ops/op.h"

namespace narrowcast::ops {

// An axis counted from the end when it is below zero.
// Errors: malformed, when there is no such axis.
Result<std::size_t> find_axis(const RawOp& op, int64_t axis, std::size_t rank);
// One flag an axis, true for those named.
// Errors: malformed, when there is no such axis.
Result<std::vector<bool>> mark_axes(const RawOp& op, const std::vector<int64_t>& axes, std::size_t rank);

// The view of an op that leaves every axis where it is.
std::optional<std::vector<int>> same_axes(const RawOp& op, int rank);

// Integers that stood in an attribute before an opset, and are operand `slot` since.
struct ListPlace {
  std::string_view attribute;
  int operand_since = 1;
  std::size_t slot = 1;
};

enum class Listed : uint8_t { absent, known, unknown };  // unknown: made at run time
struct List {
  Listed state = Listed::absent;
  std::vector<int64_t> values;
};
List read_list(const InferContext& ctx, const ListPlace& place);
List read_list(const EvalContext& ctx, const ListPlace& place);
// An operand's integers.
List read_list(const InferContext& ctx, std::size_t slot);
List read_list(const EvalContext& ctx, std::size_t slot);

// A shape of the given rank with no size known.
inline Shape unknown_sizes(std::size_t rank) { return Shape(rank, kUnknownDim); }
// The rank that an operand with one integer an axis gives to its reader: its only size. Nothing when it is not known.
std::optional<std::size_t> rank_from_list(const InferContext& ctx, std::size_t slot);

}  // namespace narrowcast::ops
