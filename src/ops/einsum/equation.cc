#include "ops/einsum/equation.h"

#include <algorithm>

namespace narrowcast::ops {
namespace {

std::unexpected<Error> malformed(std::string_view text) {
  return fail(ErrorCode::malformed,
              "Einsum: the equation " + std::string(text.substr(0, 100)) + " makes no sense here.");
}

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

// One term; the ellipsis as the single label kEllipsis. Nothing when it is no term.
std::optional<std::vector<Label>> read_term(std::string_view term) {
  std::vector<Label> labels;
  bool has_ellipsis = false;
  for (std::size_t i = 0; i < term.size(); ++i) {
    if (is_letter(term[i])) {
      labels.push_back(term[i]);
    } else if (!has_ellipsis && term.substr(i, 3) == "...") {
      has_ellipsis = true;
      labels.push_back(kEllipsis);
      i += 2;
    } else {
      return std::nullopt;
    }
  }
  return labels;
}

// The ellipsis as `count` labels, so that the last axes of all of them have the same.
void spread_ellipsis(std::vector<Label>& labels, std::size_t count) {
  const auto at = std::ranges::find(labels, kEllipsis);
  if (at == labels.end()) return;
  std::vector<Label> axes(count);
  for (std::size_t i = 0; i < count; ++i) axes[i] = kEllipsis + static_cast<Label>(count - 1 - i);
  const auto place = labels.erase(at);
  labels.insert(place, axes.begin(), axes.end());
}

bool merge_size(std::map<Label, int64_t>& sizes, Label label, int64_t size) {
  const auto [at, is_new] = sizes.emplace(label, size);
  if (is_new || at->second == size || size == 1) return true;
  if (at->second != 1 && at->second >= 0 && size >= 0) return false;
  if (at->second == 1 || size >= 0) at->second = size;
  return true;
}

std::vector<Label> implied_result(const Equation& equation, std::size_t ellipsis) {
  std::map<Label, int> uses;
  for (const auto& operand : equation.operands) {
    for (const Label label : operand) ++uses[label];
  }
  std::vector<Label> result;
  if (ellipsis > 0) {
    result.push_back(kEllipsis);
    spread_ellipsis(result, ellipsis);
  }
  for (const auto& [label, count] : uses) {
    if (label < kEllipsis && count == 1) result.push_back(label);
  }
  return result;
}

}  // namespace

Result<Equation> read_equation(std::string_view text, const std::vector<Shape>& shapes) {
  std::string dense;
  std::ranges::copy_if(text, std::back_inserter(dense), [](char c) { return c != ' '; });
  const std::size_t arrow = dense.find("->");
  const std::string_view left = std::string_view(dense).substr(0, arrow);
  Equation equation;
  std::size_t ellipsis = 0;
  for (std::size_t begin = 0;;) {
    const std::size_t comma = std::min(left.find(',', begin), left.size());
    auto labels = read_term(left.substr(begin, comma - begin));
    const std::size_t slot = equation.operands.size();
    if (!labels || slot >= shapes.size()) return malformed(text);
    const std::size_t rank = shapes[slot].size();
    if (std::ranges::find(*labels, kEllipsis) != labels->end()) {
      if (rank + 1 < labels->size()) return malformed(text);
      ellipsis = std::max(ellipsis, rank + 1 - labels->size());
      spread_ellipsis(*labels, rank + 1 - labels->size());
    }
    if (labels->size() != rank) return malformed(text);
    for (std::size_t i = 0; i < rank; ++i) {
      if (!merge_size(equation.sizes, (*labels)[i], shapes[slot][i])) return malformed(text);
    }
    equation.operands.push_back(std::move(*labels));
    if (comma == left.size()) break;
    begin = comma + 1;
  }
  if (equation.operands.size() != shapes.size()) return malformed(text);
  if (arrow == std::string::npos) {
    equation.result = implied_result(equation, ellipsis);
    return equation;
  }
  auto result = read_term(std::string_view(dense).substr(arrow + 2));
  if (!result) return malformed(text);
  if (ellipsis > 0 && std::ranges::find(*result, kEllipsis) == result->end()) return malformed(text);
  spread_ellipsis(*result, ellipsis);
  for (std::size_t i = 0; i < result->size(); ++i) {
    const bool repeated = std::find(result->begin(), result->begin() + static_cast<std::ptrdiff_t>(i), (*result)[i]) !=
                          result->begin() + static_cast<std::ptrdiff_t>(i);
    if (repeated || !equation.sizes.contains((*result)[i])) return malformed(text);
  }
  equation.result = std::move(*result);
  return equation;
}

}  // namespace narrowcast::ops
