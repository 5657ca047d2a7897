#include "formats/tflite/sparse.h"

#include <algorithm>
#include <cstring>

namespace narrowcast::tflite {
namespace {

constexpr std::size_t kMostLevels = 16;  // axes and blocks of one tensor

// Integers of 1, 2 or 4 bytes in the file.
struct Numbers {
  Span span;
  uint8_t bytes = 4;

  [[nodiscard]] uint64_t count() const { return span.length / bytes; }
  [[nodiscard]] int64_t at(const Files& files, uint64_t i) const {
    const uint8_t* from = files[span.file].bytes.data() + span.offset + i * bytes;
    if (bytes == 1) return *from;
    if (bytes == 2) return load_le<uint16_t>(from);
    return load_le<int32_t>(from);
  }
};

// One axis of the tree of entries, outermost first. Dense: every entry is there. Otherwise the children of node i are
// numbers segments[i]..segments[i + 1] of the level, and their places on the axis stand in `indices`.
struct Level {
  bool dense = true;
  int64_t size = 0;
  uint64_t stride = 0;  // in the dense tensor, in elements
  Numbers segments;
  Numbers indices;
};

std::optional<Numbers> read_numbers(const TableView& metadata, uint16_t slot) {
  const auto table = metadata.child(slot);
  if (!table) return std::nullopt;
  constexpr uint16_t kValues = 0;  // the only field of each member of the union
  const Blob* blob = table->blob(kValues);
  if (blob == nullptr) return Numbers{};
  const auto* span = std::get_if<Span>(&blob->payload);
  if (span == nullptr) return std::nullopt;
  return Numbers{*span, blob->element_bytes};
}

class Decoder final : public Generator {
 public:
  Decoder(std::vector<Level> levels, Span data, unsigned width, uint64_t length)
      : levels_(std::move(levels)), data_(data), width_(width), length_(length) {}

  [[nodiscard]] uint64_t length() const override { return length_; }

  void produce(const Files& files, uint64_t offset, std::span<uint8_t> out) const override {
    std::ranges::fill(out, uint8_t{0});
    Walk walk{files, offset, out};
    visit(walk, 0, 0, 0);
  }

 private:
  struct Walk {
    const Files& files;
    uint64_t offset;
    std::span<uint8_t> out;
  };

  void put(const Walk& walk, uint64_t node, uint64_t element) const {
    const uint8_t* from = bytes_of(walk.files, data_).data() + node * width_;
    for (uint64_t i = 0; i < width_; ++i) {
      const uint64_t at = element * width_ + i;
      if (at >= walk.offset && at - walk.offset < walk.out.size()) walk.out[at - walk.offset] = from[i];
    }
  }

  // Nodes of the last level are numbered as the stored elements are.
  void visit(const Walk& walk, std::size_t depth, uint64_t node, uint64_t element) const {
    if (depth == levels_.size()) return put(walk, node, element);
    const Level& level = levels_[depth];
    if (level.dense) {
      const auto size = static_cast<uint64_t>(level.size);
      for (uint64_t i = 0; i < size; ++i) visit(walk, depth + 1, node * size + i, element + i * level.stride);
      return;
    }
    const auto begin = static_cast<uint64_t>(level.segments.at(walk.files, node));
    const auto end = static_cast<uint64_t>(level.segments.at(walk.files, node + 1));
    for (uint64_t i = begin; i < end; ++i) {
      const auto place = static_cast<uint64_t>(level.indices.at(walk.files, i));
      visit(walk, depth + 1, i, element + place * level.stride);
    }
  }

