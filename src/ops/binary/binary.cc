#include "ops/binary/binary_eval.h"
#include "ops/binary/binary_fold.h"
#include "ops/binary/qlinear_add.h"
#include "ops/elementwise.h"

namespace narrowcast::ops {
namespace {

constexpr int kNumpyBroadcast = 7;  // before, the second operand was stretched to the first

Status infer_typed(InferContext& ctx, DType dtype) {
  if (ctx.op().domain.empty() && ctx.op().version < kNumpyBroadcast) {
    ctx.set(0, dtype, ctx.operand(0).type.shape);
    return {};
  }
  return infer_broadcast(ctx, dtype);
}

Status infer_arithmetic(InferContext& ctx) {
  NC_CHECK(infer_typed(ctx, ctx.dtype(0)));
  fold_binary(ctx);
  return {};
}

Status infer_comparison(InferContext& ctx) {
  NC_CHECK(infer_typed(ctx, DType::boolean));
  fold_binary(ctx);
  return {};
}

constexpr OpDef onnx(std::string_view type, int first, int last) {
  return {.domain = "",
          .type = type,
          .first_version = first,
          .last_version = last,
          .infer = infer_arithmetic,
          .eval = eval_binary,
          .floats = Floats::f32_f64,
          .layouts = Layouts::follow,
          .lane = binary_lane,
          .affine = binary_affine};
}
constexpr OpDef onnx_compare(std::string_view type, int first, int last) {
  return {.domain = "",
          .type = type,
          .first_version = first,
          .last_version = last,
          .infer = infer_comparison,
          .eval = eval_binary,
          .floats = Floats::f32_f64,
          .layouts = Layouts::follow};
}
constexpr OpDef tflite(std::string_view type, int last) {
  return {.domain = kTfliteDomain,
          .type = type,
          .first_version = 1,
          .last_version = last,
          .infer = infer_arithmetic,
          .eval = eval_binary,
          .floats = Floats::f32_f64,
          .layouts = Layouts::follow,
          .lane = binary_lane,
          .affine = binary_affine};
}
constexpr OpDef tflite_compare(std::string_view type, int last) {
  return {.domain = kTfliteDomain,
          .type = type,
          .first_version = 1,
          .last_version = last,
          .infer = infer_comparison,
          .eval = eval_binary,
          .floats = Floats::f32_f64,
          .layouts = Layouts::follow};
}

constexpr OpDef kOps[] = {
    {.domain = kMicrosoftDomain,
     .type = "QLinearAdd",
     .infer = infer_qlinear_add,
     .eval = eval_qlinear_add,
     .half_since = kNeverHalf},
    onnx("Add", 1, 14),
    onnx_compare("And", 1, 7),
    onnx("BitShift", 11, 11),
    onnx("BitwiseAnd", 18, 18),
    onnx("BitwiseOr", 18, 18),
    onnx("BitwiseXor", 18, 18),
    onnx("Div", 1, 14),
    with_half_since(onnx_compare("Equal", 1, 19), 11),
    onnx_compare("Greater", 1, 13),
    onnx_compare("GreaterOrEqual", 12, 16),
    onnx_compare("Less", 1, 13),
    onnx_compare("LessOrEqual", 12, 16),
    onnx("Max", 1, 13),
    onnx("Mean", 1, 13),
    onnx("Min", 1, 13),
    onnx("Mod", 10, 13),
    onnx("Mul", 1, 14),
    onnx_compare("Or", 1, 7),
    onnx("Pow", 1, 15),
    onnx("Sub", 1, 14),
    onnx("Sum", 1, 13),
    onnx_compare("Xor", 1, 7),
    tflite("ADD", 5),
    tflite("ADD_N", 1),
    tflite("ATAN2", 1),
    tflite("DIV", 2),
    tflite_compare("EQUAL", 4),
    tflite("FLOOR_DIV", 3),
    tflite("FLOOR_MOD", 2),
    tflite_compare("GREATER", 2),
    tflite_compare("GREATER_EQUAL", 3),
    tflite_compare("LESS", 3),
    tflite_compare("LESS_EQUAL", 2),
    tflite_compare("LOGICAL_AND", 1),
    tflite_compare("LOGICAL_OR", 1),
    tflite("MAXIMUM", 4),
    tflite("MINIMUM", 4),
    tflite("MUL", 7),
    tflite_compare("NOT_EQUAL", 3),
    tflite("POW", 1),
    tflite("SQUARED_DIFFERENCE", 2),
    tflite("SUB", 5),
};

}  // namespace

OpFamily binary_family() {
  return {"binary", "Arithmetic, logic and comparison of several operands, element by element.", kOps};
}

}  // namespace narrowcast::ops
