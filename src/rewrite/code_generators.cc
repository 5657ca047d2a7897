#include "rewrite/code_generators.h"

#include <algorithm>
#include <array>

#include "kernels/dequantize/dequantize.h"
#include "kernels/half/half.h"
#include "kernels/pack_int4/pack_int4.h"
#include "kernels/quantize_block/quantize_block.h"
#include "rewrite/float_source.h"

namespace narrowcast {
namespace {

using ChunkFloats = std::array<float, kChunkElements>;
using ChunkCodes = std::array<uint8_t, kChunkElements>;

std::size_t elements_of(const Constant& constant) { return static_cast<std::size_t>(element_count(constant.shape)); }

// Fills bytes [offset, offset + out.size()) of packed nibbles from a function that makes codes of an element range.
template <typename MakeCodes>
void produce_packed(std::size_t elements, uint64_t offset, std::span<uint8_t> out, MakeCodes make_codes) {
  ChunkCodes unpacked;
  while (!out.empty()) {
    const auto start = static_cast<std::size_t>(offset * 2);
    const std::size_t bytes = std::min(out.size(), kChunkElements / 2);
    const std::size_t count = std::min(bytes * 2, elements - start);
    make_codes(start, count, unpacked.data());
    kernels::pack_int4(unpacked.data(), count, out.data());
    out = out.subspan(bytes);
    offset += bytes;
  }
}

template <typename Codes>
class PackedGenerator final : public Generator {
 public:
  explicit PackedGenerator(Codes codes) : codes_(std::move(codes)) {}
  [[nodiscard]] uint64_t length() const override { return packed_bytes(elements_of(codes_.source), codes_.dtype); }
  void produce(const Files& files, uint64_t offset, std::span<uint8_t> out) const override {
    produce_packed(elements_of(codes_.source), offset, out,
                   [&](std::size_t start, std::size_t count, uint8_t* to) { codes_.codes(files, start, count, to); });
  }

 private:
  Codes codes_;
};

class ByteGenerator final : public Generator {
 public:
  explicit ByteGenerator(ChannelCodes codes) : codes_(std::move(codes)) {}
  [[nodiscard]] uint64_t length() const override { return elements_of(codes_.source); }
  void produce(const Files& files, uint64_t offset, std::span<uint8_t> out) const override {
    codes_.codes(files, static_cast<std::size_t>(offset), out.size(), out.data());
  }

 private:
  ChannelCodes codes_;
};

class WideGenerator final : public Generator {
 public:
  explicit WideGenerator(ChannelCodes codes) : codes_(std::move(codes)) {}
  [[nodiscard]] uint64_t length() const override { return elements_of(codes_.source) * sizeof(int16_t); }
  void produce(const Files& files, uint64_t offset, std::span<uint8_t> out) const override {
    alignas(int16_t) std::array<uint8_t, kChunkElements> made;
    while (!out.empty()) {
      const auto skipped = static_cast<std::size_t>(offset % sizeof(int16_t));
      const std::size_t bytes = std::min(out.size(), made.size() - skipped);
      codes_.codes(files, static_cast<std::size_t>(offset / sizeof(int16_t)), (skipped + bytes + 1) / sizeof(int16_t),
                   made.data());
      std::copy_n(made.begin() + static_cast<std::ptrdiff_t>(skipped), bytes, out.begin());
      out = out.subspan(bytes);
      offset += bytes;
    }
  }

 private:
  ChannelCodes codes_;
};

class TransposedGenerator final : public Generator {
 public:
  TransposedGenerator(ChannelCodes codes, std::size_t matrices, std::size_t rows, std::size_t columns)
      : codes_(std::move(codes)), matrices_(matrices), rows_(rows), columns_(columns) {}
  [[nodiscard]] uint64_t length() const override { return uint64_t{matrices_} * rows_ * columns_; }

  void produce(const Files& files, uint64_t offset, std::span<uint8_t> out) const override {
    const std::size_t size = rows_ * columns_;
    for (auto at = static_cast<std::size_t>(offset); !out.empty();) {
      const std::size_t begin = at % size;
      const std::size_t count = std::min(size - begin, out.size());
      produce_part(files, at - begin, begin, out.first(count));
      out = out.subspan(count);
      at += count;
    }
  }

