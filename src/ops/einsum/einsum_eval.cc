#include "ops/einsum/einsum_eval.h"

#include <algorithm>

#include "ops/box.h"
#include "ops/einsum/equation.h"
#include "ops/matmul/product.h"
#include "ops/sizes.h"

namespace narrowcast::ops {
namespace {

using Labels = std::vector<Label>;

// A tensor whose axes have names; each name once. Steps are in elements.
struct Term {
  Labels labels;
  std::vector<std::size_t> sizes;
  std::vector<int64_t> steps;
  const uint8_t* data = nullptr;

  [[nodiscard]] std::size_t find(Label label) const {
    return static_cast<std::size_t>(std::ranges::find(labels, label) - labels.begin());
  }
  [[nodiscard]] bool has(Label label) const { return find(label) < labels.size(); }
};

bool contains(const Labels& labels, Label label) { return std::ranges::find(labels, label) != labels.end(); }

// A label that stands twice walks the diagonal; an axis of size 1 that others stretch has no name.
Term read_term(const Equation& equation, const Labels& labels, const Tensor& tensor) {
  Term term;
  term.data = tensor.data;
  const std::vector<int64_t> steps = strides_of(tensor.shape, Layout::plain);
  for (std::size_t i = 0; i < labels.size(); ++i) {
    if (tensor.shape[i] == 1 && equation.sizes.at(labels[i]) != 1) continue;
    const std::size_t at = term.find(labels[i]);
    if (at < term.labels.size()) {
      term.steps[at] += steps[i];
    } else {
      term.labels.push_back(labels[i]);
      term.sizes.push_back(static_cast<std::size_t>(tensor.shape[i]));
      term.steps.push_back(steps[i]);
    }
  }
  return term;
}

std::size_t extent(const Term& term, const Labels& labels) {
  std::size_t count = 1;
  for (const Label label : labels) count *= term.sizes[term.find(label)];
  return count;
}

class Contraction {
 public:
  Contraction(EvalContext& ctx, DType dtype) : ctx_(ctx), dtype_(dtype), width_(dtype_bits(dtype) / 8) {}

  // The elements with the axes in this order, which names all that the term has.
  Result<const uint8_t*> arrange(const Term& term, const Labels& order) {
    std::vector<BoxAxis> box(order.size());
    int64_t to = 1;
    for (std::size_t i = order.size(); i-- > 0;) {
      const std::size_t at = term.find(order[i]);
      box[i] = {term.sizes[at], term.steps[at], to};
      to *= static_cast<int64_t>(term.sizes[at]);
    }
    NC_TRY(uint8_t* const data, ctx_.scratch(static_cast<std::size_t>(to) * width_));
    copy_box(width_, std::move(box), term.data, data);
    return data;
  }

  // The sum of products over all labels that are not in `keep`.
  Result<Term> multiply(const Term& a, const Term& b, const Labels& keep) {
    Labels batch, rows, summed, columns;
    for (const Label label : a.labels) {
      if (!b.has(label)) {
        rows.push_back(label);
      } else {
        (contains(keep, label) ? batch : summed).push_back(label);
      }
    }
    for (const Label label : b.labels) {
      if (!a.has(label)) columns.push_back(label);
    }
    NC_TRY(const uint8_t* const left, arrange(a, joined({batch, rows, summed})));
    NC_TRY(const uint8_t* const right, arrange(b, joined({batch, summed, columns})));
    const auto size = [](std::size_t count) { return static_cast<int64_t>(count); };
    const int64_t n_batch = size(extent(a, batch));
    const int64_t m = size(extent(a, rows));
    const int64_t k = size(extent(a, summed));
    const int64_t n = size(extent(b, columns));
    const Tensor a_matrix{dtype_, Layout::plain, {n_batch, m, k}, {}, left};
    const Tensor b_matrix{dtype_, Layout::plain, {n_batch, k, n}, {}, right};
    const int64_t count = multiply_sizes(multiply_sizes(n_batch, m), n);
    if (count < 0 || count > PTRDIFF_MAX / 16) {
      return fail(ErrorCode::out_of_memory, "Einsum: there is no memory for what two operands make.");
    }
    NC_TRY(uint8_t* const data, ctx_.scratch(static_cast<std::size_t>(count) * width_));
    Tensor y{dtype_, Layout::plain, {n_batch, m, n}, {}, data};
    const Product product{.a = &a_matrix, .a_shape = a_matrix.shape, .b = &b_matrix, .b_shape = b_matrix.shape};
    if (dtype_ == DType::f32) {
      NC_CHECK(multiply_f32(ctx_, product, {}, y));
    } else {
      NC_CHECK(multiply_exact(product, y));
    }
    return named(a, b, joined({batch, rows, columns}), data);
  }

