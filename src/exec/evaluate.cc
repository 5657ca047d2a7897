#include "exec/evaluate.h"

#include <algorithm>

#include "exec/arrange.h"

namespace narrowcast::exec {
namespace {

using ops::Layout;
using ops::Tensor;

constexpr std::size_t kMaxFloats = 8;  // longer lists of floats are data, not scales that shapes follow from

bool tells_ints(const Tensor& tensor) {
  return (tensor.dtype == DType::i64 || tensor.dtype == DType::i32) && tensor.count() <= ops::kMaxInts &&
         tensor.data != nullptr;
}
bool tells_floats(const Tensor& tensor) {
  return tensor.dtype == DType::f32 && tensor.count() <= kMaxFloats && tensor.data != nullptr;
}

ops::ValueFact fact_of(const Tensor& tensor) {
  ops::ValueFact fact{{tensor.dtype, tensor.shape}, std::nullopt, std::nullopt};
  if (tells_ints(tensor)) fact.ints = ops::integers_of(tensor);
  if (tells_floats(tensor)) fact.floats.emplace(tensor.as<float>(), tensor.as<float>() + tensor.count());
  return fact;
}

bool same_ints(const Tensor& tensor, const std::vector<int64_t>& ints) {
  for (std::size_t i = 0; i < ints.size(); ++i) {
    const int64_t value = tensor.dtype == DType::i64 ? tensor.as<int64_t>()[i] : tensor.as<int32_t>()[i];
    if (value != ints[i]) return false;
  }
  return true;
}

// The same type and shape, so that as many elements were told; they count only where infer asked for them.
bool still_true(const ops::ValueFact& fact, const Tensor& tensor) {
  if (fact.type.dtype != tensor.dtype || *fact.type.shape != tensor.shape) return false;
  if (fact.ints && !same_ints(tensor, *fact.ints)) return false;
  return !fact.floats || std::equal(fact.floats->begin(), fact.floats->end(), tensor.as<float>());
}

bool cache_holds(const InferCache& cache, std::span<const Operand> operands) {
  if (cache.results.empty() || cache.operands.size() != operands.size()) return false;
  for (std::size_t i = 0; i < operands.size(); ++i) {
    if (operands[i].is_constant) continue;
    const bool present = operands[i].tensor != nullptr;
    if (present != (cache.operands[i].type.dtype != DType::unknown)) return false;
    if (present && !still_true(cache.operands[i], *operands[i].tensor)) return false;
  }
  return true;
}

bool is_half(DType dtype) { return dtype == DType::f16 || dtype == DType::bf16; }

// The type that an op computes a float in.
DType computed_dtype(const ops::OpDef& def, DType dtype) {
  if (is_half(dtype)) return def.floats == ops::Floats::all ? dtype : DType::f32;
  if (dtype == DType::f64) return def.floats == ops::Floats::f32 ? DType::f32 : dtype;
  return dtype;
}

// Operands in the form that the op asks for. Keeps what it made.
class Arranger {
 public:
  Arranger(Program& program, Step& step) : program_(program), def_(*step.def), work_(step.work) {}

  Result<Layout> arrange(const RawOp& op, std::span<const Operand> operands);

 private:
  [[nodiscard]] Layout choose(const RawOp& op, std::span<const Operand> operands);
  [[nodiscard]] Layout wanted(std::size_t slot, Layout layout) const {
    if (def_.layouts == ops::Layouts::image) return slot == 0 ? layout : Layout::plain;
    return layout;
  }
  Result<const Tensor*> bring(const Operand& operand, Layout layout);
  Result<Tensor> convert(const Tensor& tensor, Layout layout, DType dtype);

