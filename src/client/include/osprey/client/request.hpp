// A prediction request and its answer as texts, for those who bring their own transport or send one request many times.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <osprey/client/export.hpp>
#include <osprey/client/image.hpp>
#include <osprey/client/options.hpp>
#include <osprey/client/prediction.hpp>
#include <osprey/client/result.hpp>

namespace osprey::client {

/// A POST with a JSON body; it holds all that it needs.
struct Request {
  std::string path;        ///< "/infer/object_detection"
  std::string body;        ///< JSON; holds the key, where there is one
  std::size_t images = 1;  ///< how many predictions answer it
};

/// The request for predictions on `images`, in their order; one image is sent as such, more as a list. Reads files.
/// Errors: invalid_argument for a file that cannot be read (or is larger than `max_image_bytes`), pixels without size,
/// no images. Thread-safe.
[[nodiscard]] OSPREY_CLIENT_API Result<Request> make_request(std::span<const Image> images, std::string_view model_id,
                                                             Task task, const InferOptions& options,
                                                             std::string_view api_key = {},
                                                             std::size_t max_image_bytes = std::size_t{1} << 30);

/// The predictions in an answer's body, one for each of so many images. `http_status` decides between predictions and
/// the error that the body tells. Errors: by the status; bad_answer. Thread-safe.
[[nodiscard]] OSPREY_CLIENT_API Result<std::vector<Prediction>> read_answer(int http_status, std::string body,
                                                                            std::size_t images);

/// "object-detection" and so on, as servers tell a model's task. Unset: none of these.
[[nodiscard]] OSPREY_CLIENT_API std::optional<Task> task_of(std::string_view task_type);

}  // namespace osprey::client
