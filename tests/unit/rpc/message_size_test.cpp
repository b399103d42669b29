#include "rpc/grpc/message_size.hpp"

#include <gtest/gtest.h>

#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <malloc.h>
#include <open_inference.pb.h>

#include <string>

namespace osprey::rpc {
namespace {

constexpr std::size_t kNoLimit = std::size_t{1} << 40;

Result<std::size_t> size_of(const std::string& bytes, std::size_t limit = kNoLimit) {
  google::protobuf::io::ArrayInputStream stream(bytes.data(), static_cast<int>(bytes.size()), 7);
  return infer_request_size(stream, limit);
}

/// What reading a message allocates.
std::size_t allocated_by(const std::string& bytes) {
  const auto before = mallinfo2().uordblks + mallinfo2().hblkhd;
  inference::ModelInferRequest message;
  EXPECT_TRUE(message.ParseFromString(bytes));
  return mallinfo2().uordblks + mallinfo2().hblkhd - before;
}

TEST(MessageSize, OfRawContentsIsTheirOwn) {
  inference::ModelInferRequest message;
  message.add_inputs()->set_name("image");
  message.add_raw_input_contents(std::string(1'000'000, 'x'));
  const auto size = size_of(message.SerializeAsString());
  ASSERT_TRUE(size);
  EXPECT_GE(*size, 1'000'000U);
  EXPECT_LT(*size, 1'002'000U);
}

TEST(MessageSize, CoversWhatSmallPartsBecome) {
  inference::ModelInferRequest inputs, outputs, elements, parameters, numbers, shape, texts;
  for (int i = 0; i < 20'000; ++i) {
    inputs.add_inputs();
    outputs.add_outputs();
    elements.mutable_inputs()->Add();
    (*parameters.mutable_parameters())[std::to_string(i)].set_bool_param(true);
    texts.add_raw_input_contents("");
  }
  auto& contents = *numbers.add_inputs()->mutable_contents();
  for (int i = 0; i < 100'000; ++i) {
    contents.add_int64_contents(1);
    contents.add_int_contents(1);
  }
  auto& dimensions = *shape.add_inputs()->mutable_shape();
  for (int i = 0; i < 100'000; ++i) dimensions.Add(1);
  auto& one = *elements.mutable_inputs(0)->mutable_contents();
  for (int i = 0; i < 100'000; ++i) one.add_bytes_contents("");
  for (auto* message : {&inputs, &outputs, &elements, &parameters, &numbers, &shape, &texts}) {
    const auto bytes = message->SerializeAsString();
    const auto size = size_of(bytes);
    ASSERT_TRUE(size);
    // Lists grow by doubling, so that half of one may be empty.
    EXPECT_GE(2 * *size, allocated_by(bytes)) << (message == &inputs) << (message == &parameters);
  }
}

TEST(MessageSize, NestedPartsOfOutputsAreCounted) {
  inference::ModelInferRequest message;
  auto& parameters = *message.add_outputs()->mutable_parameters();
  for (int i = 0; i < 20'000; ++i) parameters[std::to_string(i)].set_bool_param(true);
  const auto bytes = message.SerializeAsString();
  EXPECT_GE(2 * *size_of(bytes), allocated_by(bytes));
}

TEST(MessageSize, IsRefusedOverTheLimitAsSoonAsThatIsClear) {
  inference::ModelInferRequest message;
  for (int i = 0; i < 1000; ++i) message.add_inputs();
  auto bytes = message.SerializeAsString();
  bytes += "\xFF\xFF\xFF";  // never reached
  const auto size = size_of(bytes, 10'000);
  ASSERT_FALSE(size);
  EXPECT_EQ(size.error().code, Code::payload_too_large);
  EXPECT_NE(size.error().message.find("10000"), std::string::npos);
}

TEST(MessageSize, BytesThatDoNotFitTogetherAreRefused) {
  inference::ModelInferRequest message;
  message.add_inputs()->set_name("image");
  const auto bytes = message.SerializeAsString();
  for (const auto& wrong :
       {bytes.substr(0, bytes.size() - 1), bytes + "\x2A\x7F", std::string("\x2A\xFF\xFF\xFF\xFF\x07"),
        std::string("\x0B"), std::string("\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF")}) {
    const auto size = size_of(wrong);
    ASSERT_FALSE(size);
    EXPECT_EQ(size.error().code, Code::invalid_argument);
  }
}

TEST(MessageSize, UnknownFieldsAreCounted) {
  const auto size =
      size_of(std::string("\xA2\x06\x03"
                          "abc",
                          6));  // field 100, three bytes
  ASSERT_TRUE(size);
  EXPECT_GE(*size, 3U);
}

}  // namespace
}  // namespace osprey::rpc
