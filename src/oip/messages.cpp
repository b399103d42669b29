#include "oip/messages.hpp"

namespace osprey::oip {

std::string_view to_string(IndexEntry::State state) {
  return state == IndexEntry::State::ready ? "READY" : "UNAVAILABLE";
}

}  // namespace osprey::oip
