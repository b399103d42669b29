// The reference server's cache layouts, written here as its documentation tells them.
#include <gtest/gtest.h>

#include <string>

#include <nlohmann/json.hpp>

#include "hub/digest.hpp"
#include "registry_stand_in.hpp"

namespace osprey::hub {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

class ReferenceLayout : public ::testing::Test {
 protected:
  const fs::path& cache() { return folder_.path(); }
  HubOptions offline() {
    HubOptions options = options_for(registry, cache());
    options.offline = true;
    return options;
  }
  fs::path model_folder() { return cache() / "models-cache/v2-parts-1-0123456789abcdef0123456789abcdef"; }
  void add_blob(const fs::path& package, const std::string& name, const std::string& bytes) {
    write_text(cache() / "shared-blobs" / md5(bytes), bytes);
    fs::create_directories(package);
    fs::create_symlink("../../../shared-blobs/" + md5(bytes), package / name);
  }
  fs::path add_package(const std::string& id, const std::string& weights, json changes = json::object()) {
    const fs::path package = model_folder() / id;
    add_blob(package, "weights.onnx", weights);
    add_blob(package, "class_names.txt", "bolt\n");
    json config{{"offline_manifest_version", 4},        {"model_id", "alias"},    {"canonical_model_id", "parts/1"},
                {"model_architecture", "yolov8"},       {"backend_type", "onnx"}, {"task_type", "object-detection"},
                {"dynamic_batch_size_supported", true}, {"quantization", "fp32"}};
    config.update(changes);
    write_text(package / "model_config.json", config.dump());
    return package;
  }

  RegistryStandIn registry;

 private:
  TempFolder folder_;
};

TEST_F(ReferenceLayout, IsServedByEitherOfItsIds) {
  const fs::path folder = add_package("abc", "their network");
  const auto hub = make_hub(offline());
  for (const char* id : {"parts/1", "alias"}) {
    EXPECT_TRUE(hub->is_cached(id));
    const auto package = hub->get(id, "", {}, {});
    ASSERT_TRUE(package) << package.error().message;
    EXPECT_EQ(package->folder(), folder);
    EXPECT_EQ(package->package_id(), "abc");
    EXPECT_EQ(read_file(package->folder() / "weights.onnx"), "their network");
  }
  EXPECT_FALSE(hub->is_cached("parts/2"));
  ASSERT_EQ(hub->list().size(), 1U);
  EXPECT_EQ(hub->list()[0].bytes, 13U + 5U + fs::file_size(folder / "model_config.json"));
}

TEST_F(ReferenceLayout, GivesThePackageThatSuits) {
  add_package("a", "trt", {{"backend_type", "trt"}});
  add_package("b", "half", {{"quantization", "fp16"}});
  add_package("c", "fixed", {{"dynamic_batch_size_supported", false}});
  const auto hub = make_hub(offline());
  const auto get = [&] {
    const auto package = hub->get("parts/1", "", {}, {});
    return package ? read_file(package->folder() / "weights.onnx") : package.error().message;
  };
  EXPECT_EQ(get(), "fixed");
  add_package("d", "best");
  EXPECT_EQ(get(), "best");
}

TEST_F(ReferenceLayout, IsOnlyRead) {
  const fs::path folder = add_package("abc", "their network");
  const auto hub = make_hub(offline());
  EXPECT_FALSE(hub->remove("parts/1"));
  {
    const auto package = hub->get("parts/1", "", {}, {});
    ASSERT_TRUE(package);
    hub->discard(*package);
  }
  EXPECT_TRUE(fs::exists(folder / "weights.onnx"));
  EXPECT_EQ(get_outcome(*hub), "unavailable");  // it could not be loaded
}

TEST_F(ReferenceLayout, IsHeldAgainstItsHashes) {
  add_package("abc", "their network");
  write_text(cache() / "shared-blobs" / md5("their network"), "THEIR NETWORK");
  EXPECT_EQ(get_outcome(*make_hub(offline())), "data_corrupted");
  const auto hub = make_hub(options_for(registry, cache()));
  const auto package = hub->get("parts/1", "", {}, {});
  ASSERT_TRUE(package) << package.error().message;
  EXPECT_TRUE(package->downloaded());
  EXPECT_EQ(read_file(package->folder() / "weights.onnx"), "the network");
}

TEST_F(ReferenceLayout, LeadsNowhereElse) {
  const fs::path folder = add_package("abc", "their network");
  fs::remove(folder / "class_names.txt");
  fs::create_symlink("/etc/hostname", folder / "class_names.txt");
  EXPECT_EQ(get_outcome(*make_hub(offline())), "data_corrupted");
  // Nor under the name of a blob that is right.
  fs::remove(folder / "class_names.txt");
  write_text(cache() / "elsewhere" / md5("bolt\n"), "secret");
  fs::create_symlink(cache() / "elsewhere" / md5("bolt\n"), folder / "class_names.txt");
  EXPECT_EQ(get_outcome(*make_hub(offline())), "data_corrupted");
}

TEST_F(ReferenceLayout, OfItsOlderEngineIsServed) {
  const fs::path folder = cache() / "parts/1";
  write_text(folder / "model_type.json", R"({"project_task_type": "object-detection", "model_type": "yolov8n"})");
  const auto hub = make_hub(offline());
  EXPECT_FALSE(hub->is_cached("parts/1"));  // the newer engine writes this one file, too
  write_text(folder / "environment.json", "{}");
  write_text(folder / "weights.onnx", "older network");
  const auto package = hub->get("parts/1", "", {}, {});
  ASSERT_TRUE(package) << package.error().message;
  EXPECT_EQ(package->folder(), folder);
  ASSERT_EQ(hub->list().size(), 1U);
  EXPECT_EQ(hub->list()[0].model_id, "parts/1");
}

TEST_F(ReferenceLayout, ComesAfterOurOwnPackage) {
  ASSERT_EQ(get_outcome(*make_hub(options_for(registry, cache()))), "ok");
  add_package("abc", "their network");
  const auto package = make_hub(offline())->get("parts/1", "", {}, {});
  ASSERT_TRUE(package);
  EXPECT_EQ(read_file(package->folder() / "weights.onnx"), "the network");
}

}  // namespace
}  // namespace osprey::hub
