#include "quantization/tensor_file.hpp"

#include <bit>
#include <fstream>
#include <string>

namespace osprey::quantization {

static_assert(std::endian::native == std::endian::little);

Status write_tensor(const std::filesystem::path& file, const Shape& shape, std::span<const float> values) {
  std::string dimensions;
  for (const auto size : shape) dimensions += std::to_string(size) + ",";
  std::string header = "{'descr': '<f4', 'fortran_order': False, 'shape': (" + dimensions + "), }";
  // numpy.lib.format: magic, version and length are 10 bytes, and the data begin at a multiple of 64.
  constexpr std::size_t kBefore = 10;
  constexpr std::size_t kStep = 64;
  header.append((kStep - (kBefore + header.size() + 1) % kStep) % kStep, ' ');
  header += '\n';
  const auto length = header.size();
  std::string begin("\x93NUMPY\x01\x00", 8);
  begin += static_cast<char>(length & 0xFFU);
  begin += static_cast<char>(length >> 8U & 0xFFU);
  std::ofstream out(file, std::ios::binary | std::ios::trunc);
  out << begin << header;
  const auto bytes = std::as_bytes(values);
  out.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  out.close();
  if (out.fail()) return Error{Code::internal, file.filename().string() + " cannot be written; is the disk full?"};
  return {};
}

}  // namespace osprey::quantization
