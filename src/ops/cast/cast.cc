#include <array>
#include <numeric>

#include "ops/op.h"

namespace narrowcast::ops {
namespace {

// TensorProto.DataType, the values that Cast's `to` takes.
constexpr std::array kOnnxTypes{DType::unknown, DType::f32, DType::u8,     DType::i8,      DType::u16, DType::i16,
                                DType::i32,     DType::i64, DType::string, DType::boolean, DType::f16, DType::f64,
                                DType::u32,     DType::u64, DType::c64,    DType::c128,    DType::bf16};

DType onnx_type(int64_t number) {
  return number >= 0 && number < static_cast<int64_t>(kOnnxTypes.size()) ? kOnnxTypes[static_cast<std::size_t>(number)]
                                                                         : DType::other;
}

bool is_integer(DType dtype) {
  return dtype == DType::i32 || dtype == DType::i64 || dtype == DType::i16 || dtype == DType::u8 || dtype == DType::i8;
}

Status infer_onnx(InferContext& ctx) {
  const DType to = onnx_type(ctx.op().int_or("to", 0));
  ctx.set(0, to, ctx.operand(0).type.shape);
  if (const auto* ints = ctx.ints(0); ints != nullptr && is_integer(to)) ctx.set_ints(0, *ints);
  return {};
}

std::optional<std::vector<int>> same_axes(const RawOp&, int rank) {
  if (rank < 0) return std::nullopt;
  std::vector<int> axes(static_cast<std::size_t>(rank));
  std::iota(axes.begin(), axes.end(), 0);
  return axes;
}

constexpr OpDef kOps[] = {
    {.domain = "", .type = "Cast", .first_version = 1, .last_version = 21, .infer = infer_onnx, .view = same_axes},
};

}  // namespace

OpFamily cast_family() { return {"cast", "Converts the element type.", kOps}; }

}  // namespace narrowcast::ops
