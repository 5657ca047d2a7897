#include "calib/ranges.h"

#include <algorithm>

#include "calib/read_json.h"

namespace narrowcast::calib {
namespace {

Json settings_json(const Settings& settings) {
  return {{"percentile", settings.percentile}, {"signature", settings.signature}, {"winograd", settings.winograd}};
}

Json value_json(const ObservedValue& value) {
  return {{"scope", value.scope}, {"name", value.name}, {"method", value.observer->method()}};
}

std::unexpected<Error> malformed(const char* what) { return fail(ErrorCode::malformed, what); }

Result<Digest> read_digest(const Json& from, const char* key) {
  NC_TRY(const std::string text, read_text(from, key));
  Digest digest{};
  if (!from_hex(text, digest)) return fail(ErrorCode::malformed, "'" + std::string(key) + "' is no SHA-256.");
  return digest;
}

Result<const Json*> read_object(const Json& from, const char* key) {
  const auto entry = from.find(key);
  if (entry == from.end() || !entry->is_object()) {
    return fail(ErrorCode::malformed, "'" + std::string(key) + "' is no object.");
  }
  return &*entry;
}

Result<Settings> read_settings(const Json& from) {
  Settings settings;
  NC_TRY(const Json* const json, read_object(from, "settings"));
  NC_TRY(settings.percentile, read_count(*json, "percentile"));
  if (settings.percentile > kWholePercentile) return malformed("'percentile' is above 100 %.");
  NC_TRY(settings.signature, read_text(*json, "signature"));
  const auto winograd = json->find("winograd");
  if (winograd == json->end() || !winograd->is_boolean()) return malformed("'winograd' is neither true nor false.");
  settings.winograd = winograd->get<bool>();
  return settings;
}

Result<ObservedValue> read_value(const Json& from) {
  ObservedValue value;
  if (!from.is_object()) return malformed("A value is no object.");
  NC_TRY(const uint64_t scope, read_count(from, "scope"));
  if (scope >= UINT32_MAX) return malformed("'scope' is too large.");
  value.scope = static_cast<uint32_t>(scope);
  NC_TRY(value.name, read_text(from, "name"));
  NC_TRY(const std::string method, read_text(from, "method"));
  const ObserverKind* kind = find_observer(method);
  if (kind == nullptr) return fail(ErrorCode::malformed, "There is no method '" + method + "'.", value.name);
  value.observer = kind->create();
  Status status = value.observer->read(from);
  if (status) status = value.channels.read(from);
  if (!status) {
    Error error = std::move(status).error();
    error.where = value.name;
    return std::unexpected(std::move(error));
  }
  return value;
}

Status check_unique(const std::vector<ObservedValue>& values) {
  std::vector<std::pair<uint32_t, std::string_view>> keys;
  for (const ObservedValue& value : values) keys.emplace_back(value.scope, value.name);
  std::ranges::sort(keys);
  const auto twice = std::ranges::adjacent_find(keys);
  if (twice == keys.end()) return {};
  return fail(ErrorCode::malformed, "A value stands there twice.", std::string(twice->second));
}

}  // namespace

Digest Ranges::settings_hash() const {
  Sha256 hash;
  hash.add(dump(settings_json(settings)));
  for (const ObservedValue& value : values) {
    Json json = value_json(value);
    if (const ChannelAxis axis = value.channels.found().axis; axis != 0) json["channel_axis"] = axis;
    hash.add(dump(json));
  }
  return hash.finish();
}

Status Ranges::merge(const Ranges& other) {
  if (model != other.model) return fail(ErrorCode::usage, "The parts are of two models.");
  if (settings_hash() != other.settings_hash() || values.size() != other.values.size()) {
    return fail(ErrorCode::usage, "The parts were made with different settings.");
  }
  NC_CHECK(samples.merge(other.samples));
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (Status status = values[i].observer->merge(*other.values[i].observer); !status) {
      Error error = std::move(status).error();
      error.where = values[i].name;
      return std::unexpected(std::move(error));
    }
    values[i].channels.merge(other.values[i].channels);
  }
  return {};
}

std::string Ranges::write() const {
  Json list = Json::array();
  for (const ObservedValue& value : values) {
    Json json = value_json(value);
    value.observer->write(json);
    value.channels.write(json);
    list.push_back(std::move(json));
  }
  return dump({{"schema_version", kRangesVersion},
               {"kind", "ranges"},
               {"model", hex(model)},
               {"settings", settings_json(settings)},
               {"settings_hash", hex(settings_hash())},
               {"samples", samples.write()},
               {"values", std::move(list)}});
}

Result<Ranges> Ranges::read(std::string_view text) {
  const Json json = Json::parse(text, nullptr, false);
  if (!json.is_object()) return malformed("The range file is no JSON object.");
  NC_TRY(const std::string kind, read_text(json, "kind"));
  if (kind != "ranges") return malformed("'kind' is not 'ranges'.");
  NC_TRY(const uint64_t version, read_count(json, "schema_version"));
  if (version != kRangesVersion) {
    return fail(ErrorCode::unsupported, "The range file is of version " + std::to_string(version) + ".");
  }
  Ranges ranges;
  NC_TRY(ranges.model, read_digest(json, "model"));
  NC_TRY(ranges.settings, read_settings(json));
  NC_TRY(const Json* const samples, read_object(json, "samples"));
  NC_TRY(ranges.samples, SampleSet::read(*samples));
  NC_TRY(const Json* const values, read_list(json, "values"));
  if (values->size() > kMostValues) return malformed("There are too many values.");
  for (const Json& entry : *values) {
    NC_TRY(ObservedValue value, read_value(entry));
    ranges.values.push_back(std::move(value));
  }
  NC_CHECK(check_unique(ranges.values));
  NC_TRY(const Digest stated, read_digest(json, "settings_hash"));
  if (stated != ranges.settings_hash()) return malformed("'settings_hash' is not that of the settings and values.");
  return ranges;
}

Digest hash_files(std::span<const ByteView> files) {
  if (files.size() == 1) return sha256(files[0]);
  Sha256 all;
  for (const ByteView file : files) all.add(sha256(file));
  return all.finish();
}

}  // namespace narrowcast::calib
