#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "whole_server.hpp"

namespace osprey {
namespace {

class PageRoutesTest : public testing::Test {
 protected:
  WholeServer server;
};

TEST_F(PageRoutesTest, ServesThePageUnderAStrictPolicy) {
  const auto reply = server.ask("GET", "/", "", "");
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.header("Content-Type"), "text/html; charset=utf-8");
  EXPECT_TRUE(reply.body.starts_with("<!doctype html>"));
  const std::string policy(reply.header("Content-Security-Policy"));
  EXPECT_TRUE(policy.starts_with("default-src 'self';")) << policy;
  EXPECT_NE(policy.find("frame-ancestors 'none'"), std::string::npos) << policy;
  EXPECT_EQ(policy.find("unsafe"), std::string::npos) << policy;
  EXPECT_EQ(reply.header("X-Content-Type-Options"), "nosniff");
  EXPECT_EQ(reply.header("Referrer-Policy"), "no-referrer");
}

TEST_F(PageRoutesTest, ServesEveryFileThatThePageNames) {
  const auto page = server.ask("GET", "/", "", "").body;
  std::size_t files = 0;
  for (std::size_t at = page.find("static/page/"); at != std::string::npos; at = page.find("static/page/", at + 1)) {
    const auto path = "/" + page.substr(at, page.find('"', at) - at);
    EXPECT_EQ(server.ask("GET", path, "", "").status, 200) << path;
    ++files;
  }
  EXPECT_GT(files, 5U);
  EXPECT_EQ(server.ask("GET", "/static/page/js/none.js", "", "").status, 404);
  EXPECT_EQ(server.ask("GET", "/static/page/samples/README.md", "", "").status, 404);
}

TEST_F(PageRoutesTest, PacksForThoseWhoTakeIt) {
  const std::string path = "/static/page/js/main.js";
  const auto plain = server.ask("GET", path, "", "");
  const auto refused = server.ask("GET", path, "", "Accept-Encoding: br, gzip;q=0\r\n");
  const auto packed = server.ask("GET", path, "", "Accept-Encoding: br, gzip;q=0.5\r\n");
  EXPECT_EQ(plain.header("Content-Type"), "text/javascript; charset=utf-8");
  EXPECT_EQ(plain.header("Content-Encoding"), "");
  EXPECT_EQ(refused.body, plain.body);
  EXPECT_EQ(packed.header("Content-Encoding"), "gzip");
  EXPECT_TRUE(packed.body.starts_with("\x1f\x8b")) << "the magic number of gzip";
  EXPECT_LT(packed.body.size(), plain.body.size());
  EXPECT_NE(packed.header("ETag"), plain.header("ETag")) << "other bytes, another tag";
}

TEST_F(PageRoutesTest, DoesNotSendWhatTheClientHas) {
  const std::string path = "/static/page/page.css";
  const std::string tag(server.ask("GET", path, "", "").header("ETag"));
  ASSERT_FALSE(tag.empty());
  const auto again = server.ask("GET", path, "", "If-None-Match: \"other\", W/" + tag + "\r\n");
  EXPECT_EQ(again.status, 304);
  EXPECT_EQ(again.body, "");
  EXPECT_EQ(again.header("ETag"), tag);
  EXPECT_EQ(server.ask("GET", path, "", "If-None-Match: \"other\"\r\n").status, 200);
}

/// A server with a catalog of its models folder, whose packages are fake detectors.
class CatalogTest : public testing::Test {
 protected:
  CatalogTest() {
    write_fake_detector(root.path(), "fake/1");
    write_fake_detector(root.path(), "fake/2");
  }
  Json models() {
    const auto reply = server.ask("GET", "/model/catalog", "", "");
    EXPECT_EQ(reply.status, 200) << reply.body;
    return Json::parse(reply.body)["models"];
  }

  TemporaryFolder root;
  std::unique_ptr<engine::Engine> engine = engine::create_fake_engine(
      fake_detector_graph(), [](std::span<const TensorView> in) { return fake_detector(in); });
  WholeServer server{2, {}, [this](server::RouteContext& context) {
                       context.catalog = std::make_shared<server::ModelCatalog>(
                           std::move(registry::ModelFolder::open(root.path())).value(), *engine);
                     }};
};

TEST_F(CatalogTest, TellsModelsThatAreNotLoaded) {
  const auto told = models();
  ASSERT_EQ(told.size(), 2U);
  EXPECT_EQ(told[0]["model_id"], "fake/1");
  EXPECT_EQ(told[0]["state"], "sound");
  EXPECT_EQ(told[0]["live"], false);
  EXPECT_EQ(told[0]["task"], "object-detection");
  EXPECT_FALSE(told[0]["classes"].empty());
  EXPECT_GT(told[0]["input"]["width"], 0);
  EXPECT_EQ(server.ask("GET", "/model/registry").body.find("fake/1"), std::string::npos) << "telling does not load";
}

TEST_F(CatalogTest, TellsWhatIsInMemory) {
  ASSERT_EQ(server.ask("GET", "/start/fake/1").status, 200);
  const auto told = models();
  EXPECT_EQ(told[0]["live"], true);
  EXPECT_EQ(told[1]["live"], false);
}

TEST_F(CatalogTest, FollowsTheFolder) {
  ASSERT_EQ(models().size(), 2U);
  std::filesystem::remove_all(root.path() / "fake" / "2");
  std::ofstream(root.path() / "fake" / "1" / "class_names.txt") << "";
  const auto told = models();
  ASSERT_EQ(told.size(), 1U);
  EXPECT_EQ(told[0]["state"], "broken") << told[0].dump();
  EXPECT_NE(told[0]["error"].get<std::string>(), "");
}

TEST(Catalog, IsNotTalkedOfWhereTheRegistryIsNot) {
  WholeServer server(2, {}, [](server::RouteContext& context) { context.switches.model_registry = false; });
  const auto reply = server.ask("GET", "/model/catalog");
  EXPECT_EQ(reply.status, 404);
  EXPECT_EQ(reply.body, R"({"detail":"Not Found"})");
}

TEST(Catalog, NeedsTheKeyOfAServerThatHasOneAndThePageDoesNot) {
  const std::string keys[] = {"secret"};
  WholeServer server(2, {}, [&](server::RouteContext& context) {
    context.access = std::make_shared<const server::Access>(keys, true);
  });
  EXPECT_EQ(server.ask("GET", "/model/catalog", "", "").status, 401);
  EXPECT_EQ(server.ask("GET", "/model/catalog", "", "Authorization: Bearer secret\r\n").status, 200);
  EXPECT_EQ(server.ask("GET", "/", "", "").status, 200);
  EXPECT_EQ(server.ask("GET", "/static/page/js/main.js", "", "").status, 200);
}

}  // namespace
}  // namespace osprey
