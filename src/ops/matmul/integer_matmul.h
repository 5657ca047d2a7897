#pragma once

#include "ops/eval.h"

namespace narrowcast::ops {

// Sums of products of codes without their zero points, in int32 that wraps.
Status eval_matmul_integer(EvalContext& ctx);
// The same, as codes: saturate(round(sum * (a_scale * b_scale / y_scale)) + y_zero_point).
Status eval_qlinear_matmul(EvalContext& ctx);
// com.microsoft, two matrices, either transposed on request, with a bias in int32 that is stretched:
// saturate(round((sum + bias) * (alpha * a_scale * b_scale / y_scale)) + y_zero_point).
Status eval_qgemm(EvalContext& ctx);
// com.microsoft: A [..., K] by B [N, K] of 4 or 8 bits in blocks along K, each with a scale and a zero point
// (2^(bits - 1) when absent). Errors: unsupported, for other widths, a group index or zero points in float.
Result<std::unique_ptr<Prepared>> prepare_matmul_nbits(const PrepareContext& ctx);
Status eval_matmul_nbits(EvalContext& ctx);

}  // namespace narrowcast::ops
