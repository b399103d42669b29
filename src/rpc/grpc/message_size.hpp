// What a message will take in memory, told from its bytes before anything of it is made.
#pragma once

#include <cstddef>

#include <google/protobuf/io/zero_copy_stream.h>

#include "base/result.hpp"

namespace osprey::rpc {

/// About how many bytes a ModelInferRequest takes once it is read: a message of a few bytes for each part may become a
/// hundred times as large. Reads the stream, up to where the sum is over `limit`. Errors: invalid_argument for what is
/// no such message, payload_too_large over the limit.
[[nodiscard]] Result<std::size_t> infer_request_size(google::protobuf::io::ZeroCopyInputStream& bytes,
                                                     std::size_t limit);

}  // namespace osprey::rpc
