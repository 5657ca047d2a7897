#include "ops/eval.h"

#include <algorithm>

namespace narrowcast::ops {
namespace {

bool fully_known(const std::optional<Shape>& shape) {
  return shape && std::ranges::all_of(*shape, [](int64_t size) { return size >= 0; });
}

}  // namespace

const Tensor& absent_tensor() {
  static const Tensor kAbsent{DType::unknown, Layout::plain, {0}, {}, nullptr};
  return kAbsent;
}

Result<Tensor*> EvalContext::make(std::size_t slot) {
  const TensorType& type = inferred(slot);
  if (!fully_known(type.shape) || type.dtype == DType::unknown) {
    return fail(ErrorCode::malformed,
                op_.type + ": the shape of result " + std::to_string(slot) + " does not follow from the operands.");
  }
  return make(slot, type.dtype, *type.shape, type.shape->size() < 3 ? Layout::plain : layout_);
}

Result<Tensor*> EvalContext::make(std::size_t slot, DType dtype, const Shape& shape, Layout layout) {
  if (slot >= results_.size()) {
    return fail(ErrorCode::malformed, op_.type + ": the node has no result " + std::to_string(slot) + ".");
  }
  NC_CHECK(make_tensor_at(results_[slot], memory_, dtype, shape, layout));
  return &results_[slot];
}

Result<Tensor*> EvalContext::make_over(std::size_t slot, std::size_t operand) {
  if (!present(operand)) return make(slot);
  const TensorType& type = inferred(slot);
  const Tensor& old = *operands_[operand];
  const bool may = slot < results_.size() && reusable_[operand] && old.buffer != nullptr &&
                   old.buffer.use_count() == 1 && fully_known(type.shape) &&
                   dtype_bits(type.dtype) == dtype_bits(old.dtype) &&
                   element_count(*type.shape) == element_count(old.shape);
  if (!may) return make(slot);
  Tensor& result = results_[slot];
  result.dtype = type.dtype;
  result.layout = type.shape->size() < 3 ? Layout::plain : layout_;
  result.shape = *type.shape;
  result.buffer = old.buffer;
  result.data = old.data;
  return &results_[slot];
}

void EvalContext::share(std::size_t slot, const Tensor& tensor, const Shape& shape, Layout layout) {
  if (slot >= results_.size()) return;
  Tensor& result = results_[slot];
  result.dtype = tensor.dtype;
  result.layout = layout;
  result.shape = shape;
  result.buffer = tensor.buffer;
  result.data = tensor.data;
}

Status eval_relabel(EvalContext& ctx) {
  const TensorType& type = ctx.inferred(0);
  if (!fully_known(type.shape) || element_count(*type.shape) != element_count(ctx.operand(0).shape)) {
    return fail(ErrorCode::malformed,
                ctx.op().type + ": " + shape_text(ctx.operand(0).shape) + " cannot take the shape that is asked for.");
  }
  ctx.share(0, ctx.operand(0), *type.shape);
  return {};
}

Result<uint8_t*> EvalContext::scratch(std::size_t bytes) {
  bytes = std::max<std::size_t>(bytes, 1);
  Buffer* const buffer = memory_.allocate(bytes);
  if (buffer == nullptr) {
    return fail(ErrorCode::out_of_memory, "There is no memory for " + std::to_string(bytes) + " bytes of scratch.");
  }
  scratch_.emplace_back(buffer);
  return buffer->data();
}

}  // namespace narrowcast::ops
