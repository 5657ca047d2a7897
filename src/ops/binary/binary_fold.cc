#include "ops/binary/binary_fold.h"

#include "ops/binary/binary_table.h"
#include "ops/fold.h"

namespace narrowcast::ops {

void fold_binary(InferContext& ctx) {
  if (ctx.operand_count() != 2 || ctx.ints(0) == nullptr || ctx.ints(1) == nullptr) return;
  const PairRow* row = find_pair(ctx.op());
  if (row == nullptr || row->ints == nullptr || ctx.op().type == "Mean") return;
  const DType dtype = ctx.results().empty() ? DType::unknown : ctx.results()[0].type.dtype;
  if (auto values = fold_pairs(*ctx.ints(0), *ctx.ints(1), row->ints)) set_folded(ctx, 0, dtype, std::move(*values));
}

}  // namespace narrowcast::ops
