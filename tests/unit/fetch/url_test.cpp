#include "fetch/url.hpp"

#include <gtest/gtest.h>

namespace osprey::fetch {
namespace {

std::string refusal(std::string_view url, const UrlPolicy& policy = {}) {
  const auto checked = check_url(url, policy);
  return checked ? "" : checked.error().message;
}

TEST(Url, MayBeHttpOrHttps) {
  EXPECT_EQ(refusal("https://example.com/a.jpg?x=1#y"), "");
  EXPECT_EQ(refusal("HTTP://example.com:8080/a.jpg"), "");
}

TEST(Url, OfAnotherSchemeOrFormIsRefused) {
  for (const char* url : {"", "a.jpg", "ftp://example.com/a", "file:///etc/passwd", "gopher://x/",
                          "data:image/png;base64,AA", "http:///a", "http://user:pw@example.com/",
                          "http://exa mple.com/", "http://example.com\\@127.0.0.1/", "http://[::1", "javascript:x"}) {
    EXPECT_NE(refusal(url), "") << url;
  }
  EXPECT_NE(refusal("http://e.com/" + std::string(9000, 'a')), "");
}

TEST(Url, HonoursTheReferencesSettings) {
  EXPECT_NE(refusal("http://example.com/",
                    {.allow_http = false, .allow_without_fqdn = true, .allowed_hosts = {}, .denied_hosts = {}})
                .find("non https:// URL"),
            std::string::npos);
  const UrlPolicy strict{.allow_http = true, .allow_without_fqdn = false, .allowed_hosts = {}, .denied_hosts = {}};
  for (const char* url : {"http://localhost/", "http://127.0.0.1/", "http://2130706433/", "http://0x7f.1/",
                          "http://[::1]/", "http://host./"}) {
    EXPECT_NE(refusal(url, strict).find("URL without FQDN"), std::string::npos) << url;
  }
  EXPECT_EQ(refusal("http://example.com/", strict), "");
}

TEST(Url, HonoursAllowedAndDeniedHosts) {
  const UrlPolicy only{.allow_http = true, .allow_without_fqdn = true, .allowed_hosts = {"a.com"}, .denied_hosts = {}};
  EXPECT_EQ(refusal("https://A.com/x", only), "");
  EXPECT_NE(refusal("https://b.com/x", only), "");
  const UrlPolicy but{.allow_http = true, .allow_without_fqdn = true, .allowed_hosts = {}, .denied_hosts = {"b.com"}};
  EXPECT_EQ(refusal("https://a.com/x", but), "");
  EXPECT_NE(refusal("https://B.com/x", but), "");
}

}  // namespace
}  // namespace osprey::fetch
