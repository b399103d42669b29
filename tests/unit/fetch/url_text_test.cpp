#include "fetch/url_text.hpp"

#include <gtest/gtest.h>

namespace osprey::fetch {
namespace {

TEST(UrlText, EncodesAllButUnreservedCharacters) {
  EXPECT_EQ(percent_encode("a-Z_0.9~"), "a-Z_0.9~");
  EXPECT_EQ(percent_encode("coco/3?x=1&y #\xC3\xA9"), "coco%2F3%3Fx%3D1%26y%20%23%C3%A9");
}

TEST(UrlText, ShowsNothingSecret) {
  EXPECT_EQ(url_for_log("https://user:pw@example.com:8443/ort/a/1?api_key=K#f"), "https://example.com:8443/ort/a/1");
  EXPECT_EQ(url_for_log("no url"), "?");
}

TEST(UrlText, KnowsHttpUrls) {
  EXPECT_TRUE(is_http_url("http://127.0.0.1:9/x"));
  EXPECT_TRUE(is_http_url("HTTPS://example.com"));
  for (const char* other : {"", "example.com", "ftp://a/b", "file:///x", "http://", "javascript:x"}) {
    EXPECT_FALSE(is_http_url(other)) << other;
  }
}

TEST(UrlText, ComparesOrigins) {
  EXPECT_TRUE(same_origin("https://a.com/x", "https://a.com:443/y?z"));
  EXPECT_FALSE(same_origin("https://a.com/", "http://a.com/"));
  EXPECT_FALSE(same_origin("http://a.com/", "http://b.com/"));
  EXPECT_FALSE(same_origin("http://a.com/", "http://a.com:8080/"));
}

}  // namespace
}  // namespace osprey::fetch