  Program& program_;
  const ops::OpDef& def_;
  std::size_t rank_ = 0;  // of channels_last operands that follow each other
  Workspace& work_;
};

Layout Arranger::choose(const RawOp& op, std::span<const Operand> operands) {
  if (def_.layouts == ops::Layouts::image) {
    const Tensor* first = operands.empty() ? nullptr : operands[0].tensor;
    if (first == nullptr || first->rank() < 3 || first->rank() > 4) return Layout::plain;
    const bool stays =
        first->layout == Layout::plain && def_.reads_plain != nullptr && def_.reads_plain(op, first->shape);
    return stays ? Layout::plain : Layout::channels_last;
  }
  if (def_.layouts != ops::Layouts::follow) return Layout::plain;
  std::size_t most = 0;
  for (const Operand& operand : operands) {
    if (operand.tensor == nullptr) continue;
    most = std::max(most, operand.tensor->rank());
    if (operand.tensor->layout == Layout::channels_last) rank_ = std::max(rank_, operand.tensor->rank());
  }
  return rank_ >= 3 && rank_ == most ? Layout::channels_last : Layout::plain;
}

Result<Tensor> Arranger::convert(const Tensor& tensor, Layout layout, DType dtype) {
  Tensor from = tensor;
  if (def_.layouts == ops::Layouts::follow && layout == Layout::channels_last && tensor.layout == Layout::plain &&
      tensor.rank() > 0) {
    from = with_rank(tensor, rank_);
  }
  NC_TRY(Tensor moved, with_layout(program_.pool, from, layout));
  return with_float(program_.pool, moved, dtype);
}

Result<const Tensor*> Arranger::bring(const Operand& operand, Layout layout) {
  const Tensor& tensor = *operand.tensor;
  const DType dtype = computed_dtype(def_, tensor.dtype);
  const bool ranks_fit =
      def_.layouts != ops::Layouts::follow || layout == Layout::plain || tensor.rank() == 0 || tensor.rank() == rank_;
  if (dtype == tensor.dtype && tensor.rank() < 3 && ranks_fit) return &tensor;
  if (dtype == tensor.dtype && tensor.layout == layout && ranks_fit) return &tensor;
  if (tensor.data == nullptr) {  // only packed weights were made of it; its shape is still asked for
    Tensor bare = tensor;
    bare.dtype = dtype;
    bare.layout = layout;
    return work_.made.emplace_back(std::make_unique<Tensor>(std::move(bare))).get();
  }
  if (!operand.is_constant) {
    NC_TRY(Tensor made, convert(tensor, layout, dtype));
    return work_.made.emplace_back(std::make_unique<Tensor>(std::move(made))).get();
  }
  const uint64_t key = (static_cast<uint64_t>(operand.value.index) << 8) | (rank_ << 2) |
                       (layout == Layout::channels_last ? 2U : 0U) | (dtype == tensor.dtype ? 0U : 1U);
  const auto kept = program_.converted.find(key);
  if (kept != program_.converted.end()) return &kept->second;
  NC_TRY(Tensor made, convert(tensor, layout, dtype));
  return &program_.converted.emplace(key, std::move(made)).first->second;
}

Result<Layout> Arranger::arrange(const RawOp& op, std::span<const Operand> operands) {
  const Layout layout = choose(op, operands);
  work_.tensors.assign(operands.size(), nullptr);
  work_.reusable.assign(operands.size(), 0);
  for (std::size_t i = 0; i < operands.size(); ++i) {
    if (operands[i].tensor == nullptr) continue;
    NC_TRY(const Tensor* const brought, bring(operands[i], wanted(i, layout)));
    work_.tensors[i] = brought;
    const bool is_new = brought != operands[i].tensor;
    work_.reusable[i] = !operands[i].is_constant && (is_new || operands[i].reusable) ? 1 : 0;
  }
  // An image op's results are channels_last even when it read a plain image.
  const bool is_image = def_.layouts == ops::Layouts::image && !operands.empty() && operands[0].tensor != nullptr &&
                        operands[0].tensor->rank() >= 3 && operands[0].tensor->rank() <= 4;
  return is_image ? Layout::channels_last : layout;
}

std::unexpected<Error> named(const Program& program, const Step& step, Error error) {
  if (error.where.empty()) error.where = program.graph.label(step.node);
  return std::unexpected(std::move(error));
}

// Empty when none of the values says how its codes stand for numbers.
std::vector<const QuantParams*> quants_of(const Graph& graph, const std::vector<ValueId>& values) {
  std::vector<const QuantParams*> quants(values.size(), nullptr);
  bool any = false;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (!values[i] || !graph[values[i]].quant) continue;
    quants[i] = &*graph[values[i]].quant;
    any = true;
  }
  if (!any) quants.clear();
  return quants;
}

// Results that the op computed in a wider float than the model means, in the model's own.
Status narrow_results(Program& program, Step& step) {
  for (std::size_t i = 0; i < step.work.results.size(); ++i) {
    Tensor& result = step.work.results[i];
    if (!result.present() || result.dtype == step.cache.declared[i]) continue;
    if (computed_dtype(*step.def, step.cache.declared[i]) != result.dtype) continue;
    NC_TRY(result, with_float(program.pool, result, step.cache.declared[i]));
  }
  return {};
}

Status run_eval(Program& program, Step& step, std::span<const Operand> operands, const kernels::Epilogue& epilogue,
                ops::BodyRunner& bodies) {
  const Node& node = program.graph[step.node];
  NC_TRY(const Layout layout, Arranger(program, step).arrange(node.op, operands));
  Workspace& work = step.work;
  work.results.resize(step.cache.results.size());
  for (Tensor& result : work.results) result.clear();
  ops::EvalContext ctx(node.op, program.pool, layout);
  ops::EvalSetup(ctx)
      .operands(work.tensors, work.reusable)
      .results(step.cache.results, step.wanted, work.results)
      .prepared(step.prepared.get())
      .border(step.border ? &*step.border : nullptr)
      .epilogue(epilogue)
      .quants(work.operand_quants, work.result_quants)
      .services(node.bodies, &bodies, &program.files);
  NC_CHECK(step.def->eval(ctx));
  return narrow_results(program, step);
}

}  // namespace

