// Pictures that tests and tests/data/make_pillow_reference.py make alike.
#pragma once

#include "data/resize.h"

namespace narrowcast::data {

inline Picture<uint8_t> made_up(Size size, int channels, uint32_t seed) {
  Picture<uint8_t> picture{size, channels, {}};
  uint32_t x = seed;
  for (int i = 0; i < size.height * size.width * channels; ++i) {
    x = x * 1664525U + 1013904223U;
    picture.values.push_back(static_cast<uint8_t>(x >> 24));
  }
  return picture;
}

}  // namespace narrowcast::data
