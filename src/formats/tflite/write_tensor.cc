#include "formats/tflite/write_tensor.h"

#include <algorithm>

#include "formats/tflite/tensor.h"

namespace narrowcast::tflite {
namespace {

const FieldInfo& quant_info(uint16_t slot) { return table_info(TableType::QuantizationParameters).fields[slot]; }

Result<std::vector<int32_t>> narrow(const Shape& shape, int32_t unknown, const std::string& where) {
  std::vector<int32_t> sizes;
  for (const int64_t size : shape) {
    if (size > INT32_MAX) return fail(ErrorCode::unsupported, "A size does not fit TFLite's 32 bits.", where);
    sizes.push_back(size < 0 ? unknown : static_cast<int32_t>(size));
  }
  return sizes;
}

Status set_shape(TableSet& set, Index tensor, const Shape& shape, const std::string& where) {
  // As the converter writes it: 1 stands for a size that is not known yet, the signature says so.
  NC_TRY(const auto sizes, narrow(shape, 1, where));
  NC_TRY(const auto signature, narrow(shape, -1, where));
  const Index sizes_blob = add_int32s(set, sizes);
  set.added_table(tensor).set(field::Tensor::shape, sizes_blob);
  if (signature == sizes) {
    set.added_table(tensor).erase(field::Tensor::shape_signature);
  } else {
    const Index signature_blob = add_int32s(set, signature);
    set.added_table(tensor).set(field::Tensor::shape_signature, signature_blob);
  }
  return {};
}

// The shape that a reader of the table would see.
Shape shape_in(const TableView& tensor, bool is_constant) {
  Shape shape = tensor.integers(is_constant || tensor.count(field::Tensor::shape_signature) == 0
                                    ? field::Tensor::shape
                                    : field::Tensor::shape_signature);
  for (int64_t& size : shape) size = size < 0 ? kUnknownDim : size;
  return shape;
}

Status set_quant(TableSet& set, Index tensor, const QuantParams& quant, const std::string& where) {
  const std::size_t count = quant.scales.size();
  if (count == 0 || (!quant.zero_points.empty() && quant.zero_points.size() != count)) {
    return fail(ErrorCode::internal, "A quantization needs scales, and as many zero points.", where);
  }
  Bytes scales;
  for (const float scale : quant.scales) append_le(scales, scale);
  Bytes zero_points;
  for (std::size_t i = 0; i < count; ++i)
    append_le(zero_points, quant.zero_points.empty() ? int64_t{0} : quant.zero_points[i]);
  Table table{.type = TableType::QuantizationParameters, .fields = {}};
  using field::QuantizationParameters::quantized_dimension;
  using field::QuantizationParameters::scale;
  using field::QuantizationParameters::zero_point;
  table.set(scale, set.add_scalars(quant_info(scale), std::move(scales)));
  table.set(zero_point, set.add_scalars(quant_info(zero_point), std::move(zero_points)));
  if (quant.per_channel() && quant.axis != 0) table.set(quantized_dimension, static_cast<uint32_t>(quant.axis));
  const Index index = set.add_table(std::move(table));
  set.added_table(tensor).set(field::Tensor::quantization, index);
  return {};
}

}  // namespace

Index add_int32s(TableSet& set, const std::vector<int32_t>& values) {
  Bytes bytes;
  for (const int32_t value : values) append_le(bytes, value);
  return set.add_blob({.payload = std::move(bytes), .element_bytes = 4, .align = 4});
}

Status update_tensor(const Files& files, TableSet& set, Index tensor, const Value& value, bool is_constant) {
  const TableView view(files, set, tensor);
  if (dtype_of_tflite(view.integer(field::Tensor::type)) != value.type.dtype) {
    NC_TRY(const int32_t type, tflite_of_dtype(value.type.dtype, value.name));
    set.added_table(tensor).set(field::Tensor::type, static_cast<uint64_t>(type));
  }
  if (value.type.shape && *value.type.shape != shape_in(view, is_constant)) {
    NC_CHECK(set_shape(set, tensor, *value.type.shape, value.name));
  } else if (is_constant) {
    set.added_table(tensor).erase(field::Tensor::shape_signature);
  }
  // The old parameters may not fit the new shape, which is no reason to stop.
  const auto old = read_quant(view);
  if (old && *old == value.quant) return {};
  if (!value.quant) {
    set.added_table(tensor).erase(field::Tensor::quantization);
    return {};
  }
  return set_quant(set, tensor, *value.quant, value.name);
}

Result<Index> new_tensor(const Files& files, TableSet& set, const Value& value, uint32_t buffer, bool with_rank_flag) {
  Table table{.type = TableType::Tensor, .fields = {}};
  if (buffer != 0) table.set(field::Tensor::buffer, buffer);
  table.set(field::Tensor::name, set.add_string(value.name));
  if (with_rank_flag && value.type.shape) table.set(field::Tensor::has_rank, 1);
  const Index index = set.add_table(std::move(table));
  if (value.type.shape) NC_CHECK(set_shape(set, index, *value.type.shape, value.name));
  NC_CHECK(update_tensor(files, set, index, value, value.constant.has_value()));
  return index;
}

}  // namespace narrowcast::tflite
