// What the user wishes, as it comes from the command line, the page or a recipe file. JSON keys are snake_case.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/dtype.h"
#include "base/result.h"

namespace narrowcast {

// automatic: what suits the format and the other settings, see chosen_mode.
enum class Mode : uint8_t { automatic, weight_only, float16, dynamic_range, full_integer, integer_only };
// Whether activations become integers by ranges that calibration found.
inline bool is_integer(Mode mode) { return mode == Mode::full_integer || mode == Mode::integer_only; }
// qdq: weights are dequantized by ops of their own. qoperator: the op itself takes them (MatMulNBits).
// Which ops with an integer kernel get it: those that make the model fastest, or all.
enum class Placing : uint8_t { fastest, widest };
enum class Style : uint8_t { qdq, qoperator };

struct Recipe {
  Mode mode = Mode::automatic;
  DType weights = DType::i8;  // i8, u8, i4, u4
  int block_size = 32;        // of 4-bit weights, along the summed axis; a multiple of 16, 16 to 1024
  bool per_channel = true;    // of 8-bit weights
  Style style = Style::qdq;
  std::string target = "portable";
  Placing placement = Placing::fastest;
  std::optional<DType> activations;   // u8, i8, u16, i16; nothing: what suits the target
  std::optional<DType> io;            // f32, f16, u8, i8: what float inputs and outputs become; nothing: by the mode
  bool symmetric = false;             // activations' zero points in the middle of their codes
  bool reduce_range = false;          // 8-bit weights keep to 7 bits; some targets need it anyway
  int64_t min_elements = 1024;        // dynamic-range of TFLite: smaller weights stay float32
  std::string method = "min-max";     // how ranges are chosen: an observer of src/calib
  double percentile = 99.999;         // what the method percentile keeps, in percent
  bool storage = false;               // float16: constants alone, widened to float32 by ops of their own
  bool keep_going = false;            // write the result even when nothing was gained
  std::vector<std::string> only;      // globs on node or weight names; empty: all
  std::vector<std::string> exclude;   // globs; wins over `only`
  std::vector<std::string> op_types;  // exact names; empty: all
};

std::string_view mode_name(Mode mode);
// The recipe's mode; where it leaves the choice: weight-only for 4-bit weights, else dynamic-range.
Mode chosen_mode(const Recipe& recipe);
std::string_view style_name(Style style);

// Errors: usage, naming the key that is unknown or has a wrong value.
Result<Recipe> parse_recipe(std::string_view json);

// A setting of the recipe, as `describe` shows it and as the shells make their options and selects from it.
struct RecipeSetting {
  std::string_view key;
  std::string_view kind;  // "choice", "bool", "integer", "names"
  std::string_view sentence;
  std::string_view fallback;              // the default, as text
  std::vector<std::string_view> choices;  // of a choice
};
std::vector<RecipeSetting> recipe_settings();

// `*` stands for any run of characters, `?` for one; the whole name must match.
bool glob_matches(std::string_view pattern, std::string_view name);

}  // namespace narrowcast
