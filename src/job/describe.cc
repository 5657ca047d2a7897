#include "calib/observer.h"
#include "data/preset.h"
#include "job/job.h"
#include "ops/op.h"
#include "plan/target.h"
#include "report/json.h"

namespace narrowcast {
namespace {

Json family_list() {
  Json families = Json::array();
  for (const ops::OpFamily& family : ops::families()) {
    Json list = Json::array();
    for (const ops::OpDef& op : family.ops) {
      list.push_back({{"domain", op.domain},
                      {"type", op.type},
                      {"versions", {op.first_version, op.last_version}},
                      {"has_weights", op.rule != nullptr},
                      {"runs", op.eval != nullptr}});
    }
    families.push_back({{"folder", family.folder}, {"summary", family.summary}, {"ops", std::move(list)}});
  }
  return families;
}

Json target_list() {
  Json list = Json::array();
  for (const Target& target : targets()) {
    Json ops = Json::array();
    for (const auto& [type, op] : target.ops) {
      ops.push_back({{"type", type},
                     {"kernel", op.kernel},
                     {"kind", kernel_kind_name(op.kind)},
                     {"since", op.since},
                     {"needs", op.needs}});
    }
    list.push_back({{"name", target.name},
                    {"sentence", target.sentence},
                    {"verified", target.verified},
                    {"activations", dtype_name(target.activations)},
                    {"weights", dtype_name(target.weights)},
                    {"reduce_range", target.reduce_range},
                    {"ops", std::move(ops)}});
  }
  return list;
}

Json setting_list(const std::vector<RecipeSetting>& list) {
  Json settings = Json::array();
  for (const RecipeSetting& setting : list) {
    Json entry{
        {"key", setting.key}, {"kind", setting.kind}, {"default", setting.fallback}, {"sentence", setting.sentence}};
    if (!setting.choices.empty()) entry["choices"] = setting.choices;
    if (!setting.parts.empty()) entry["parts"] = setting_list(setting.parts);
    settings.push_back(std::move(entry));
  }
  return settings;
}

Json recipe_list() {
  Json list = Json::array();
  for (const std::string_view text : built_in_recipes()) list.push_back(Json::parse(text, nullptr, false));
  return list;
}

Json observer_list() {
  Json list = Json::array();
  for (const calib::ObserverKind& kind : calib::observer_kinds()) {
    list.push_back({{"name", kind.name}, {"sentence", kind.sentence}, {"fits_int16", kind.fits_int16}});
  }
  return list;
}

Json preset_list() {
  Json list = Json::array();
  for (const data::ImagePreset& preset : data::image_presets()) {
    list.push_back({{"name", preset.name},
                    {"sentence", preset.sentence},
                    {"fit", data::fit_name(preset.fit)},
                    {"interpolation", data::interpolation_name(preset.interpolation)},
                    {"size", preset.size},
                    {"covers", preset.covers},
                    {"divisor", preset.divisor},
                    {"mean", preset.mean},
                    {"std", preset.deviation},
                    {"color", preset.blue_first ? "bgr" : "rgb"}});
  }
  return list;
}

template <typename T>
Json names_of(std::span<const T> all, std::string_view (*name)(T)) {
  Json list = Json::array();
  for (const T one : all) list.push_back(name(one));
  return list;
}

Json error_list() {
  Json errors = Json::array();
  const auto add = [&](ErrorCode code) {
    errors.push_back(
        {{"number", static_cast<int>(code)}, {"code", error_name(code)}, {"sentence", error_sentence(code)}});
  };
#define NC_ERROR(number, code, sentence) add(ErrorCode::code);
#include "base/errors.def"
#undef NC_ERROR
  return errors;
}

}  // namespace

std::string describe_json() {
  Json formats_list = Json::array();
  for (const Format& format : formats()) {
    formats_list.push_back({{"name", format.name}, {"extension", format.extension}});
  }
  return dump({{"schema_version", 1},
               {"formats", std::move(formats_list)},
               {"recipe", setting_list(recipe_settings())},
               {"recipes", recipe_list()},
               {"targets", target_list()},
               {"observers", observer_list()},
               {"image_presets", preset_list()},
               {"image_fits", names_of<data::Fit>(data::kFits, data::fit_name)},
               {"image_interpolations", names_of<data::Interpolation>(data::kInterpolations, data::interpolation_name)},
               {"ops", family_list()},
               {"errors", error_list()}});
}

}  // namespace narrowcast
