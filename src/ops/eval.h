// How an op computes its results. The executor hands in operands that lie as the op's `layouts` asks for.
#pragma once

#include <span>
#include <utility>

#include "kernels/epilogue.h"
#include "ops/border.h"
#include "ops/op.h"
#include "ops/tensor.h"

namespace narrowcast::ops {

// What an op made once of its constant operands: packed weights, tables.
class Prepared {
 public:
  virtual ~Prepared() = default;
};

// The result, along its axis of channels, is to be multiplied and shifted: y * scale[c] + shift[c].
struct ChannelAffine {
  std::vector<float> scale;
  std::vector<float> shift;
};

struct PrepareContext {
  const RawOp& op;
  std::span<const Tensor* const> constants;  // by slot; null where the operand is absent or made at run time
  std::span<const TensorType> operands;      // by slot; what is known of them before the model runs
  std::span<const ValueId> inputs;           // by slot; none where the operand is absent
  const ChannelAffine* affine = nullptr;     // to be folded into the weights, for ops with `folds_affine`
  bool winograd = true;

  [[nodiscard]] bool present(std::size_t slot) const { return slot < inputs.size() && inputs[slot]; }
  // The constant in a slot, when it is one of float32.
  [[nodiscard]] const Tensor* floats(std::size_t slot) const {
    const Tensor* constant = slot < constants.size() ? constants[slot] : nullptr;
    return constant != nullptr && constant->dtype == DType::f32 ? constant : nullptr;
  }
};

// Runs other graphs for control flow.
class BodyRunner {
 public:
  virtual ~BodyRunner() = default;
  // What is known of a body's result before it runs.
  [[nodiscard]] virtual TensorType body_result(ScopeId body, std::size_t slot) const = 0;
  // Results of a body, in its order. Inputs are as many as the body has; those that it holds constants for can be left
  // out at the end.
  virtual Result<std::vector<Tensor>> run_body(ScopeId body, std::vector<Tensor> inputs) = 0;
  // Asks whether the caller wants to stop; for ops that loop for long.
  virtual Status keep_going() = 0;
};

// What stands for an operand that is left out: no type, no element.
const Tensor& absent_tensor();

class EvalContext {
 public:
  EvalContext(const RawOp& op, Memory& memory, Layout layout) : op_(op), memory_(memory), layout_(layout) {}

  [[nodiscard]] const RawOp& op() const { return op_; }
  [[nodiscard]] Memory& memory() const { return memory_; }
  // Of the operands, for ops that take channels_last ones; of the results that `make(slot)` gives.
  [[nodiscard]] Layout layout() const { return layout_; }
  [[nodiscard]] std::size_t operand_count() const { return operands_.size(); }
  [[nodiscard]] bool present(std::size_t slot) const { return slot < operands_.size() && operands_[slot] != nullptr; }
  // Where the operand is absent: a tensor of no type without elements.
  [[nodiscard]] const Tensor& operand(std::size_t slot) const {
    return present(slot) ? *operands_[slot] : absent_tensor();
  }
  // By slot; null where absent.
  [[nodiscard]] std::span<const Tensor* const> operands() const { return operands_; }
  // Nothing to read where the operand is absent.
  template <typename T>
  [[nodiscard]] const T* data(std::size_t slot) const {
    return present(slot) ? operands_[slot]->as<T>() : nullptr;
  }
  // The elements of an integer operand; empty where it is absent.
  [[nodiscard]] std::vector<int64_t> ints(std::size_t slot) const {
    return present(slot) ? integers_of(*operands_[slot]) : std::vector<int64_t>{};
  }
  [[nodiscard]] std::size_t result_count() const { return results_.size(); }
  [[nodiscard]] bool wanted(std::size_t slot) const { return slot < wanted_.size() && wanted_[slot] != 0; }
  // What `infer` says of a result, given the operands' true shapes.
  [[nodiscard]] const TensorType& inferred(std::size_t slot) const {
    static const TensorType kNothing;
    return slot < facts_.size() ? facts_[slot].type : kNothing;
  }

