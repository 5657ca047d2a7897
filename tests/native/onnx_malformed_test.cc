// ONNX files that break one rule each: the error says which, and where.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "job/job.h"

namespace narrowcast {
namespace {

using ::testing::HasSubstr;

// Just enough of protobuf's wire format to write models that no library would.
std::string varint(uint64_t value) {
  std::string out;
  for (; value >= 0x80; value >>= 7) out += static_cast<char>(value | 0x80);
  return out + static_cast<char>(value);
}
std::string number(uint32_t field, uint64_t value) { return varint(field << 3) + varint(value); }
std::string text(uint32_t field, const std::string& body) {
  return varint(field << 3 | 2) + varint(body.size()) + body;
}

std::string node(const std::string& op, const std::vector<std::string>& inputs, const std::string& output,
                 const std::string& more = "") {
  std::string body;
  for (const std::string& input : inputs) body += text(1, input);
  return text(1, body + text(2, output) + text(3, "the_" + output) + text(4, op) + more);
}
std::string value_info(uint32_t field, const std::string& name) {
  return text(field, text(1, name) + text(2, text(1, number(1, 1) + text(2, text(1, number(1, 4))))));
}
std::string tensor(const std::string& name, const std::vector<uint64_t>& dims, const std::string& data,
                   uint64_t data_type = 1) {
  std::string body;
  for (const uint64_t size : dims) body += number(1, size);
  return text(5, body + number(2, data_type) + text(8, name) + data);
}
std::string external(const std::string& name, const std::string& location, const std::string& offset,
                     const std::string& length) {
  const auto entry = [](const std::string& key, const std::string& value) {
    return text(13, text(1, key) + text(2, value));
  };
  return tensor(name, {4},
                entry("location", location) + entry("offset", offset) + entry("length", length) + number(14, 1));
}
std::string model(const std::string& graph) {
  return number(1, 8) + text(7, value_info(11, "x") + graph + value_info(12, "y")) + text(8, number(2, 17));
}

Error read_error(const std::string& file, const std::string& data = "") {
  Files files{{"model", {reinterpret_cast<const uint8_t*>(file.data()), file.size()}}};
  if (!data.empty()) files.push_back({"w.data", {reinterpret_cast<const uint8_t*>(data.data()), data.size()}});
  const auto read = read_model(std::move(files));
  if (read) return {ErrorCode::internal, "it was read", ""};
  return read.error();
}

void expect_error(const std::string& graph, ErrorCode code, const std::string& where, const std::string& message,
                  const std::string& data = "") {
  const Error error = read_error(model(graph), data);
  EXPECT_EQ(error_name(error.code), error_name(code)) << error.message;
  EXPECT_THAT(error.where, HasSubstr(where));
  EXPECT_THAT(error.message, HasSubstr(message));
}

TEST(OnnxMalformed, TheModelOfTheseTestsIsSoundByItself) {
  const std::string file = model(node("Relu", {"x"}, "y"));
  EXPECT_TRUE(read_model({{"model", {reinterpret_cast<const uint8_t*>(file.data()), file.size()}}}));
}

TEST(OnnxMalformed, Cycles) {
  expect_error(node("Add", {"x", "b"}, "a") + node("Relu", {"a"}, "b") + node("Relu", {"b"}, "y"), ErrorCode::malformed,
               "the_", "cycle");
  expect_error(node("Add", {"x", "y"}, "y"), ErrorCode::malformed, "the_y", "cycle");
}

TEST(OnnxMalformed, OutOfOrderIsNotACycle) {
  const std::string file = model(node("Relu", {"a"}, "y") + node("Relu", {"x"}, "a"));
  EXPECT_TRUE(read_model({{"model", {reinterpret_cast<const uint8_t*>(file.data()), file.size()}}}));
}

TEST(OnnxMalformed, NamesThatNothingMakes) {
  expect_error(node("Relu", {"ghost"}, "y"), ErrorCode::malformed, "the_y", "'ghost'");
  expect_error(node("Relu", {"x"}, "z"), ErrorCode::malformed, "y", "output");
}

TEST(OnnxMalformed, DuplicateNames) {
  expect_error(node("Relu", {"x"}, "y") + node("Neg", {"x"}, "y"), ErrorCode::malformed, "y", "same value");
  expect_error(tensor("w", {1}, text(9, "1234")) + tensor("w", {1}, text(9, "1234")) + node("Relu", {"x"}, "y"),
               ErrorCode::malformed, "w", "same name");
}

TEST(OnnxMalformed, AbsurdSizes) {
  const std::string relu = node("Relu", {"x"}, "y");
  const uint64_t huge = uint64_t{1} << 62;
  expect_error(tensor("w", {huge, huge}, text(9, "1234")) + relu, ErrorCode::malformed, "w", "larger than any file");
  expect_error(tensor("w", {huge}, text(9, "1234")) + relu, ErrorCode::malformed, "w", "");
  expect_error(tensor("w", {UINT64_MAX}, text(9, "1234")) + relu, ErrorCode::malformed, "w", "negative");
  expect_error(tensor("w", {5}, text(9, "1234")) + relu, ErrorCode::malformed, "w", "needs 20");
  expect_error(tensor("w", {2}, text(4, "1234")) + relu, ErrorCode::malformed, "w", "needs 8");
}

TEST(OnnxMalformed, ExternalData) {
  const std::string relu = node("Relu", {"x"}, "y");
  expect_error(external("w", "w.data", "0", "16") + relu, ErrorCode::missing_file, "w", "'w.data'");
  expect_error(external("w", "w.data", "8", "16") + relu, ErrorCode::missing_file, "w", "too short",
               "0123456789abcdef");
  expect_error(external("w", "w.data", "18446744073709551615", "16") + relu, ErrorCode::missing_file, "w", "too short",
               "0123456789abcdef");
  expect_error(external("w", "w.data", "minus one", "16") + relu, ErrorCode::malformed, "w", "not a number", "0123");
  expect_error(external("w", "w.data", "0", "12") + relu, ErrorCode::malformed, "w", "needs 16", "0123456789abcdef");
}

TEST(OnnxMalformed, GraphsNestedTooDeep) {
  std::string graph = node("Relu", {"x"}, "deep");
  for (int i = 0; i < 40; ++i) {
    graph = node("If", {"x"}, "v" + std::to_string(i), text(5, text(1, "then_branch") + text(6, graph)));
  }
  expect_error(graph + node("Relu", {"x"}, "y"), ErrorCode::malformed, "byte", "deep");
}

TEST(OnnxMalformed, UnknownTypesAreCarriedNotRead) {
  const std::string file = model(tensor("w", {4}, text(9, "anything"), 99) + node("Relu", {"x"}, "y"));
  EXPECT_TRUE(read_model({{"model", {reinterpret_cast<const uint8_t*>(file.data()), file.size()}}}));
}

TEST(OnnxMalformed, NanInAWeightRefusesItAndItsNode) {
  const std::string data(4 * 64 * 64, '\xFF');  // every element is NaN
  const std::string file = model(tensor("w", {64, 64}, text(9, data)) + node("MatMul", {"x", "w"}, "y"));
  auto job = Job::create({{"model", {reinterpret_cast<const uint8_t*>(file.data()), file.size()}}},
                         R"({"keep_going":true})", "data");
  ASSERT_TRUE(job);
  ASSERT_TRUE((*job)->step());
  EXPECT_EQ((*job)->files()[0].rope.size(), file.size());
  EXPECT_THAT((*job)->report(), HasSubstr(R"("op":"MatMul","verdict":"refused")"));
  EXPECT_THAT((*job)->report(), HasSubstr("4096 NaN"));
}

TEST(OnnxMalformed, EveryCutOfASmallModel) {
  const std::string file = model(tensor("w", {1}, text(9, "1234")) + node("Add", {"x", "w"}, "y"));
  for (std::size_t length = 1; length < file.size(); ++length) {
    const Error error = read_error(file.substr(0, length));
    // Cut between two fields of the model, what is left may be whole: protobuf has no end mark.
    if (error.message == "it was read") continue;
    EXPECT_EQ(error.code, ErrorCode::malformed) << length;
    EXPECT_FALSE(error.message.empty());
  }
}

}  // namespace
}  // namespace narrowcast
