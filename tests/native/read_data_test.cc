// Calibration data through the public entry: requests and files that are not what they should be.
#include "job/read_data.h"

#include <gtest/gtest.h>

namespace narrowcast {
namespace {

const Bytes kPixels(std::size_t{4} * 5 * 3, 7);

Result<std::unique_ptr<Task>> read(const Bytes& bytes, const std::string& request) {
  return read_data({{"file", bytes}}, request);
}

std::string image_request(const std::string& more) {
  return R"({"kind":"image","picture":[4,5],"pixel_channels":3,"preset":"raw","size":[0,0])" + more + "}";
}

TEST(ReadData, GivesAPicture) {
  const auto task = read(kPixels, image_request(R"(,"layout":"nhwc")"));
  ASSERT_TRUE(task.has_value()) << task.error().message;
  EXPECT_EQ((*task)->outputs(), R"([{"name":"file","size":240,"dtype":"float32","shape":[4,5,3]}])");
  float first = 0;
  (*task)->read(0, 0, {reinterpret_cast<uint8_t*>(&first), sizeof(first)});
  EXPECT_EQ(first, 7);
}

TEST(ReadData, RefusesRequestsByTheirKey) {
  for (const auto& [more, where] : {std::pair(R"(,"preset":"torch")", "preset"),
                                    {R"(,"size":[4])", "size"},
                                    {R"(,"size":[4,-1])", "size"},
                                    {R"(,"size":[4,1e300])", "size"},
                                    {R"(,"resize":"all")", "resize"},
                                    {R"(,"resize":3000000000)", "resize"},
                                    {R"(,"channels":"3")", "channels"},
                                    {R"(,"mean":[1,2])", "mean"},
                                    {R"(,"std":[1,2,0])", "std"},
                                    {R"(,"fit":"crop")", "fit"},
                                    {R"(,"interpolation":7)", "interpolation"},
                                    {R"(,"color":"cmyk")", "color"},
                                    {R"(,"layout":"chwn")", "layout"}}) {
    const auto task = read(kPixels, image_request(more));
    ASSERT_FALSE(task.has_value()) << more;
    EXPECT_EQ(task.error().code, ErrorCode::usage) << more;
    EXPECT_EQ(task.error().where, where) << more;
  }
  for (const char* request : {"", "[]", "{}", R"({"kind":"sound"})", R"({"kind":7})"}) {
    EXPECT_FALSE(read(kPixels, request).has_value()) << request;
  }
  EXPECT_FALSE(read({}, image_request("")).has_value());
}

// dims 2, data_type 1 (float), name "x", raw_data: 8 bytes.
const Bytes kTensor{0x08, 2, 0x10, 1, 0x42, 1, 'x', 0x4A, 8, 0, 0, 0x80, 0x3F, 0, 0, 0, 0x40};

TEST(ReadData, GivesATensor) {
  const auto task = read(kTensor, R"({"kind":"onnx_tensor"})");
  ASSERT_TRUE(task.has_value()) << task.error().message;
  EXPECT_EQ((*task)->outputs(), R"([{"name":"x","size":8,"dtype":"float32","shape":[2]}])");
}

TEST(ReadData, RefusesDamagedTensors) {
  int refused = 0;
  for (std::size_t length = 1; length < kTensor.size(); ++length) {
    const Bytes cut(kTensor.begin(), kTensor.begin() + static_cast<std::ptrdiff_t>(length));
    refused += read(cut, R"({"kind":"onnx_tensor"})").has_value() ? 0 : 1;
  }
  EXPECT_EQ(refused, static_cast<int>(kTensor.size()) - 1);
}

}  // namespace
}  // namespace narrowcast
