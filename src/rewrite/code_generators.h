// Generators of the payloads that replace weights. Each makes the same bytes however the output is cut.
#pragma once

#include <memory>
#include <vector>

#include "ir/payload.h"
#include "kernels/quantize/quantize.h"
#include "plan/plan.h"

namespace narrowcast {

// 16-, 8- or 4-bit codes per tensor or per channel; 4-bit ones packed, low nibble first.
struct ChannelCodes {
  Constant source;
  DType dtype;
  kernels::ChannelLayout layout;
  kernels::CodeSpec spec;
  std::vector<double> scales;
  std::vector<int32_t> zero_points;  // empty: all 0
  ElementFactors factors = {};       // of the source

  // Codes of elements [start, start + count); int8 and int4 as two's complement, int16 where `out` is aligned for it.
  void codes(const Files& files, std::size_t start, std::size_t count, uint8_t* out) const;
  // What a runtime makes of these codes.
  void widen(const uint8_t* codes, std::size_t start, std::size_t count, float* out) const;
};

// Packed 4-bit codes per block.
struct BlockCodes {
  Constant source;
  DType dtype;
  kernels::BlockLayout layout;
  std::vector<float> scales;
  std::vector<uint8_t> zero_points;  // empty: all 0

  void codes(const Files& files, std::size_t start, std::size_t count, uint8_t* out) const;
  void widen(const uint8_t* codes, std::size_t start, std::size_t count, float* out) const;
};

std::shared_ptr<const Generator> make_generator(ChannelCodes codes);
std::shared_ptr<const Generator> make_generator(BlockCodes codes);

// The 8-bit codes of matrices [rows, columns], each stored [columns, rows].
std::shared_ptr<const Generator> make_transposed_generator(ChannelCodes codes, std::size_t matrices, std::size_t rows,
                                                           std::size_t columns);

// float16, finite values kept finite and non-zero ones non-zero.
std::shared_ptr<const Generator> make_half_generator(Constant source);

// com.microsoft.MatMulNBits' B: [inner][blocks][block_size / 2] of unsigned 4-bit codes from a [k, inner] matrix, the
// last block filled up with the zero point. int4 codes are stored as code + 8.
std::shared_ptr<const Generator> make_matmul_nbits_generator(BlockCodes codes);

}  // namespace narrowcast
