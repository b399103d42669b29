#include "cli/stop_on_interrupt.hpp"

#include <cstdlib>
#include <ctime>

namespace osprey::cli {

StopOnInterrupt::StopOnInterrupt() {
  sigemptyset(&signals_);
  sigaddset(&signals_, SIGINT);
  sigaddset(&signals_, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals_, nullptr);
}

void StopOnInterrupt::begin() {
  waiter_ = std::jthread([signals = signals_, stop = stop_](const std::stop_token& ended) mutable {
    const timespec pause{0, 100'000'000};  // how often the end of the object is noticed
    while (!ended.stop_requested()) {
      if (sigtimedwait(&signals, nullptr, &pause) <= 0) continue;
      if (stop.stop_requested()) std::_Exit(kInterrupted);
      stop.request_stop();
    }
  });
}

}  // namespace osprey::cli
