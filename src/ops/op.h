// What the engine knows about an op, for both formats. One folder under src/ops holds a family of ops; the list of
// families is generated from the folders (cmake/OpFamilies.cmake).
#pragma once

#include <algorithm>
#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "ir/graph.h"
#include "kernels/reduce/reduce.h"

namespace narrowcast::ops {

// What is known of an operand or result before the model runs.
struct ValueFact {
  TensorType type;
  // The elements of a small integer tensor (a shape, axes, sizes), when they are known.
  std::optional<std::vector<int64_t>> ints;
  // The elements of a small float32 constant, such as scales.
  std::optional<std::vector<float>> floats;
};

// Shapes of more axes and integer lists of more elements are taken as not known: no runtime has them, and what a node
// costs stays bounded.
inline constexpr std::size_t kMaxRank = 64;
inline constexpr std::size_t kMaxInts = 64;

// Computes the types and shapes of a node's results from its operands'.
class InferContext {
 public:
  // `operands` has one entry a slot; the entry of an absent operand has dtype unknown and present() false.
  // `files` hold the bytes of constants that stand in attributes; without them their elements are not known.
  InferContext(const RawOp& op, std::vector<const ValueFact*> operands, std::size_t result_count,
               const Files* files = nullptr)
      : op_(op), operands_(std::move(operands)), results_(result_count), files_(files) {}

  [[nodiscard]] const RawOp& op() const { return op_; }
  [[nodiscard]] std::size_t operand_count() const { return operands_.size(); }
  [[nodiscard]] std::size_t result_count() const { return results_.size(); }
  [[nodiscard]] const Files* files() const { return files_; }
  [[nodiscard]] bool present(std::size_t slot) const { return slot < operands_.size() && operands_[slot] != nullptr; }
  [[nodiscard]] const ValueFact& operand(std::size_t slot) const {
    static const ValueFact kAbsent;
    return present(slot) ? *operands_[slot] : kAbsent;
  }
  [[nodiscard]] DType dtype(std::size_t slot) const { return operand(slot).type.dtype; }
  // Nothing when the operand is absent or its rank is not known.
  [[nodiscard]] const Shape* shape(std::size_t slot) const {
    const auto& known = operand(slot).type.shape;
    return known && known->size() <= kMaxRank ? &*known : nullptr;
  }
  [[nodiscard]] const std::vector<int64_t>* ints(std::size_t slot) const {
    asked_ |= uint64_t{1} << std::min<std::size_t>(slot, 63);
    const auto& known = operand(slot).ints;
    return known && known->size() <= kMaxInts ? &*known : nullptr;
  }
  [[nodiscard]] const std::vector<float>* floats(std::size_t slot) const {
    asked_ |= uint64_t{1} << std::min<std::size_t>(slot, 63);
    const auto& known = operand(slot).floats;
    return known && known->size() <= kMaxInts ? &*known : nullptr;
  }

  void set(std::size_t slot, DType dtype, std::optional<Shape> result_shape) {
    if (result_shape && result_shape->size() > kMaxRank) result_shape.reset();
    if (slot < results_.size()) results_[slot].type = {dtype, std::move(result_shape)};
  }
  // Call it after `set`: elements that are not as many as the shape says are not taken.
  void set_ints(std::size_t slot, std::vector<int64_t> values) {
    if (slot >= results_.size() || values.size() > kMaxInts) return;
    const auto& known = results_[slot].type.shape;
    const int64_t count = known ? element_count(*known) : -1;
    if (count < 0 || static_cast<std::size_t>(count) == values.size()) results_[slot].ints = std::move(values);
  }
  [[nodiscard]] std::vector<ValueFact>& results() { return results_; }
  // Whether the results may follow from the operand's elements: somebody asked for them.
  [[nodiscard]] bool asked(std::size_t slot) const { return (asked_ >> std::min<std::size_t>(slot, 63) & 1) != 0; }

