#include "base/result.h"

namespace narrowcast {

std::string_view error_name(ErrorCode code) {
  switch (code) {
#define NC_ERROR(number, code, sentence) \
  case ErrorCode::code:                  \
    return #code;
#include "base/errors.def"
#undef NC_ERROR
  }
  return "internal";
}

std::string_view error_sentence(ErrorCode code) {
  switch (code) {
#define NC_ERROR(number, code, sentence) \
  case ErrorCode::code:                  \
    return sentence;
#include "base/errors.def"
#undef NC_ERROR
  }
  return "";
}

}  // namespace narrowcast
