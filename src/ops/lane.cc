#include "ops/lane.h"

#include <algorithm>

#include "ops/broadcast.h"
#include "ops/strides.h"

namespace narrowcast::ops {
std::optional<std::vector<float>> by_channel(const Tensor& constant, std::size_t rank, std::size_t axis,
                                             std::size_t channels) {
  if (constant.dtype != DType::f32 || constant.data == nullptr || constant.rank() > rank) return std::nullopt;
  if (constant.count() == 1) return std::vector<float>(channels, constant.as<float>()[0]);
  const std::size_t missing = rank - constant.rank();
  for (std::size_t i = 0; i < constant.rank(); ++i) {
    const auto size = static_cast<std::size_t>(constant.shape[i]);
    if (size != (i + missing == axis ? channels : 1)) return std::nullopt;
  }
  if (constant.count() != channels) return std::nullopt;
  return std::vector<float>(constant.as<float>(), constant.as<float>() + channels);
}

Status eval_unary_lane(EvalContext& ctx, const Lane& lane) {
  const float* x = ctx.data<float>(0);
  const std::size_t count = ctx.operand(0).count();
  NC_TRY(Tensor* const y, ctx.make_over(0, 0));
  kernels::unary_f32 (*lane.unary)(x, y->writable<float>(), count, lane.params);
  if (is_open(lane.after)) return {};
  kernels::unary_f32(kernels::UnaryKind::clamp)(y->as<float>(), y->writable<float>(), count,
                                                {lane.after.lo, lane.after.hi});
  return {};
}

void run_lane(const Lane& lane, LaneFloats a, LaneFloats b, float* to, std::size_t count) {
  if (lane.unary) {
    kernels::unary_f32 (*lane.unary)(a.at, to, count, lane.params);
  } else if (lane.gate) {
    kernels::gate_f32(a.at, to, count, *lane.gate);
  } else {
    const kernels::BinaryForms forms = kernels::binary_f32(*lane.binary);
    if (!b.steps) {
      forms.vector_scalar(a.at, b.at, to, count);
    } else if (!a.steps) {
      forms.scalar_vector(a.at, b.at, to, count);
    } else {
      forms.vector_vector(a.at, b.at, to, count);
    }
  }
  if (is_open(lane.after)) return;
  kernels::unary_f32(kernels::UnaryKind::clamp)(to, to, count, {lane.after.lo, lane.after.hi});
}

Status check_stretch(const Tensor& from, const Tensor& y) {
  if (stretches(from.shape, y.shape)) return {};
  return fail(ErrorCode::malformed,
              "An operand of shape " + shape_text(from.shape) + " does not stretch to " + shape_text(y.shape) + ".");
}

namespace {

// One operand is a row that meets each row of the other, which is as large as y: it is laid out several times, so that
// one call serves many rows. False when the operands are something else.
bool apply_repeated(const kernels::BinaryForms& forms, const BroadcastWalk& walk, const Tensor& a, const Tensor& b,
                    const Tensor& y) {
  constexpr std::size_t kEnough = 1024;
  const std::size_t n = walk.run_length();
  const std::size_t count = y.count();
  const bool a_repeats = a.count() == n;
  const Tensor& row = a_repeats ? a : b;
  const Tensor& rows = a_repeats ? b : a;
  if (!walk.steps(0) || !walk.steps(1) || n == 0 || row.count() != n || rows.count() != count) return false;
  std::vector<float> several;
  while (several.size() < std::min(kEnough, count)) several.insert(several.end(), row.as<float>(), row.as<float>() + n);
  for (std::size_t at = 0; at < count; at += several.size()) {
    const float* left = a_repeats ? several.data() : a.as<float>() + at;
    const float* right = a_repeats ? b.as<float>() + at : several.data();
    forms.vector_vector(left, right, y.writable<float>() + at, std::min(several.size(), count - at));
  }
  return true;
}

}  // namespace

Status apply_binary(kernels::BinaryKind kind, const Tensor& a, const Tensor& b, const Tensor& y) {
  if (a.dtype != DType::f32 || b.dtype != DType::f32 || y.dtype != DType::f32) {
    return fail(ErrorCode::malformed, "An operand is " +
                                          std::string(dtype_name(a.dtype != DType::f32 ? a.dtype : b.dtype)) +
                                          ", where only float32 will do.");
  }
  const kernels::BinaryForms forms = kernels::binary_f32(kind);
  if (a.shape == y.shape && b.shape == y.shape) {
    forms.vector_vector(a.as<float>(), b.as<float>(), y.writable<float>(), y.count());
    return {};
  }
  NC_CHECK(check_stretch(a, y));
  NC_CHECK(check_stretch(b, y));
  const Shape y_shape = memory_shape(y.shape, y.layout);
  const Shape a_shape = memory_shape(a.shape, a.layout);
  const Shape b_shape = memory_shape(b.shape, b.layout);
  const BroadcastWalk walk(y_shape, {&a_shape, &b_shape});
  const std::size_t n = walk.run_length();
  if (apply_repeated(forms, walk, a, b, y)) return {};
  walk.for_each([&](std::size_t to, const auto& offsets) {
    const float* left = a.as<float>() + offsets[0];
    const float* right = b.as<float>() + offsets[1];
    float* out = y.writable<float>() + to;
    if (walk.steps(0) && walk.steps(1)) {
      forms.vector_vector(left, right, out, n);
    } else if (walk.steps(0)) {
      forms.vector_scalar(left, right, out, n);
    } else if (walk.steps(1)) {
      forms.scalar_vector(left, right, out, n);
    } else {
      forms.vector_vector(left, right, out, 1);
      std::fill_n(out + 1, n - 1, out[0]);
    }
  });
  return {};
}

}  // namespace narrowcast::ops
