// Which URLs a server may be sent to by a client, before any name is resolved.
#pragma once

#include <set>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace osprey::fetch {

struct UrlPolicy {
  bool allow_http = true;          ///< besides https
  bool allow_without_fqdn = true;  ///< hosts without a dot, and addresses; what they resolve to is checked all the same
  std::set<std::string> allowed_hosts;  ///< when not empty, only these
  std::set<std::string> denied_hosts;
};

/// Checks the form, the scheme and the host of a URL. Errors: invalid_argument, with the reference's causes where it
/// has them ("... non https:// URL ...", "... URL without FQDN ...").
[[nodiscard]] Status check_url(std::string_view url, const UrlPolicy& policy);

}  // namespace osprey::fetch
