#include "rewrite/rewrite.h"

#include "rewrite/dynamic.h"
#include "rewrite/half.h"
#include "rewrite/onnx_weights.h"
#include "rewrite/tflite_weights.h"

namespace narrowcast {

Status rewrite_weight(EditLog& log, const Model& model, const WeightPlan& plan, const NarrowedWeight& narrowed,
                      Style style) {
  if (model.format->name == "tflite") return rewrite_tflite_weight(log, model.files, plan, narrowed);
  if (plan.form == WeightForm::product || plan.form == WeightForm::convolution) {
    return rewrite_dynamic_product(log, plan, narrowed);
  }
  if (plan.form == WeightForm::recurrent) return rewrite_dynamic_lstm(log, plan, narrowed);
  if (plan.form == WeightForm::half || plan.form == WeightForm::half_copy) {
    rewrite_half_constant(log, plan, narrowed);
    return {};
  }
  if (plan.form == WeightForm::embedding) return rewrite_embedding(log, plan, narrowed);
  if (style == Style::qoperator) return rewrite_matmul_nbits(log, plan, narrowed);
  return rewrite_onnx_weight(log, model, plan, narrowed);
}

void finish_rewrite(EditLog& log, const Model& model) {
  if (model.format->name != "tflite") return;
  update_versions(log);
  raise_runtime_version(log);
}

}  // namespace narrowcast
