#include "ops/control/stack.h"

#include <algorithm>
#include <cstring>

#include "ops/axes.h"
#include "ops/box.h"

namespace narrowcast::ops {
namespace {

std::vector<BoxAxis> box_of(const Shape& shape, std::span<const int64_t> from, std::span<const int64_t> to) {
  std::vector<BoxAxis> box(shape.size());
  for (std::size_t i = 0; i < box.size(); ++i) box[i] = {static_cast<std::size_t>(shape[i]), from[i], to[i]};
  return box;
}

std::vector<int64_t> without(std::vector<int64_t> list, std::size_t at) {
  list.erase(list.begin() + static_cast<std::ptrdiff_t>(at));
  return list;
}

}  // namespace

Result<ScopeId> body_of(const RawOp& op, std::string_view attribute) {
  const AttributeValue* value = op.find(attribute);
  const auto* scopes = value != nullptr ? std::get_if<std::vector<ScopeId>>(value) : nullptr;
  if (scopes != nullptr && scopes->size() == 1) return scopes->front();
  return fail(ErrorCode::malformed, op.type + ": there is no " + std::string(attribute) + ".");
}

Result<bool> read_condition(const RawOp& op, const Tensor& tensor) {
  if (tensor.dtype == DType::boolean && tensor.count() == 1) return *tensor.data != 0;
  return fail(ErrorCode::malformed, op.type + ": the condition is not one boolean.");
}

Result<Tensor> make_condition(Memory& memory, bool value) {
  NC_TRY(Tensor tensor, make_tensor(memory, DType::boolean, {}));
  *tensor.writable<uint8_t>() = value ? 1 : 0;
  return tensor;
}

Result<Tensor> entry_of(EvalContext& ctx, const Tensor& x, std::size_t axis, int64_t at) {
  NC_TRY(const unsigned width, element_width(ctx.op(), x.dtype));
  const std::vector<int64_t> strides = strides_of(x.shape, x.layout);
  Tensor entry = x;
  entry.shape = without(x.shape, axis);
  if (entry.count() > 0) entry.data += at * strides[axis] * static_cast<int64_t>(width);
  if (axis == 0) return entry;
  NC_TRY(Tensor copy, make_tensor(ctx.memory(), x.dtype, entry.shape));
  const std::vector<int64_t> from = without(strides, axis);
  copy_box(width, box_of(copy.shape, from, strides_of(copy.shape, Layout::plain)), entry.data,
           copy.writable<uint8_t>());
  return copy;
}

Result<Tensor> stack(EvalContext& ctx, const std::vector<Tensor>& parts, const Stack& form, const TensorType& known) {
  Shape part = parts.empty() ? known.shape.value_or(Shape{}) : parts[0].shape;
  const DType dtype = parts.empty() ? known.dtype : parts[0].dtype;
  for (int64_t& size : part) size = std::max<int64_t>(size, 0);
  NC_TRY(const unsigned width, element_width(ctx.op(), dtype));
  NC_TRY(const std::size_t axis, find_axis(ctx.op(), form.axis, part.size() + 1));
  Shape shape = part;
  shape.insert(shape.begin() + static_cast<std::ptrdiff_t>(axis), form.room);
  NC_TRY(Tensor whole, make_tensor(ctx.memory(), dtype, shape));
  if (static_cast<std::size_t>(form.room) > parts.size()) {
    std::fill_n(whole.writable<uint8_t>(), whole.bytes(), uint8_t{0});
  }
  const std::vector<int64_t> to = strides_of(shape, Layout::plain);
  const std::vector<int64_t> below = without(to, axis);
  const std::vector<int64_t> from = strides_of(part, Layout::plain);
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (parts[i].shape != part || parts[i].dtype != dtype) {
      return fail(ErrorCode::malformed, ctx.op().type + ": the iterations' results differ in shape.");
    }
    const auto at = static_cast<int64_t>(form.reversed ? parts.size() - 1 - i : i);
    copy_box(width, box_of(part, from, below), parts[i].data,
             whole.writable<uint8_t>() + at * to[axis] * static_cast<int64_t>(width));
  }
  return whole;
}

}  // namespace narrowcast::ops
