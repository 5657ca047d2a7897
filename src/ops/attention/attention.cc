#include "ops/attention/attention_eval.h"
#include "ops/sizes.h"

namespace narrowcast::ops {
namespace {

// The input's shape with the values' width at the end.
Status infer_packed(InferContext& ctx) {
  ctx.set(0, ctx.dtype(0), std::nullopt);
  const Shape* x = ctx.shape(0);
  const Shape* w = ctx.shape(1);
  const std::vector<int64_t> widths = ctx.op().ints("qkv_hidden_sizes");
  if (x == nullptr || x->size() != 3) return {};
  Shape out = *x;
  out[2] = widths.size() == 3 ? widths[2] : w != nullptr && w->size() == 2 ? divide_sizes((*w)[1], 3) : kUnknownDim;
  ctx.set(0, ctx.dtype(0), std::move(out));
  return {};
}

Status infer_multi_head(InferContext& ctx) {
  ctx.set(0, ctx.dtype(0), std::nullopt);
  const Shape* q = ctx.shape(0);
  const Shape* v = ctx.shape(2);
  if (q == nullptr || q->size() != 3) return {};
  Shape out = *q;
  out[2] = v != nullptr && v->size() == 3 ? (*v)[2] : kUnknownDim;
  ctx.set(0, ctx.dtype(0), std::move(out));
  return {};
}

// Like the queries, with the values' depth; then keys and values with their past.
Status infer_attention(InferContext& ctx) {
  for (std::size_t i = 0; i < ctx.result_count(); ++i) ctx.set(i, ctx.dtype(0), std::nullopt);
  const Shape* q = ctx.shape(0);
  const Shape* v = ctx.shape(2);
  if (q == nullptr || v == nullptr || q->size() != v->size()) return {};
  Shape out = *q;
  if (out.size() == 4) out[3] = (*v)[3];
  if (out.size() == 3) {
    const int64_t depth = divide_sizes((*v)[2], ctx.op().int_or("kv_num_heads", 0));
    out[2] = multiply_sizes(depth, ctx.op().int_or("q_num_heads", 0));
  }
  ctx.set(0, ctx.dtype(0), std::move(out));
  return {};
}

// The product of the input is one of weights; masks are no quantities.
Rule packed_rule(const RuleQuery&) {
  return {{{Role::data, {}}, {Role::weight, {1, 0, 1}}, {Role::bias, {}}, {Role::plain, {}}}};
}
Rule multi_head_rule(const RuleQuery&) {
  return {
      {{Role::data, {}}, {Role::data, {}}, {Role::data, {}}, {Role::bias, {}}, {Role::plain, {}}, {Role::plain, {}}}};
}
Rule attention_rule(const RuleQuery&) {
  return {{{Role::data, {}}, {Role::data, {}}, {Role::data, {}}, {Role::plain, {}}}};
}

constexpr OpDef kOps[] = {
    {.domain = "",
     .type = "Attention",
     .first_version = 23,
     .last_version = 23,
     .infer = infer_attention,
     .rule = attention_rule,
     .eval = eval_attention},
    {.domain = kMicrosoftDomain,
     .type = "Attention",
     .infer = infer_packed,
     .rule = packed_rule,
     .eval = eval_packed_attention},
    {.domain = kMicrosoftDomain,
     .type = "MultiHeadAttention",
     .infer = infer_multi_head,
     .rule = multi_head_rule,
     .eval = eval_multi_head_attention},
};

}  // namespace

OpFamily attention_family() { return {"attention", "Weighs values by how queries and keys agree.", kOps}; }

}  // namespace narrowcast::ops
