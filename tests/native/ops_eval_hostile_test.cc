// Every op that runs takes any operands and attributes: it gives results or a typed error. Sanitizers see the rest.
#include <gtest/gtest.h>

#include <cstdlib>
#include <set>

#include "one_op.h"

namespace narrowcast {
namespace {

using namespace testing;

class Dice {
 public:
  explicit Dice(uint64_t seed) : state_(seed) {}
  // [low, high].
  int64_t roll(int64_t low, int64_t high) {
    state_ = state_ * 6364136223846793005U + 1442695040888963407U;
    return low + static_cast<int64_t>((state_ >> 33) % static_cast<uint64_t>(high - low + 1));
  }
  float real() { return static_cast<float>(roll(-8, 8)) / 4; }

 private:
  uint64_t state_;
};

constexpr DType kTypes[] = {DType::f32, DType::f32, DType::f32,     DType::f32, DType::i64, DType::i64, DType::i32,
                            DType::u8,  DType::i8,  DType::boolean, DType::f64, DType::f16, DType::u64};
constexpr const char* kIntNames[] = {"axis",
                                     "keepdims",
                                     "group",
                                     "p",
                                     "size",
                                     "num_heads",
                                     "rank",
                                     "k",
                                     "block_size",
                                     "bits",
                                     "N",
                                     "K",
                                     "hidden_size",
                                     "layout",
                                     "ceil_mode",
                                     "count_include_pad",
                                     "stride_h",
                                     "stride_w",
                                     "filter_height",
                                     "filter_width",
                                     "padding",
                                     "num_groups",
                                     "fused_activation_function",
                                     "begin_mask",
                                     "end_mask",
                                     "radius",
                                     "keep_dims",
                                     "time_major",
                                     "transA",
                                     "transB",
                                     "adj_x",
                                     "adj_y",
                                     "batch_dims",
                                     "blocksize",
                                     "noop_with_empty_axes",
                                     "is_causal",
                                     "q_num_heads",
                                     "kv_num_heads",
                                     "storage_order",
                                     "antialias",
                                     "exclude_outside",
                                     "num_outputs",
                                     "to",
                                     "start",
                                     "end",
                                     "depth_multiplier"};
constexpr const char* kListNames[] = {
    "axes", "kernel_shape", "strides", "pads",   "dilations", "output_padding",  "output_shape",
    "perm", "split",        "shape",   "starts", "ends",      "qkv_hidden_sizes"};
constexpr const char* kTextNames[] = {"mode",
                                      "auto_pad",
                                      "direction",
                                      "coordinate_transformation_mode",
                                      "nearest_mode",
                                      "equation",
                                      "keep_aspect_ratio_policy",
                                      "reduction",
                                      "activation"};
constexpr const char* kTexts[] = {"linear",
                                  "nearest",
                                  "cubic",
                                  "SAME_UPPER",
                                  "SAME_LOWER",
                                  "VALID",
                                  "bidirectional",
                                  "reverse",
                                  "align_corners",
                                  "tf_crop_and_resize",
                                  "half_pixel_symmetric",
                                  "asymmetric",
                                  "floor",
                                  "ij,jk->ik",
                                  "...i,ij->...j",
                                  "ii->i",
                                  "not_larger",
                                  "add",
                                  "Relu",
                                  "reflect"};

template <typename T, std::size_t n>
const T& pick(Dice& dice, const T (&list)[n]) {
  return list[static_cast<std::size_t>(dice.roll(0, n - 1))];
}

// Most operands of a node are of one type and shape, or hardly any op would get beyond its first check.
Operand any_operand(Dice& dice, DType type, const Shape& usual) {
  Operand operand;
  if (dice.roll(0, 9) == 0) return operand;
  operand.dtype = dice.roll(0, 3) == 0 ? pick(dice, kTypes) : type;
  operand.constant = dice.roll(0, 2) == 0;
  operand.shape = usual;
  if (dice.roll(0, 1) == 0) {
    operand.shape.resize(static_cast<std::size_t>(dice.roll(0, 5)));
    for (int64_t& size : operand.shape) size = dice.roll(0, 9) == 0 ? 0 : dice.roll(1, 4);
  }
  const int64_t count = element_count(operand.shape);
  const bool real = operand.dtype == DType::f32 || operand.dtype == DType::f64 || operand.dtype == DType::f16;
  for (int64_t i = 0; i < count; ++i) {
    if (real) {
      operand.floats.push_back(dice.real());
    } else {
      operand.ints.push_back(dice.roll(-3, 5));
    }
  }
  return operand;
}

RawOp any_node(Dice& dice, const ops::OpDef& def) {
  RawOp op{std::string(def.domain), std::string(def.type), 1, {}};
  op.version = static_cast<int>(def.domain.empty() ? dice.roll(7, 23) : dice.roll(def.first_version, def.last_version));
  std::set<std::string> named;
  const auto add = [&](const char* name, AttributeValue value) {
    if (named.insert(name).second) op.attributes.push_back({name, std::move(value)});
  };
  for (int64_t i = dice.roll(0, 12); i > 0; --i) add(pick(dice, kIntNames), dice.roll(-2, 5));
  for (int64_t i = dice.roll(0, 5); i > 0; --i) {
    std::vector<int64_t> list(static_cast<std::size_t>(dice.roll(0, 5)));
    for (int64_t& value : list) value = dice.roll(-1, 4);
    add(pick(dice, kListNames), std::move(list));
  }
  for (int64_t i = dice.roll(0, 3); i > 0; --i) add(pick(dice, kTextNames), std::string(pick(dice, kTexts)));
  return op;
}

uint64_t number_from(const char* variable, uint64_t otherwise) {
  const char* text = std::getenv(variable);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

// NC_SEED and NC_TRIALS change the dice, NC_CASE names one op.
TEST(OpsEvalHostile, AnyOperandsGiveResultsOrAnError) {
  const auto trials = static_cast<int>(number_from("NC_TRIALS", 300));
  const uint64_t first_seed = number_from("NC_SEED", 1);
  const char* const only = std::getenv("NC_CASE");
  int ran = 0;
  for (const ops::OpFamily& family : ops::families()) {
    for (const ops::OpDef& def : family.ops) {
      if (def.eval == nullptr || (only != nullptr && def.type != only)) continue;
      SCOPED_TRACE(def.type);
      uint64_t seed = first_seed;
      for (const char c : def.type) seed = seed * 31 + static_cast<uint64_t>(c);
      Dice dice(seed);
      for (int trial = 0; trial < trials; ++trial) {
        OpRun run{any_node(dice, def), {}, static_cast<std::size_t>(dice.roll(1, 4)), {}};
        const DType type = pick(dice, kTypes);
        Shape usual(static_cast<std::size_t>(dice.roll(1, 5)));
        for (int64_t& size : usual) size = dice.roll(1, 4);
        for (int64_t i = dice.roll(0, dice.roll(2, 8)); i > 0; --i)
          run.operands.push_back(any_operand(dice, type, usual));
        for (std::size_t i = 0; i < run.results; ++i) run.result_types.push_back({DType::f32, usual});
        const auto out = run_op(run);
        if (!out) continue;
        ++ran;
        for (std::size_t i = 0; i < out->shapes.size(); ++i) {
          EXPECT_EQ(static_cast<std::size_t>(element_count(out->shapes[i])), out->values[i].size());
        }
      }
    }
  }
  if (only == nullptr) {
    EXPECT_GT(ran, 1000);
  }
}

}  // namespace
}  // namespace narrowcast

// Sizes that no machine has are asked for here: the allocator says no, as it does elsewhere.
// NOLINTNEXTLINE(readability-identifier-naming,bugprone-reserved-identifier): the sanitizer looks for this name.
extern "C" const char* __asan_default_options() { return "allocator_may_return_null=1:max_allocation_size_mb=256"; }
