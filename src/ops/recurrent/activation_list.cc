#include "ops/recurrent/activation_list.h"

#include <algorithm>
#include <limits>

namespace narrowcast::ops {
namespace {

using kernels::UnaryKind;

constexpr float kOpen = std::numeric_limits<float>::infinity();

// Alphas and betas as they are used up.
class Parameters {
 public:
  Parameters(const RawOp& op, std::string_view name) {
    const AttributeValue* entry = op.find(name);
    if (entry == nullptr) return;
    if (const auto* list = std::get_if<std::vector<float>>(entry)) values_ = *list;
  }
  float next(float fallback) { return used_ < values_.size() ? values_[used_++] : fallback; }

 private:
  std::vector<float> values_;
  std::size_t used_ = 0;
};

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

// Defaults are those of the ONNX ops of these names.
Result<CellActivation> activation_of(std::string_view name, Parameters& alphas, Parameters& betas) {
  const std::string text = lower(name);
  const auto one = [](UnaryKind kind, float a = 0, float b = 0) { return CellActivation{{{kind, {a, b}}}}; };
  if (text == "sigmoid") return one(UnaryKind::sigmoid);
  if (text == "tanh") return one(UnaryKind::tanh);
  if (text == "relu") return one(UnaryKind::relu);
  if (text == "softsign") return one(UnaryKind::softsign);
  if (text == "softplus") return one(UnaryKind::softplus);
  if (text == "leakyrelu") return one(UnaryKind::leaky_relu, alphas.next(0.01F));
  if (text == "thresholdedrelu") return one(UnaryKind::thresholded_relu, alphas.next(1));
  if (text == "elu") return one(UnaryKind::elu, alphas.next(1));
  if (text == "affine" || text == "hardsigmoid") {
    const bool hard = text == "hardsigmoid";
    const float alpha = alphas.next(hard ? 0.2F : 1.0F);
    return one(hard ? UnaryKind::hard_sigmoid : UnaryKind::affine, alpha, betas.next(hard ? 0.5F : 0.0F));
  }
  if (text == "scaledtanh") {
    const float alpha = alphas.next(1);
    const float beta = betas.next(1);
    return CellActivation{{{UnaryKind::affine, {beta, 0}}, {UnaryKind::tanh, {}}, {UnaryKind::affine, {alpha, 0}}}};
  }
  return fail(ErrorCode::unsupported, "A cell with " + std::string(name) + " does not run here.");
}

}  // namespace

Result<std::vector<CellActivation>> read_activations(const RawOp& op, std::span<const std::string_view> defaults,
                                                     std::size_t directions) {
  std::vector<std::string> names;
  if (const AttributeValue* entry = op.find("activations")) {
    if (const auto* list = std::get_if<std::vector<std::string>>(entry)) names = *list;
  }
  if (names.empty()) {
    for (std::size_t i = 0; i < directions; ++i) names.insert(names.end(), defaults.begin(), defaults.end());
  }
  if (names.size() != directions * defaults.size()) {
    return fail(ErrorCode::malformed, op.type + ": " + std::to_string(names.size()) + " activations are not those of " +
                                          std::to_string(directions) + " directions.");
  }
  Parameters alphas(op, "activation_alpha");
  Parameters betas(op, "activation_beta");
  std::vector<CellActivation> functions;
  for (const std::string& name : names) {
    NC_TRY(CellActivation function, activation_of(name, alphas, betas));
    functions.push_back(std::move(function));
  }
  return functions;
}

Result<CellActivation> read_tflite_activation(const RawOp& op) {
  const int64_t number = op.int_or("fused_activation_function", 0);
  switch (number) {
    case 0:
      return CellActivation{};
    case 1:
      return CellActivation{{{UnaryKind::clamp, {0, kOpen}}}};
    case 2:
      return CellActivation{{{UnaryKind::clamp, {-1, 1}}}};
    case 3:
      return CellActivation{{{UnaryKind::clamp, {0, 6}}}};
    case 4:
      return CellActivation{{{UnaryKind::tanh, {}}}};
    default:
      return fail(ErrorCode::unsupported,
                  op.type + ": fused activation " + std::to_string(number) + " does not run here.");
  }
}

}  // namespace narrowcast::ops
