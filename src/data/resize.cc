#include "data/resize.h"

#include <algorithm>

namespace narrowcast::data {
namespace {

constexpr int kWeightBits = 22;

// Of one output element: the inputs from `first` on, weighted.
struct Stretch {
  int first = 0;
  std::vector<int32_t> weights;
};

double triangle(double x) {
  const double distance = x < 0 ? -x : x;
  return distance < 1 ? 1 - distance : 0;
}

int32_t fixed_point(double weight) {
  const double rounded = weight * (1 << kWeightBits) + 0.5;  // no weight is negative
  return static_cast<int32_t>(rounded);
}

Stretch stretch_at(int o, double scale, double filter, int in) {
  const double centre = (o + 0.5) * scale;
  const double inverse = 1 / filter;
  const double from = centre - filter + 0.5;
  const double to = centre + filter + 0.5;
  const int first = std::max(0, static_cast<int>(from));
  const int end = std::min(in, static_cast<int>(to));
  std::vector<double> exact;
  double sum = 0;
  for (int x = first; x < end; ++x) {
    exact.push_back(triangle((x - centre + 0.5) * inverse));
    sum += exact.back();
  }
  Stretch stretch{first, {}};
  for (const double weight : exact) stretch.weights.push_back(fixed_point(sum != 0 ? weight / sum : weight));
  return stretch;
}

std::vector<Stretch> stretches(int in, int out) {
  const double scale = static_cast<double>(in) / out;
  const double filter = std::max(scale, 1.0);
  std::vector<Stretch> all;
  for (int o = 0; o < out; ++o) all.push_back(stretch_at(o, scale, filter, in));
  return all;
}

uint8_t weighted(const uint8_t* from, std::size_t step, const Stretch& stretch) {
  int32_t sum = 1 << (kWeightBits - 1);
  for (const int32_t weight : stretch.weights) {
    sum += weight * *from;
    from += step;
  }
  return static_cast<uint8_t>(std::clamp(sum >> kWeightBits, 0, 255));
}

template <typename T>
Picture<T> blank(Size size, int channels) {
  const std::size_t count = static_cast<std::size_t>(size.height) * size.width * channels;
  return {size, channels, std::vector<T>(count)};
}

Picture<uint8_t> resize_columns(const Picture<uint8_t>& picture, int width) {
  auto result = blank<uint8_t>({picture.size.height, width}, picture.channels);
  const std::vector<Stretch> all = stretches(picture.size.width, width);
  const std::size_t channels = picture.channels;
  uint8_t* to = result.values.data();
  for (int y = 0; y < picture.size.height; ++y) {
    const uint8_t* row = picture.values.data() + channels * picture.size.width * y;
    for (const Stretch& stretch : all) {
      for (std::size_t c = 0; c < channels; ++c)
        *to++ = weighted(row + channels * stretch.first + c, channels, stretch);
    }
  }
  return result;
}

Picture<uint8_t> resize_rows(const Picture<uint8_t>& picture, int height) {
  auto result = blank<uint8_t>({height, picture.size.width}, picture.channels);
  const std::size_t row = static_cast<std::size_t>(picture.size.width) * picture.channels;
  uint8_t* to = result.values.data();
  for (const Stretch& stretch : stretches(picture.size.height, height)) {
    const uint8_t* from = picture.values.data() + row * stretch.first;
    for (std::size_t i = 0; i < row; ++i) *to++ = weighted(from + i, row, stretch);
  }
  return result;
}

// Between which elements an output lies, and how far behind the first.
struct Between {
  int low = 0;
  int high = 0;
  float share = 0;
};

std::vector<Between> betweens(int in, int out) {
  const float scale = static_cast<float>(in) / static_cast<float>(out);
  std::vector<Between> all;
  for (int o = 0; o < out; ++o) {
    const float x = (static_cast<float>(o) + 0.5F) * scale - 0.5F;
    const int floor = x < 0 ? -1 : static_cast<int>(x);
    all.push_back({std::max(floor, 0), std::min(floor + 1, in - 1), x - static_cast<float>(floor)});
  }
  return all;
}

float mixed(float a, float b, float share) { return a + (b - a) * share; }

}  // namespace

Picture<uint8_t> resize_antialias(const Picture<uint8_t>& picture, Size size) {
  if (size == picture.size) return picture;
  if (size.width == picture.size.width) return resize_rows(picture, size.height);
  Picture<uint8_t> columns = resize_columns(picture, size.width);
  return size.height == columns.size.height ? columns : resize_rows(columns, size.height);
}

Picture<float> resize_bilinear(const Picture<uint8_t>& picture, Size size) {
  auto result = blank<float>(size, picture.channels);
  const std::vector<Between> columns = betweens(picture.size.width, size.width);
  const std::size_t channels = picture.channels;
  const std::size_t row = channels * picture.size.width;
  float* to = result.values.data();
  for (const Between& y : betweens(picture.size.height, size.height)) {
    const uint8_t* above = picture.values.data() + row * y.low;
    const uint8_t* below = picture.values.data() + row * y.high;
    for (const Between& x : columns) {
      for (std::size_t c = 0; c < channels; ++c) {
        const std::size_t a = channels * x.low + c;
        const std::size_t b = channels * x.high + c;
        *to++ = mixed(mixed(above[a], above[b], x.share), mixed(below[a], below[b], x.share), y.share);
      }
    }
  }
  return result;
}

Picture<uint8_t> resize_nearest(const Picture<uint8_t>& picture, Size size) {
  auto result = blank<uint8_t>(size, picture.channels);
  const auto nearest = [](int o, int in, int out) {
    return static_cast<std::size_t>((2 * static_cast<int64_t>(o) + 1) * in / (2 * static_cast<int64_t>(out)));
  };
  const std::size_t channels = picture.channels;
  uint8_t* to = result.values.data();
  for (int y = 0; y < size.height; ++y) {
    const std::size_t row = nearest(y, picture.size.height, size.height) * picture.size.width;
    for (int x = 0; x < size.width; ++x) {
      const uint8_t* from = picture.values.data() + (row + nearest(x, picture.size.width, size.width)) * channels;
      to = std::copy_n(from, channels, to);
    }
  }
  return result;
}

}  // namespace narrowcast::data
