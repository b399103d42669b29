#include "cli/command_line.hpp"

int main(int argc, char** argv) {
  return osprey::cli::run(argc, argv);
}
