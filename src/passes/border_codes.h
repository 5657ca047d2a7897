// What the codes of a model's inputs and outputs stand for.
#pragma once

#include <optional>

#include "ir/graph.h"

namespace narrowcast {

// real = scale * (q - zero_point)
struct BorderCodes {
  float scale = 1;
  int32_t zero_point = 0;
};

constexpr bool holds_codes(DType dtype) { return dtype == DType::u8 || dtype == DType::i8 || dtype == DType::i16; }

// Of a value whose type is an integer one: what its tensor says (TFLite), or the DequantizeLinear that reads an input
// or the QuantizeLinear that makes an output (ONNX). Nothing where it holds plain integers.
std::optional<BorderCodes> border_codes(const Files& files, const Graph& graph, ValueId value);

}  // namespace narrowcast
