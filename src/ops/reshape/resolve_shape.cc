#include "ops/reshape/resolve_shape.h"

#include "ops/sizes.h"

namespace narrowcast::ops {
namespace {

bool is_kept(const std::vector<int64_t>& target, std::size_t i, bool copies_zero) {
  return copies_zero && i < target.size() && target[i] == 0;
}

// The size that is left over at `open`. Sizes that are kept cancel, so that it is known even where they are not.
Result<int64_t> left_over(const RawOp& op, const std::vector<int64_t>& target, std::size_t open, const Shape& x,
                          bool copies_zero) {
  int64_t have = 1;
  int64_t used = 1;
  for (std::size_t i = 0; i < x.size(); ++i) {
    if (!is_kept(target, i, copies_zero)) have = multiply_sizes(have, x[i]);
  }
  for (std::size_t i = 0; i < target.size(); ++i) {
    if (!is_kept(target, i, copies_zero) && i != open) used = multiply_sizes(used, target[i]);
  }
  if (have >= 0 && used > 0 && have % used != 0) {
    return fail(ErrorCode::malformed, op.type + ": the elements of " + shape_text(x) + " do not fill the new shape.");
  }
  return divide_sizes(have, used);
}

}  // namespace

Result<Shape> resolve_shape(const RawOp& op, const std::vector<int64_t>& target, const Shape* x, bool copies_zero) {
  Shape out = target;
  std::optional<std::size_t> open;
  for (std::size_t i = 0; i < out.size(); ++i) {
    if (out[i] < -1) return fail(ErrorCode::malformed, op.type + ": a size is below -1.");
    if (out[i] == -1) {
      if (open) return fail(ErrorCode::malformed, op.type + ": two sizes are left open.");
      open = i;
    } else if (is_kept(target, i, copies_zero)) {
      if (x != nullptr && i >= x->size()) {
        return fail(ErrorCode::malformed, op.type + ": a size is to be kept that the operand does not have.");
      }
      out[i] = x != nullptr ? (*x)[i] : kUnknownDim;
    }
  }
  if (open && x != nullptr) {
    NC_TRY(out[*open], left_over(op, target, *open, *x, copies_zero));
  }
  return out;
}

}  // namespace narrowcast::ops
