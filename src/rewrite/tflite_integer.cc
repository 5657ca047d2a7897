#include "rewrite/tflite_integer.h"

#include <algorithm>

#include "base/math/round.h"
#include "ops/op.h"
#include "rewrite/float_source.h"
#include "rewrite/readers.h"
#include "rewrite/tflite_version.h"

namespace narrowcast {
namespace {

// The value that the plan's codes stand in, by value; of its maker.
using CodesOf = std::vector<ValueId>;

class ActivationWriter {
 public:
  ActivationWriter(EditLog& log, const ActivationPlan& plan, std::optional<DType> border, CodesOf& codes_of)
      : log_(log),
        plan_(plan),
        border_(border.value_or(plan.dtype)),
        codes_of_(codes_of),
        name_(log.graph()[plan.value].name),
        shape_(log.graph()[plan.value].type.shape),
        reason_("'" + name_ + "' is made or read as " + std::string(dtype_name(plan.dtype))) {}

  void write() {
    if (plan_.is_requantized) {
      read(convert("QUANTIZE", codes_of_[plan_.value.index], plan_.anchor, "_requantized", codes()));
    } else if (plan_.maker) {
      write_made();
    } else if (plan_.at_border) {
      write_input();
    } else {
      read(convert("QUANTIZE", plan_.value, plan_.anchor, "_quantized", codes()));
    }
  }

 private:
  struct Form {
    DType dtype;
    std::optional<QuantParams> quant;
  };
  [[nodiscard]] Form codes() const { return {plan_.dtype, QuantParams{{plan_.scale}, {plan_.zero_point}, 0}}; }
  // uint8 codes are those of int8, 128 further up.
  [[nodiscard]] Form border() const {
    constexpr int32_t kHalf = 128;
    const int32_t shift = border_ == DType::u8 ? kHalf : 0;
    return {border_, QuantParams{{plan_.scale}, {plan_.zero_point + shift}, 0}};
  }
  [[nodiscard]] std::string suffix() const { return "_" + std::string(dtype_name(plan_.dtype)); }
  [[nodiscard]] Form floats() const { return {DType::f32, std::nullopt}; }

  NodeId insert(std::string type, ValueId input, NodeId before, std::string_view suffix, const Form& form) {
    Value output;
    output.name = log_.unique_name(name_ + std::string(suffix));
    output.type = {form.dtype, shape_};
    output.quant = form.quant;
    Node node;
    node.op = {std::string(kTfliteDomain), std::move(type), 1, {}};
    node.inputs = {input};
    std::vector<Value> outputs;
    outputs.push_back(std::move(output));
    const NodeId inserted =
        log_.insert_node(log_.graph()[plan_.value].scope, before, std::move(node), std::move(outputs), reason_);
    update_version(inserted);
    return inserted;
  }

  ValueId convert(std::string type, ValueId input, NodeId before, std::string_view suffix, const Form& form) {
    return log_.graph()[insert(std::move(type), input, before, suffix, form)].outputs[0];
  }

  void read(ValueId codes) {
    for (const Use& use : plan_.readers) log_.set_input(use.node, use.slot, codes, reason_);
  }

  [[nodiscard]] NodeId behind(NodeId node) const {
    const auto& order = log_.graph()[log_.graph()[node].scope].nodes;
    const auto next = std::ranges::find(order, node) + 1;
    return next == order.end() ? NodeId() : *next;
  }

  void set_form(ValueId value, const Form& form) { log_.set_type(value, {form.dtype, shape_}, form.quant, reason_); }

  [[nodiscard]] bool is_output() const {
    return std::ranges::any_of(plan_.float_readers, [](const Use& use) { return !use.node; });
  }

  void write_made() {
    if (is_output() && (!plan_.at_border || border_ != plan_.dtype)) return write_made_output();
    set_form(plan_.value, codes());
    codes_of_[plan_.value.index] = plan_.value;
    if (std::ranges::none_of(plan_.float_readers, [](const Use& use) { return static_cast<bool>(use.node); })) return;
    const ValueId widened = convert("DEQUANTIZE", plan_.value, behind(plan_.maker), "_dequantized", floats());
    for (const Use& use : plan_.float_readers) {
      if (use.node) log_.set_input(use.node, use.slot, widened, reason_);
    }
  }

  // What callers get keeps its tensor; the maker gets one of its own.
  void write_made_output() {
    const bool is_float = !plan_.at_border;
    const NodeId conversion =
        insert(is_float ? "DEQUANTIZE" : "QUANTIZE", plan_.value, behind(plan_.maker), suffix(), codes());
    const ValueId made = log_.graph()[conversion].outputs[0];
    const auto& outputs = log_.graph()[plan_.maker].outputs;
    const auto slot = static_cast<uint32_t>(std::ranges::find(outputs, plan_.value) - outputs.begin());
    log_.set_output(plan_.maker, slot, made, reason_);
    log_.set_output(conversion, 0, plan_.value, reason_);
    log_.set_input(conversion, 0, made, reason_);
    update_version(conversion);
    if (!is_float) set_form(plan_.value, border());
    codes_of_[plan_.value.index] = made;
    read(made);
    if (is_float) return;
    const bool any =
        std::ranges::any_of(plan_.float_readers, [](const Use& use) { return static_cast<bool>(use.node); });
    if (!any) return;
    const ValueId widened = convert("DEQUANTIZE", made, behind(plan_.maker), "_dequantized", floats());
    for (const Use& use : plan_.float_readers) {
      if (use.node) log_.set_input(use.node, use.slot, widened, reason_);
    }
  }

