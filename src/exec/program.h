// A graph made ready to run: nodes in order, constants folded and packed, element-wise nodes joined to the ones before
// them. It is never written to a file.
#pragma once

#include <memory>
#include <unordered_map>

#include "exec/chain.h"
#include "exec/pool.h"
#include "exec/row_chain.h"
#include "ir/graph.h"
#include "ops/eval.h"

namespace narrowcast::exec {

struct CompileOptions {
  bool winograd = true;  // 3x3 convolutions by F(4x4, 3x3): faster, about 1e-5 of the largest output less exact
  bool fuse = true;      // join nodes; off, every value of the graph is made
  // Copies every constant that is still needed, so that the model's files may go.
  bool detach = false;
  // Values that an Observer is to see as the model means them, in bodies too: chains end at them and, because that
  // would change their last bits, nothing is multiplied into weights. Values that nobody reads are not made.
  std::vector<ValueId> keep;
};

// The last shapes that a node was given and what followed from them.
struct InferCache {
  std::vector<ops::ValueFact> operands;
  std::vector<ops::ValueFact> results;  // dtypes as eval makes them
  std::vector<DType> declared;          // by result: dtype as the model means it
};

// Operand values by slot; null where absent. `value` names it when it is a constant of the program: what is converted
// of it is then kept for the next run.
struct Operand {
  const ops::Tensor* tensor = nullptr;
  ValueId value;
  bool is_constant = false;
  bool reusable = false;
};

// What a step fills anew in every run, kept because small models spend their time on allocations.
struct Workspace {
  std::vector<Operand> operands;
  std::vector<const ops::Tensor*> tensors;  // as the op reads them
  std::vector<uint8_t> reusable;
  std::vector<std::unique_ptr<ops::Tensor>> made;  // operands that had to be converted
  std::vector<ops::Tensor> results;
  std::vector<const QuantParams*> operand_quants;  // empty when no tensor of the node has any
  std::vector<const QuantParams*> result_quants;
  bool is_busy = false;
};

struct Step {
  NodeId node;
  const ops::OpDef* def = nullptr;
  std::vector<ValueId> outputs;       // the node's, or the last one's of those folded into it
  std::vector<ValueId> inputs;        // the node's, or what a border lay around
  std::optional<ops::Border> border;  // around the first of them
  std::vector<ValueId> captured;      // read by the node's bodies from outside
  std::vector<bool> last_use;         // by operand slot: nobody reads it afterwards
  std::vector<ValueId> frees;         // read for the last time here, captured ones too
  std::vector<uint8_t> wanted;        // by result
  std::unique_ptr<ops::Prepared> prepared;
  InferCache cache;
  Workspace work;
  Chain chain;  // what follows on the finished rows; empty: nothing
  ChainRun chain_run;
  std::unique_ptr<RowChain> rows;  // instead of the node and a chain, where shapes fit
  std::vector<Step> absorbed;      // what joined it one by one, for shapes that do not fit
};

struct ScopeProgram {
  std::vector<Step> steps;
  bool compiled = false;
};

struct Program {
  const Graph& graph;
  const Files& files;  // constants may be views of them
  CompileOptions options;
  std::vector<ScopeProgram> scopes;    // by ScopeId; not compiled where nothing runs it
  std::vector<ops::Tensor> constants;  // by ValueId; not present for values that are made
  Pool pool;
  // Constants as float32 or channels_last, made when a step first asked for them.
  std::unordered_map<uint64_t, ops::Tensor> converted;

  Program(const Graph& its_graph, const Files& its_files) : graph(its_graph), files(its_files) {}
  ~Program();
};

// Ops of the model's graphs that do not run: one entry a node, with its op as "Einsum (opset 17)".
struct MissingOp {
  NodeId node;
  std::string op;
};
std::vector<MissingOp> missing_ops(const Graph& graph);

// The graph must outlive the program, and the files' bytes too unless options.detach.
// Errors: unsupported, naming the first op that does not run; malformed; out_of_memory.
Result<std::unique_ptr<Program>> compile(const Graph& graph, const Files& files, ScopeId scope,
                                         const CompileOptions& options);

}  // namespace narrowcast::exec
