// Every op, asked about operands and attributes that no honest file has: it may complain, never crash or loop.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "ops/op.h"

namespace narrowcast::ops {
namespace {

constexpr int kRoundsPerOp = 1500;

constexpr int64_t kSizes[] = {0,  1,  2,  3,  4,    5,         8,         64,        65,
                              -1, -2, -7, 99, 1000, INT32_MAX, INT32_MIN, INT64_MAX, INT64_MIN};
constexpr DType kTypes[] = {DType::f32, DType::i64,     DType::i32, DType::i8,      DType::u4,
                            DType::f16, DType::boolean, DType::u8,  DType::unknown, DType::other};
constexpr std::string_view kInts[] = {"axis",
                                      "keepdims",
                                      "group",
                                      "blocksize",
                                      "block_size",
                                      "transA",
                                      "transB",
                                      "to",
                                      "ceil_mode",
                                      "start",
                                      "end",
                                      "allowzero",
                                      "batch_dims",
                                      "hidden_size",
                                      "layout",
                                      "padding",
                                      "stride_h",
                                      "stride_w",
                                      "stride_d",
                                      "filter_height",
                                      "filter_width",
                                      "adj_x",
                                      "adj_y",
                                      "rank",
                                      "begin_mask",
                                      "end_mask",
                                      "ellipsis_mask",
                                      "new_axis_mask",
                                      "shrink_axis_mask",
                                      "keep_num_dims",
                                      "out_type",
                                      "dilation_h_factor",
                                      "dilation_w_factor",
                                      "dtype",
                                      "noop_with_empty_axes",
                                      "k"};
constexpr std::string_view kLists[] = {"axes",           "perm",         "pads",      "kernel_shape", "strides",
                                       "dilations",      "starts",       "ends",      "shape",        "split",
                                       "output_padding", "output_shape", "new_shape", "squeeze_dims"};
constexpr std::string_view kTexts[] = {"SAME_UPPER", "VALID", "bidirectional", "not_larger", "bij,bjk->bik", "..."};

class Dice {
 public:
  explicit Dice(uint32_t seed) : engine_(seed) {}

  std::size_t below(std::size_t bound) { return engine_() % bound; }
  bool one_in(std::size_t count) { return below(count) == 0; }
  template <typename T, std::size_t n>
  const T& pick(const T (&list)[n]) {
    return list[below(n)];
  }
  // Mostly small, so that checks are passed now and then.
  int64_t number() { return one_in(3) ? pick(kSizes) : static_cast<int64_t>(below(5)) - 1; }
  std::vector<int64_t> list() {
    std::vector<int64_t> numbers(one_in(20) ? 60 + below(20) : below(6));
    std::ranges::generate(numbers, [&] { return number(); });
    return numbers;
  }

 private:
  std::mt19937 engine_;
};

ValueFact make_fact(Dice& dice) {
  ValueFact fact;
  fact.type.dtype = dice.pick(kTypes);
  if (dice.one_in(6)) return fact;
  fact.type.shape = dice.list();
  if (dice.one_in(2)) {
    fact.ints = dice.list();
    fact.type.shape =
        fact.ints->size() == 1 && dice.one_in(2) ? Shape{} : Shape{static_cast<int64_t>(fact.ints->size())};
  } else if (dice.one_in(4)) {
    fact.floats = std::vector<float>{0.5F, 2e9F, -1.0F, 3.0F};
    fact.floats->resize(dice.below(5));
    fact.type.shape = Shape{static_cast<int64_t>(fact.floats->size())};
  }
  return fact;
}

RawOp make_op(Dice& dice, const OpDef& def) {
  RawOp op{std::string(def.domain), std::string(def.type), static_cast<int>(dice.below(25)) + 1, {}};
  for (const std::string_view name : kInts) {
    if (dice.one_in(3)) op.attributes.push_back({std::string(name), dice.number()});
  }
  for (const std::string_view name : kLists) {
    if (dice.one_in(2)) op.attributes.push_back({std::string(name), dice.list()});
  }
  for (const char* name : {"auto_pad", "direction", "keep_aspect_ratio_policy", "equation", "to"}) {
    if (dice.one_in(3)) op.attributes.push_back({std::string(name), std::string(dice.pick(kTexts))});
  }
  if (dice.one_in(2)) op.attributes.push_back({"scales", std::vector<float>(dice.below(6), 1e30F)});
  if (dice.one_in(2)) op.attributes.push_back({"value", Constant{DType::i64, {1}, Bytes(8 * dice.below(3), 1)}});
  return op;
}

void check_results(const OpDef& def, InferContext& ctx) {
  for (const ValueFact& result : ctx.results()) {
    EXPECT_LE(result.type.shape ? result.type.shape->size() : 0, kMaxRank) << def.type;
    if (!result.ints) continue;
    EXPECT_LE(result.ints->size(), kMaxInts) << def.type;
    const int64_t count = result.type.shape ? element_count(*result.type.shape) : -1;
    EXPECT_TRUE(count < 0 || static_cast<std::size_t>(count) == result.ints->size())
        << def.type << " " << shape_text(*result.type.shape) << " holds " << result.ints->size();
  }
}

void ask(Dice& dice, const OpDef& def) {
  const RawOp op = make_op(dice, def);
  std::vector<ValueFact> facts(dice.below(10));
  std::ranges::generate(facts, [&] { return make_fact(dice); });
  std::vector<const ValueFact*> operands;
  for (const ValueFact& fact : facts) operands.push_back(dice.one_in(8) ? nullptr : &fact);
  InferContext ctx(op, operands, dice.below(5));
  if (const Status status = def.infer(ctx); status) {
    check_results(def, ctx);
  } else {
    EXPECT_EQ(status.error().code, ErrorCode::malformed) << def.type;
  }
  std::vector<TensorType> types;
  for (const ValueFact* fact : operands) types.push_back(fact != nullptr ? fact->type : TensorType{});
  if (def.rule != nullptr) {
    EXPECT_LE(def.rule({op, types}).operands.size(), 64U) << def.type;
  }
  if (def.view != nullptr) {
    const int rank = static_cast<int>(dice.below(8)) - 1;
    const auto axes = def.view(op, rank);
    EXPECT_TRUE(!axes || static_cast<int>(axes->size()) == rank) << def.type;
  }
  const std::vector<uint8_t> per_channel(types.size(), 1);
  if (def.tflite_version != nullptr) {
    EXPECT_GE(def.tflite_version({op, types, per_channel}), 1) << def.type;
  }
}

TEST(HostileOperands, NeverCrashAnOp) {
  uint32_t seed = 0;
  for (const OpFamily& family : families()) {
    for (const OpDef& def : family.ops) {
      Dice dice(seed++);
      for (int i = 0; i < kRoundsPerOp; ++i) ask(dice, def);
    }
  }
}

}  // namespace
}  // namespace narrowcast::ops
