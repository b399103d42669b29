#include "engine/backend_message.hpp"

#include <gtest/gtest.h>

namespace osprey::engine {
namespace {

// Texts as the backends give them.
TEST(BackendMessage, OfOpenVinosLinesTheReasonStays) {
  EXPECT_EQ(reason_in("Exception from src/inference/src/cpp/core.cpp:84:\n"
                      "Check 'file' failed at src/frontends/onnx/frontend/src/core/graph_iterator_proto.cpp:563:\n"
                      "FrontEnd API failed with GeneralFailure:\n"
                      "Model can't be parsed\n\n\n"),
            "Model can't be parsed");
  EXPECT_EQ(reason_in("Exception from src/inference/src/cpp/infer_request.cpp:224:\n"
                      "Exception from src/plugins/intel_cpu/src/node.cpp:794:\n"
                      "[CPU] Reshape node with name 'y' Check 'a == b' failed at src/plugins/reshape.cpp:77:\n"
                      "[cpu]reshape: the shape of input data (1.3) conflicts with the reshape pattern (1.7)\n"),
            "[cpu]reshape: the shape of input data (1.3) conflicts with the reshape pattern (1.7)");
}

TEST(BackendMessage, ALackingOperatorGoesBeforeWhatFollowsFromIt) {
  EXPECT_EQ(reason_in("Exception from src/inference/src/cpp/core.cpp:84:\n"
                      "Model wasn't fully converted. Failed operations detailed log:\n"
                      "-- Conv-17 with a message:\n"
                      "The input data tensor's rank has to be known (static)\n\n"
                      "Summary:\n"
                      "-- No conversion rule found for operations: MaxUnpool-17\n"
                      "-- Conversion is failed for: Conv-17\n"),
            "No conversion rule found for operations: MaxUnpool-17");
}

TEST(BackendMessage, OnnxRuntimesSourcePlacesAreLeftOut) {
  EXPECT_EQ(reason_in("Load model from /srv/my models/p/1/weights.onnx failed:/onnxruntime_src/onnxruntime/core/graph/"
                      "model.cc:256 onnxruntime::Model::Model(onnx::ModelProto&&, const onnxruntime::PathString&) "
                      "Unsupported model IR version: 99, max supported IR version: 14\n",
                      "/srv/my models/p/1/weights.onnx"),
            "Unsupported model IR version: 99, max supported IR version: 14");
  EXPECT_EQ(reason_in("Non-zero status code returned while running Reshape node. Status Message: "
                      "/onnxruntime_src/onnxruntime/core/reshape_helper.h:91 ReshapeHelper(bool) sizes differ"),
            "Non-zero status code returned while running Reshape node. Status Message: sizes differ");
}

TEST(BackendMessage, OfPathsTheLastComponentStays) {
  EXPECT_EQ(reason_in("cannot open \"/srv/models/a/1/data.bin\" (see /etc/x.conf)", "/srv/models/a/1/weights.onnx"),
            "cannot open \"data.bin\" (see x.conf)");
  EXPECT_EQ(reason_in("/home/someone/data"), "data");
  EXPECT_EQ(reason_in("n/a, 1/2 of input/output"), "n/a, 1/2 of input/output");
}

TEST(BackendMessage, IsShortAndWholeUtf8) {
  std::string many;
  for (int i = 0; i < 1000; ++i) many += "\xC3\xA9";
  const auto reason = reason_in("x" + many);
  EXPECT_LE(reason.size(), 303U);
  EXPECT_EQ((reason.size() - 4) % 2, 0U);  // the x, whole characters of two bytes, three dots
}

TEST(BackendMessage, SaysSoWhenThereIsNoReason) {
  EXPECT_EQ(reason_in(""), "no reason given");
  EXPECT_EQ(reason_in("Exception from src/a.cpp:84:\n\n"), "no reason given");
}

}  // namespace
}  // namespace osprey::engine
