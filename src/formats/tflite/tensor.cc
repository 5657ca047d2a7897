#include "formats/tflite/tensor.h"

#include <algorithm>
#include <array>

#include "formats/tflite/sparse.h"

namespace narrowcast::tflite {
namespace {

// By TensorType number.
constexpr std::array kTypes{DType::f32,     DType::f16,   DType::i32,   DType::u8,        DType::i64,    DType::string,
                            DType::boolean, DType::i16,   DType::c64,   DType::i8,        DType::f64,    DType::c128,
                            DType::u64,     DType::other, DType::other, DType::u32,       DType::u16,    DType::i4,
                            DType::bf16,    DType::i2,    DType::u4,    DType::f8_e4m3fn, DType::f8_e5m2};

std::string label(const TableView& tensor) { return std::string(tensor.text(field::Tensor::name)); }

std::unexpected<Error> malformed(const TableView& tensor, std::string what) {
  return fail(ErrorCode::malformed, std::move(what), label(tensor));
}

// The shape that the file stores the data by.
Result<Shape> stored_shape(const TableView& tensor) {
  Shape shape = tensor.integers(field::Tensor::shape);
  if (std::ranges::any_of(shape, [](int64_t size) { return size < -1; })) {
    return malformed(tensor, "The tensor has a size below zero.");
  }
  return shape;
}

// The shape as far as it is known before the model runs: sizes that the signature leaves open are -1.
Result<Shape> declared_shape(const TableView& tensor, const Shape& stored) {
  Shape signature = tensor.integers(field::Tensor::shape_signature);
  if (signature.empty()) return stored;
  if (signature.size() != stored.size())
    return malformed(tensor, "The tensor's shape and its signature differ in rank.");
  for (int64_t& size : signature) size = size < 0 ? kUnknownDim : size;
  return signature;
}

// Whether the bytes of the data follow from type and shape.
bool is_dense(DType dtype, const TableView& tensor) {
  return dtype_bits(dtype) > 0 && !tensor.has(field::Tensor::sparsity);
}

Status check_length(const TableView& tensor, const Constant& constant, uint64_t length) {
  const int64_t count = element_count(constant.shape);
  const unsigned bits = dtype_bits(constant.dtype);
  const bool absurd = count < 0 || static_cast<uint64_t>(count) > UINT64_MAX / std::max(bits, 8U);
  if (absurd || packed_bytes(static_cast<uint64_t>(count), bits) != length) {
    return malformed(tensor, "The tensor's data is " + std::to_string(length) +
                                 " bytes long, which does not fit its shape " + shape_text(constant.shape) + " of " +
                                 std::string(dtype_name(constant.dtype)) + ".");
  }
  return {};
}

}  // namespace

DType dtype_of_tflite(int64_t tensor_type) {
  const bool known = tensor_type >= 0 && tensor_type < static_cast<int64_t>(kTypes.size());
  return known ? kTypes[static_cast<std::size_t>(tensor_type)] : DType::other;
}

Result<int32_t> tflite_of_dtype(DType dtype, std::string_view where) {
  const auto it = std::ranges::find(kTypes, dtype);
  if (it == kTypes.end() || dtype == DType::other) {
    return fail(ErrorCode::unsupported, "TFLite has no type " + std::string(dtype_name(dtype)) + ".",
                std::string(where));
  }
  return static_cast<int32_t>(it - kTypes.begin());
}

Result<std::optional<QuantParams>> read_quant(const TableView& tensor) {
  const auto table = tensor.child(field::Tensor::quantization);
  if (!table || table->count(field::QuantizationParameters::scale) == 0) return std::nullopt;
  QuantParams quant;
  quant.scales = table->reals(field::QuantizationParameters::scale);
  quant.zero_points = table->integers(field::QuantizationParameters::zero_point);
  quant.axis = static_cast<int>(table->integer(field::QuantizationParameters::quantized_dimension));
  if (quant.zero_points.size() == 1) quant.zero_points.resize(quant.scales.size(), quant.zero_points[0]);
  if (!quant.zero_points.empty() && quant.zero_points.size() != quant.scales.size()) {
    return malformed(tensor, "The tensor has as many zero points as " + std::to_string(quant.zero_points.size()) +
                                 ", but " + std::to_string(quant.scales.size()) + " scales.");
  }
  if (!quant.per_channel()) return quant;
  const Blob* shape = tensor.blob(field::Tensor::shape);
  const std::vector<int64_t> sizes = shape == nullptr ? std::vector<int64_t>{} : tensor.integers(field::Tensor::shape);
  if (quant.axis < 0 || static_cast<std::size_t>(quant.axis) >= sizes.size() ||
      sizes[static_cast<std::size_t>(quant.axis)] != static_cast<int64_t>(quant.scales.size())) {
    return malformed(tensor, "The tensor's scales do not fit its shape along axis " + std::to_string(quant.axis) + ".");
  }
  return quant;
}

Result<Value> read_tensor(const TableView& tensor, const std::vector<Span>& buffers, Budget& budget) {
  const auto table = tensor.child(field::Tensor::quantization);
  const uint64_t scales = table ? table->count(field::QuantizationParameters::scale) : 0;
  const uint64_t zero_points = table ? table->count(field::QuantizationParameters::zero_point) : 0;
  const uint64_t rank = tensor.count(field::Tensor::shape) + tensor.count(field::Tensor::shape_signature);
  NC_CHECK(
      budget.take(sizeof(Value) + tensor.text(field::Tensor::name).size() + 12 * scales + 8 * zero_points + 16 * rank));

  Value value;
  value.name = tensor.text(field::Tensor::name);
  value.type.dtype = dtype_of_tflite(tensor.integer(field::Tensor::type));
  value.is_sparse = tensor.has(field::Tensor::sparsity);
  NC_TRY(const Shape stored, stored_shape(tensor));
  NC_TRY(value.type.shape, declared_shape(tensor, stored));
  NC_TRY(value.quant, read_quant(tensor));
  if (tensor.integer(field::Tensor::external_buffer) != 0) {
    return fail(ErrorCode::unsupported, "The tensor's data stands in an external file, which is not read yet.",
                value.name);
  }
  const auto buffer = static_cast<uint64_t>(tensor.integer(field::Tensor::buffer));
  if (buffer >= buffers.size() && buffer != 0) return malformed(tensor, "The tensor's buffer does not exist.");
  const Span data = buffer == 0 ? Span{} : buffers[static_cast<std::size_t>(buffer)];
  if (data.length == 0) return value;
  value.constant = Constant{value.type.dtype, stored, data};
  value.type.shape = stored;
  if (value.is_sparse) {
    NC_TRY(value.dense, dense_form(tensor, stored, value.type.dtype, data, budget));
  }
  if (is_dense(value.type.dtype, tensor)) NC_CHECK(check_length(tensor, *value.constant, data.length));
  return value;
}

}  // namespace narrowcast::tflite
