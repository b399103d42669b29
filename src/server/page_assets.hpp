// The files of the page at `/`, as they lie in the executable. The table is made by cmake/web_page.cmake.
#pragma once

#include <span>
#include <string_view>

namespace osprey::server {

/// One file. Its bytes lie in the executable's read-only pages and cost no memory until they are served.
struct PageAsset {
  std::string_view path;  ///< below web/: "js/main.js"
  std::string_view content_type;
  std::string_view hash;        ///< of its bytes
  std::string_view bytes;       ///< as they are
  std::string_view compressed;  ///< by gzip; empty for what does not get smaller
};

/// All of them, sorted by path; "index.html" is among them. Thread-safe.
[[nodiscard]] std::span<const PageAsset> page_assets();

}  // namespace osprey::server
