// Sparse constants spelt out: a matrix in blocks as the format's own description has it, and every sparse weight of a
// real model against a look-up of each element.
#include <gtest/gtest.h>

#include "formats/tflite/write_tensor.h"
#include "tflite_builder.h"

namespace narrowcast::tflite {
namespace {

using namespace testing;

Index add_numbers(TableSet& set, TableType type, Bytes values) {
  Table table{.type = type, .fields = {}};
  table.set(0, set.add_scalars(table_info(type).fields[0], std::move(values)));
  return set.add_table(std::move(table));
}

Index dense_axis(TableSet& set, int32_t size) {
  Table table{.type = TableType::DimensionMetadata, .fields = {}};
  table.set(field::DimensionMetadata::format, 0);
  table.set(field::DimensionMetadata::dense_size, static_cast<uint64_t>(size));
  return set.add_table(std::move(table));
}

Index sparse_axis(TableSet& set, Bytes segments, Bytes indices) {
  constexpr auto kBytes = TableType::Uint8Vector;
  Table table{.type = TableType::DimensionMetadata, .fields = {}};
  table.set(field::DimensionMetadata::format, 1);
  const uint64_t number = union_number(UnionType::SparseIndexVector, kBytes);
  table.set(field::DimensionMetadata::array_segments - 1, number);
  table.set(field::DimensionMetadata::array_segments, add_numbers(set, kBytes, std::move(segments)));
  table.set(field::DimensionMetadata::array_indices - 1, number);
  table.set(field::DimensionMetadata::array_indices, add_numbers(set, kBytes, std::move(indices)));
  return set.add_table(std::move(table));
}

// [[1, 0, 2, 3], [0, 4, 0, 0], [0, 0, 5, 0], [0, 0, 0, 6]] in blocks of 2 x 2, of which the lower left one is left out.
Bytes block_model(Bytes indices) {
  ModelBuilder b;
  auto& part = b.parts[0];
  const uint32_t data = b.floats({1, 0, 0, 4, 2, 3, 0, 0, 5, 0, 0, 6});
  const int32_t x = b.tensor(part, "x", {4, 4}, data);
  const int32_t y = b.tensor(part, "y", {4, 4});
  Table sparsity{.type = TableType::SparsityParameters, .fields = {}};
  sparsity.set(field::SparsityParameters::traversal_order, add_int32s(b.set, {0, 1, 2, 3}));
  sparsity.set(field::SparsityParameters::block_map, add_int32s(b.set, {0, 1}));
  sparsity.set(field::SparsityParameters::dim_metadata,
               b.set.add_list({dense_axis(b.set, 2), sparse_axis(b.set, {0, 2, 3}, std::move(indices)),
                               dense_axis(b.set, 2), dense_axis(b.set, 2)}));
  b.set.added_table(part.tensors[0]).set(field::Tensor::sparsity, b.set.add_table(std::move(sparsity)));
  constexpr int32_t kDensify = 124;
  b.op(part, b.code(kDensify), {x}, {y});
  part.outputs = {y};
  return b.build();
}

Bytes all_bytes(const Files& files, const Generator& generator, std::size_t piece) {
  Bytes bytes(static_cast<std::size_t>(generator.length()));
  for (std::size_t at = 0; at < bytes.size(); at += piece) {
    const std::size_t count = std::min(piece, bytes.size() - at);
    generator.produce(files, at, std::span(bytes).subspan(at, count));
  }
  return bytes;
}

TEST(TfliteSparse, SpellsOutBlocks) {
  const Bytes file = block_model({0, 1, 1});
  const auto model = read_model(file);
  ASSERT_TRUE(model) << model.error().message;
  const Value& value = model->graph.values[0];
  ASSERT_TRUE(value.is_sparse);
  ASSERT_NE(value.dense, nullptr);
  const std::vector<float> expected{1, 0, 2, 3, 0, 4, 0, 0, 0, 0, 5, 0, 0, 0, 0, 6};
  for (const std::size_t piece : {64, 7}) {
    const Bytes bytes = all_bytes(model->files, *value.dense, piece);
    std::vector<float> dense(16);
    ASSERT_EQ(bytes.size(), dense.size() * sizeof(float));
    std::memcpy(dense.data(), bytes.data(), bytes.size());
    EXPECT_EQ(dense, expected) << piece;
  }
}

TEST(TfliteSparse, ReadsWhatContradictsItselfWithoutADenseForm) {
  for (const Bytes& indices : {Bytes{0, 2, 1}, Bytes{0, 1}, Bytes{0, 1, 1, 0}}) {
    const Bytes file = block_model(indices);
    const auto model = read_model(file);
    ASSERT_TRUE(model) << model.error().message;
    EXPECT_EQ(model->graph.values[0].dense, nullptr);
  }
}

// The element at one place, found by going down the tree. Matrices in the two layouts that the model below has.
class Lookup {
 public:
  Lookup(const Files& files, const TableView& tensor, Span data) : tensor_(tensor), data_(bytes_of(files, data)) {
    const auto sparsity = *tensor.child(field::Tensor::sparsity);
    order_ = sparsity.integers(field::SparsityParameters::traversal_order);
    block_of_ = sparsity.integers(field::SparsityParameters::block_map);
    for (const Index index : sparsity.children(field::SparsityParameters::dim_metadata)) {
      const TableView level = sparsity.at(index);
      dense_.push_back(level.integer(field::DimensionMetadata::format) == 0);
      sizes_.push_back(level.integer(field::DimensionMetadata::dense_size));
      const auto segments = level.child(field::DimensionMetadata::array_segments);
      const auto indices = level.child(field::DimensionMetadata::array_indices);
      segments_.push_back(segments ? segments->integers(0) : std::vector<int64_t>{});
      indices_.push_back(indices ? indices->integers(0) : std::vector<int64_t>{});
    }
  }

