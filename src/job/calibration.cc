#include "job/calibration.h"

#include <algorithm>
#include <array>

#include "base/xxhash64.h"
#include "job/percentile.h"
#include "passes/channel_axes.h"
#include "passes/infer_types.h"

namespace narrowcast {
namespace {

using calib::RangeOptions;
using calib::Ranges;

std::string method_names() {
  std::string names;
  for (const calib::ObserverKind& kind : calib::observer_kinds()) {
    names += (names.empty() ? "" : ", ") + std::string(kind.name);
  }
  return names;
}

// Values of these names, in whatever scopes. Errors: usage, naming the one that there is not.
Result<std::vector<ValueId>> named_values(const Graph& graph, const Json& names, std::span<const ValueId> from) {
  std::vector<bool> is_wanted(graph.values.size(), false);
  for (const Json& name : names) {
    if (!name.is_string()) return fail(ErrorCode::usage, "A value is named by a text.", "values");
    const auto& wanted = name.get_ref<const std::string&>();
    bool any = false;
    for (const ValueId id : from) {
      if (graph[id].name != wanted) continue;
      any = true;
      is_wanted[id.index] = true;
    }
    if (!any) return fail(ErrorCode::usage, "The model makes no float32 value of this name.", wanted);
  }
  std::vector<ValueId> found;
  std::ranges::copy_if(from, std::back_inserter(found), [&](ValueId id) { return is_wanted[id.index]; });
  return found;
}

// By value: whether runs make it or are given it.
std::vector<bool> made_by(const exec::Program& program) {
  std::vector<bool> made(program.graph.values.size(), false);
  const auto mark = [&](const std::vector<ValueId>& values) {
    for (const ValueId value : values) {
      if (value) made[value.index] = !program.constants[value.index].present();
    }
  };
  for (std::size_t i = 0; i < program.scopes.size(); ++i) {
    if (!program.scopes[i].compiled) continue;
    mark(program.graph.scopes[i].inputs);
    for (const exec::Step& step : program.scopes[i].steps) {
      std::vector<ValueId> results = step.absorbed.empty() ? step.outputs : step.absorbed.back().outputs;
      for (std::size_t r = 0; r < results.size() && step.absorbed.empty(); ++r) {
        if (step.wanted[r] == 0) results[r] = {};
      }
      mark(results);
    }
  }
  return made;
}

// The graph whose body, or body's body, the scope is. TFLite models have one for each signature: a run is of one.
ScopeId root_of(const Graph& graph, ScopeId scope) {
  while (graph[scope].parent) scope = graph[scope].parent;
  return scope;
}

}  // namespace

Result<std::unique_ptr<Calibration>> Calibration::create(const Model& model, std::span<const InputFile> files,
                                                         const Json& wish) {
  if (!wish.is_object()) return fail(ErrorCode::usage, "The calibration's settings are no object.", "calibrate");
  std::unique_ptr<Calibration> made(new Calibration(model.graph));
  const auto method = wish.find("method");
  if (method != wish.end() && method->is_string()) {
    made->method_ = calib::find_observer(method->get_ref<const std::string&>());
  }
  if (made->method_ == nullptr) {
    return fail(ErrorCode::usage, "The method is one of " + method_names() + ".", "method");
  }
  NC_TRY(made->percentile_, percentile_of(wish, RangeOptions().percentile));
  NC_TRY(const auto facts, infer_types(model.graph, model.files));
  made->candidates_ = calib::float_values(model.graph, facts);
  // Scales by channel are for ONNX: TFLite's ops between codes and floats take one for all.
  if (model.format->name == "onnx") made->channels_ = channel_axes(model.graph, facts);
  const auto values = wish.find("values");
  if (values != wish.end() && !values->is_null()) {
    if (!values->is_array()) return fail(ErrorCode::usage, "The values are no list of names.", "values");
    NC_TRY(made->candidates_, named_values(model.graph, *values, made->candidates_));
    made->is_chosen_ = true;
  }
  std::vector<ByteView> views;
  for (const InputFile& file : files) views.push_back(file.bytes);
  made->model_ = calib::hash_files(views);
  return made;
}

Status Calibration::watch(const exec::Program& program, exec::Runner& runner, calib::Settings settings) {
  const std::vector<bool> made = made_by(program);
  std::vector<calib::Watch> watches;
  for (const ValueId value : candidates_) {
    if (made[value.index]) {
      watches.push_back({value, method_, channels_.empty() ? 0 : channels_[value.index]});
    } else if (is_chosen_ && root_of(graph_, graph_[value].scope) == root_of(graph_, runner.scope())) {
      return fail(ErrorCode::usage, "No run makes this value: it is constant, or nothing needs it.",
                  graph_[value].name);
    }
  }
  Ranges empty;
  empty.model = model_;
  empty.settings = std::move(settings);
  empty.settings.percentile = percentile_;
  NC_TRY(calibrator_, calib::Calibrator::create(graph_, watches, std::move(empty)));
  runner.observe(calibrator_.get());
  scope_ = runner.scope();
  return {};
}

Status Calibration::begin(std::span<const ops::Tensor> inputs) {
  constexpr uint8_t kEnd = 0;
  if (!next_) return {};
  Sha256 hash;
  const auto add = [&](std::string_view text) {
    hash.add(text);
    hash.add(ByteView(&kEnd, 1));
  };
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    if (!inputs[i].present()) continue;
    add(graph_[graph_[scope_].inputs[i]].name);
    add(dtype_name(inputs[i].dtype));
    add(shape_text(inputs[i].shape));
    std::array<uint8_t, 8> content;
    store_le(content.data(), xxhash64({inputs[i].data, inputs[i].bytes()}));
    hash.add(content);
  }
  const uint32_t index = *next_;
  next_.reset();
  return calibrator_->begin(index, hash.finish());
}

Result<std::string> Calibration::state() const {
  NC_TRY(const Ranges* const ranges, calibrator_->ranges());
  return ranges->write();
}

}  // namespace narrowcast
