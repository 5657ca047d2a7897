#include "rewrite/tflite_weights.h"

#include <algorithm>

#include "ops/op.h"
#include "rewrite/readers.h"

namespace narrowcast {
namespace {

NodeId insert_op(EditLog& log, const WeightPlan& plan, std::string type, std::vector<ValueId> inputs,
                 std::string output_name, Shape shape, const std::string& reason) {
  Node node;
  node.op = {std::string(kTfliteDomain), std::move(type), 1, {}};
  node.inputs = std::move(inputs);
  const ops::OpDef* op = ops::find_op(node.op);
  std::vector<TensorType> operands;
  std::vector<uint8_t> flags;
  for (const ValueId input : node.inputs) {
    const Value& value = log.graph()[input];
    operands.push_back(value.type);
    flags.push_back(value.quant && value.quant->per_channel() ? 1 : 0);
  }
  if (op != nullptr && op->tflite_version != nullptr) node.op.version = op->tflite_version({node.op, operands, flags});
  Value output;
  output.name = log.unique_name(output_name);
  output.type = {DType::f32, std::move(shape)};
  std::vector<Value> outputs;
  outputs.push_back(std::move(output));
  return log.insert_node(log.graph()[plan.source].scope, plan.anchor, std::move(node), std::move(outputs), reason);
}

QuantParams params_of(const WeightPlan& plan, const NarrowedWeight& narrowed) {
  QuantParams params;
  if (plan.cut == Cut::per_block) {
    params.scales = narrowed.block_scales;
    params.axis = 0;
  } else {
    params.scales.assign(narrowed.scales.begin(), narrowed.scales.end());
    params.axis = plan.cut == Cut::per_channel ? plan.axis : 0;
  }
  params.zero_points.assign(params.scales.size(), 0);
  return params;
}

}  // namespace

Status rewrite_tflite_weight(EditLog& log, const WeightPlan& plan, const NarrowedWeight& narrowed) {
  const Shape shape = log.graph()[plan.source].constant->shape;
  const std::string name = log.graph()[plan.source].name;
  const ScopeId scope = log.graph()[plan.source].scope;
  const std::string reason =
      "'" + name + "' is stored as " + std::string(dtype_name(plan.dtype)) + ", " + std::string(cut_name(plan.cut));
  const bool is_half = plan.dtype == DType::f16;
  const Shape stored = plan.cut == Cut::per_block ? Shape{static_cast<int64_t>(plan.blocks.parameters()),
                                                          static_cast<int64_t>(plan.blocks.block_size)}
                                                  : shape;
  log.set_constant(plan.source, {plan.dtype, stored, narrowed.codes},
                   is_half ? std::nullopt : std::optional(params_of(plan, narrowed)), reason);
  NodeId last = insert_op(log, plan, "DEQUANTIZE", {plan.source}, name + "_dequantize", stored, reason);
  if (plan.cut == Cut::per_block) {
    std::vector<int32_t> sizes(shape.size());
    std::ranges::transform(shape, sizes.begin(), [](int64_t size) { return static_cast<int32_t>(size); });
    const ValueId target =
        log.add_constant(scope, log.unique_name(name + "_shape"),
                         make_constant(DType::i32, {static_cast<int64_t>(sizes.size())}, sizes), std::nullopt, reason);
    last = insert_op(log, plan, "RESHAPE", {log.graph()[last].outputs[0], target}, name + "_reshape", shape, reason);
  }
  move_readers(log, plan, log.graph()[last].outputs[0], reason);
  return {};
}

}  // namespace narrowcast
