// What the user wishes, as it comes from the command line, the page or a recipe file. JSON keys are snake_case.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/dtype.h"
#include "base/result.h"
#include "kernels/formula.h"

namespace narrowcast {

// automatic: what suits the format and the other settings, see chosen_mode.
enum class Mode : uint8_t { automatic, weight_only, float16, dynamic_range, full_integer, integer_only };
// Whether activations become integers by ranges that calibration found.
inline bool is_integer(Mode mode) { return mode == Mode::full_integer || mode == Mode::integer_only; }
// qdq: weights are dequantized by ops of their own. qoperator: the op itself takes them (MatMulNBits).
// Which ops with an integer kernel get it: those that make the model fastest, or all.
enum class Placing : uint8_t { fastest, widest };
enum class Style : uint8_t { qdq, qoperator };
// With which formula ranges become scales (src/kernels/formula.h); automatic: the one of the format's own runtime.
enum class FormulaChoice : uint8_t { automatic, ort, tflite, torch };

// Both ends included. The depth of a node is the longest way to it from an input of its graph, in nodes; negative:
// counted from the deepest, which is -1.
struct DepthRange {
  int first = 0;
  int last = 0;
};

// What becomes of the nodes that fit all of `names`, `op_types` and `depth`. Of rules that set the same, the last
// counts.
struct NodeRule {
  std::vector<std::string> names;     // globs on node or weight names; empty: any
  std::vector<std::string> op_types;  // empty: any
  std::optional<DepthRange> depth;
  std::optional<bool> in_float;  // stays as it is
  std::optional<DType> weights;
  std::optional<bool> per_channel;
  std::optional<int> block_size;
  std::optional<bool> reduce_range;
};

// The range of an activation as the user wants it, whatever samples show.
struct ValueRule {
  std::vector<std::string> names;  // globs on value names
  std::optional<float> min;
  std::optional<float> max;
  std::optional<bool> symmetric;
};

struct Recipe {
  Mode mode = Mode::automatic;
  DType weights = DType::i8;  // i8, u8, i4, u4
  int block_size = 32;        // of 4-bit weights, along the summed axis; a multiple of 16, 16 to 1024
  bool per_channel = true;    // of 8-bit weights
  Style style = Style::qdq;
  FormulaChoice formula = FormulaChoice::automatic;
  std::string target = "portable";
  Placing placement = Placing::fastest;
  std::optional<DType> activations;  // u8, i8, u16, i16; nothing: what suits the target
  std::optional<DType> io;         // f32, f16, u8, i8, i16: what float inputs and outputs become; nothing: by the mode
  bool symmetric = false;          // activations' zero points in the middle of their codes
  bool equalize = true;            // integer modes of ONNX: scales by channel where codes meet floats
  bool reduce_range = false;       // 8-bit weights keep to 7 bits; some targets need it anyway
  int64_t min_elements = 1024;     // dynamic-range of TFLite: smaller weights stay float32
  std::string method = "min-max";  // how ranges are chosen: an observer of src/calib
  double percentile = 99.999;      // what the method percentile keeps, in percent
  bool storage = false;            // float16: constants alone, widened to float32 by ops of their own
  bool keep_going = false;         // write the result even when nothing was gained
  std::vector<std::string> only;   // globs on node or weight names; empty: all
  std::vector<std::string> exclude;   // globs; wins over `only`
  std::vector<std::string> op_types;  // of the format or of torch.nn (Linear); empty: all
  std::vector<NodeRule> rules;
  std::vector<ValueRule> values;
};

std::string_view mode_name(Mode mode);
// The recipe's mode; where it leaves the choice: weight-only for 4-bit weights, else dynamic-range.
Mode chosen_mode(const Recipe& recipe);
std::string_view style_name(Style style);

// Errors: usage, naming the key that is unknown or has a wrong value.
Result<Recipe> parse_recipe(std::string_view json);

// The formula of a recipe for a format.
kernels::Formula chosen_formula(const Recipe& recipe, bool is_tflite);

// A setting of the recipe, as `describe` shows it and as the shells make their options and selects from it.
struct RecipeSetting {
  std::string_view key;
  std::string_view kind;  // "choice", "bool", "integer", "number", "names", "depth" ([first, last]), "list"
  std::string_view sentence;
  std::string_view fallback;                   // the default, as text
  std::vector<std::string_view> choices = {};  // of a choice
  std::vector<RecipeSetting> parts = {};       // of what a list holds: all of them may be left out
};
std::vector<RecipeSetting> recipe_settings();

// A recipe of ours (src/plan/recipes), as JSON text: {"name", "sentence", "recipe"}.
std::span<const std::string_view> built_in_recipes();

// `*` stands for any run of characters, `?` for one; the whole name must match.
bool glob_matches(std::string_view pattern, std::string_view name);

}  // namespace narrowcast
