// Which of a model's packages to run.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "hub/newer_protocol.hpp"

namespace osprey::hub {

struct ChoiceRules {
  bool allow_untrusted = false;
  std::set<std::string> refused_ids;  ///< passed over while there are others
};

/// The packages that can be run here, best first; not empty. Best: not refused; a quantization that the reference runs
/// on a CPU (fp32, bf16, unknown) before fp16 and int8; boxes as the network gives them before fused NMS; then by
/// quantization, an open batch before a fixed one, a small batch, a high opset, the id. Errors: internal, with the
/// reason for each package.
[[nodiscard]] Result<std::vector<RemotePackage>> choose_packages(std::vector<RemotePackage> packages,
                                                                 const ChoiceRules& rules);

}  // namespace osprey::hub
