#include "fuzz_target.hpp"
#include "hub/newer_protocol.hpp"
#include "hub/older_protocol.hpp"

FUZZ_TARGET(registry_answers)(std::span<const std::byte> bytes) {
  const auto text = osprey::as_text(bytes);
  (void)osprey::hub::parse_stat(text);
  (void)osprey::hub::parse_weights(text);
  for (const auto& model : {osprey::hub::parse_ort(text), osprey::hub::parse_get_weights(text)}) {
    if (model) (void)osprey::hub::make_older_files(*model, model->environment.empty() ? text : model->environment);
  }
}