  void update_version(NodeId node) {
    log_.graph()[node].op.version = tflite_version_of(log_.graph(), log_.graph()[node]);
  }

  void write_input() {
    set_form(plan_.value, border());
    codes_of_[plan_.value.index] = plan_.value;
    if (border_ == plan_.dtype) return;
    const ValueId made = convert("QUANTIZE", plan_.value, first_reader(), suffix(), codes());
    codes_of_[plan_.value.index] = made;
    read(made);
  }

  // Others may read the codes with another scale before the plan's own readers do.
  [[nodiscard]] NodeId first_reader() const { return log_.graph()[log_.graph()[plan_.value].scope].nodes.front(); }

  EditLog& log_;
  const ActivationPlan& plan_;
  DType border_;
  CodesOf& codes_of_;
  std::string name_;
  std::optional<Shape> shape_;
  std::string reason_;
};

// tflite.md 1.1: the codes in float64, half away from zero.
template <typename T>
std::vector<T> bias_codes(const std::vector<float>& bias, const std::vector<double>& scales) {
  // The largest int64 is no float64; the next below it is.
  constexpr double kMost = sizeof(T) == 8 ? 9223372036854774784.0 : double{INT32_MAX};
  constexpr double kLeast = sizeof(T) == 8 ? -9223372036854775808.0 : double{INT32_MIN};
  std::vector<T> codes;
  for (std::size_t c = 0; c < bias.size(); ++c) {
    const double scale = scales.size() == 1 ? scales[0] : scales[c];
    const double code = math::round_half_away(static_cast<double>(bias[c]) / scale);
    codes.push_back(static_cast<T>(std::clamp(code, kLeast, kMost)));
  }
  return codes;
}

// The number of a type in the format's schema.
constexpr int64_t kInt64 = 4;

// Ops whose results have any scale say so where data is int16.
void say_any_scale(EditLog& log) {
  const Graph& graph = log.graph();
  for (const Scope& scope : graph.scopes) {
    for (const NodeId id : scope.nodes) {
      const Node& node = graph[id];
      const bool adds = node.op.type == "ADD" || node.op.type == "SUB";
      if (!adds || !node.outputs[0] || graph[node.outputs[0]].type.dtype != DType::i16) continue;
      log.set_attribute(id, "pot_scale_int16", int64_t{0}, "its scales are no powers of two");
    }
  }
}

}  // namespace

void rewrite_tflite_activations(EditLog& log, const Plan& plan) {
  CodesOf codes_of(log.graph().values.size());
  for (const ActivationPlan& activation : plan.activations) {
    ActivationWriter(log, activation, plan.recipe.io, codes_of).write();
  }
  if (plan.recipe.activations == DType::i16) say_any_scale(log);
}

Status rewrite_tflite_bias(EditLog& log, const Model& model, const BiasPlan& plan, const WeightPlan& weight,
                           const NarrowedWeight& narrowed) {
  const Value& source = log.graph()[plan.source];
  const std::vector<float> bias = read_floats(model.files, *source.constant);
  if (std::ranges::any_of(bias, [](float b) { return b - b != 0; })) {
    return fail(ErrorCode::unsupported, "The bias holds NaN or infinite values, which no integer stands for.",
                source.name);
  }
  const bool per_channel = weight.cut == Cut::per_channel && narrowed.scales.size() == bias.size();
  const std::size_t count = per_channel ? bias.size() : 1;
  std::vector<double> scales;
  QuantParams params;
  for (std::size_t c = 0; c < count; ++c) {
    scales.push_back(static_cast<double>(plan.activation_scale) * narrowed.scales[c]);
    params.scales.push_back(static_cast<float>(scales.back()));
  }
  params.zero_points.assign(count, 0);
  const std::string type(dtype_name(plan.dtype));
  const std::string reason = "the bias is stored as " + type + ", with the scales of its op's operands";
  const Shape& shape = source.constant->shape;
  Constant stored = plan.dtype == DType::i64 ? make_constant(DType::i64, shape, bias_codes<int64_t>(bias, scales))
                                             : make_constant(DType::i32, shape, bias_codes<int32_t>(bias, scales));
  ValueId codes = plan.source;
  if (plan.is_shared) {
    codes = log.add_constant(source.scope, log.unique_name(source.name + "_" + type), std::move(stored),
                             std::move(params), reason);
  } else {
    log.set_constant(plan.source, std::move(stored), std::move(params), reason);
  }
  log.set_input(plan.use.node, plan.use.slot, codes, reason);
  const bool has_option = log.graph()[plan.use.node].op.type != "DEPTHWISE_CONV_2D";
  if (plan.dtype == DType::i64 && plan.states_type && has_option) {
    log.set_attribute(plan.use.node, std::string(ops::kBiasType), kInt64, reason);
  }
  return {};
}

}  // namespace narrowcast
