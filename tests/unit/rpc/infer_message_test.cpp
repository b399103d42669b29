#include "rpc/grpc/infer_message.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <string>
#include <variant>
#include <vector>

namespace osprey::rpc {
namespace {

std::shared_ptr<InferMessage> one_input(const std::string& datatype) {
  auto message = std::make_shared<InferMessage>();
  message->message.set_model_name("cats");
  auto& input = *message->message.add_inputs();
  input.set_name("image");
  input.set_datatype(datatype);
  input.add_shape(2);
  return message;
}

template <typename T>
std::vector<T> values_of(const oip::InputTensor& input) {
  const auto data = std::get<oip::RawData>(input.data);
  std::vector<T> values(data.size() / sizeof(T));
  std::memcpy(values.data(), data.data(), data.size());
  return values;
}

std::string text_of(const ::grpc::ByteBuffer& bytes) {
  std::vector<::grpc::Slice> slices;
  EXPECT_TRUE(bytes.Dump(&slices).ok());
  std::string text;
  for (const auto& slice : slices) text.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
  return text;
}

std::string refusal(std::shared_ptr<InferMessage> message) {
  const auto request = to_request(std::move(message));
  EXPECT_FALSE(request);
  if (request) return "";
  EXPECT_EQ(request.error().code, Code::invalid_argument);
  return request.error().message;
}

TEST(InferMessage, RawContentsAreViewedAndKept) {
  auto message = one_input("UINT8");
  message->message.set_model_version("3");
  message->message.set_id("frame 7");
  message->message.add_raw_input_contents("ab");
  message->message.add_outputs()->set_name("boxes");
  const void* at = message->message.raw_input_contents(0).data();
  const auto request = to_request(std::move(message));
  ASSERT_TRUE(request);
  EXPECT_EQ(request->model.name, "cats");
  EXPECT_EQ(request->model.version, "3");
  EXPECT_EQ(request->id, "frame 7");
  ASSERT_EQ(request->inputs.size(), 1U);
  EXPECT_EQ(request->inputs[0].datatype, oip::DataType::uint8);
  EXPECT_EQ(request->inputs[0].shape, Shape{2});
  EXPECT_EQ(std::get<oip::RawData>(request->inputs[0].data).data(), at);  // and it is still there
  ASSERT_EQ(request->outputs.size(), 1U);
  EXPECT_EQ(request->outputs[0].name, "boxes");
}

TEST(InferMessage, ElementsOfEachTypeBecomeRaw) {
  auto reals = one_input("FP32");
  reals->message.mutable_inputs(0)->mutable_contents()->add_fp32_contents(0.5F);
  reals->message.mutable_inputs(0)->mutable_contents()->add_fp32_contents(-2.0F);
  EXPECT_EQ(values_of<float>(to_request(reals)->inputs[0]), (std::vector<float>{0.5F, -2.0F}));

  auto bytes = one_input("INT8");
  bytes->message.mutable_inputs(0)->mutable_contents()->add_int_contents(-128);
  bytes->message.mutable_inputs(0)->mutable_contents()->add_int_contents(127);
  EXPECT_EQ(values_of<std::int8_t>(to_request(bytes)->inputs[0]), (std::vector<std::int8_t>{-128, 127}));

  auto wide = one_input("UINT64");
  wide->message.mutable_inputs(0)->mutable_contents()->add_uint64_contents(~std::uint64_t{0});
  EXPECT_EQ(values_of<std::uint64_t>(to_request(wide)->inputs[0]), (std::vector<std::uint64_t>{~std::uint64_t{0}}));

  auto flags = one_input("BOOL");
  flags->message.mutable_inputs(0)->mutable_contents()->add_bool_contents(true);
  flags->message.mutable_inputs(0)->mutable_contents()->add_bool_contents(false);
  EXPECT_EQ(values_of<std::uint8_t>(to_request(flags)->inputs[0]), (std::vector<std::uint8_t>{1, 0}));
}

TEST(InferMessage, SeveralInputsKeepTheirOwnElements) {
  auto message = one_input("FP32");
  message->message.mutable_inputs(0)->mutable_contents()->add_fp32_contents(1.0F);
  for (int i = 0; i < 50; ++i) {
    auto& more = *message->message.add_inputs();
    more.set_datatype("FP32");
    more.mutable_contents()->add_fp32_contents(static_cast<float>(i));
  }
  const auto request = to_request(std::move(message));
  ASSERT_TRUE(request);
  EXPECT_EQ(values_of<float>(request->inputs[0]), std::vector<float>{1.0F});
  EXPECT_EQ(values_of<float>(request->inputs[50]), std::vector<float>{49.0F});
}

TEST(InferMessage, ElementsOfBytesAreViewed) {
  auto message = one_input("BYTES");
  message->message.mutable_inputs(0)->mutable_contents()->add_bytes_contents(std::string("\0\xFF", 2));
  const auto request = to_request(std::move(message));
  ASSERT_TRUE(request);
  const auto& elements = std::get<oip::Elements>(request->inputs[0].data);
  EXPECT_FALSE(elements.text);
  ASSERT_EQ(elements.values.size(), 1U);
  EXPECT_EQ(elements.values[0], std::string_view("\0\xFF", 2));
}

TEST(InferMessage, ParametersKeepTheirTypes) {
  auto message = one_input("FP32");
  auto& parameters = *message->message.mutable_parameters();
  parameters["flag"].set_bool_param(true);
  parameters["number"].set_int64_param(-5);
  parameters["real"].set_double_param(0.25);
  parameters["text"].set_string_param("a");
  parameters["count"].set_uint64_param(9);
  const auto request = to_request(std::move(message));
  ASSERT_TRUE(request);
  const oip::Parameters expected{{"flag", true},
                                 {"number", std::int64_t{-5}},
                                 {"real", 0.25},
                                 {"text", std::string("a")},
                                 {"count", std::int64_t{9}}};
  EXPECT_EQ(request->parameters, expected);
}

TEST(InferMessage, WhatDoesNotFitIsRefused) {
  auto too_many = one_input("UINT8");
  too_many->message.add_raw_input_contents("a");
  too_many->message.add_raw_input_contents("b");
  EXPECT_NE(refusal(too_many).find("1 inputs, but 2 raw_input_contents"), std::string::npos);

  auto both = one_input("UINT8");
  both->message.add_raw_input_contents("ab");
  both->message.mutable_inputs(0)->mutable_contents()->add_uint_contents(1);
  EXPECT_NE(refusal(both).find("beside"), std::string::npos);

  EXPECT_NE(refusal(one_input("FLOAT")).find("'FLOAT'"), std::string::npos);
  EXPECT_NE(refusal(one_input("FP16")).find("raw_input_contents"), std::string::npos);

  auto range = one_input("UINT8");
  range->message.mutable_inputs(0)->mutable_contents()->add_uint_contents(256);
  EXPECT_NE(refusal(range).find("range of UINT8"), std::string::npos);

  auto none = one_input("UINT8");
  (*none->message.mutable_parameters())["empty"];
  EXPECT_NE(refusal(none).find("'empty'"), std::string::npos);

  auto huge = one_input("UINT8");
  (*huge->message.mutable_parameters())["huge"].set_uint64_param(~std::uint64_t{0});
  EXPECT_NE(refusal(huge).find("'huge'"), std::string::npos);
}

oip::InferAnswer answer() {
  oip::InferAnswer answer;
  answer.model_name = "cats";
  answer.model_version = "3";
  answer.id = "frame 7";
  answer.parameters["cold"] = true;
  answer.outputs.push_back({"boxes", oip::DataType::fp32, {1, 1}, std::string("\0\0\x80\x3F", 4)});
  answer.outputs.push_back({"none", oip::DataType::fp32, {0}, ""});
  answer.outputs.push_back({"json", oip::DataType::bytes, {1}, std::string(300'000, 'j')});
  return answer;
}

void expect_answer(const inference::ModelInferResponse& response) {
  EXPECT_EQ(response.model_name(), "cats");
  EXPECT_EQ(response.model_version(), "3");
  EXPECT_EQ(response.id(), "frame 7");
  EXPECT_TRUE(response.parameters().at("cold").bool_param());
  ASSERT_EQ(response.outputs_size(), 3);
  EXPECT_EQ(response.outputs(0).name(), "boxes");
  EXPECT_EQ(response.outputs(0).datatype(), "FP32");
  EXPECT_EQ(response.outputs(0).shape_size(), 2);
  ASSERT_EQ(response.raw_output_contents_size(), 3);
  EXPECT_EQ(response.raw_output_contents(0), std::string("\0\0\x80\x3F", 4));
  EXPECT_EQ(response.raw_output_contents(1), "");
  EXPECT_EQ(response.raw_output_contents(2), std::string(300'000, 'j'));
}

TEST(InferMessage, AnAnswerIsWhatAClientReads) {
  inference::ModelInferResponse response;
  ASSERT_TRUE(response.ParseFromString(text_of(to_response(answer()))));
  expect_answer(response);
}

TEST(InferMessage, AnAnswerInAStreamIsTheSame) {
  inference::ModelStreamInferResponse response;
  ASSERT_TRUE(response.ParseFromString(text_of(to_stream_response(answer()))));
  EXPECT_EQ(response.error_message(), "");
  expect_answer(response.infer_response());

  ASSERT_TRUE(response.ParseFromString(text_of(to_stream_response(Error{Code::not_found, "no cats"}, "frame 8"))));
  EXPECT_EQ(response.error_message(), "no cats");
  EXPECT_EQ(response.infer_response().id(), "frame 8");
}

}  // namespace
}  // namespace osprey::rpc
