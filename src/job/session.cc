#include "job/session.h"

#include <algorithm>

#include "job/calibration.h"
#include "job/job.h"
#include "kernels/quantize/quantize.h"
#include "passes/infer_types.h"
#include "passes/inline_functions.h"
#include "passes/widen_codes.h"
#include "report/json.h"

namespace narrowcast {
namespace {

Result<Json> parse_object(std::string_view text, std::string_view what) {
  Json json = Json::parse(text, nullptr, false);
  if (!json.is_object()) return fail(ErrorCode::usage, "The " + std::string(what) + " are no JSON object.");
  return json;
}

bool flag(const Json& json, const char* key, bool fallback) {
  const auto entry = json.find(key);
  return entry != json.end() && entry->is_boolean() ? entry->get<bool>() : fallback;
}

std::string names_of(const auto& ports) {
  std::string names;
  for (const auto& port : ports) names += (names.empty() ? "'" : ", '") + port.name + "'";
  return names;
}

Result<Shape> shape_of(const Json& entry, const std::string& name) {
  Shape shape;
  for (const Json& size : entry.value("shape", Json::array())) {
    if (!size.is_number_integer() || size.get<int64_t>() < 0) {
      return fail(ErrorCode::usage, "A size of the shape is no number of elements.", name);
    }
    shape.push_back(size.get<int64_t>());
  }
  return shape;
}

Json port_list(const Graph& graph, const auto& ports) {
  Json list = Json::array();
  for (const auto& port : ports) {
    const Value& value = graph[port.value];
    Json entry{{"name", port.name}, {"dtype", dtype_name(value.type.dtype)}, {"shape", shape_json(value.type.shape)}};
    if (!value.dim_names.empty()) entry["dim_names"] = value.dim_names;
    list.push_back(std::move(entry));
  }
  return list;
}

}  // namespace

Session::Session(Model model) : model_(std::move(model)) {}
Session::~Session() = default;

void Session::expect_sample(uint32_t index) {
  if (calibration_ != nullptr) calibration_->expect(index);
}

Result<std::string> Session::observed() const {
  if (calibration_ == nullptr) return fail(ErrorCode::usage, "The model was not loaded to calibrate.");
  return calibration_->state();
}

Status Session::choose_signature(std::string_view key) {
  const Graph& graph = model_.graph;
  const auto chosen = std::ranges::find_if(graph.signatures, [&](const Signature& s) { return s.key == key; });
  if (!key.empty() && chosen == graph.signatures.end()) {
    return fail(ErrorCode::usage, "The model has no signature '" + std::string(key) + "'.");
  }
  if (graph.scopes.empty()) return fail(ErrorCode::malformed, "The model holds no graph.");
  scope_ = key.empty() ? ScopeId(0U) : chosen->scope;
  const auto names = key.empty()
                         ? std::ranges::find_if(graph.signatures, [&](const Signature& s) { return s.scope == scope_; })
                         : chosen;
  const auto name_of = [&](ValueId value, bool is_input) {
    if (names == graph.signatures.end()) return graph[value].name;
    const auto& list = is_input ? names->inputs : names->outputs;
    const auto named = std::ranges::find_if(list, [&](const auto& entry) { return entry.second == value; });
    return named == list.end() || named->first.empty() ? graph[value].name : named->first;
  };
  for (const ValueId value : graph[scope_].inputs) {
    if (value && !graph[value].constant) inputs_.push_back({name_of(value, true), value, codes_of(value)});
  }
  for (const ValueId value : graph[scope_].outputs) {
    outputs_.push_back({name_of(value, false), value, codes_of(value)});
  }
  return {};
}

std::optional<BorderCodes> Session::codes_of(ValueId value) const {
  if (!value || !holds_codes(model_.graph[value].type.dtype)) return std::nullopt;
  return border_codes(model_.files, model_.graph, value);
}

void Session::detach_attributes() {
  constexpr uint64_t kMost = 1 << 20;  // bytes; nodes that are left have small ones
  needs_files_ = false;
  const auto detach = [&](const exec::Step& step) {
    for (Attribute& attribute : model_.graph[step.node].op.attributes) {
      auto* constant = std::get_if<Constant>(&attribute.value);
      if (constant == nullptr || !std::holds_alternative<Span>(constant->payload)) continue;
      const uint64_t length = payload_length(constant->payload);
      if (length > kMost) {
        needs_files_ = true;
        continue;
      }
      Bytes bytes(static_cast<std::size_t>(length));
      read_payload(model_.files, constant->payload, 0, bytes);
      constant->payload = std::move(bytes);
    }
  };
  for (const exec::ScopeProgram& scope : program_->scopes) {
    for (const exec::Step& step : scope.steps) {
      detach(step);
      std::ranges::for_each(step.absorbed, detach);
    }
  }
}

Status Session::compile(exec::CompileOptions options, std::string signature) {
  if (calibration_ != nullptr) {
    options.fuse = true;
    options.detach = true;
    options.keep = calibration_->keep();
  }
  NC_TRY(program_, exec::compile(model_.graph, model_.files, scope_, options));
  if (options.detach) detach_attributes();
  runner_ = std::make_unique<exec::Runner>(*program_, scope_);
  std::vector<std::string> names;
  for (const Port& port : outputs_) names.push_back(port.name);
  task_ = std::make_unique<RunTask>(model_.graph, *program_, *runner_, std::move(names), calibration_.get());
  if (calibration_ == nullptr) return {};
  return calibration_->watch(*program_, *runner_, {.signature = std::move(signature), .winograd = options.winograd});
}

Result<std::unique_ptr<Session>> Session::open(Files files, std::string_view signature) {
  NC_TRY(Model model, read_model(std::move(files)));
  if (!model.functions.empty()) {
    NC_TRY(Inlined inlined, inline_functions(model.graph, model.files, model.functions));
    model.graph = std::move(inlined.graph);
    model.files = std::move(inlined.files);
  }
  if (model.format->name == "tflite") widen_codes(model.graph);
  std::unique_ptr<Session> session(new Session(std::move(model)));
  NC_CHECK(session->choose_signature(signature));
  return session;
}

Status Session::watch(std::vector<ValueId> keep, exec::Observer& observer, bool winograd) {
  NC_CHECK(compile({.winograd = winograd, .detach = true, .keep = std::move(keep)}, {}));
  runner_->observe(&observer);
  return {};
}

Result<std::vector<ValueId>> Session::float_values() const {
  NC_TRY(const auto facts, infer_types(model_.graph, model_.files));
  return calib::float_values(model_.graph, facts);
}

Result<std::unique_ptr<Session>> Session::create(Files files, std::string_view options_text) {
  NC_TRY(const Json options, parse_object(options_text, "session's options"));
  const Files given = files;
  NC_TRY(auto session, open(std::move(files), options.value("signature", "")));
  if (const auto wish = options.find("calibrate"); wish != options.end()) {
    NC_TRY(session->calibration_, Calibration::create(session->model_, given, *wish));
  }
  exec::CompileOptions compile_options;
  compile_options.winograd = flag(options, "winograd", true);
  compile_options.fuse = flag(options, "fuse", true);
  compile_options.detach = flag(options, "detach", false);
  NC_CHECK(session->compile(std::move(compile_options), options.value("signature", "")));
  return session;
}

std::string Session::interface_json() const {
  Json json{{"inputs", port_list(model_.graph, inputs_)}, {"outputs", port_list(model_.graph, outputs_)}};
  if (calibration_ != nullptr) json["watched"] = calibration_->watched();
  return dump(json);
}

Result<std::span<uint8_t>> Session::feed_one(const std::string& name, DType dtype, const Shape& shape,
                                             std::vector<ops::Tensor>& tensors) {
  const auto port = std::ranges::find(inputs_, name, &Port::name);
  if (port == inputs_.end()) {
    return fail(ErrorCode::usage, "The model has no such input; it has " + names_of(inputs_) + ".", name);
  }
  if (dtype_bits(dtype) == 0) return fail(ErrorCode::usage, "Elements of this type cannot be fed.", name);
  const std::vector<ValueId>& scope_inputs = model_.graph[scope_].inputs;
  const auto slot = static_cast<std::size_t>(std::ranges::find(scope_inputs, port->value) - scope_inputs.begin());
  auto made = ops::make_tensor(fed_memory_, dtype, shape);
  if (!made) {
    made.error().where = name;
    return std::unexpected(std::move(made).error());
  }
  tensors[slot] = std::move(*made);
  return std::span(tensors[slot].writable<uint8_t>(), tensors[slot].bytes());
}

Result<std::vector<std::span<uint8_t>>> Session::feed(std::string_view text) {
  NC_TRY(const Json request, parse_object(text, "run's inputs"));
  fed_.clear();
  std::vector<ops::Tensor> tensors(model_.graph[scope_].inputs.size());
  std::vector<std::span<uint8_t>> buffers;
  std::vector<std::string> names;
  for (const Json& entry : request.value("inputs", Json::array())) {
    names.push_back(entry.value("name", ""));
    NC_TRY(const Shape shape, shape_of(entry, names.back()));
    NC_TRY(const std::span<uint8_t> buffer,
           feed_one(names.back(), dtype_named(entry.value("dtype", "")), shape, tensors));
    buffers.push_back(buffer);
  }
  for (const Port& port : inputs_) {
    if (std::ranges::find(names, port.name) == names.end()) {
      return fail(ErrorCode::usage, "The model's input is missing.", port.name);
    }
  }
  fed_ = std::move(tensors);
  feeds_alike_ = false;
  profiles_ = flag(request, "profile", false);
  return buffers;
}

Status Session::feed_like(const Session& other) {
  std::vector<ops::Tensor> tensors(model_.graph[scope_].inputs.size());
  const auto slot_of = [](const Session& session, ValueId value) {
    const std::vector<ValueId>& inputs = session.model_.graph[session.scope_].inputs;
    return static_cast<std::size_t>(std::ranges::find(inputs, value) - inputs.begin());
  };
  for (const Port& port : inputs_) {
    const auto same = std::ranges::find(other.inputs_, port.name, &Port::name);
    if (same == other.inputs_.end()) {
      return fail(ErrorCode::usage, "Only one of the two models has this input.", port.name);
    }
    tensors[slot_of(*this, port.value)] = other.fed_[slot_of(other, same->value)];
  }
  fed_ = std::move(tensors);
  feeds_alike_ = true;
  return {};
}

// onnx.md 1.2: x / scale in float32, rounded half to even.
Result<std::vector<ops::Tensor>> Session::encoded_inputs() {
  const std::vector<ValueId>& scope_inputs = model_.graph[scope_].inputs;
  std::vector<ops::Tensor> tensors = fed_;
  for (const Port& port : inputs_) {
    const auto slot = static_cast<std::size_t>(std::ranges::find(scope_inputs, port.value) - scope_inputs.begin());
    const ops::Tensor& fed = fed_[slot];
    if (!port.codes || fed.dtype != DType::f32) continue;
    const DType dtype = model_.graph[port.value].type.dtype;
    NC_TRY(tensors[slot], ops::make_tensor(fed_memory_, dtype, fed.shape));
    const auto scale = static_cast<double>(port.codes->scale);
    const int32_t zero_point = port.codes->zero_point;
    if (dtype == DType::u8) {
      kernels::quantize_f32_u8(fed.data, fed.count(), scale, zero_point, {kernels::kU8},
                               tensors[slot].writable<uint8_t>());
    } else if (dtype == DType::i16) {
      kernels::quantize_f32_i16(fed.data, fed.count(), scale, zero_point, {kernels::kI16},
                                tensors[slot].writable<int16_t>());
    } else {
      kernels::quantize_f32_i8(fed.data, fed.count(), scale, zero_point, {kernels::kI8},
                               tensors[slot].writable<int8_t>());
    }
  }
  return tensors;
}

Result<Run*> Session::start(exec::Clock clock) {
  runner_->profile(profiles_ ? clock : nullptr);
  if (calibration_ != nullptr) NC_CHECK(calibration_->begin(fed_));
  if (feeds_alike_) {
    NC_TRY(const std::vector<ops::Tensor> encoded, encoded_inputs());
    NC_CHECK(task_->start(encoded));
  } else {
    NC_CHECK(task_->start(fed_));
  }
  return task_.get();
}

}  // namespace narrowcast
