#include "data/prepare_image.h"

#include <algorithm>
#include <string>

namespace narrowcast::data {
namespace {

constexpr int kMostSide = 32768;
constexpr float kGrey = 114;

std::string size_text(Size size) { return std::to_string(size.height) + " x " + std::to_string(size.width); }

// a * b / c, rounded down.
int scaled(int a, int b, int c) { return static_cast<int>(static_cast<int64_t>(a) * b / c); }

// a * b / c, rounded half to even.
int scaled_even(int a, int b, int c) {
  const int64_t whole = static_cast<int64_t>(a) * b;
  const int64_t down = whole / c;
  const int64_t twice = 2 * (whole - down * c);
  return static_cast<int>(twice > c || (twice == c && down % 2 != 0) ? down + 1 : down);
}

int half_even(int a) { return scaled_even(a, 1, 2); }

Size covering(Size picture, Size covered) {
  const int width = scaled(picture.width, covered.height, picture.height);
  if (width >= covered.width) return {covered.height, width};
  return {std::max(covered.height, scaled(picture.height, covered.width, picture.width)), covered.width};
}

Size inside(Size picture, Size box) {
  const bool is_tall =
      static_cast<int64_t>(box.height) * picture.width < static_cast<int64_t>(box.width) * picture.height;
  if (is_tall) return {box.height, std::max(1, scaled_even(picture.width, box.height, picture.height))};
  return {std::max(1, scaled_even(picture.height, box.width, picture.width)), box.width};
}

// A side that nobody stated is what the picture is resized to, the preset's, or the picture's own.
int wanted_side(int stated, int resized, int shorter, int preset, int own) {
  for (const int side : {stated, resized, preset, shorter}) {
    if (side > 0) return side;
  }
  return own;
}

Size wanted_size(Size picture, const ImageOptions& options) {
  const auto& [preset, size, resize, shorter, channels, channels_last] = options;
  return {wanted_side(size.height, resize.height, shorter, preset.size, picture.height),
          wanted_side(size.width, resize.width, shorter, preset.size, picture.width)};
}

Size resized_size(Size picture, Size wanted, const ImageOptions& options) {
  if (options.resize.height > 0) return options.resize;
  if (options.shorter_side > 0) return covering(picture, {options.shorter_side, options.shorter_side});
  const ImagePreset& preset = options.preset;
  if (preset.fit == Fit::letterbox) return inside(picture, wanted);
  if (preset.fit == Fit::stretch) return wanted;
  if (preset.size == 0) return covering(picture, wanted);
  return covering(
      picture, {scaled(wanted.height, preset.covers, preset.size), scaled(wanted.width, preset.covers, preset.size)});
}

Picture<uint8_t> taken(ByteView pixels, Size size, int pixel_channels, int channels) {
  Picture<uint8_t> picture{size, channels, {}};
  picture.values.reserve(pixels.size() / pixel_channels * channels);
  for (std::size_t at = 0; at < pixels.size(); at += pixel_channels) {
    const uint8_t* rgb = pixels.data() + at;
    if (channels == 3) {
      picture.values.insert(picture.values.end(), rgb, rgb + 3);
    } else {
      picture.values.push_back(static_cast<uint8_t>((rgb[0] * 19595 + rgb[1] * 38470 + rgb[2] * 7471 + 0x8000) >> 16));
    }
  }
  return picture;
}

Picture<float> in_float(const Picture<uint8_t>& picture) {
  return {picture.size, picture.channels, {picture.values.begin(), picture.values.end()}};
}

Picture<float> resized(const Picture<uint8_t>& picture, Size size, Interpolation interpolation) {
  switch (interpolation) {
    case Interpolation::antialias:
      return in_float(resize_antialias(picture, size));
    case Interpolation::bilinear:
      return resize_bilinear(picture, size);
    case Interpolation::nearest:
      break;
  }
  return in_float(resize_nearest(picture, size));
}

// Where the picture's first pixel comes to lie in the result; negative when it is cut off.
Size placed(Size picture, Size wanted, Fit fit) {
  if (fit == Fit::letterbox) return {(wanted.height - picture.height) / 2, (wanted.width - picture.width) / 2};
  return {-half_even(picture.height - wanted.height), -half_even(picture.width - wanted.width)};
}

float normalized(float pixel, const ImagePreset& preset, int colour) {
  return (pixel / preset.divisor - preset.mean[colour]) / preset.deviation[colour];
}

std::vector<float> laid_out(const Picture<float>& picture, Size wanted, const ImageOptions& options) {
  const Size first = placed(picture.size, wanted, options.preset.fit);
  const std::size_t channels = picture.channels;
  const std::size_t plane = static_cast<std::size_t>(wanted.height) * wanted.width;
  std::vector<float> values(plane * channels);
  for (int y = 0; y < wanted.height; ++y) {
    for (int x = 0; x < wanted.width; ++x) {
      const int from_y = y - first.height;
      const int from_x = x - first.width;
      const bool is_inside = from_y >= 0 && from_y < picture.size.height && from_x >= 0 && from_x < picture.size.width;
      const std::size_t at = static_cast<std::size_t>(y) * wanted.width + x;
      const std::size_t from =
          is_inside ? (static_cast<std::size_t>(from_y) * picture.size.width + from_x) * channels : 0;
      for (std::size_t c = 0; c < channels; ++c) {
        const std::size_t colour = options.preset.blue_first && channels == 3 ? 2 - c : c;
        const float pixel = is_inside ? picture.values[from + colour] : kGrey;
        values[options.channels_last ? at * channels + c : c * plane + at] =
            normalized(pixel, options.preset, static_cast<int>(colour));
      }
    }
  }
  return values;
}

bool is_side(int side) { return side >= 1 && side <= kMostSide; }
bool is_size(Size size) { return is_side(size.height) && is_side(size.width); }

}  // namespace

Result<PreparedImage> prepare_image(ByteView pixels, Size size, int pixel_channels, const ImageOptions& options) {
  if (!is_size(size) || (pixel_channels != 3 && pixel_channels != 4) ||
      pixels.size() != static_cast<uint64_t>(size.height) * size.width * pixel_channels) {
    return fail(ErrorCode::usage, std::to_string(pixels.size()) + " bytes are no picture of " + size_text(size) + ".");
  }
  if (options.channels != 1 && options.channels != 3) {
    return fail(ErrorCode::usage, "A picture becomes 1 or 3 channels, not " + std::to_string(options.channels) + ".");
  }
  const Size wanted = wanted_size(size, options);
  const Size resize_to = resized_size(size, wanted, options);
  if (!is_size(wanted) || !is_size(resize_to)) {
    return fail(ErrorCode::usage, "A picture cannot be resized to " + size_text(resize_to) + ".");
  }
  if (resize_to.height < wanted.height || resize_to.width < wanted.width) {
    if (options.preset.fit != Fit::letterbox) {
      return fail(ErrorCode::usage, "Of a picture of " + size_text(resize_to) + ", the middle cannot be " +
                                        size_text(wanted) + ": resize it to more, or cut out less.");
    }
  }
  const Picture<uint8_t> picture = taken(pixels, size, pixel_channels, options.channels);
  return PreparedImage{wanted, laid_out(resized(picture, resize_to, options.preset.interpolation), wanted, options)};
}

}  // namespace narrowcast::data
