#include "ops/conv/transpose_bias.h"

#include "ops/axes.h"
#include "ops/conv/conv_transpose_eval.h"
#include "ops/sizes.h"

namespace narrowcast::ops {
namespace {

// The same options under the names of TRANSPOSE_CONV. Nothing when they are not three sensible numbers.
std::optional<RawOp> read_options(const RawOp& op, const Files* files) {
  constexpr int32_t kSame = 1;
  const auto* value = op.find("custom_options");
  const auto* constant = value == nullptr ? nullptr : std::get_if<Constant>(value);
  if (constant == nullptr || files == nullptr || payload_length(constant->payload) < 3 * sizeof(int32_t)) {
    return std::nullopt;
  }
  uint8_t bytes[3 * sizeof(int32_t)];
  read_payload(*files, constant->payload, 0, bytes);
  const auto padding = load_le<int32_t>(bytes);
  const auto stride_w = load_le<int32_t>(bytes + 4);
  const auto stride_h = load_le<int32_t>(bytes + 8);
  if (padding < kSame || padding > kSame + 1 || stride_w < 1 || stride_h < 1) return std::nullopt;
  RawOp named{op.domain, op.type, op.version, {}};
  named.attributes = {{"padding", int64_t{padding - kSame}, {}},
                      {"stride_w", int64_t{stride_w}, {}},
                      {"stride_h", int64_t{stride_h}, {}}};
  return named;
}

int64_t grown(int64_t in, int64_t kernel, int64_t stride, bool same) {
  if (in < 0) return kUnknownDim;
  return same ? multiply_sizes(in, stride) : add_sizes(multiply_sizes(in - 1, stride), kernel);
}

}  // namespace

Status infer_transpose_bias(InferContext& ctx) {
  const Shape* x = ctx.shape(0);
  const Shape* w = ctx.shape(1);
  ctx.set(0, ctx.dtype(0), unknown_sizes(4));
  const auto options = read_options(ctx.op(), ctx.files());
  if (x == nullptr || w == nullptr || x->size() != 4 || w->size() != 4 || !options) return {};
  const bool same = options->int_or("padding", 0) == 0;
  ctx.set(0, ctx.dtype(0),
          Shape{(*x)[0], grown((*x)[1], (*w)[1], options->int_or("stride_h", 1), same),
                grown((*x)[2], (*w)[2], options->int_or("stride_w", 1), same), (*w)[0]});
  return {};
}

Rule transpose_bias_rule(const RuleQuery&) { return {{{Role::data, {}}, {Role::plain, {}}, {Role::plain, {}}}}; }

Status eval_transpose_bias(EvalContext& ctx) {
  const auto options = read_options(ctx.op(), &ctx.files());
  if (!options || !ctx.present(1)) return fail(ErrorCode::malformed, ctx.op().type + ": its options cannot be read.");
  return eval_transposed(ctx, *options, {.x = 0, .w = 1, .bias = 2});
}

}  // namespace narrowcast::ops
