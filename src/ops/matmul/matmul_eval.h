#pragma once

#include "ops/eval.h"

namespace narrowcast::ops {

Result<std::unique_ptr<Prepared>> prepare_matmul(const PrepareContext& ctx);
Status eval_matmul(EvalContext& ctx);  // also FusedMatMul
Result<std::unique_ptr<Prepared>> prepare_gemm(const PrepareContext& ctx);
Status eval_gemm(EvalContext& ctx);
Result<std::unique_ptr<Prepared>> prepare_fully_connected(const PrepareContext& ctx);
Status eval_fully_connected(EvalContext& ctx);
Result<std::unique_ptr<Prepared>> prepare_batch_matmul(const PrepareContext& ctx);
Status eval_batch_matmul(EvalContext& ctx);

}  // namespace narrowcast::ops
