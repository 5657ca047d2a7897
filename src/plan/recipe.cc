#include "plan/recipe.h"

#include <array>
#include <bit>

#include "base/json.h"
#include "calib/observer.h"
#include "plan/recipe_fields.h"
#include "plan/recipe_rules.h"
#include "plan/target.h"

namespace narrowcast {
namespace {

using recipe::Named;
using recipe::read_bool;
using recipe::read_choice;
using recipe::read_name;
using recipe::read_strings;
using recipe::wrong;

constexpr std::array kModes{Named{"auto", Mode::automatic},
                            Named{"weight-only", Mode::weight_only},
                            Named{"float16", Mode::float16},
                            Named{"dynamic-range", Mode::dynamic_range},
                            Named{"full-integer", Mode::full_integer},
                            Named{"integer-only", Mode::integer_only}};
constexpr std::array kActivations{Named{"uint8", DType::u8}, Named{"int8", DType::i8}, Named{"uint16", DType::u16},
                                  Named{"int16", DType::i16}};
constexpr std::array kStyles{Named{"qdq", Style::qdq}, Named{"qoperator", Style::qoperator}};
constexpr std::array kFormulas{Named{"auto", FormulaChoice::automatic}, Named{"ort", FormulaChoice::ort},
                               Named{"tflite", FormulaChoice::tflite}, Named{"torch", FormulaChoice::torch}};

constexpr std::array kBorders{Named{"float32", DType::f32}, Named{"float16", DType::f16}, Named{"uint8", DType::u8},
                              Named{"int8", DType::i8}, Named{"int16", DType::i16}};
constexpr std::array kPlacings{Named{"fastest", Placing::fastest}, Named{"widest", Placing::widest}};

Status read_count(const std::string& key, const Json& value, int64_t& to) {
  if (!value.is_number_integer() || value.get<int64_t>() < 0) return wrong(key, "is not a whole number from 0 on.");
  to = value.get<int64_t>();
  return {};
}

constexpr std::string_view kAuto = "auto";

std::vector<std::string_view> target_names() {
  std::vector<std::string_view> names;
  for (const Target& target : targets()) names.push_back(target.name);
  return names;
}

std::vector<std::string_view> method_names() {
  std::vector<std::string_view> names;
  for (const calib::ObserverKind& kind : calib::observer_kinds()) names.push_back(kind.name);
  return names;
}

// A choice that may be left to the engine.
template <std::size_t n>
Status read_open_choice(const std::string& key, const Json& value, const std::array<Named<DType>, n>& choices,
                        std::optional<DType>& to) {
  to.reset();
  if (value.is_string() && value.get_ref<const std::string&>() == kAuto) return {};
  return read_choice(key, value, choices, to);
}

Status read_percentile(const std::string& key, const Json& value, double& to) {
  if (!value.is_number() || !(value.get<double>() >= 50 && value.get<double>() <= 100)) {
    return wrong(key, "is not between 50 and 100.");
  }
  to = value.get<double>();
  return {};
}

Status read_entry(const std::string& key, const Json& value, Recipe& recipe) {
  if (key == "mode") return read_choice(key, value, kModes, recipe.mode);
  if (key == "weights") return read_choice(key, value, recipe::kWeights, recipe.weights);
  if (key == "target") return read_name(key, value, target_names(), recipe.target);
  if (key == "placement") return read_choice(key, value, kPlacings, recipe.placement);
  if (key == "activations") return read_open_choice(key, value, kActivations, recipe.activations);
  if (key == "io") return read_open_choice(key, value, kBorders, recipe.io);
  if (key == "method") return read_name(key, value, method_names(), recipe.method);
  if (key == "percentile") return read_percentile(key, value, recipe.percentile);
  if (key == "symmetric") return read_bool(key, value, recipe.symmetric);
  if (key == "equalize") return read_bool(key, value, recipe.equalize);
  if (key == "reduce_range") return read_bool(key, value, recipe.reduce_range);
  if (key == "style") return read_choice(key, value, kStyles, recipe.style);
  if (key == "min_elements") return read_count(key, value, recipe.min_elements);
  if (key == "formula") return read_choice(key, value, kFormulas, recipe.formula);
  if (key == "block_size") {
    NC_TRY(recipe.block_size, recipe::read_block_size(key, value));
    return {};
  }
  if (key == "per_channel") return read_bool(key, value, recipe.per_channel);
  if (key == "storage") return read_bool(key, value, recipe.storage);
  if (key == "keep_going") return read_bool(key, value, recipe.keep_going);
  if (key == "only") return read_strings(key, value, recipe.only);
  if (key == "exclude") return read_strings(key, value, recipe.exclude);
  if (key == "op_types") return read_strings(key, value, recipe.op_types);
  if (key == "rules") {
    NC_TRY(recipe.rules, recipe::read_rules(value));
    return {};
  }
  if (key == "values") {
    NC_TRY(recipe.values, recipe::read_values(value));
    return {};
  }
  if (key == "$schema") return {};
  return wrong(key, "is not a known setting.");
}

template <typename T, std::size_t n>
std::string_view name_of(const std::array<Named<T>, n>& choices, T value) {
  for (const auto& choice : choices) {
    if (choice.value == value) return choice.name;
  }
  return "";
}

Status check_borders(const Recipe& recipe) {
  if (recipe.io == DType::f32 && recipe.mode == Mode::integer_only) {
    return wrong("io", "is float32, which integer-only leaves no room for.");
  }
  const bool in_codes = recipe.io == DType::u8 || recipe.io == DType::i8 || recipe.io == DType::i16;
  if (in_codes && !is_integer(recipe.mode))
    return wrong("io", "is an integer type, which the integer modes alone have.");
  return {};
}

template <typename T, std::size_t n>
std::vector<std::string_view> names_of(const std::array<Named<T>, n>& choices) {
  std::vector<std::string_view> list;
  for (const auto& choice : choices) list.push_back(choice.name);
  return list;
}

template <typename T, std::size_t n>
std::vector<std::string_view> open_names_of(const std::array<Named<T>, n>& choices) {
  std::vector<std::string_view> list = names_of(choices);
  list.insert(list.begin(), kAuto);
  return list;
}

std::vector<RecipeSetting> rule_parts() {
  return {
      {"names", "names", "Globs on names of nodes or weights.", ""},
      {"op_types", "names", "Op types, or PyTorch's layer types.", ""},
      {"depth", "depth",
       "The longest way to the node from an input, in nodes; negative numbers count from the deepest, -1.", ""},
      {"in_float", "bool", "It stays as it is.", ""},
      {"weights", "choice", "What its weights are stored as.", "", names_of(recipe::kWeights)},
      {"per_channel", "bool", "One scale per output channel of its 8-bit weights.", ""},
      {"block_size", "integer", "Weights that share a scale when they have 4 bits.", ""},
      {"reduce_range", "bool", "Its 8-bit weights keep to 7 bits.", ""},
  };
}

std::vector<RecipeSetting> value_parts() {
  return {
      {"names", "names", "Globs on names of activations.", ""},
      {"min", "number", "The least value that codes stand for.", ""},
      {"max", "number", "The largest.", ""},
      {"symmetric", "bool", "The zero point in the middle of the codes.", ""},
  };
}

}  // namespace

std::vector<RecipeSetting> recipe_settings() {
  return {
      {"mode", "choice",
       "How the model is narrowed. auto: full-integer when there are samples, else dynamic-range; weight-only for "
       "4-bit weights.",
       kAuto, names_of(kModes)},
      {"weights", "choice", "What weights are stored as; 4 bits in mode weight-only.", "int8",
       names_of(recipe::kWeights)},
      {"target", "choice", "The runtime that the file is for, which decides what becomes integers.", "portable",
       target_names()},
      {"placement", "choice",
       "Which ops compute in integers. fastest: those by which the model gets fastest on the target, going by measured "
       "costs. widest: all that have an integer kernel there.",
       "fastest", names_of(kPlacings)},
      {"activations", "choice",
       "What activations are in the integer modes; int16 beside int8 weights loses little more than the weights do. "
       "auto: what suits the target.",
       kAuto, open_names_of(kActivations)},
      {"io", "choice",
       "What the float inputs and outputs become: float16 in mode float16 of an ONNX model, integers in the integer "
       "modes. auto: what activations are in integer-only, else float32.",
       kAuto, open_names_of(kBorders)},
      {"symmetric", "bool", "Zero points of activations in the middle of their codes.", "false", {}},
      {"method", "choice", "How the range of an activation is chosen from what samples show.", "min-max",
       method_names()},
      {"percentile",
       "number",
       "How much of an activation's values the method percentile keeps, in percent.",
       "99.999",
       {}},
      {"equalize",
       "bool",
       "Integer modes of an ONNX model: one scale per channel where codes meet floats, which keeps more of channels "
       "whose range is small and costs nothing at run time. Only without a formula.",
       "true",
       {}},
      {"reduce_range",
       "bool",
       "8-bit weights keep to 7 bits, for processors whose sums of products overflow. Targets that need it do so "
       "anyway.",
       "false",
       {}},
      {"min_elements",
       "integer",
       "Mode dynamic-range of a TFLite model: weights of fewer elements stay float32, as the reference converter "
       "leaves them; 0 narrows all.",
       "1024",
       {}},
      {"block_size", "integer", "Weights that share a scale when they have 4 bits; a multiple of 16.", "32", {}},
      {"per_channel", "bool", "One scale per output channel of 8-bit weights, instead of one per tensor.", "true", {}},
      {"style", "choice",
       "qdq: ops of their own widen codes for ops in float, which runtimes join. qoperator: ops take the codes; "
       "MatMulNBits those of 4-bit weights, QLinearConv and its like all operands in the integer modes.",
       "qdq", names_of(kStyles)},
      {"formula", "choice",
       "How ranges become scales. ort, tflite: as those runtimes' own quantizers. torch: as PyTorch's "
       "quantize_dynamic, "
       "one scale per tensor unless per_channel is asked for. auto: as the format's own.",
       kAuto, names_of(kFormulas)},
      {"storage",
       "bool",
       "Mode float16 of an ONNX model: store constants so and widen them at load; arithmetic stays float32.",
       "false",
       {}},
      {"only",
       "names",
       "Narrow only nodes or weights whose names match one of these globs. A name stands for all inside it too: "
       "encoder.layer.0.",
       "",
       {}},
      {"exclude", "names", "Keep nodes or weights whose names match one of these globs as they are.", "", {}},
      {"op_types",
       "names",
       "Narrow the weights of these op types only; PyTorch's layer types (Linear) stand for the ops "
       "that they are exported as.",
       "",
       {}},
      {"rules", "list", "What becomes of the nodes that fit all of names, op_types and depth.", "", {}, rule_parts()},
      {"values", "list", "Ranges of activations that count whatever samples show.", "", {}, value_parts()},
      {"keep_going", "bool", "Write the result even when it is not smaller.", "false", {}},
  };
}

std::span<const std::string_view> built_in_recipes() {
  static constexpr std::string_view kTexts[] = {
#include "plan/recipes.inc"
  };
  return kTexts;
}

std::string_view mode_name(Mode mode) { return name_of(kModes, mode); }
Mode chosen_mode(const Recipe& recipe) {
  if (recipe.mode != Mode::automatic) return recipe.mode;
  return dtype_bits(recipe.weights) == 4 ? Mode::weight_only : Mode::dynamic_range;
}

kernels::Formula chosen_formula(const Recipe& recipe, bool is_tflite) {
  switch (recipe.formula) {
    case FormulaChoice::ort:
      return kernels::Formula::ort;
    case FormulaChoice::tflite:
      return kernels::Formula::tflite;
    case FormulaChoice::torch:
      return kernels::Formula::torch;
    case FormulaChoice::automatic:
      break;
  }
  return is_tflite ? kernels::Formula::tflite : kernels::Formula::ort;
}

std::string_view style_name(Style style) { return name_of(kStyles, style); }

Result<Recipe> parse_recipe(std::string_view text) {
  const Json json = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object()) return fail(ErrorCode::usage, "The recipe is not a JSON object.");
  Recipe recipe;
  for (const auto& [key, value] : json.items()) NC_CHECK(read_entry(key, value, recipe));
  if (recipe.formula == FormulaChoice::torch && !json.contains("per_channel")) recipe.per_channel = false;
  if (recipe.storage && recipe.mode != Mode::float16) {
    return wrong("storage", "says how float16 is written: it needs mode float16.");
  }
  if (recipe.style == Style::qoperator && !std::has_single_bit(static_cast<unsigned>(recipe.block_size))) {
    return wrong("block_size", "is not a power of two, which MatMulNBits needs.");
  }
  NC_CHECK(check_borders(recipe));
  return recipe;
}

bool glob_matches(std::string_view pattern, std::string_view name) {
  std::size_t p = 0;
  std::size_t n = 0;
  std::size_t star = std::string_view::npos;
  std::size_t resume = 0;
  while (n < name.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      resume = n;
    } else if (p < pattern.size() && (pattern[p] == '?' || pattern[p] == name[n])) {
      ++p;
      ++n;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      n = ++resume;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

}  // namespace narrowcast
