#include "plan/recipe.h"

#include <array>
#include <bit>

#include "base/json.h"
#include "calib/observer.h"
#include "plan/target.h"

namespace narrowcast {
namespace {

template <typename T>
struct Named {
  std::string_view name;
  T value;
};

constexpr std::array kModes{Named{"auto", Mode::automatic},
                            Named{"weight-only", Mode::weight_only},
                            Named{"float16", Mode::float16},
                            Named{"dynamic-range", Mode::dynamic_range},
                            Named{"full-integer", Mode::full_integer},
                            Named{"integer-only", Mode::integer_only}};
constexpr std::array kActivations{Named{"uint8", DType::u8}, Named{"int8", DType::i8}, Named{"uint16", DType::u16},
                                  Named{"int16", DType::i16}};
constexpr std::array kWeights{Named{"int8", DType::i8}, Named{"uint8", DType::u8}, Named{"int4", DType::i4},
                              Named{"uint4", DType::u4}};
constexpr std::array kStyles{Named{"qdq", Style::qdq}, Named{"qoperator", Style::qoperator}};

constexpr std::array kBorders{Named{"float32", DType::f32}, Named{"float16", DType::f16}, Named{"uint8", DType::u8},
                              Named{"int8", DType::i8}};
constexpr std::array kPlacings{Named{"fastest", Placing::fastest}, Named{"widest", Placing::widest}};

constexpr int kMinBlock = 16;
constexpr int kMaxBlock = 1024;

std::unexpected<Error> wrong(const std::string& key, std::string what) {
  return fail(ErrorCode::usage, "The recipe's '" + key + "' " + std::move(what), key);
}

template <typename T, std::size_t n, typename To>
Status read_choice(const std::string& key, const Json& value, const std::array<Named<T>, n>& choices, To& to) {
  std::string list;
  for (const auto& choice : choices) {
    if (value.is_string() && value.get_ref<const std::string&>() == choice.name) {
      to = choice.value;
      return {};
    }
    list += (list.empty() ? "" : ", ") + std::string(choice.name);
  }
  return wrong(key, "is not one of " + list + ".");
}

template <typename To>
Status read_bool(const std::string& key, const Json& value, To& to) {
  if (!value.is_boolean()) return wrong(key, "is neither true nor false.");
  to = value.get<bool>();
  return {};
}

Status read_strings(const std::string& key, const Json& value, std::vector<std::string>& to) {
  if (!value.is_array()) return wrong(key, "is not a list of names.");
  for (const Json& item : value) {
    if (!item.is_string()) return wrong(key, "is not a list of names.");
    to.push_back(item.get<std::string>());
  }
  return {};
}

Status read_block_size(const std::string& key, const Json& value, int& to) {
  const bool fits = value.is_number_integer() && value.get<int64_t>() >= kMinBlock && value.get<int64_t>() <= kMaxBlock;
  if (!fits || value.get<int64_t>() % kMinBlock != 0) {
    return wrong(key, "is not a multiple of 16 between 16 and 1024.");
  }
  to = value.get<int>();
  return {};
}

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

Status read_name(const std::string& key, const Json& value, const std::vector<std::string_view>& names,
                 std::string& to) {
  std::string list;
  for (const std::string_view name : names) {
    if (value.is_string() && value.get_ref<const std::string&>() == name) {
      to = name;
      return {};
    }
    list += (list.empty() ? "" : ", ") + std::string(name);
  }
  return wrong(key, "is not one of " + list + ".");
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
  if (key == "weights") return read_choice(key, value, kWeights, recipe.weights);
  if (key == "target") return read_name(key, value, target_names(), recipe.target);
  if (key == "placement") return read_choice(key, value, kPlacings, recipe.placement);
  if (key == "activations") return read_open_choice(key, value, kActivations, recipe.activations);
  if (key == "io") return read_open_choice(key, value, kBorders, recipe.io);
  if (key == "method") return read_name(key, value, method_names(), recipe.method);
  if (key == "percentile") return read_percentile(key, value, recipe.percentile);
  if (key == "symmetric") return read_bool(key, value, recipe.symmetric);
  if (key == "reduce_range") return read_bool(key, value, recipe.reduce_range);
  if (key == "style") return read_choice(key, value, kStyles, recipe.style);
  if (key == "min_elements") return read_count(key, value, recipe.min_elements);
  if (key == "block_size") return read_block_size(key, value, recipe.block_size);
  if (key == "per_channel") return read_bool(key, value, recipe.per_channel);
  if (key == "storage") return read_bool(key, value, recipe.storage);
  if (key == "keep_going") return read_bool(key, value, recipe.keep_going);
  if (key == "only") return read_strings(key, value, recipe.only);
  if (key == "exclude") return read_strings(key, value, recipe.exclude);
  if (key == "op_types") return read_strings(key, value, recipe.op_types);
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
  const bool in_codes = recipe.io == DType::u8 || recipe.io == DType::i8;
  if (in_codes && !is_integer(recipe.mode))
    return wrong("io", "is an integer type, which the integer modes alone have.");
  return {};
}

}  // namespace

std::vector<RecipeSetting> recipe_settings() {
  const auto open_names = [](const auto& choices) {
    std::vector<std::string_view> list{kAuto};
    for (const auto& choice : choices) list.push_back(choice.name);
    return list;
  };
  const auto names = [](const auto& choices) {
    std::vector<std::string_view> list;
    for (const auto& choice : choices) list.push_back(choice.name);
    return list;
  };
  return {
      {"mode", "choice",
       "How the model is narrowed. auto: full-integer when there are samples, else dynamic-range; weight-only for "
       "4-bit weights.",
       kAuto, names(kModes)},
      {"weights", "choice", "What weights are stored as; 4 bits in mode weight-only.", "int8", names(kWeights)},
      {"target", "choice", "The runtime that the file is for, which decides what becomes integers.", "portable",
       target_names()},
      {"placement", "choice",
       "Which ops compute in integers. fastest: those by which the model gets fastest on the target, going by measured "
       "costs. widest: all that have an integer kernel there.",
       "fastest", names(kPlacings)},
      {"activations", "choice", "What activations are in mode full-integer. auto: what suits the target.", kAuto,
       open_names(kActivations)},
      {"io", "choice",
       "What the float inputs and outputs become: float16 in mode float16 of an ONNX model, integers in the integer "
       "modes. "
       "auto: what activations are in integer-only, else float32.",
       kAuto, open_names(kBorders)},
      {"symmetric", "bool", "Zero points of activations in the middle of their codes.", "false", {}},
      {"method", "choice", "How the range of an activation is chosen from what samples show.", "min-max",
       method_names()},
      {"percentile",
       "number",
       "How much of an activation's values the method percentile keeps, in percent.",
       "99.999",
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
       "qdq", names(kStyles)},
      {"storage",
       "bool",
       "Mode float16 of an ONNX model: store constants so and widen them at load; arithmetic stays float32.",
       "false",
       {}},
      {"only", "names", "Narrow only nodes or weights whose names match one of these globs.", "", {}},
      {"exclude", "names", "Keep nodes or weights whose names match one of these globs as they are.", "", {}},
      {"op_types", "names", "Narrow the weights of these op types only.", "", {}},
      {"keep_going", "bool", "Write the result even when it is not smaller.", "false", {}},
  };
}

std::string_view mode_name(Mode mode) { return name_of(kModes, mode); }
Mode chosen_mode(const Recipe& recipe) {
  if (recipe.mode != Mode::automatic) return recipe.mode;
  return dtype_bits(recipe.weights) == 4 ? Mode::weight_only : Mode::dynamic_range;
}

std::string_view style_name(Style style) { return name_of(kStyles, style); }

Result<Recipe> parse_recipe(std::string_view text) {
  const Json json = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object()) return fail(ErrorCode::usage, "The recipe is not a JSON object.");
  Recipe recipe;
  for (const auto& [key, value] : json.items()) NC_CHECK(read_entry(key, value, recipe));
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
