#include <cstdlib>

#include "cli/command_line.hpp"

int main(int argc, char** argv) {
  // ONNX Runtime's builds send telemetry unless they are told not to; here, before there are threads that read
  // variables.
  ::setenv("ORT_DISABLE_TELEMETRY", "1", 1);
  return osprey::cli::run(argc, argv);
}
