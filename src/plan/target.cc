#include "plan/target.h"

#include <algorithm>

#include "base/json.h"

namespace narrowcast {
namespace {

constexpr std::string_view kTexts[] = {
#include "plan/targets.inc"
};

constexpr std::pair<std::string_view, KernelKind> kKinds[] = {{"computes", KernelKind::computes},
                                                              {"selects", KernelKind::selects},
                                                              {"joins", KernelKind::joins},
                                                              {"clamps", KernelKind::clamps}};

KernelKind kind_of(std::string_view name) {
  const auto found = std::ranges::find(kKinds, name, &std::pair<std::string_view, KernelKind>::first);
  return found == std::end(kKinds) ? KernelKind::computes : found->second;
}

Cost read_cost(const Json& json, const char* key) {
  const auto numbers = json.value(key, std::vector<double>{0, 0});
  return {numbers.empty() ? 0 : numbers[0], numbers.size() < 2 ? 0 : numbers[1]};
}

// `true`, `false`, or what is not as usual.
void read_int16(TargetOp& op, const Json& json) {
  op.int16.reset();
  if (json.is_boolean() && !json.get<bool>()) return;
  op.int16.emplace();
  if (json.is_boolean()) return;
  if (json.contains("fixed")) op.int16->fixed = {json["fixed"][0].get<float>(), json["fixed"][1].get<int32_t>()};
  op.int16->int4 = json.value("int4", false);
  if (json.contains("weights")) op.int16->weights = dtype_named(json["weights"].get<std::string>());
}

// What a target does not say of an op it has from the one that it extends.
void read_into(TargetOp& op, const Json& json) {
  const auto read_costs = [](OpCosts& costs, const Json& from) {
    if (from.contains("float")) costs.in_float = read_cost(from, "float");
    if (from.contains("integer")) costs.in_integers = read_cost(from, "integer");
  };
  op.kernel = json.value("kernel", op.kernel);
  if (json.contains("kind")) op.kind = kind_of(json.value("kind", ""));
  op.needs = json.value("needs", op.needs);
  op.since = json.value("since", op.since);
  op.per_channel = json.value("per_channel", op.per_channel);
  if (json.contains("fixed")) op.fixed = {json["fixed"][0].get<float>(), json["fixed"][1].get<int32_t>()};
  op.int4 = json.value("int4", op.int4);
  op.hybrid_int4 = json.value("hybrid_int4", op.hybrid_int4);
  if (json.contains("int16")) read_int16(op, json["int16"]);
  read_costs(op.costs, json);
  if (!json.contains("cases")) return;
  op.cases.clear();
  for (const Json& one : json["cases"]) read_costs(op.cases.emplace_back(one.value("when", ""), OpCosts{}).second, one);
}

// What a file leaves out it has from the one that it extends.
void read_into(Target& target, const Json& json) {
  target.name = json.value("name", target.name);
  target.format = json.value("format", target.format);
  target.sentence = json.value("sentence", target.sentence);
  target.also_runs_on = json.value("also_runs_on", target.also_runs_on);
  target.verified = json.value("verified", target.verified);
  target.reduce_range = json.value("reduce_range", target.reduce_range);
  if (json.contains("activations")) target.activations = dtype_named(json["activations"].get<std::string>());
  if (json.contains("weights")) target.weights = dtype_named(json["weights"].get<std::string>());
  target.dynamic_convolution_sums = json.value("dynamic_convolution_sums", target.dynamic_convolution_sums);
  target.quantize = json.value("quantize", target.quantize);
  target.dequantize = json.value("dequantize", target.dequantize);
  target.narrows_weights = json.value("narrows_weights", target.narrows_weights);
  target.passes_pairs = json.value("passes_pairs", target.passes_pairs);
  target.hybrid = json.value("hybrid", target.hybrid);
  target.sparse = json.value("sparse", target.sparse);
  target.int4 = json.value("int4", target.int4);
  target.int16 = json.value("int16", target.int16);
  target.states_bias_type = json.value("states_bias_type", target.states_bias_type);
  target.needs = json.value("needs", target.needs);
  for (const std::string& type : json.value("without", std::vector<std::string>())) target.ops.erase(type);
  if (!json.contains("ops")) return;
  for (const auto& [type, op] : json["ops"].items()) read_into(target.ops[type], op);
}

std::vector<Target> read_targets() {
  std::map<std::string, Json> by_name;
  for (const std::string_view text : kTexts) {
    Json json = Json::parse(text, nullptr, /*allow_exceptions=*/false);
    by_name.emplace(json.value("name", ""), std::move(json));
  }
  std::vector<Target> targets;
  for (const auto& [name, json] : by_name) {
    if (json.value("base", false)) continue;
    Target target;
    if (const auto base = by_name.find(json.value("extends", "")); base != by_name.end()) {
      read_into(target, base->second);
    }
    read_into(target, json);
    targets.push_back(std::move(target));
  }
  return targets;
}

}  // namespace

std::string_view kernel_kind_name(KernelKind kind) {
  return std::ranges::find(kKinds, kind, &std::pair<std::string_view, KernelKind>::second)->first;
}

const TargetOp* Target::find(std::string_view domain, std::string_view type) const {
  const bool is_own = format == "onnx" ? domain.empty() : domain == format;
  const auto found = is_own ? ops.find(std::string(type)) : ops.end();
  return found == ops.end() ? nullptr : &found->second;
}

Target with_int16_activations(const Target& target) {
  Target made = target;
  std::erase_if(made.ops, [](const auto& entry) { return !entry.second.int16; });
  for (auto& [type, op] : made.ops) {
    op.kernel = type + " in int16";
    op.fixed = op.int16->fixed;
    op.weights = op.int16->weights;
    op.int4 = op.int16->int4;
  }
  made.activations = DType::i16;
  return made;
}

std::span<const Target> targets() {
  static const std::vector<Target> kTargets = read_targets();
  return kTargets;
}

const Target* find_target(std::string_view name) {
  const auto found = std::ranges::find(targets(), name, &Target::name);
  return found == targets().end() ? nullptr : &*found;
}

const Target* find_target(std::string_view name, std::string_view format) {
  const Target* target = find_target(name == "portable" ? (format == "onnx" ? name : format) : name);
  return target != nullptr && target->format == format ? target : nullptr;
}

}  // namespace narrowcast