 private:
  static constexpr std::size_t kStretch = 1024;

  // Of the matrix that starts at element `base`, from `begin` on. Whole stretches of the source's rows are made at a
  // time, those that end up in `out`.
  void produce_part(const Files& files, std::size_t base, std::size_t begin, std::span<uint8_t> out) const {
    const std::size_t end = begin + out.size();
    for (std::size_t first = begin / rows_; first * rows_ < end; first += kStretch) {
      const std::size_t count = std::min({kStretch, columns_ - first, (end - 1) / rows_ + 1 - first});
      std::array<uint8_t, kStretch> stretch;
      for (std::size_t row = 0; row < rows_; ++row) {
        codes_.codes(files, base + row * columns_ + first, count, stretch.data());
        for (std::size_t i = 0; i < count; ++i) {
          const std::size_t at = (first + i) * rows_ + row;
          if (at >= begin && at < end) out[at - begin] = stretch[i];
        }
      }
    }
  }

  ChannelCodes codes_;
  std::size_t matrices_;
  std::size_t rows_;
  std::size_t columns_;
};

class HalfGenerator final : public Generator {
 public:
  explicit HalfGenerator(Constant source) : source_(std::move(source)) {}
  [[nodiscard]] uint64_t length() const override { return elements_of(source_) * 2; }
  void produce(const Files& files, uint64_t offset, std::span<uint8_t> out) const override {
    const FloatSource floats(files, source_);
    const auto convert = [&](std::size_t start, std::size_t count, uint8_t* to) {
      kernels::convert_f32_f16_clamped(floats.read(start, count, nullptr), count, to);
    };
    auto element = static_cast<std::size_t>(offset / 2);
    std::array<uint8_t, 2> pair{};
    if (offset % 2 != 0 && !out.empty()) {
      convert(element++, 1, pair.data());
      out[0] = pair[1];
      out = out.subspan(1);
    }
    const std::size_t whole = out.size() / 2;
    convert(element, whole, out.data());
    if (out.size() % 2 != 0) {
      convert(element + whole, 1, pair.data());
      out.back() = pair[0];
    }
  }

 private:
  Constant source_;  // float32
};

class MatMulNBitsGenerator final : public Generator {
 public:
  explicit MatMulNBitsGenerator(BlockCodes codes) : codes_(std::move(codes)) {}
  [[nodiscard]] uint64_t length() const override { return codes_.layout.inner * row_bytes(); }
  void produce(const Files& files, uint64_t offset, std::span<uint8_t> out) const override {
    std::vector<uint8_t> row(row_bytes());
    while (!out.empty()) {
      const auto column = static_cast<std::size_t>(offset / row.size());
      const auto within = static_cast<std::size_t>(offset % row.size());
      const std::size_t count = std::min(out.size(), row.size() - within);
      make_row(files, column, row);
      std::copy_n(row.begin() + static_cast<std::ptrdiff_t>(within), count, out.begin());
      out = out.subspan(count);
      offset += count;
    }
  }

 private:
  [[nodiscard]] std::size_t row_bytes() const { return codes_.layout.blocks() * codes_.layout.block_size / 2; }

  // One column of the matrix, unsigned and packed. Codes are made element by element: columns are not contiguous.
  void make_row(const Files& files, std::size_t column, std::vector<uint8_t>& row) const {
    const bool is_signed = codes_.dtype == DType::i4;
    std::vector<uint8_t> unpacked(row.size() * 2, is_signed ? 8 : 0);
    for (std::size_t k = 0; k < codes_.layout.k; ++k) {
      const std::size_t element = k * codes_.layout.inner + column;
      codes_.codes(files, element, 1, &unpacked[k]);
      if (is_signed) unpacked[k] = static_cast<uint8_t>((unpacked[k] + 8) & 0x0F);
    }
    kernels::pack_int4(unpacked.data(), unpacked.size(), row.data());
  }

