// The recipe resolved for one model: what becomes of every op and every weight, and why.
#pragma once

#include <string>
#include <vector>

#include "formats/format.h"
#include "kernels/layout.h"
#include "plan/known_ranges.h"
#include "plan/recipe.h"

namespace narrowcast {

enum class Verdict : uint8_t { quantized, left_float, refused };
std::string_view verdict_name(Verdict verdict);

enum class Cut : uint8_t { per_tensor, per_channel, per_block };
std::string_view cut_name(Cut cut);

// What becomes of the ops that read a narrowed weight.
enum class WeightForm : uint8_t {
  widened,      // they read what an op of its own widens the codes to
  product,      // MatMulInteger multiplies the codes with those of the other operand, which is quantized as it comes
  convolution,  // ConvInteger, likewise
  recurrent,    // DynamicQuantizeLSTM takes the codes, what they are multiplied with is quantized as it comes
  codes,        // TFLite: they take the codes themselves
  embedding,    // the codes of the rows that are asked for are picked first, and widened then
  half,         // float16 that ops read as such; the readers named read what a Cast widens it to
  half_copy,    // the same beside the float32 constant, which others need: the readers named read the copy
};

// A bias beside a narrowed weight: int32, or int64 beside int16 data; scaled by the product of its operands' scales.
struct BiasPlan {
  Use use;
  ValueId source;
  float activation_scale = 1;
  bool is_shared = false;  // others read the source too, in float or with other scales
  DType dtype = DType::i32;
  bool states_type = false;  // TFLite: the op's option says what it is, where there is one
};

struct CodeParams {
  float scale = 1;
  int32_t zero_point = 0;
  friend bool operator==(const CodeParams&, const CodeParams&) = default;
};

// Factors along the summed channels of a weight: element i takes factor
// (i / group) * channels + (i / inner) % channels. None: it stays as it is.
struct ElementFactors {
  std::vector<float> factors;
  std::size_t channels = 1;  // of one group
  std::size_t inner = 1;     // elements of one channel that lie together
  std::size_t group = 1;     // elements of one group

  [[nodiscard]] bool any() const { return !factors.empty(); }
  [[nodiscard]] float of(std::size_t i) const { return factors[i / group * channels + i / inner % channels]; }
};

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
  WeightForm form = WeightForm::widened;
  bool is_transposed = false;       // product, recurrent: it lies [..., outputs, summed], the codes the other way
  bool is_symmetric = true;         // per_channel and per_tensor: zero points in the middle
  bool reduce_range = false;        // int8 and uint8: 7 bits
  std::optional<CodeParams> given;  // its op wants it in the codes of another value
  bool beside_floats = false;       // codes: what they are multiplied with is float32, quantized as it comes
  bool is_copy = false;             // others need the floats: the readers read codes of their own
  bool says_zero_point = false;     // written even where it is 0: some kernels ask for the operand
  kernels::Formula formula = kernels::Formula::ort;
  std::vector<BiasPlan> biases;  // that take its scales
  ElementFactors factors;        // per_channel: the weight is multiplied by these before anything else
  // per_channel: the scales that are written, and with them the biases, are multiplied by these once codes are made.
  std::vector<float> result_factors;
};

// An activation that integers stand for.
struct ActivationPlan {
  ValueId value;
  ValueId like;  // whose scale and zero point it has: itself, or what its op selects from
  DType dtype = DType::u8;
  calib::Range calibrated;
  calib::Range chosen;
  float scale = 1;
  int32_t zero_point = 0;
  // A scale for each channel where codes meet floats: of the QuantizeLinear of what is made in float, of the
  // DequantizeLinear of what is made in codes. The weights beside it are multiplied so that the op itself computes with
  // `scale`. Empty: one scale for all.
  std::vector<float> channel_scales;
  int64_t channel_axis = 0;
  NodeId maker;                    // the node that makes it in integers; none: it is made in float
  NodeId absorbed;                 // a clamp between that node and the value, no longer needed
  std::vector<Use> readers;        // who reads codes; where it has a maker everybody does
  NodeId anchor;                   // the first node of its scope that reads it; none: only the graph's end does
  std::vector<Use> float_readers;  // TFLite, of what has a maker or is at the border: who reads it as floats
  bool is_requantized = false;     // TFLite: its readers want the codes of the plan before with another scale
  bool at_border = false;          // an input or output of the model that shall hold the codes themselves
};

// A float value of a graph that computes in float16, where one Cast stands between who makes and who reads it.
struct HalfValue {
  ValueId value;
  bool made_half = false;    // by its op, or fed so
  bool named_half = false;   // what stands under the value's name: for an output of a graph, what callers get
  std::vector<Use> readers;  // who want what does not stand under its name
  NodeId anchor;             // the first node of the value's scope that one of them is, or lies inside of
  bool is_declared = false;  // the file states its type
};

struct NodeVerdict {
  NodeId node;
  Verdict verdict = Verdict::left_float;
  std::string reason;
  ValueId weight = {};    // the one that made it quantized
  std::string name = {};  // what the node is called before anything is rewritten
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
  std::vector<ActivationPlan> activations;  // integer modes; in the order of the graph's values
  std::vector<HalfValue> halves;            // float16 of a whole graph; in the order of the graph's values
  std::vector<NodeId> half_casts;           // Cast nodes that make float16 now
  std::vector<NodeVerdict> nodes;
  std::vector<WeightVerdict> constants;
  std::vector<std::string> warnings;
  bool already_quantized = false;  // the file computes with, or stores, integers of an earlier quantization
};

// `ranges` are for the integer modes; the others take none.
// Errors: usage, when the format cannot express the recipe; calibration, when a range is missing.
Result<Plan> make_plan(const Model& model, const Recipe& recipe, const KnownRanges& ranges = {});

// The activations whose ranges an integer mode needs; none for the others.
Result<std::vector<ValueId>> watched_values(const Model& model, const Recipe& recipe);

// True when the graph holds quantization ops, or tensors with scales.
bool is_quantized(const Graph& graph);

}  // namespace narrowcast
