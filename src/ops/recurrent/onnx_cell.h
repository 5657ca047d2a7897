// One step of ONNX's recurrent layers for one sequence of the batch. Vectors of `hidden` floats follow each other.
#pragma once

#include "ops/recurrent/activation_list.h"

namespace narrowcast::ops {

enum class CellKind : uint8_t { rnn, gru, lstm };

// RNN: one gate. GRU: z r h. LSTM: i o f c.
constexpr std::size_t gate_count(CellKind kind) { return kind == CellKind::rnn ? 1 : kind == CellKind::gru ? 3 : 4; }

struct CellRules {
  CellKind kind = CellKind::rnn;
  std::size_t hidden = 0;
  float clip = 0;             // of the arguments of activations; 0: none
  bool input_forget = false;  // LSTM: f = 1 - i
  bool linear_before_reset = false;
  const float* peepholes = nullptr;  // LSTM: i o f, or none
  const CellActivation* functions = nullptr;
};

// h = f(gates).
void step_rnn(const CellRules& rules, float* gates, float* h);
// c = f c + i g(c gate); h = o h(c). `gates` hold the sums without the peepholes.
void step_lstm(const CellRules& rules, float* gates, float* c, float* h);
// z and r from their sums; then `reset` = r h.
void reset_gru(const CellRules& rules, float* gates, const float* h, float* reset);
// h = (1 - z) g(h gate) + z h, after reset_gru and with the third sum complete.
void step_gru(const CellRules& rules, float* gates, float* h);

}  // namespace narrowcast::ops