  uint16_t half_at(const std::vector<int64_t>& place) const {
    int64_t node = 0;
    for (std::size_t i = 0; i < order_.size(); ++i) {
      const int64_t at = coordinate(static_cast<std::size_t>(order_[i]), place);
      if (dense_[i]) {
        node = node * sizes_[i] + at;
        continue;
      }
      const auto start = static_cast<std::size_t>(segments_[i][static_cast<std::size_t>(node)]);
      const auto end = static_cast<std::size_t>(segments_[i][static_cast<std::size_t>(node) + 1]);
      const std::span stored = std::span(indices_[i]).subspan(start, end - start);
      const auto found = std::ranges::find(stored, at);
      if (found == stored.end()) return 0;
      node = static_cast<int64_t>(start) + (found - stored.begin());
    }
    return load_le<uint16_t>(data_.data() + node * 2);
  }

 private:
  int64_t block_size(std::size_t block) const {
    const auto level = std::ranges::find(order_, static_cast<int64_t>(rank() + block)) - order_.begin();
    return sizes_[static_cast<std::size_t>(level)];
  }
  std::size_t rank() const { return order_.size() - block_of_.size(); }
  int64_t coordinate(std::size_t axis, const std::vector<int64_t>& place) const {
    if (axis >= rank()) return place[static_cast<std::size_t>(block_of_[axis - rank()])] % block_size(axis - rank());
    const auto block = std::ranges::find(block_of_, static_cast<int64_t>(axis));
    if (block == block_of_.end()) return place[axis];
    return place[axis] / block_size(static_cast<std::size_t>(block - block_of_.begin()));
  }

  TableView tensor_;
  ByteView data_;
  std::vector<int64_t> order_;
  std::vector<int64_t> block_of_;
  std::vector<bool> dense_;
  std::vector<int64_t> sizes_;
  std::vector<std::vector<int64_t>> segments_;
  std::vector<std::vector<int64_t>> indices_;
};

TEST(TfliteSparse, AgreesWithALookUpInARealModel) {
  const fs::path path = packages_folder() / "@mediapipe/face_detection/face_detection_full_range_sparse.tflite";
  if (!fs::exists(path)) GTEST_SKIP() << "needs npm ci";
  const Bytes file = read_file(path);
  const auto model = read_model(file);
  ASSERT_TRUE(model) << model.error().message;
  const auto& records = static_cast<const TfliteRecords&>(*model->records);
  const TableView root(model->files, records.tables, records.root);
  const TableView graph = root.at(root.children(field::Model::subgraphs)[0]);
  const auto tensors = graph.children(field::SubGraph::tensors);
  int sparse = 0;
  for (std::size_t t = 0; t < tensors.size(); ++t) {
    const Value& value = model->graph.values[t];
    if (!value.is_sparse) continue;
    ++sparse;
    ASSERT_NE(value.dense, nullptr) << value.name;
    ASSERT_EQ(value.type.dtype, DType::f16) << value.name;
    const Bytes bytes = all_bytes(model->files, *value.dense, 1 << 20);
    const Lookup lookup(model->files, graph.at(tensors[t]), std::get<Span>(value.constant->payload));
    const Shape& shape = value.constant->shape;
    std::vector<int64_t> place(shape.size(), 0);
    for (std::size_t i = 0; i < bytes.size() / 2; ++i) {
      ASSERT_EQ(load_le<uint16_t>(&bytes[2 * i]), lookup.half_at(place)) << value.name << " " << i;
      for (std::size_t axis = shape.size(); axis-- > 0;) {
        if (++place[axis] < shape[axis]) break;
        place[axis] = 0;
      }
    }
  }
  EXPECT_GT(sparse, 0);
}

}  // namespace
}  // namespace narrowcast::tflite
