#include "fetch/url.hpp"
#include "fuzz_target.hpp"

FUZZ_TARGET(image_url)(std::span<const std::byte> bytes) {
  for (const bool strict : {false, true}) {
    osprey::fetch::UrlPolicy policy;
    policy.allow_http = !strict;
    policy.allow_without_fqdn = !strict;
    (void)osprey::fetch::check_url(osprey::as_text(bytes), policy);
  }
}