  BlockCodes codes_;
};

}  // namespace

void ChannelCodes::codes(const Files& files, std::size_t start, std::size_t count, uint8_t* out) const {
  const FloatSource floats(files, source, &factors);
  const kernels::ChannelScales parameters{scales.data(), zero_points.empty() ? nullptr : zero_points.data()};
  const bool is_unsigned = dtype == DType::u8 || dtype == DType::u4;
  const std::size_t width = dtype == DType::i16 ? 2 : 1;
  ChunkFloats scratch;
  while (count > 0) {
    const std::size_t n = floats.contiguous() ? count : std::min(count, kChunkElements);
    const void* x = floats.read(start, n, scratch.data());
    if (is_unsigned) {
      kernels::quantize_f32_u8_per_channel(x, n, start, layout, parameters, spec, out);
    } else if (dtype == DType::i16) {
      kernels::quantize_f32_i16_per_channel(x, n, start, layout, parameters, spec, reinterpret_cast<int16_t*>(out));
    } else {
      kernels::quantize_f32_i8_per_channel(x, n, start, layout, parameters, spec, reinterpret_cast<int8_t*>(out));
    }
    start += n;
    out += n * width;
    count -= n;
  }
}

void ChannelCodes::widen(const uint8_t* codes, std::size_t start, std::size_t count, float* out) const {
  const kernels::ChannelScales parameters{scales.data(), zero_points.empty() ? nullptr : zero_points.data()};
  if (dtype == DType::u8 || dtype == DType::u4) {
    kernels::dequantize_u8_f32_per_channel(codes, count, start, layout, parameters, out);
  } else if (dtype == DType::i16) {
    kernels::dequantize_i16_f32_per_channel(reinterpret_cast<const int16_t*>(codes), count, start, layout, parameters,
                                            out);
  } else {
    kernels::dequantize_i8_f32_per_channel(reinterpret_cast<const int8_t*>(codes), count, start, layout, parameters,
                                           out);
  }
}

void BlockCodes::codes(const Files& files, std::size_t start, std::size_t count, uint8_t* out) const {
  const FloatSource floats(files, source);
  ChunkFloats scratch;
  while (count > 0) {
    const std::size_t n = std::min(count, kChunkElements);
    const void* x = floats.read(start, n, scratch.data());
    if (dtype == DType::u4) {
      kernels::quantize_f32_u4_block(x, n, start, layout, scales.data(), zero_points.data(), out);
    } else {
      kernels::quantize_f32_i4_block(x, n, start, layout, scales.data(), reinterpret_cast<int8_t*>(out));
    }
    start += n;
    out += n;
    count -= n;
  }
}

void BlockCodes::widen(const uint8_t* codes, std::size_t start, std::size_t count, float* out) const {
  if (dtype == DType::u4) {
    kernels::dequantize_u8_f32_block(codes, count, start, layout, scales.data(), zero_points.data(), out);
  } else {
    kernels::dequantize_i8_f32_block(reinterpret_cast<const int8_t*>(codes), count, start, layout, scales.data(),
                                     nullptr, out);
  }
}

std::shared_ptr<const Generator> make_generator(ChannelCodes codes) {
  if (dtype_bits(codes.dtype) == 4) return std::make_shared<PackedGenerator<ChannelCodes>>(std::move(codes));
  if (codes.dtype == DType::i16) return std::make_shared<WideGenerator>(std::move(codes));
  return std::make_shared<ByteGenerator>(std::move(codes));
}

std::shared_ptr<const Generator> make_transposed_generator(ChannelCodes codes, std::size_t matrices, std::size_t rows,
                                                           std::size_t columns) {
  return std::make_shared<TransposedGenerator>(std::move(codes), matrices, rows, columns);
}

std::shared_ptr<const Generator> make_generator(BlockCodes codes) {
  return std::make_shared<PackedGenerator<BlockCodes>>(std::move(codes));
}

std::shared_ptr<const Generator> make_half_generator(Constant source) {
  return std::make_shared<HalfGenerator>(std::move(source));
}

std::shared_ptr<const Generator> make_matmul_nbits_generator(BlockCodes codes) {
  return std::make_shared<MatMulNBitsGenerator>(std::move(codes));
}

}  // namespace narrowcast
