#include "ops/broadcast.h"
#include "ops/finish.h"
#include "ops/matmul/integer_matmul.h"
#include "ops/matmul/matmul_eval.h"
#include "ops/sizes.h"

namespace narrowcast::ops {
namespace {

// numpy's matmul: the last two axes multiply, the others broadcast; a rank-1 operand loses its added axis.
Status infer_product(InferContext& ctx, std::size_t right, DType dtype) {
  ctx.set(0, dtype, std::nullopt);
  if (ctx.shape(0) == nullptr || ctx.shape(right) == nullptr) return {};
  Shape a = *ctx.shape(0);
  Shape b = *ctx.shape(right);
  if (a.empty() || b.empty()) return fail(ErrorCode::malformed, ctx.op().type + ": an operand is a scalar.");
  const bool a_is_vector = a.size() == 1;
  const bool b_is_vector = b.size() == 1;
  if (a_is_vector) a.insert(a.begin(), 1);
  if (b_is_vector) b.push_back(1);
  if (a.back() >= 0 && b[b.size() - 2] >= 0 && a.back() != b[b.size() - 2]) {
    return fail(ErrorCode::malformed,
                ctx.op().type + ": shapes " + shape_text(a) + " and " + shape_text(b) + " do not fit.");
  }
  NC_TRY(Shape out, broadcast(Shape(a.begin(), a.end() - 2), Shape(b.begin(), b.end() - 2)));
  if (!a_is_vector) out.push_back(a[a.size() - 2]);
  if (!b_is_vector) out.push_back(b.back());
  ctx.set(0, dtype, std::move(out));
  return {};
}

Status infer_matmul(InferContext& ctx) { return infer_product(ctx, 1, ctx.dtype(0)); }
Status infer_matmul_integer(InferContext& ctx) { return infer_product(ctx, 1, DType::i32); }
// Operands are a, its scale and zero point, b, its scale and zero point, the result's scale and zero point.
Status infer_qlinear_matmul(InferContext& ctx) { return infer_product(ctx, 3, ctx.dtype(7)); }

// com.microsoft: either matrix may be transposed.
Status infer_fused_matmul(InferContext& ctx) {
  ctx.set(0, ctx.dtype(0), std::nullopt);
  if (ctx.shape(0) == nullptr || ctx.shape(1) == nullptr) return {};
  const auto turned = [&](std::size_t slot, std::string_view flag) {
    ValueFact fact = ctx.operand(slot);
    Shape& shape = *fact.type.shape;
    if (ctx.op().int_or(flag, 0) != 0 && shape.size() > 1) std::swap(shape[shape.size() - 1], shape[shape.size() - 2]);
    return fact;
  };
  const ValueFact a = turned(0, "transA");
  const ValueFact b = turned(1, "transB");
  InferContext inner(ctx.op(), {&a, &b}, 1);
  NC_CHECK(infer_product(inner, 1, ctx.dtype(0)));
  ctx.set(0, ctx.dtype(0), inner.results()[0].type.shape);
  return {};
}

// com.microsoft: [..., K] by the N rows of the weight.
Status infer_matmul_nbits(InferContext& ctx) {
  ctx.set(0, ctx.dtype(0), std::nullopt);
  const Shape* a = ctx.shape(0);
  if (a == nullptr || a->empty()) return {};
  Shape out = *a;
  out.back() = ctx.op().int_or("N", kUnknownDim);
  ctx.set(0, ctx.dtype(0), std::move(out));
  return {};
}

// Codes that are already few bits, and their scales.
Rule matmul_nbits_rule(const RuleQuery&) {
  return {
      {{Role::data, {}}, {Role::plain, {}}, {Role::plain, {}}, {Role::plain, {}}, {Role::plain, {}}, {Role::bias, {}}}};
}

// Two matrices, either transposed on request; the second one is operand `b_slot`.
Status infer_matrices(InferContext& ctx, std::size_t b_slot, DType dtype) {
  const Shape* a = ctx.shape(0);
  const Shape* b = ctx.shape(b_slot);
  ctx.set(0, dtype, std::nullopt);
  if (a == nullptr || b == nullptr) return {};
  if (a->size() != 2 || b->size() != 2) {
    return fail(ErrorCode::malformed, ctx.op().type + ": an operand is not a matrix.");
  }
  const bool trans_a = ctx.op().int_or("transA", 0) != 0;
  const bool trans_b = ctx.op().int_or("transB", 0) != 0;
  ctx.set(0, dtype, Shape{(*a)[trans_a ? 1 : 0], (*b)[trans_b ? 0 : 1]});
  return {};
}

Status infer_gemm(InferContext& ctx) { return infer_matrices(ctx, 1, ctx.dtype(0)); }

// com.microsoft. Operands are a, its scale and zero point, b, its scale and zero point, a bias, the result's scale and
// zero point.
Status infer_qgemm(InferContext& ctx) { return infer_matrices(ctx, 3, ctx.dtype(8)); }

// The axes that the flags say are each other's.
Rule fused_matmul_rule(const RuleQuery& query) {
  const int a = query.rank(0);
  const int b = query.rank(1);
  const bool trans_a = query.op.int_or("transA", 0) != 0;
  const bool trans_b = query.op.int_or("transB", 0) != 0;
  Rule rule{{{Role::data, {}}, {Role::data, {}}}};
  if (a >= 2)
    rule.operands[0] = {Role::weight, trans_a ? WeightAxes{a - 1, a - 2, a - 1} : WeightAxes{a - 2, a - 1, a}};
  if (b >= 2)
    rule.operands[1] = {Role::weight, trans_b ? WeightAxes{b - 2, b - 1, b} : WeightAxes{b - 1, b - 2, b - 1}};
  return rule;
}

// Either operand can be the constant; its summed axis is its last (left) or last but one (right).
Rule matmul_rule(const RuleQuery& query) {
  const int a = query.rank(0);
  const int b = query.rank(1);
  Rule rule{{{Role::data, {}}, {Role::data, {}}}};
  if (a >= 2) rule.operands[0] = {Role::weight, {a - 2, a - 1, a}};
  if (b >= 2) rule.operands[1] = {Role::weight, {b - 1, b - 2, b - 1}};
  return rule;
}

Rule gemm_rule(const RuleQuery& query) {
  const bool trans_a = query.op.int_or("transA", 0) != 0;
  const bool trans_b = query.op.int_or("transB", 0) != 0;
  return {{{Role::weight, trans_a ? WeightAxes{1, 0, 1} : WeightAxes{0, 1, 2}},
           {Role::weight, trans_b ? WeightAxes{0, 1, 2} : WeightAxes{1, 0, 1}},
           {Role::bias, {}}}};
}

// TFLite: weights [units, inputs]; the data's other axes are flattened unless keep_num_dims.
Status infer_fully_connected(InferContext& ctx) {
  ctx.set(0, ctx.dtype(0), std::nullopt);
  const Shape* x = ctx.shape(0);
  const Shape* w = ctx.shape(1);
  if (x == nullptr || w == nullptr || w->size() != 2) return {};
  Shape out;
  if (ctx.op().int_or("keep_num_dims", 0) != 0 && !x->empty()) {
    out.assign(x->begin(), x->end() - 1);
  } else {
    const int64_t count = element_count(*x);
    out.push_back(divide_sizes(count, (*w)[1]));
  }
  out.push_back((*w)[0]);
  ctx.set(0, ctx.dtype(0), std::move(out));
  return {};
}

Rule fully_connected_rule(const RuleQuery&) {
  return {.operands = {{Role::data, {}}, {Role::weight, {0, 1, 2}, Hybrid::per_channel}, {Role::bias, {}}},
          .says_asymmetric = true};
}

// Versions as the reference converter writes them: reference tflite.md, 1.7. What is not certain keeps the file's.
int fully_connected_version(const VersionQuery& query) {
  const bool is_hybrid = query.is_hybrid(1);
  const bool in_float = query.dtype(0) == DType::f32 && query.dtype(1) == DType::f32;
  const bool in_int8 = query.dtype(0) == DType::i8 && query.dtype(1) == DType::i8;
  const bool is_plain = query.op.int_or("weights_format", 0) == 0;
  if (query.dtype(1) == DType::i4) {
    // Beside float32 data the converter has no number for it; this one keeps older runtimes from running it.
    if (query.dtype(0) == DType::i8) return 10;
    if (query.dtype(0) == DType::i16) return 13;
    return query.dtype(0) == DType::f32 ? 12 : query.op.version;
  }
  if (!is_plain || (!is_hybrid && !in_float && !in_int8 && !query.is_16x8(1))) return query.op.version;
  if (query.is_16x8(1) && query.op.int_or(kBiasType, 0) != 0) return 11;
  if (is_hybrid && query.per_channel[1] != 0) return 12;
  if (query.operands.size() == 2) return 6;
  if (query.op.int_or("keep_num_dims", 0) != 0) return 5;
  if (in_int8) return 4;
  if (is_hybrid) return query.op.int_or(kAsymmetricInputs, 0) != 0 ? 9 : 3;
  return 1;
}

std::string_view fully_connected_runtime(int version) {
  constexpr std::string_view kSince[] = {"1.5.0", "1.10.0", "1.14.0", "1.14.0", "2.0.0",  "2.1.0",  "2.3.0",
                                         "2.3.0", "2.3.0",  "2.11.0", "2.15.0", "2.17.0", "2.18.0", "2.21.0"};
  return runtime_since(kSince, version);
}

Status infer_batch_matmul(InferContext& ctx) {
  if (ctx.shape(0) == nullptr || ctx.shape(1) == nullptr) return {};
  const Shape& a = *ctx.shape(0);
  const Shape& b = *ctx.shape(1);
  if (a.size() < 2 || b.size() < 2) return fail(ErrorCode::malformed, "BATCH_MATMUL: an operand is not a matrix.");
  const bool adj_x = ctx.op().int_or("adj_x", 0) != 0;
  const bool adj_y = ctx.op().int_or("adj_y", 0) != 0;
  NC_TRY(Shape out, broadcast(Shape(a.begin(), a.end() - 2), Shape(b.begin(), b.end() - 2)));
  out.push_back(a[a.size() - (adj_x ? 1 : 2)]);
  out.push_back(b[b.size() - (adj_y ? 2 : 1)]);
  ctx.set(0, ctx.dtype(0), std::move(out));
  return {};
}

Rule batch_matmul_rule(const RuleQuery& query) {
  const int rank = query.rank(1);
  if (rank < 2) return {};
  const bool adj_y = query.op.int_or("adj_y", 0) != 0;
  const WeightAxes axes = adj_y ? WeightAxes{rank - 2, rank - 1, rank} : WeightAxes{rank - 1, rank - 2, rank - 1};
  return {.operands = {{Role::data, {}}, {Role::weight, axes, Hybrid::per_tensor}}, .says_asymmetric = true};
}

int batch_matmul_version(const VersionQuery& query) {
  if (query.dtype(0) == DType::i16) return 3;
  if (query.dtype(0) == DType::i8) return 2;
  if (query.is_hybrid(1)) return query.op.int_or(kAsymmetricInputs, 0) != 0 ? 4 : 1;
  return query.dtype(0) == DType::f32 ? 1 : query.op.version;
}

std::string_view batch_matmul_runtime(int version) {
  constexpr std::string_view kSince[] = {"2.3.0", "2.3.0", "2.4.0", "2.5.0"};
  return runtime_since(kSince, version);
}

constexpr OpDef kOps[] = {
    {.domain = "",
     .type = "MatMul",
     .first_version = 1,
     .last_version = 13,
     .infer = infer_matmul,
     .rule = matmul_rule,
     .eval = eval_matmul,
     .prepare = prepare_matmul,
     .floats = Floats::f32_f64,
     .absorbs = Absorbs::along_last_axis,
     .folds_affine = has_no_activation},
    {.domain = "",
     .type = "MatMulInteger",
     .first_version = 10,
     .last_version = 10,
     .infer = infer_matmul_integer,
     .eval = eval_matmul_integer},
    {.domain = "",
     .type = "QLinearMatMul",
     .first_version = 10,
     .last_version = 21,
     .infer = infer_qlinear_matmul,
     .eval = eval_qlinear_matmul,
     .half_since = kNeverHalf},
    {.domain = "",
     .type = "Gemm",
     .first_version = 1,
     .last_version = 13,
     .infer = infer_gemm,
     .rule = gemm_rule,
     .eval = eval_gemm,
     .prepare = prepare_gemm,
     .floats = Floats::f32_f64,
     .absorbs = Absorbs::along_last_axis,
     .folds_affine = has_no_activation},
    {.domain = kMicrosoftDomain, .type = "QGemm", .infer = infer_qgemm, .eval = eval_qgemm, .half_since = kNeverHalf},
    {.domain = kMicrosoftDomain,
     .type = "FusedMatMul",
     .infer = infer_fused_matmul,
     .rule = fused_matmul_rule,
     .eval = eval_matmul,
     .prepare = prepare_matmul,
     .absorbs = Absorbs::along_last_axis},
    {.domain = kMicrosoftDomain,
     .type = "MatMulNBits",
     .infer = infer_matmul_nbits,
     .rule = matmul_nbits_rule,
     .eval = eval_matmul_nbits,
     .prepare = prepare_matmul_nbits,
     .absorbs = Absorbs::along_last_axis},
    {.domain = kTfliteDomain,
     .type = "FULLY_CONNECTED",
     .first_version = 1,
     .last_version = 14,
     .infer = infer_fully_connected,
     .rule = fully_connected_rule,
     .tflite_version = fully_connected_version,
     .tflite_runtime = fully_connected_runtime,
     .eval = eval_fully_connected,
     .prepare = prepare_fully_connected,
     .absorbs = Absorbs::along_last_axis},
    {.domain = kTfliteDomain,
     .type = "BATCH_MATMUL",
     .first_version = 1,
     .last_version = 4,
     .infer = infer_batch_matmul,
     .rule = batch_matmul_rule,
     .tflite_version = batch_matmul_version,
     .tflite_runtime = batch_matmul_runtime,
     .eval = eval_batch_matmul,
     .prepare = prepare_batch_matmul,
     .absorbs = Absorbs::along_last_axis},
};

}  // namespace

OpFamily matmul_family() { return {"matmul", "Matrix products and dense layers.", kOps}; }

}  // namespace narrowcast::ops
