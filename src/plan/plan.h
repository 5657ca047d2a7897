// The recipe resolved for one model: what becomes of every op and every weight, and why.
#pragma once

#include <string>
#include <vector>

#include "formats/format.h"
#include "kernels/layout.h"
#include "plan/recipe.h"

namespace narrowcast {

enum class Verdict : uint8_t { quantized, left_float, refused };
std::string_view verdict_name(Verdict verdict);

enum class Cut : uint8_t { per_tensor, per_channel, per_block };
std::string_view cut_name(Cut cut);

// One constant to narrow.
struct WeightPlan {
  ValueId source;
  DType dtype = DType::i8;  // of the codes
  Cut cut = Cut::per_channel;
  int axis = 0;                     // per_channel, in the source's axes
  kernels::ChannelLayout channels;  // per_channel and per_tensor
  int reduce_begin = 0;             // per_block: the axes that are flattened and cut, in the source's axes
  int reduce_end = 0;
  kernels::BlockLayout blocks;     // per_block
  bool by_column = false;          // per_block: for MatMulNBits, which stores columns as rows
  std::vector<Use> readers;        // who shall read the widened copy instead
  std::vector<NodeId> converters;  // Cast or DEQUANTIZE of a float16 source, no longer needed
  NodeId anchor;                   // the first node of the source's scope that needs the copy
};

struct NodeVerdict {
  NodeId node;
  Verdict verdict = Verdict::left_float;
  std::string reason;
  ValueId weight = {};  // the one that made it quantized
};

// Every float constant, in the order of the graph's values.
struct WeightVerdict {
  ValueId source;
  Verdict verdict = Verdict::left_float;
  std::string reason;
};

struct Plan {
  Recipe recipe;
  std::vector<WeightPlan> weights;
  std::vector<NodeVerdict> nodes;
  std::vector<WeightVerdict> constants;
  std::vector<std::string> warnings;
  bool already_quantized = false;  // the file computes with, or stores, integers of an earlier quantization
};

// Errors: usage, when the format cannot express the recipe.
Result<Plan> make_plan(const Model& model, const Recipe& recipe);

// True when the graph holds quantization ops, or tensors with scales.
bool is_quantized(const Graph& graph);

}  // namespace narrowcast
