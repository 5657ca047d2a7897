#include "data/prepare_image.h"

#include <gmock/gmock.h>

#include "base/sha256.h"
#include "data/made_up_test.h"

namespace narrowcast::data {
namespace {

using ::testing::ElementsAre;

PreparedImage prepared(const Picture<uint8_t>& picture, const ImageOptions& options) {
  const auto result = prepare_image(picture.values, picture.size, picture.channels, options);
  EXPECT_TRUE(result.has_value()) << result.error().message;
  return result.value_or(PreparedImage{});
}

ImageOptions options_of(std::string_view preset, Size size = {}) {
  return {.preset = *find_image_preset(preset), .size = size};
}

const Picture<uint8_t> kOnePixel{{1, 1}, 3, {255, 128, 0}};

// The formulas of torchvision, Keras and Ultralytics, by hand.
TEST(PrepareImage, PresetsGiveTheirNumbers) {
  const auto values = [](std::string_view name) { return prepared(kOnePixel, options_of(name, {1, 1})).values; };
  const float half = 128.0F / 255.0F;
  EXPECT_THAT(values("imagenet"),
              ElementsAre((1.0F - 0.485F) / 0.229F, (half - 0.456F) / 0.224F, (0 - 0.406F) / 0.225F));
  EXPECT_THAT(values("tf"), ElementsAre(1.0F, 128.0F / 127.5F - 1.0F, -1.0F));
  EXPECT_THAT(values("zero-one"), ElementsAre(1.0F, half, 0.0F));
  EXPECT_THAT(values("caffe"), ElementsAre(0 - 103.939F, 128.0F - 116.779F, 255.0F - 123.68F));
  EXPECT_THAT(values("yolo"), ElementsAre(1.0F, half, 0.0F));
  EXPECT_THAT(values("raw"), ElementsAre(255.0F, 128.0F, 0.0F));
}

TEST(PrepareImage, LayoutAndAlpha) {
  const Picture<uint8_t> picture{{1, 2}, 4, {1, 2, 3, 99, 4, 5, 6, 99}};
  ImageOptions options = options_of("raw", {1, 2});
  EXPECT_THAT(prepared(picture, options).values, ElementsAre(1, 4, 2, 5, 3, 6));
  options.channels_last = true;
  EXPECT_THAT(prepared(picture, options).values, ElementsAre(1, 2, 3, 4, 5, 6));
  options.preset.blue_first = true;
  EXPECT_THAT(prepared(picture, options).values, ElementsAre(3, 2, 1, 6, 5, 4));
}

// A picture whose red says in which row a pixel was, whose green says in which column.
Picture<uint8_t> places(Size size) {
  Picture<uint8_t> picture{size, 3, {}};
  for (int y = 0; y < size.height; ++y) {
    for (int x = 0; x < size.width; ++x) {
      picture.values.insert(picture.values.end(), {static_cast<uint8_t>(y), static_cast<uint8_t>(x), 0});
    }
  }
  return picture;
}

// torchvision.transforms.functional.center_crop: int(round((height - crop) / 2)).
TEST(PrepareImage, TheMiddleIsCutOut) {
  for (const auto& [side, begin] : {std::pair(5, 0), {6, 1}, {7, 2}, {8, 2}, {9, 2}, {11, 4}, {12, 4}}) {
    ImageOptions options = options_of("raw", {4, 4});
    options.resize = {side, side};
    const PreparedImage image = prepared(places({side, side}), options);
    EXPECT_EQ(image.values[0], begin) << side;
    EXPECT_EQ(image.values[16], begin) << side;
  }
}

TEST(PrepareImage, SizesThatNobodyStated) {
  const Picture<uint8_t> wide = made_up({30, 40}, 3, 1);
  EXPECT_EQ(prepared(wide, options_of("imagenet")).size, (Size{224, 224}));
  EXPECT_EQ(prepared(wide, options_of("yolo")).size, (Size{640, 640}));
  EXPECT_EQ(prepared(wide, options_of("zero-one")).size, (Size{30, 40}));
  ImageOptions options = options_of("zero-one");
  options.shorter_side = 8;
  EXPECT_EQ(prepared(wide, options).size, (Size{8, 8}));
  options.resize = {5, 6};
  EXPECT_EQ(prepared(wide, options).size, (Size{5, 6}));
}

// 256 to 224 is 8 to 7: for 7 x 7 the picture covers 8 x 8, here 8 x int(8 * 40 / 30).
TEST(PrepareImage, CoverKeepsProportions) {
  const Picture<uint8_t> wide = made_up({30, 40}, 3, 2);
  ImageOptions options = options_of("imagenet", {7, 7});
  ImageOptions stated = options;
  stated.resize = {8, 10};
  EXPECT_EQ(prepared(wide, options).values, prepared(wide, stated).values);
  options.shorter_side = 8;
  EXPECT_EQ(prepared(wide, options).values, prepared(wide, stated).values);
}

// Ultralytics' LetterBox: 4 x 8 in 9 x 9 is scaled by 9 / 8 to 4.5, to even 4, x 9; 2 rows of grey above, 3 below.
TEST(PrepareImage, LetterboxIsGreyAround) {
  ImageOptions options = options_of("yolo", {9, 9});
  options.channels = 1;
  const PreparedImage image = prepared({{4, 8}, 3, std::vector<uint8_t>(96, 0)}, options);
  for (int y = 0; y < 9; ++y) {
    const float expected = y < 2 || y >= 6 ? 114.0F / 255.0F : 0.0F;
    for (int x = 0; x < 9; ++x) EXPECT_EQ(image.values[y * 9 + x], expected) << y << " " << x;
  }
}

TEST(PrepareImage, WhatCannotBe) {
  const auto refuses = [](const ImageOptions& options, Size size = {4, 4}, int channels = 3) {
    const std::vector<uint8_t> pixels(48);
    const auto result = prepare_image(pixels, size, channels, options);
    return !result.has_value() && result.error().code == ErrorCode::usage;
  };
  EXPECT_FALSE(refuses(options_of("raw")));
  EXPECT_TRUE(refuses(options_of("raw"), {4, 5}));
  EXPECT_TRUE(refuses(options_of("raw"), {0, 4}));
  EXPECT_TRUE(refuses(options_of("raw"), {4, 4}, 2));
  EXPECT_TRUE(refuses(options_of("raw", {40000, 4})));
  ImageOptions options = options_of("raw", {8, 8});
  options.resize = {7, 9};
  EXPECT_TRUE(refuses(options));
  options = options_of("raw");
  options.channels = 2;
  EXPECT_TRUE(refuses(options));
}

// Pinned, and so the same in every build.
TEST(PrepareImage, GivesTheSameBitsEverywhere) {
  Sha256 hash;
  const Picture<uint8_t> picture = made_up({61, 83}, 3, 3);
  for (const ImagePreset& preset : image_presets()) {
    for (const Interpolation interpolation : kInterpolations) {
      ImageOptions options{.preset = preset, .size = {32, 24}};
      options.preset.interpolation = interpolation;
      const std::vector<float> values = prepared(picture, options).values;
      hash.add({reinterpret_cast<const uint8_t*>(values.data()), values.size() * sizeof(float)});
    }
  }
  EXPECT_EQ(hex(hash.finish()), "6441400c717e07441e216aee4628a2d0b4b645b5171e2a66755b1c733f1f940d");
}

}  // namespace
}  // namespace narrowcast::data
