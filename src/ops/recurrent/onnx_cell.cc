#include "ops/recurrent/onnx_cell.h"

namespace narrowcast::ops {
namespace {

// f(clamp(x)).
void activate(const CellRules& rules, std::size_t function, float* x, std::size_t n) {
  if (rules.clip > 0) kernels::unary_f32(kernels::UnaryKind::clamp)(x, x, n, {-rules.clip, rules.clip});
  rules.functions[function].apply(x, n);
}

void add_products(const float* a, const float* b, std::size_t n, float* y) {
  for (std::size_t i = 0; i < n; ++i) y[i] += a[i] * b[i];
}

}  // namespace

void step_rnn(const CellRules& rules, float* gates, float* h) {
  activate(rules, 0, gates, rules.hidden);
  for (std::size_t i = 0; i < rules.hidden; ++i) h[i] = gates[i];
}

void step_lstm(const CellRules& rules, float* gates, float* c, float* h) {
  const std::size_t n = rules.hidden;
  float* const in = gates;
  float* const out = gates + n;
  float* const forget = gates + 2 * n;
  float* const cell = gates + 3 * n;
  if (rules.peepholes != nullptr) {
    add_products(rules.peepholes, c, n, in);
    add_products(rules.peepholes + 2 * n, c, n, forget);
  }
  activate(rules, 0, in, n);
  if (rules.input_forget) {
    for (std::size_t i = 0; i < n; ++i) forget[i] = 1 - in[i];
  } else {
    activate(rules, 0, forget, n);
  }
  activate(rules, 1, cell, n);
  for (std::size_t i = 0; i < n; ++i) c[i] = forget[i] * c[i] + in[i] * cell[i];
  if (rules.peepholes != nullptr) add_products(rules.peepholes + n, c, n, out);
  activate(rules, 0, out, n);
  for (std::size_t i = 0; i < n; ++i) h[i] = c[i];
  rules.functions[2].apply(h, n);
  for (std::size_t i = 0; i < n; ++i) h[i] = out[i] * h[i];
}

void reset_gru(const CellRules& rules, float* gates, const float* h, float* reset) {
  const std::size_t n = rules.hidden;
  activate(rules, 0, gates, 2 * n);
  for (std::size_t i = 0; i < n; ++i) reset[i] = gates[n + i] * h[i];
}

void step_gru(const CellRules& rules, float* gates, float* h) {
  const std::size_t n = rules.hidden;
  float* const fresh = gates + 2 * n;
  activate(rules, 1, fresh, n);
  for (std::size_t i = 0; i < n; ++i) h[i] = (1 - gates[i]) * fresh[i] + gates[i] * h[i];
}

}  // namespace narrowcast::ops