  // A new result as inferred. Errors: out_of_memory; malformed when the shape does not follow from the operands, or the
  // node has no such result.
  Result<Tensor*> make(std::size_t slot);
  Result<Tensor*> make(std::size_t slot, DType dtype, const Shape& shape, Layout layout = Layout::plain);
  // As make(slot), in the operand's own memory when nobody else reads it and the elements are as many and as wide.
  Result<Tensor*> make_over(std::size_t slot, std::size_t operand);
  // The result is the tensor's elements under another shape, and in another order of axes: no copy.
  void share(std::size_t slot, const Tensor& tensor, const Shape& shape, Layout layout = Layout::plain);
  // Memory until the op is done. Errors: out_of_memory.
  Result<uint8_t*> scratch(std::size_t bytes);

  // TFLite: how the codes of an operand or result stand for numbers; null when its tensor does not say.
  [[nodiscard]] const QuantParams* operand_quant(std::size_t slot) const {
    return slot < operand_quants_.size() ? operand_quants_[slot] : nullptr;
  }
  [[nodiscard]] const QuantParams* result_quant(std::size_t slot) const {
    return slot < result_quants_.size() ? result_quants_[slot] : nullptr;
  }

  // What prepare() gave, or null.
  template <typename T>
  [[nodiscard]] const T* prepared() const {
    return static_cast<const T*>(prepared_);
  }
  // What to do with finished rows, for ops with `absorbs`.
  [[nodiscard]] const kernels::Epilogue& epilogue() const { return epilogue_; }
  // Zeros that the first operand is to be read with, for ops that take them; or null.
  [[nodiscard]] const Border* border() const { return border_; }
  // The graphs that the node holds, in the order of its record, and who runs them.
  [[nodiscard]] std::span<const ScopeId> scopes() const { return scopes_; }
  [[nodiscard]] BodyRunner& bodies() const { return *bodies_; }
  // Bytes of constants that stand in attributes.
  [[nodiscard]] const Files& files() const { return *files_; }

 private:
  friend class EvalSetup;

  const RawOp& op_;
  Memory& memory_;
  Layout layout_;
  std::span<const Tensor* const> operands_;
  std::span<const uint8_t> reusable_;  // by operand: 1 when this op is its last reader
  std::span<const ValueFact> facts_;
  std::span<const uint8_t> wanted_;
  std::span<Tensor> results_;
  std::vector<BufferRef> scratch_;
  const Prepared* prepared_ = nullptr;
  kernels::Epilogue epilogue_;
  const Border* border_ = nullptr;
  std::span<const QuantParams* const> operand_quants_;
  std::span<const QuantParams* const> result_quants_;
  std::span<const ScopeId> scopes_;
  BodyRunner* bodies_ = nullptr;
  const Files* files_ = nullptr;
};

// The first result is the first operand under the inferred shape: no copy.
Status eval_relabel(EvalContext& ctx);

// The executor's side of an EvalContext. What is handed in must outlive it.
class EvalSetup {
 public:
  explicit EvalSetup(EvalContext& ctx) : ctx_(ctx) {}
  EvalSetup& operands(std::span<const Tensor* const> operands, std::span<const uint8_t> reusable) {
    ctx_.operands_ = operands;
    ctx_.reusable_ = reusable;
    return *this;
  }
  EvalSetup& results(std::span<const ValueFact> facts, std::span<const uint8_t> wanted, std::span<Tensor> results) {
    ctx_.facts_ = facts;
    ctx_.wanted_ = wanted;
    ctx_.results_ = results;
    return *this;
  }
  EvalSetup& prepared(const Prepared* prepared) {
    ctx_.prepared_ = prepared;
    return *this;
  }
  EvalSetup& epilogue(const kernels::Epilogue& epilogue) {
    ctx_.epilogue_ = epilogue;
    return *this;
  }
  EvalSetup& border(const Border* border) {
    ctx_.border_ = border;
    return *this;
  }
  EvalSetup& quants(std::span<const QuantParams* const> operands, std::span<const QuantParams* const> results) {
    ctx_.operand_quants_ = operands;
    ctx_.result_quants_ = results;
    return *this;
  }
  EvalSetup& services(std::span<const ScopeId> scopes, BodyRunner* bodies, const Files* files) {
    ctx_.scopes_ = scopes;
    ctx_.bodies_ = bodies;
    ctx_.files_ = files;
    return *this;
  }

 private:
  EvalContext& ctx_;
};

}  // namespace narrowcast::ops
