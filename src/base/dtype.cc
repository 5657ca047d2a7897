#include "base/dtype.h"

#include <algorithm>
#include <array>
#include <cstddef>

namespace narrowcast {
namespace {

constexpr std::array kInfo{
    DTypeInfo{"unknown", 0},
    DTypeInfo{"float32", 32},
    DTypeInfo{"float16", 16},
    DTypeInfo{"bfloat16", 16},
    DTypeInfo{"float64", 64},
    DTypeInfo{"int4", 4},
    DTypeInfo{"int8", 8},
    DTypeInfo{"int16", 16},
    DTypeInfo{"int32", 32},
    DTypeInfo{"int64", 64},
    DTypeInfo{"uint4", 4},
    DTypeInfo{"uint8", 8},
    DTypeInfo{"uint16", 16},
    DTypeInfo{"uint32", 32},
    DTypeInfo{"uint64", 64},
    DTypeInfo{"int2", 2},
    DTypeInfo{"uint2", 2},
    DTypeInfo{"bool", 8},
    DTypeInfo{"string", 0},
    DTypeInfo{"complex64", 64},
    DTypeInfo{"complex128", 128},
    DTypeInfo{"float8_e4m3fn", 8},
    DTypeInfo{"float8_e4m3fnuz", 8},
    DTypeInfo{"float8_e5m2", 8},
    DTypeInfo{"float8_e5m2fnuz", 8},
    DTypeInfo{"float4_e2m1", 4},
    DTypeInfo{"other", 0},
};
static_assert(kInfo.size() == static_cast<std::size_t>(DType::other) + 1);

}  // namespace

const DTypeInfo& dtype_info(DType dtype) { return kInfo[static_cast<std::size_t>(dtype)]; }

DType dtype_named(std::string_view name) {
  const auto found = std::ranges::find(kInfo, name, &DTypeInfo::name);
  return found == kInfo.end() ? DType::unknown : static_cast<DType>(found - kInfo.begin());
}

}  // namespace narrowcast
