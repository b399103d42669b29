// The parts of a prediction request. Private to the room.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include <osprey/client/image.hpp>
#include <osprey/client/options.hpp>
#include <osprey/client/result.hpp>

namespace osprey::client {

inline constexpr std::size_t kMaxImageBytes = std::size_t{1} << 30;

/// The route of a task.
[[nodiscard]] std::string_view path_of(Task task);

/// The JSON body for these images; it is the same for all tasks. Errors: as make_request.
[[nodiscard]] Result<std::string> make_body(std::span<const Image> images, std::string_view model_id,
                                            const InferOptions& options, std::string_view api_key,
                                            std::size_t max_image_bytes = kMaxImageBytes);

}  // namespace osprey::client