Status infer_step(const Program& program, Step& step, std::span<const Operand> operands) {
  if (step.work.is_busy) {
    return named(program, step, {ErrorCode::unsupported, "A graph that calls itself does not run here.", ""});
  }
  InferCache& cache = step.cache;
  if (cache_holds(cache, operands)) return {};
  const Node& node = program.graph[step.node];
  cache = {};
  step.work.operand_quants = quants_of(program.graph, step.inputs);
  step.work.result_quants = quants_of(program.graph, node.outputs);
  std::vector<const ops::ValueFact*> facts;
  for (const Operand& operand : operands) {
    cache.operands.push_back(operand.tensor == nullptr ? ops::ValueFact{} : fact_of(*operand.tensor));
  }
  for (std::size_t i = 0; i < operands.size(); ++i) {
    facts.push_back(operands[i].tensor == nullptr ? nullptr : &cache.operands[i]);
  }
  ops::ValueFact bordered;
  if (step.border && facts[0] != nullptr) {
    bordered.type = {facts[0]->type.dtype, ops::with_border(*facts[0]->type.shape, &*step.border)};
    facts[0] = &bordered;
  }
  ops::InferContext ctx(node.op, std::move(facts), node.outputs.size(), &program.files);
  if (step.def->infer != nullptr) {
    if (Status status = step.def->infer(ctx); !status) return named(program, step, std::move(status).error());
  }
  for (std::size_t i = 0; i < operands.size(); ++i) {
    if (ctx.asked(i)) continue;
    cache.operands[i].ints.reset();
    cache.operands[i].floats.reset();
  }
  cache.results = std::move(ctx.results());
  cache.results.resize(std::max<std::size_t>(cache.results.size(), 1));
  for (std::size_t i = 0; i < cache.results.size(); ++i) {
    DType& dtype = cache.results[i].type.dtype;
    // TFLite: the type of a result is its tensor's own.
    if (dtype == DType::unknown && i < node.outputs.size() && node.outputs[i]) {
      dtype = program.graph[node.outputs[i]].type.dtype;
    }
    cache.declared.push_back(dtype);
    dtype = computed_dtype(*step.def, dtype);
  }
  return {};
}

Status evaluate(Program& program, Step& step, std::span<const Operand> operands, const kernels::Epilogue& epilogue,
                ops::BodyRunner& bodies) {
  step.work.is_busy = true;
  Status status = run_eval(program, step, operands, epilogue, bodies);
  step.work.is_busy = false;
  step.work.made.clear();
  if (!status) return named(program, step, std::move(status).error());
  return {};
}

}  // namespace narrowcast::exec
