// Result<T>: every fallible function's return type. Errors name the node, tensor or byte that caused them.
#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <utility>

namespace narrowcast {

enum class ErrorCode : int {
#define NC_ERROR(number, code, sentence) code = number,
#include "base/errors.def"
#undef NC_ERROR
};

std::string_view error_name(ErrorCode code);
std::string_view error_sentence(ErrorCode code);

struct Error {
  ErrorCode code = ErrorCode::internal;
  std::string message;  // What happened and what to do, one or two sentences.
  std::string where;    // Node, tensor, or "byte N" of the file; empty when it is about the whole model.
};

template <typename T>
using Result = std::expected<T, Error>;
using Status = Result<void>;

[[nodiscard]] inline std::unexpected<Error> fail(ErrorCode code, std::string message, std::string where = {}) {
  return std::unexpected(Error{code, std::move(message), std::move(where)});
}

}  // namespace narrowcast

#define NC_CONCAT_INNER(a, b) a##b
#define NC_CONCAT(a, b) NC_CONCAT_INNER(a, b)

// Returns the error of a Status or Result expression to the caller.
#define NC_CHECK(expression)                                \
  do {                                                      \
    if (auto nc_status = (expression); !nc_status) {        \
      return std::unexpected(std::move(nc_status).error()); \
    }                                                       \
  } while (false)

// NC_TRY(auto x, f()): binds the value of a Result or returns its error.
#define NC_TRY(declaration, expression)                                         \
  auto NC_CONCAT(nc_result_, __LINE__) = (expression);                          \
  if (!NC_CONCAT(nc_result_, __LINE__)) {                                       \
    return std::unexpected(std::move(NC_CONCAT(nc_result_, __LINE__)).error()); \
  }                                                                             \
  declaration = std::move(*NC_CONCAT(nc_result_, __LINE__))
