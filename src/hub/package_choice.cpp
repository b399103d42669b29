#include "hub/package_choice.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

#include "hub/names.hpp"

namespace osprey::hub {
namespace {

// The reference keeps to the first three on a CPU; the other two run as well, and are better than nothing.
constexpr std::string_view kQuantizations[] = {"fp32", "bf16", "unknown", "fp16", "int8"};
constexpr std::ptrdiff_t kFirstLastResort = 3;

std::ptrdiff_t quantization_rank(const RemotePackage& package) {
  return std::find(std::begin(kQuantizations), std::end(kQuantizations), package.quantization) -
         std::begin(kQuantizations);
}

std::string refusal(const RemotePackage& package, const ChoiceRules& rules) {
  if (!package.trusted && !rules.allow_untrusted) return "its source is not trusted";
  if (quantization_rank(package) == std::ssize(kQuantizations)) {
    return "its quantization '" + printable(package.quantization) + "' is not known";
  }
  if (package.incompatible_providers.contains("CPUExecutionProvider")) return "it does not run on a CPU";
  for (const RemoteFile& file : package.files) {
    if (file.md5.empty()) return "its file " + file.name + " has no hash";
  }
  return {};
}

auto order(const RemotePackage& package, const ChoiceRules& rules) {
  const auto quantization = quantization_rank(package);
  return std::tuple(rules.refused_ids.contains(package.id), quantization >= kFirstLastResort, package.fused_nms,
                    quantization, !package.trusted, !package.dynamic_batch, package.static_batch, -package.opset,
                    std::string_view(package.id));
}

}  // namespace

Result<std::vector<RemotePackage>> choose_packages(std::vector<RemotePackage> packages, const ChoiceRules& rules) {
  std::string reasons;
  std::erase_if(packages, [&](const RemotePackage& package) {
    const std::string reason = refusal(package, rules);
    constexpr std::size_t kEnough = 500;
    if (!reason.empty() && reasons.size() < kEnough) reasons += "; package " + printable(package.id) + ": " + reason;
    return !reason.empty();
  });
  if (packages.empty()) {
    return Error{Code::internal,
                 "Could not negotiate model package - none of those that the registry offers can be run"
                 " here, which takes one in ONNX" +
                     reasons};
  }
  std::sort(packages.begin(), packages.end(),
            [&](const RemotePackage& a, const RemotePackage& b) { return order(a, rules) < order(b, rules); });
  return packages;
}

}  // namespace osprey::hub
