// What a runtime turns into integer kernels: data files in targets/, one a target, compiled in.
#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/dtype.h"

namespace narrowcast {

// How an op's integer kernel pays.
enum class KernelKind : uint8_t {
  sums,     // many products per element: worth converting its operands for
  light,    // joins a neighbour that computes in integers already
  between,  // worth it only with integers on both sides
  selects,  // passes codes on: its results share the first operand's scale and zero point
  clamps,   // vanishes into the rounding of the op before it
  never,    // has a kernel, but a slower one than float's
};

std::string_view kernel_kind_name(KernelKind kind);

struct TargetOp {
  std::string kernel;  // what the runtime calls it
  KernelKind kind = KernelKind::never;
  std::vector<std::string> needs;   // conditions (plan/conditions.h) without which there is no integer kernel
  std::vector<std::string> slower;  // conditions under which float is faster
  std::string reason;               // of `never`
  int64_t since = 0;                // the opset before which the runtime joins no pairs around it
};

struct Target {
  std::string name;
  std::string sentence;
  bool verified = false;  // its rows were compared with the runtime itself
  DType activations = DType::u8;
  DType weights = DType::i8;
  bool reduce_range = false;            // weights keep to 7 bits
  std::map<std::string, TargetOp> ops;  // by type, ONNX's own domain

  // Null when the runtime has no integer kernel for it.
  [[nodiscard]] const TargetOp* find(std::string_view domain, std::string_view type) const;
};

// By name, in alphabetical order.
std::span<const Target> targets();
// Null when there is none of that name.
const Target* find_target(std::string_view name);

}  // namespace narrowcast
