#include "ops/elementwise.h"
#include "ops/fold.h"
#include "ops/lift.h"
#include "ops/unary/unary_eval.h"

namespace narrowcast::ops {
namespace {

Status infer_test(InferContext& ctx) {
  ctx.set(0, DType::boolean, ctx.operand(0).type.shape);
  return {};
}

Status infer_negative(InferContext& ctx) {
  NC_CHECK(infer_like_first(ctx));
  const auto* ints = ctx.ints(0);
  if (ints == nullptr) return {};
  std::vector<int64_t> out;
  for (const int64_t value : *ints) out.push_back(static_cast<int64_t>(0 - static_cast<uint64_t>(value)));
  set_folded(ctx, 0, ctx.dtype(0), std::move(out));
  return {};
}

// numpy-like square matrices [..., n, n] to [...].
Status infer_det(InferContext& ctx) {
  ctx.set(0, ctx.dtype(0), std::nullopt);
  const Shape* x = ctx.shape(0);
  if (x == nullptr) return {};
  if (x->size() < 2) return fail(ErrorCode::malformed, "Det: the operand is not a matrix.");
  ctx.set(0, ctx.dtype(0), Shape(x->begin(), x->end() - 2));
  return {};
}

constexpr OpDef unary(std::string_view domain, std::string_view type, int first, int last) {
  return {.domain = domain,
          .type = type,
          .first_version = first,
          .last_version = last,
          .infer = infer_like_first,
          .eval = eval_unary,
          .floats = Floats::f32_f64,
          .layouts = Layouts::follow,
          .lane = unary_lane};
}
constexpr OpDef onnx(std::string_view type, int first, int last) { return unary("", type, first, last); }
constexpr OpDef tflite(std::string_view type, int last) { return unary(kTfliteDomain, type, 1, last); }
constexpr OpDef onnx_test(std::string_view type, int first, int last) {
  OpDef def = unary("", type, first, last);
  def.infer = infer_test;
  return def;
}
constexpr OpDef negative(std::string_view domain, std::string_view type, int last) {
  OpDef def = unary(domain, type, 1, last);
  def.infer = infer_negative;
  return def;
}

Status refuse_integers(LiftContext& ctx) {
  if (ctx.operand(0).type.dtype == DType::f32 || ctx.operand(0).type.dtype == DType::f64 ||
      ctx.operand(0).type.dtype == DType::f16) {
    return {};
  }
  return fail(ErrorCode::unsupported, "since opset 13 it takes floats alone");
}

constexpr LiftStep kErfLifts[] = {{13, refuse_integers}};

constexpr OpDef kOps[] = {
    onnx("Abs", 1, 13),
    onnx("Acos", 7, 22),
    onnx("Acosh", 9, 22),
    onnx("Asin", 7, 22),
    onnx("Asinh", 9, 22),
    onnx("Atan", 7, 22),
    onnx("Atanh", 9, 22),
    onnx("BitwiseNot", 18, 18),
    onnx("Ceil", 1, 13),
    onnx("Cos", 7, 22),
    onnx("Cosh", 9, 22),
    {.domain = "",
     .type = "Det",
     .first_version = 11,
     .last_version = 22,
     .infer = infer_det,
     .eval = eval_det,
     .floats = Floats::f32_f64},
    with_lifts(onnx("Erf", 9, 13), kErfLifts),
    onnx("Exp", 1, 13),
    onnx("Floor", 1, 13),
    with_half_since(onnx_test("IsInf", 10, 20), 20),
    onnx_test("IsNaN", 9, 20),
    onnx("Log", 1, 13),
    negative("", "Neg", 13),
    onnx_test("Not", 1, 1),
    onnx("Reciprocal", 1, 13),
    onnx("Round", 11, 22),
    onnx("Sign", 9, 13),
    onnx("Sin", 7, 22),
    onnx("Sinh", 9, 22),
    onnx("Sqrt", 1, 13),
    onnx("Tan", 7, 22),
    tflite("ABS", 5),
    tflite("CEIL", 1),
    tflite("COS", 1),
    tflite("EXP", 2),
    tflite("FLOOR", 1),
    tflite("LOG", 2),
    tflite("LOGICAL_NOT", 1),
    negative(kTfliteDomain, "NEG", 1),
    tflite("ROUND", 1),
    tflite("RSQRT", 3),
    tflite("SIGN", 2),
    tflite("SIN", 1),
    tflite("SQRT", 1),
    tflite("SQUARE", 1),
    tflite("ZEROS_LIKE", 1),
};

}  // namespace

OpFamily unary_family() { return {"unary", "Functions of one number, element by element.", kOps}; }

}  // namespace narrowcast::ops
