#include "job/comparison.h"

#include <algorithm>
#include <unordered_map>
#include <unordered_set>

#include "exec/arrange.h"
#include "kernels/dequantize/dequantize.h"
#include "ops/elements.h"
#include "report/json.h"

namespace narrowcast {
namespace {

using ops::Tensor;

bool is_op(const Graph& graph, NodeId node, std::string_view type) {
  return node && !graph[node].dropped && graph[node].op.type == type;
}

// By value: the copy that its codes are widened to again, where there is one.
std::vector<ValueId> widened_copies(const Graph& graph) {
  std::vector<ValueId> copies(graph.values.size());
  for (const Node& node : graph.nodes) {
    if (node.dropped || node.op.type != "DequantizeLinear" || node.inputs.empty() || !node.inputs[0]) continue;
    const NodeId maker = graph[node.inputs[0]].producer;
    if (!is_op(graph, maker, "QuantizeLinear") || node.outputs.empty()) continue;
    const ValueId narrowed = graph[maker].inputs[0];
    // A value that was made in integers has its name behind the pair; what stands before it has none of the model's.
    if (narrowed && !copies[narrowed.index]) copies[narrowed.index] = node.outputs[0];
  }
  return copies;
}

std::string key_of(const Value& value) { return std::to_string(value.scope.index) + ' ' + value.name; }

Result<std::map<std::string, Bounds>> read_ranges(const Json& options, const char* key) {
  std::map<std::string, Bounds> bounds;
  const auto ranges = options.find(key);
  if (ranges == options.end()) return bounds;
  if (!ranges->is_object()) return fail(ErrorCode::usage, "Ranges are an object.", key);
  for (const auto& [name, range] : ranges->items()) {
    if (!range.is_array() || range.size() != 2 || !range[0].is_number() || !range[1].is_number()) {
      return fail(ErrorCode::usage, "A range is [min, max].", name);
    }
    bounds[name] = {range[0].get<double>(), range[1].get<double>()};
  }
  return bounds;
}

// What codes stand for; other tensors as they are.
Result<Tensor> decoded(ops::Memory& memory, const Tensor& tensor, const std::optional<BorderCodes>& codes) {
  const DType dtype = tensor.dtype;
  if (!codes || !holds_codes(dtype)) return tensor;
  NC_TRY(Tensor floats, ops::make_tensor(memory, DType::f32, tensor.shape, tensor.layout));
  const auto scale = static_cast<double>(codes->scale);
  auto* const to = floats.writable<float>();
  if (dtype == DType::i8) {
    kernels::dequantize_i8_f32(tensor.as<int8_t>(), tensor.count(), scale, codes->zero_point, to);
  } else if (dtype == DType::i16) {
    kernels::dequantize_i16_f32(tensor.as<int16_t>(), tensor.count(), scale, codes->zero_point, to);
  } else {
    kernels::dequantize_u8_f32(tensor.as<uint8_t>(), tensor.count(), scale, codes->zero_point, to);
  }
  return floats;
}

Result<OutputError> compare_output(ops::Memory& memory, const Tensor& x, const Tensor& y, bool channels_first) {
  OutputError found;
  Tensor before = x;
  Tensor after = y;
  if (ops::is_real(x.dtype) && ops::is_real(y.dtype)) {
    NC_TRY(before, exec::with_float(memory, x, DType::f32));
    NC_TRY(after, exec::with_float(memory, y, DType::f32));
    NC_TRY(found.error, measure(memory, before, after, {}));
  } else {
    found.error.elements = x.count();
    if (y.dtype != x.dtype || y.shape != x.shape) found.error.unlike = std::max<uint64_t>(x.count(), 1);
  }
  if (found.error.unlike > 0 && before.shape != after.shape) return found;
  found.before = decisions_of(before, channels_first);
  found.after = decisions_of(after, channels_first);
  if (found.after.size() != found.before.size()) return found;
  found.decisions = found.before.size();
  for (std::size_t i = 0; i < found.before.size(); ++i) found.same += found.before[i] == found.after[i] ? 1 : 0;
  if (found.decisions > kMostDecisions) {
    found.before.clear();
    found.after.clear();
  }
  return found;
}

}  // namespace

Status Comparison::pair_values(const Spans& codes, const Spans& spans) {
  const Graph& reference = sides_[0].session->graph();
  const Graph& narrowed = sides_[1].session->graph();
  const std::vector<ValueId> copies = widened_copies(narrowed);
  NC_TRY(const auto before, sides_[0].session->float_values());
  NC_TRY(const auto after, sides_[1].session->float_values());
  std::unordered_map<std::string, ValueId> by_name;
  std::unordered_set<std::string> names;
  for (const ValueId value : before) names.insert(key_of(reference[value]));
  for (const ValueId value : after) by_name.emplace(key_of(narrowed[value]), value);
  sides_[0].place.assign(reference.values.size(), kNotCompared);
  sides_[1].place.assign(narrowed.values.size(), kNotCompared);
  for (const ValueId value : before) {
    const auto same = by_name.find(key_of(reference[value]));
    if (same == by_name.end()) continue;
    ValueId copy = copies[same->second.index];
    // With a clamp absorbed, the codes' widened copy is the clamp's result.
    if (copy && names.contains(key_of(narrowed[copy]))) copy = {};
    const ValueId counterpart = copy ? copy : same->second;
    // What is fed is the same in both, unless codes are made of it.
    if (!copy && !reference[value].producer) continue;
    if (sides_[1].place[counterpart.index] != kNotCompared) continue;
    const auto place = static_cast<uint32_t>(compared_.values.size());
    sides_[0].place[value.index] = place;
    sides_[1].place[counterpart.index] = place;
    compared_.values.push_back({reference[value].scope.index, reference[value].name});
    const auto range = codes.find(reference[value].name);
    codes_.push_back(range == codes.end() ? std::nullopt : std::optional(range->second));
    if (const auto span = spans.find(reference[value].name); span != spans.end()) {
      compared_.histograms[place].span = span->second;
    }
  }
  return {};
}

Result<std::unique_ptr<Comparison>> Comparison::create(Files reference, Files narrowed, std::string_view text) {
  const Json options = Json::parse(text, nullptr, false);
  if (!options.is_object()) return fail(ErrorCode::usage, "The comparison's options are no JSON object.");
  std::unique_ptr<Comparison> made(new Comparison());
  const std::string signature = options.value("signature", "");
  NC_TRY(made->sides_[0].session, Session::open(std::move(reference), signature));
  NC_TRY(made->sides_[1].session, Session::open(std::move(narrowed), signature));
  NC_TRY(const auto codes, read_ranges(options, "ranges"));
  NC_TRY(const auto spans, read_ranges(options, "spans"));
  if (options.value("values", true)) NC_CHECK(made->pair_values(codes, spans));
  for (Side& side : made->sides_) {
    side.place.resize(side.session->graph().values.size(), kNotCompared);
    side.owner = made.get();
    side.waiting.resize(made->compared_.values.size());
    std::vector<ValueId> keep;
    for (uint32_t i = 0; i < side.place.size(); ++i) {
      if (side.place[i] != kNotCompared) keep.emplace_back(i);
    }
    NC_CHECK(side.session->watch(std::move(keep), side, options.value("winograd", true)));
  }
  const std::vector<std::string>& names = made->sides_[0].session->task().names();
  if (made->sides_[1].session->task().names().size() != names.size()) {
    return fail(ErrorCode::usage, "The two models do not have the same outputs.");
  }
  made->compared_.outputs = names;
  return made;
}

std::string Comparison::interface_json() const {
  Json json = Json::parse(sides_[0].session->interface_json());
  json["watched"] = compared_.values.size();
  return dump(json);
}

bool Comparison::needs_files() const {
  return std::ranges::any_of(sides_, [](const Side& side) { return side.session->needs_files(); });
}

std::size_t Comparison::step_count() const { return sides_[0].session->step_count() + sides_[1].session->step_count(); }

Result<std::vector<std::span<uint8_t>>> Comparison::feed(std::string_view request) {
  NC_TRY(auto buffers, sides_[0].session->feed(request));
  NC_CHECK(sides_[1].session->feed_like(*sides_[0].session));
  return buffers;
}

Result<Run*> Comparison::start(exec::Clock /*clock*/) {
  if (sample_) {
    return fail(ErrorCode::usage, "The run of sample " + std::to_string(*sample_) + " was not finished.");
  }
  if (next_ && compared_.samples.contains(*next_)) {
    return fail(ErrorCode::usage, "Sample " + std::to_string(*next_) + " was seen already.");
  }
  open_ = {};
  open_.values.resize(compared_.values.size());
  open_.outputs.resize(compared_.outputs.size());
  trouble_ = {};
  sample_ = std::exchange(next_, std::nullopt);
  for (Side& side : sides_) {
    side.is_done = false;
    for (auto& waiting : side.waiting) waiting.clear();
  }
  for (Side& side : sides_) {
    if (auto started = side.session->start(nullptr); !started) return std::unexpected(std::move(started).error());
  }
  return static_cast<Run*>(this);
}

void Comparison::see(Side& side, ValueId value, const Tensor& tensor) {
  const uint32_t place = side.place[value.index];
  if (!sample_ || place == kNotCompared || !trouble_) return;
  Side& other = &side == sides_.data() ? sides_[1] : sides_[0];
  std::deque<Tensor>& waiting = other.waiting[place];
  if (waiting.empty()) {
    side.waiting[place].push_back(tensor);
    return;
  }
  const bool is_reference = &side == sides_.data();
  compare(place, is_reference ? tensor : waiting.front(), is_reference ? waiting.front() : tensor);
  waiting.pop_front();
}

void Comparison::compare(uint32_t place, const Tensor& x, const Tensor& y) {
  if (x.dtype != DType::f32 && y.dtype == x.dtype) return;
  const auto counted = compared_.histograms.find(place);
  if (counted != compared_.histograms.end() && x.dtype == DType::f32) {
    count(x, counted->second.span, counted->second.counts);
  }
  const auto error = measure(memory_, x, y, codes_[place]);
  if (error) {
    open_.values[place].add(*error);
  } else {
    trouble_ = std::unexpected(error.error());
  }
}

// The one with the smaller part of its steps done, so that few values wait for their counterparts.
Comparison::Side& Comparison::behind() {
  if (sides_[0].is_done) return sides_[1];
  if (sides_[1].is_done) return sides_[0];
  const auto done = [](const Side& side) { return uint64_t{side.session->task().steps_done()}; };
  const auto total = [](const Side& side) { return uint64_t{side.session->step_count()}; };
  return done(sides_[0]) * total(sides_[1]) <= done(sides_[1]) * total(sides_[0]) ? sides_[0] : sides_[1];
}

Result<bool> Comparison::step() {
  Side& side = behind();
  if (!side.is_done) {
    NC_TRY(side.is_done, side.session->task().step());
  }
  NC_CHECK(trouble_);
  if (!sides_[0].is_done || !sides_[1].is_done) return false;
  if (sample_) NC_CHECK(finish());
  return true;
}

Status Comparison::compare_outputs() {
  const auto before = sides_[0].session->task().results();
  const auto after = sides_[1].session->task().results();
  const bool channels_first = sides_[0].session->is_channels_first();
  for (std::size_t i = 0; i < before.size(); ++i) {
    NC_TRY(const Tensor x, decoded(memory_, before[i], sides_[0].session->output_codes(i)));
    NC_TRY(const Tensor y, decoded(memory_, after[i], sides_[1].session->output_codes(i)));
    NC_TRY(open_.outputs[i], compare_output(memory_, x, y, channels_first));
  }
  return {};
}

Status Comparison::finish() {
  for (uint32_t place = 0; place < compared_.values.size(); ++place) {
    // Made by one of the two only, as in a branch that the other did not take.
    for (Side& side : sides_) {
      for (const Tensor& tensor : side.waiting[place]) {
        if (tensor.dtype == DType::f32) open_.values[place].unlike += tensor.count();
      }
      side.waiting[place].clear();
    }
  }
  NC_CHECK(compare_outputs());
  compared_.samples.emplace(*sample_, std::move(open_));
  sample_.reset();
  return {};
}

Result<std::string> Comparison::observed() const {
  if (sample_) {
    return fail(ErrorCode::usage, "The run of sample " + std::to_string(*sample_) + " was not finished.");
  }
  return compared_.write();
}

std::string Comparison::progress() const {
  uint64_t done = 0;
  for (const Side& side : sides_) done += side.session->task().steps_done();
  return dump({{"phase", sides_[0].is_done && sides_[1].is_done ? "done" : "nodes"},
               {"done", done},
               {"total", step_count()},
               {"item", ""}});
}

// What the float model gives stands for both.
std::string Comparison::outputs() const { return sides_[0].session->task().outputs(); }
void Comparison::read(std::size_t output, uint64_t offset, std::span<uint8_t> out) const {
  sides_[0].session->task().read(output, offset, out);
}
std::string Comparison::report() const { return sides_[0].session->task().report(); }
const uint8_t* Comparison::data(std::size_t output) const { return sides_[0].session->task().data(output); }
bool Comparison::outputs_differ() const { return sides_[0].session->task().outputs_differ(); }

}  // namespace narrowcast