 private:
  const RawOp& op_;
  std::vector<const ValueFact*> operands_;
  std::vector<ValueFact> results_;
  const Files* files_;
  mutable uint64_t asked_ = 0;  // by slot; the last bit stands for all beyond
};

// data: flows through at run time. weight: multiplied with data and summed; narrowed when it is a constant.
// bias: added to a sum. plain: never a quantity (indices, shapes, axes), or one that the kernel wants in float.
enum class Role : uint8_t { data, weight, bias, plain };

// How a weight is cut. `channel` is the axis of the op's outputs: one scale each. [reduce_begin, reduce_end) are the
// neighbouring axes over which products are summed: blocks are cut along them, flattened.
struct WeightAxes {
  int channel = 0;
  int reduce_begin = 0;
  int reduce_end = 0;
};

// TFLite: how a kernel takes int8 codes of a weight beside float32 data, which it quantizes as it comes.
enum class Hybrid : uint8_t { no, per_tensor, per_channel };

struct OperandRule {
  Role role = Role::data;
  WeightAxes axes;  // when role is weight
  Hybrid hybrid = Hybrid::no;
};

// Roles by operand slot; slots beyond the list are data.
struct Rule {
  std::vector<OperandRule> operands;
  bool hybrid_together = false;  // the kernel takes codes in all operands that can be codes, or in none
  bool says_asymmetric = false;  // an option says whether data is quantized around a zero point of its own
};

// Of TFLite's ops with Rule::says_asymmetric.
inline constexpr std::string_view kAsymmetricInputs = "asymmetric_quantize_inputs";
// Of TFLite's ops that may have an int64 bias beside int16 data: the type of the bias, in the format's numbers.
inline constexpr std::string_view kBiasType = "quantized_bias_type";

struct RuleQuery {
  const RawOp& op;
  std::span<const TensorType> operands;  // by slot; dtype unknown where absent

  // -1 when the operand is absent or its rank is not known.
  [[nodiscard]] int rank(std::size_t slot) const {
    return slot < operands.size() && operands[slot].shape ? static_cast<int>(operands[slot].shape->size()) : -1;
  }
};

// What decides the version of a TFLite operator code.
struct VersionQuery {
  const RawOp& op;
  std::span<const TensorType> operands;
  std::span<const uint8_t> per_channel = {};  // by operand: 1 when its tensor carries more than one scale
  std::span<const TensorType> results = {};
  std::span<const float> operand_scales = {};  // 0 where the tensor carries none
  std::span<const float> result_scales = {};

  [[nodiscard]] DType dtype(std::size_t slot) const {
    return slot < operands.size() ? operands[slot].dtype : DType::unknown;
  }
  [[nodiscard]] int rank(std::size_t slot) const {
    return slot < operands.size() && operands[slot].shape ? static_cast<int>(operands[slot].shape->size()) : -1;
  }
  // int16 data with int8 weights at `slot`.
  [[nodiscard]] bool is_16x8(std::size_t slot) const { return dtype(0) == DType::i16 && dtype(slot) == DType::i8; }
  // float32 data with int8 weights at `slot`.
  [[nodiscard]] bool is_hybrid(std::size_t slot) const { return dtype(0) == DType::f32 && dtype(slot) == DType::i8; }
};

// As OpDef::tflite_runtime: the runtimes that came with versions 1, 2, 3... of an operator; empty for others.
constexpr std::string_view runtime_since(std::span<const std::string_view> since, int version) {
  const auto index = static_cast<std::size_t>(version) - 1;
  return index < since.size() ? since[index] : std::string_view();
}

struct Interval {
  float min = 0;
  float max = 0;
};

class EvalContext;  // ops/eval.h
class Prepared;
struct PrepareContext;
struct Lane;  // ops/lane.h
struct LaneQuery;
struct ChannelAffine;
struct AffineQuery;
struct RowFoldQuery;
struct Border;  // ops/border.h
struct BorderQuery;
class LiftContext;  // ops/lift.h

// ONNX: makes of a node of an older opset the same in the words of opset `to`, the first that spells the op so.
struct LiftStep {
  int to = 1;
  // Errors: unsupported, when this node has no equal there; the message says why.
  Status (*apply)(LiftContext&) = nullptr;
};

// Which float types an op's eval computes in. Operands of others are brought to float32 before, results back after.
enum class Floats : uint8_t { f32, f32_f64, all };

// How the operands of an op may lie in memory (ops/tensor.h).
//   plain: in the order of their shape.
//   follow: all in the same order, whichever, of the same rank; axes in attributes are the op's to translate.
//   image: the first one channels_last when it has 3 or 4 axes, the others plain; results channels_last.
enum class Layouts : uint8_t { plain, follow, image };

// Ops that apply an epilogue (kernels/epilogue.h) to finished rows of their first result: which axis a row is.
enum class Absorbs : uint8_t { nothing, along_axis_1, along_last_axis };

struct OpDef {
  std::string_view domain;
  std::string_view type;
  // The versions whose meaning the folder knows: of the opset (ONNX), of the operator code (TFLite).
  int first_version = 1;
  int last_version = 1;

