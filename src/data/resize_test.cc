#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "data/made_up_test.h"
#include "data/prepare_image.h"

namespace narrowcast::data {
namespace {

std::vector<uint8_t> from_hex(const std::string& text) {
  std::vector<uint8_t> bytes;
  for (std::size_t i = 0; i + 1 < text.size(); i += 2) {
    bytes.push_back(static_cast<uint8_t>(std::stoi(text.substr(i, 2), nullptr, 16)));
  }
  return bytes;
}

std::vector<uint8_t> luma(const Picture<uint8_t>& picture) {
  const ImageOptions options{.preset = *find_image_preset("raw"), .channels = 1};
  const auto prepared = prepare_image(picture.values, picture.size, 3, options);
  return {prepared->values.begin(), prepared->values.end()};
}

// Made by tests/data/make_pillow_reference.py.
TEST(Resize, EqualsPillow) {
  std::ifstream file(NC_SOURCE_DIR "/tests/data/pillow.txt");
  std::string line;
  int cases = 0;
  while (std::getline(file, line)) {
    if (line.starts_with("#")) continue;
    std::istringstream words(line);
    std::string kind;
    std::string hex;
    Size from;
    Size to;
    int channels = 0;
    uint32_t seed = 0;
    words >> kind >> from.height >> from.width >> channels >> seed >> to.height >> to.width >> hex;
    const Picture<uint8_t> picture = made_up(from, channels, seed);
    const auto found = kind == "luma"        ? luma(picture)
                       : kind == "antialias" ? resize_antialias(picture, to).values
                                             : resize_nearest(picture, to).values;
    EXPECT_EQ(found, from_hex(hex)) << line.substr(0, 40);
    ++cases;
  }
  EXPECT_EQ(cases, 13);
}

// By the definition, in float64.
double bilinear_at(const Picture<uint8_t>& picture, Size to, int y, int x, int c) {
  const auto pixel = [&](int row, int column) {
    row = std::clamp(row, 0, picture.size.height - 1);
    column = std::clamp(column, 0, picture.size.width - 1);
    return static_cast<double>(picture.values[(row * picture.size.width + column) * picture.channels + c]);
  };
  const double at_y = (y + 0.5) * picture.size.height / to.height - 0.5;
  const double at_x = (x + 0.5) * picture.size.width / to.width - 0.5;
  const int row = at_y < 0 ? -1 : static_cast<int>(at_y);
  const int column = at_x < 0 ? -1 : static_cast<int>(at_x);
  const double below = at_y - row;
  const double right = at_x - column;
  return (1 - below) * ((1 - right) * pixel(row, column) + right * pixel(row, column + 1)) +
         below * ((1 - right) * pixel(row + 1, column) + right * pixel(row + 1, column + 1));
}

TEST(Resize, BilinearMixesTheFourNearest) {
  const Picture<uint8_t> picture = made_up({7, 11}, 3, 21);
  for (const Size to : {Size{14, 5}, Size{3, 33}, Size{7, 11}, Size{1, 1}}) {
    const Picture<float> result = resize_bilinear(picture, to);
    ASSERT_EQ(result.values.size(), static_cast<std::size_t>(to.height) * to.width * 3);
    std::size_t at = 0;
    for (int y = 0; y < to.height; ++y) {
      for (int x = 0; x < to.width; ++x) {
        for (int c = 0; c < 3; ++c) EXPECT_NEAR(result.values[at++], bilinear_at(picture, to, y, x, c), 1e-3);
      }
    }
  }
}

}  // namespace
}  // namespace narrowcast::data
