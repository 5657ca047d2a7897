// What a runtime turns into integer kernels: data files in targets/, one a target, compiled in.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/dtype.h"

namespace narrowcast {

enum class KernelKind : uint8_t {
  computes,
  selects,  // passes codes on: its results share the first operand's scale and zero point
  joins,    // TFLite: its operands share the result's scale and zero point
  clamps,   // vanishes into the rounding of the op before it
};

std::string_view kernel_kind_name(KernelKind kind);

// Nanoseconds of one element, and of each product that is summed for it; bench/op-costs.mjs measures them.
struct Cost {
  double element = 0;
  double product = 0;
};

// What an op costs in either form.
struct OpCosts {
  Cost in_float;
  Cost in_integers;
};

// Codes that a kernel makes whatever its operands hold.
struct FixedCodes {
  float scale = 1;
  int32_t zero_point = 0;
};

// TFLite: the kernel of data in int16.
struct Int16Kernel {
  std::optional<FixedCodes> fixed;
  DType weights = DType::i8;
  bool int4 = false;  // takes weights of int4
};

struct TargetOp {
  std::string kernel;  // what the runtime calls it
  KernelKind kind = KernelKind::computes;
  std::vector<std::string> needs;    // conditions (plan/conditions.h) without which there is no integer kernel
  int64_t since = 0;                 // the opset before which the runtime joins no pairs around it
  std::optional<FixedCodes> fixed;   // TFLite
  std::optional<Int16Kernel> int16;  // TFLite: none when data cannot be int16
  DType weights = DType::i8;         // TFLite: what its constant weights are
  bool int4 = false;                 // TFLite: its kernel takes weights of int4, a scale a channel
  bool hybrid_int4 = false;          // TFLite: the same beside float32 data
  bool per_channel = false;          // TFLite: its weights may have a scale a channel
  OpCosts costs;
  std::vector<std::pair<std::string, OpCosts>> cases;  // under a condition; the first that holds counts
};

struct Target {
  std::string name;
  std::string format = "onnx";  // whose models it runs
  std::string sentence;
  bool verified = false;  // its rows were compared with the runtime itself
  DType activations = DType::u8;
  DType weights = DType::i8;
  std::string also_runs_on;   // another target, whose users are warned when a plan would be slower than float there
  bool reduce_range = false;  // weights keep to 7 bits
  double quantize = 0;        // nanoseconds an element, as `dequantize`
  double dequantize = 0;
  // Mode dynamic-range: how many products an element of a convolution sums at least for ConvInteger, with all that it
  // takes, to be faster than Conv; 0: never. Convolutions by groups are not.
  int64_t dynamic_convolution_sums = 0;
  // Ops whose float weights the runtime narrows by itself, one scale for all, when codes come and go.
  std::vector<std::string> narrows_weights;
  // Ops that the runtime moves pairs across by itself: beside codes they take codes.
  std::vector<std::string> passes_pairs;
  // TFLite: takes int8 weights beside float32 data, as dynamic-range writes them.
  bool hybrid = true;
  bool int4 = true;                     // TFLite: reads weights of int4 at all
  bool int16 = true;                    // TFLite: runs activations of int16 at all
  bool sparse = true;                   // TFLite: reads sparse constants beside ops with hybrid kernels
  bool states_bias_type = true;         // TFLite: knows the option that says what a bias beside int16 data is
  std::vector<std::string> needs;       // conditions without which no op computes in integers
  std::map<std::string, TargetOp> ops;  // by type, the format's own domain

  // Null when the runtime has no integer kernel for it.
  [[nodiscard]] const TargetOp* find(std::string_view domain, std::string_view type) const;
};

// TFLite: the same target by its kernels of int16 data.
Target with_int16_activations(const Target& target);

// By name, in alphabetical order.
std::span<const Target> targets();
// Null when there is none of that name.
const Target* find_target(std::string_view name);
// The same for models of a format; `portable` is each format's own. Null when the target runs no such models.
const Target* find_target(std::string_view name, std::string_view format);

}  // namespace narrowcast