  // Sets what it can of every result; leaves unknown what the operands do not tell.
  // Errors: malformed, when the operands contradict each other.
  Status (*infer)(InferContext&) = nullptr;
  // Which operands are weights, and how they are cut. Null: the op has none.
  Rule (*rule)(const RuleQuery&) = nullptr;
  // For ops that only rename, permute or convert their first operand: result axis i is operand axis view[i].
  // A constant behind such an op is still a constant. Null: the op makes new numbers.
  std::optional<std::vector<int>> (*view)(const RawOp&, int rank) = nullptr;
  // The results are elements of the operands that are not plain, unchanged, in another arrangement (Slice, Concat,
  // Reshape). Of constants they are constants, though no axis of the one need be an axis of the other.
  bool moves = false;
  // What the results lie in, whatever the operands are.
  std::optional<Interval> bounds = std::nullopt;
  // TFLite: the version of the operator code that these operands need. Null: whatever the file says.
  int (*tflite_version)(const VersionQuery&) = nullptr;
  // TFLite: the oldest runtime that has a version of the operator, as metadata min_runtime_version spells it. Empty or
  // null: any.
  std::string_view (*tflite_runtime)(int version) = nullptr;

  // Computes the results. Null: the op is known, but does not run.
  // Errors: malformed, when operands contradict each other; unsupported, for a form of the op that does not run.
  Status (*eval)(EvalContext&) = nullptr;
  // Packs what is constant, once. Null, or a null result: there is nothing to prepare.
  Result<std::unique_ptr<Prepared>> (*prepare)(const PrepareContext&) = nullptr;
  Floats floats = Floats::f32;
  Layouts layouts = Layouts::plain;
  // For `image`: the first operand may stay plain.
  bool (*reads_plain)(const RawOp&, const Shape& first) = nullptr;
  Absorbs absorbs = Absorbs::nothing;
  // Whether prepare() can multiply PrepareContext::affine into the weights: nothing of the op comes in between. It
  // gives null when the affine is of another number of channels.
  bool (*folds_affine)(const RawOp&) = nullptr;
  // For ops that compute each float32 element of their result from the same one of their operands.
  std::optional<Lane> (*lane)(const LaneQuery&) = nullptr;
  // For ops that reduce the last axis of their first operand to one of size 1, and do no more to float32.
  std::optional<kernels::ReduceKind> (*row_fold)(const RowFoldQuery&) = nullptr;
  // For ops that multiply one operand by constants and add constants to it, by channel.
  std::optional<ChannelAffine> (*affine)(const AffineQuery&) = nullptr;
  // For ops that put zeros around their first operand: how many, where constants say so.
  std::optional<Border> (*border)(const BorderQuery&) = nullptr;
  // Whether eval minds EvalContext::border(), zeros around the spatial axes [first, first + 2) or fewer. -1: it does
  // not.
  int takes_border_from = -1;
  bool is_random = false;  // never folded
  // ONNX: the steps that a node of an older opset takes to opset 13, ascending. Between them it stays as it is: the op
  // only gained types, or what it gained may be left out.
  std::span<const LiftStep> lifts = {};
  // ONNX: the first opset in which the op's float operands and results may be float16.
  int half_since = 1;
  // ONNX: operands and results, by bit, that are float32 whatever the others are.
  uint8_t float_operands = 0;
  uint8_t float_results = 0;
};

// As OpDef::half_since: never, or not without losing what the op is about.
inline constexpr int kNeverHalf = 1 << 20;

constexpr OpDef with_half_since(OpDef op, int version) {
  op.half_since = version;
  return op;
}

// The same op with steps to newer opsets.
constexpr OpDef with_lifts(OpDef op, std::span<const LiftStep> lifts) {
  op.lifts = lifts;
  return op;
}

struct OpFamily {
  std::string_view folder;
  std::string_view summary;
  std::span<const OpDef> ops;
};

// Every family, in the order of folder names.
std::span<const OpFamily> families();
// Null when no folder knows the op.
const OpDef* find_op(std::string_view domain, std::string_view type);
inline const OpDef* find_op(const RawOp& op) { return find_op(op.domain, op.type); }

}  // namespace narrowcast::ops