  std::vector<Level> levels_;
  Span data_;
  uint64_t width_;
  uint64_t length_;
};

// Checks a sparse level under `nodes` parents: the nodes it has.
std::optional<uint64_t> count_sparse(const Files& files, const Level& level, uint64_t nodes) {
  if (level.segments.count() != nodes + 1 || level.segments.at(files, 0) != 0) return std::nullopt;
  const auto entries = static_cast<int64_t>(level.indices.count());
  int64_t before = 0;
  for (uint64_t i = 1; i <= nodes; ++i) {
    const int64_t end = level.segments.at(files, i);
    if (end < before || end > entries) return std::nullopt;
    before = end;
  }
  if (before != entries) return std::nullopt;
  for (uint64_t i = 0; i < level.indices.count(); ++i) {
    const int64_t place = level.indices.at(files, i);
    if (place < 0 || place >= level.size) return std::nullopt;
  }
  return level.indices.count();
}

// The elements that are stored, when all levels agree.
std::optional<uint64_t> count_stored(const Files& files, const std::vector<Level>& levels, uint64_t most) {
  uint64_t nodes = 1;
  for (const Level& level : levels) {
    if (level.dense) {
      if (level.size < 0 || __builtin_mul_overflow(nodes, static_cast<uint64_t>(level.size), &nodes)) return {};
    } else {
      const auto count = count_sparse(files, level, nodes);
      if (!count) return std::nullopt;
      nodes = *count;
    }
    if (nodes > most) return std::nullopt;
  }
  return nodes;
}

// Axes as the tree cuts them: first the tensor's, of whole blocks, then those within the blocks.
struct Cut {
  std::vector<int64_t> sizes;
  std::vector<uint64_t> strides;
};

std::optional<Cut> cut_axes(const Shape& shape, const std::vector<int64_t>& block_of,
                            const std::vector<int64_t>& block_sizes) {
  Cut cut{shape, std::vector<uint64_t>(shape.size(), 1)};
  for (std::size_t i = shape.size(); i-- > 1;) {
    cut.strides[i - 1] = cut.strides[i] * static_cast<uint64_t>(shape[i]);
  }
  const std::vector<uint64_t> whole = cut.strides;
  for (std::size_t i = 0; i < block_of.size(); ++i) {
    const int64_t axis = block_of[i];
    const int64_t block = block_sizes[i];
    if (axis < 0 || axis >= static_cast<int64_t>(shape.size()) || block <= 0) return std::nullopt;
    const auto at = static_cast<std::size_t>(axis);
    // An axis has one block; the file's form could not say which of two is the outer one.
    if (cut.sizes[at] != shape[at] || shape[at] % block != 0) return std::nullopt;
    if (block == 1 && std::ranges::count(block_of, axis) > 1) return std::nullopt;
    cut.sizes[at] = shape[at] / block;
    cut.strides[at] = whole[at] * static_cast<uint64_t>(block);
    cut.sizes.push_back(block);
    cut.strides.push_back(whole[at]);
  }
  return cut;
}

bool is_order(std::vector<int64_t> order) {
  std::ranges::sort(order);
  for (std::size_t i = 0; i < order.size(); ++i) {
    if (order[i] != static_cast<int64_t>(i)) return false;
  }
  return true;
}

std::optional<std::vector<Level>> read_levels(const TableView& sparsity, const Shape& shape) {
  using namespace field;
  if (sparsity.count(SparsityParameters::traversal_order) > kMostLevels ||
      sparsity.count(SparsityParameters::block_map) > kMostLevels || shape.size() > kMostLevels) {
    return std::nullopt;
  }
  const std::vector<int64_t> order = sparsity.integers(SparsityParameters::traversal_order);
  const std::vector<int64_t> block_of = sparsity.integers(SparsityParameters::block_map);
  const auto metadata = sparsity.children(SparsityParameters::dim_metadata);
  const std::size_t count = shape.size() + block_of.size();
  if (order.size() != count || metadata.size() != count || !is_order(order)) return std::nullopt;
  std::vector<int64_t> block_sizes(block_of.size(), 0);
  for (std::size_t i = 0; i < count; ++i) {
    const auto axis = static_cast<std::size_t>(order[i]);
    if (axis < shape.size()) continue;
    block_sizes[axis - shape.size()] = sparsity.at(metadata[i]).integer(DimensionMetadata::dense_size);
  }
  const auto cut = cut_axes(shape, block_of, block_sizes);
  if (!cut) return std::nullopt;
  std::vector<Level> levels(count);
  for (std::size_t i = 0; i < count; ++i) {
    const TableView level = sparsity.at(metadata[i]);
    const auto axis = static_cast<std::size_t>(order[i]);
    levels[i].dense = level.integer(DimensionMetadata::format) == 0;
    levels[i].size = cut->sizes[axis];
    levels[i].stride = cut->strides[axis];
    if (levels[i].dense) {
      if (level.integer(DimensionMetadata::dense_size) != levels[i].size) return std::nullopt;
      continue;
    }
    const auto segments = read_numbers(level, DimensionMetadata::array_segments);
    const auto indices = read_numbers(level, DimensionMetadata::array_indices);
    if (!segments || !indices || axis >= shape.size() || segments->count() == 0) return std::nullopt;
    levels[i].segments = *segments;
    levels[i].indices = *indices;
  }
  return levels;
}

}  // namespace

Result<std::shared_ptr<const Generator>> dense_form(const TableView& tensor, const Shape& shape, DType dtype, Span data,
                                                    Budget& budget) {
  std::shared_ptr<const Generator> none;
  const auto sparsity = tensor.child(field::Tensor::sparsity);
  const int64_t count = element_count(shape);
  const unsigned bits = dtype_bits(dtype);
  if (!sparsity || bits < 8 || count <= 0) return none;
  uint64_t length = 0;
  if (__builtin_mul_overflow(static_cast<uint64_t>(count), bits / 8, &length)) return none;
  auto levels = read_levels(*sparsity, shape);
  if (!levels) return none;
  for (const Level& level : *levels) NC_CHECK(budget.take(level.segments.span.length + level.indices.span.length));
  const auto stored = count_stored(tensor.files(), *levels, data.length);
  if (!stored || *stored * (bits / 8) != data.length) return none;
  return std::make_shared<Decoder>(std::move(*levels), data, bits / 8, length);
}

}  // namespace narrowcast::tflite