 private:
  static Labels joined(std::initializer_list<Labels> parts) {
    Labels all;
    for (const Labels& part : parts) all.insert(all.end(), part.begin(), part.end());
    return all;
  }

  static Term named(const Term& a, const Term& b, Labels labels, const uint8_t* data) {
    Term term{std::move(labels), {}, {}, data};
    for (const Label label : term.labels) {
      term.sizes.push_back(a.has(label) ? a.sizes[a.find(label)] : b.sizes[b.find(label)]);
    }
    term.steps.resize(term.labels.size());
    int64_t step = 1;
    for (std::size_t i = term.labels.size(); i-- > 0;) {
      term.steps[i] = step;
      step *= static_cast<int64_t>(term.sizes[i]);
    }
    return term;
  }

  EvalContext& ctx_;
  DType dtype_;
  unsigned width_;
};

// One, with the labels that the term alone has and the result has not: their sum is a product with ones.
Result<Term> ones_for(EvalContext& ctx, DType dtype, const Term& term, const Labels& keep) {
  Term ones;
  std::size_t count = 1;
  for (std::size_t i = term.labels.size(); i-- > 0;) {
    if (contains(keep, term.labels[i])) continue;
    ones.labels.push_back(term.labels[i]);
    ones.sizes.push_back(term.sizes[i]);
    ones.steps.push_back(static_cast<int64_t>(count));
    count *= term.sizes[i];
  }
  NC_TRY(uint8_t* const data, ctx.scratch(count * dtype_bits(dtype) / 8));
  const float one = 1;
  const double wide_one = 1;
  const uint64_t whole_one = 1;
  const void* bytes = dtype == DType::f32   ? static_cast<const void*>(&one)
                      : dtype == DType::f64 ? static_cast<const void*>(&wide_one)
                                            : &whole_one;
  fill_elements(dtype_bits(dtype) / 8, static_cast<const uint8_t*>(bytes), count, data);
  ones.data = data;
  return ones;
}

}  // namespace

Status eval_einsum(EvalContext& ctx) {
  std::vector<Shape> shapes;
  for (std::size_t i = 0; i < ctx.operand_count(); ++i) {
    if (!ctx.present(i) || ctx.operand(i).dtype != ctx.operand(0).dtype) {
      return fail(ErrorCode::malformed, "Einsum: the operands are not of one type.");
    }
    shapes.push_back(ctx.operand(i).shape);
  }
  const DType dtype = ctx.operand(0).dtype;
  NC_TRY(const unsigned width, element_width(ctx.op(), dtype));
  NC_TRY(const Equation equation, read_equation(ctx.op().string_or("equation", ""), shapes));
  NC_TRY(Tensor* const y, ctx.make(0));
  Contraction contraction(ctx, dtype);
  Term total;
  for (std::size_t i = 0; i < shapes.size(); ++i) {
    Term term = read_term(equation, equation.operands[i], ctx.operand(i));
    // What the result or another operand still needs.
    Labels others = equation.result;
    Labels later = equation.result;
    others.insert(others.end(), total.labels.begin(), total.labels.end());
    for (std::size_t k = i + 1; k < shapes.size(); ++k) {
      others.insert(others.end(), equation.operands[k].begin(), equation.operands[k].end());
      later.insert(later.end(), equation.operands[k].begin(), equation.operands[k].end());
    }
    const bool sums_alone = std::ranges::any_of(term.labels, [&](Label label) { return !contains(others, label); });
    if (sums_alone) {
      NC_TRY(const Term ones, ones_for(ctx, dtype, term, others));
      NC_TRY(term, contraction.multiply(term, ones, others));
    }
    if (i == 0) {
      total = std::move(term);
    } else {
      NC_TRY(total, contraction.multiply(total, term, later));
    }
  }
  // What another operand was expected to take in, but stretched over.
  const bool is_left =
      std::ranges::any_of(total.labels, [&](Label label) { return !contains(equation.result, label); });
  if (is_left) {
    NC_TRY(const Term ones, ones_for(ctx, dtype, total, equation.result));
    NC_TRY(total, contraction.multiply(total, ones, equation.result));
  }
  // A label of size 1 that no term kept has nothing to walk.
  Labels order;
  for (const Label label : equation.result) {
    if (total.has(label)) order.push_back(label);
  }
  NC_TRY(const uint8_t* const data, contraction.arrange(total, order));
  std::copy_n(data, y->count() * width, y->writable<uint8_t>());
  return {};
}

}  // namespace narrowcast::ops
