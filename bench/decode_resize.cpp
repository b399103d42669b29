// What no server can leave out: one decode and one resize of a picture, by the bare libraries, on one core.
//
//   decode_resize PICTURE WIDTH HEIGHT [letterbox]        prints "decode_ms resize_ms": the medians
//
// Only libraries are called, none of Osprey's code: the figures are a limit that it is held against.
#include <turbojpeg.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <fstream>
#include <iterator>
#include <string_view>
#include <vector>

#include <spng.h>
#include <opencv2/core.hpp>
#include <opencv2/imgproc.hpp>

namespace {

struct Picture {
  int width = 0;
  int height = 0;
  std::vector<std::uint8_t> pixels;  // HWC, 3 channels; kept between decodes, as a pool would
};

[[noreturn]] void fail(const char* what) {
  std::fprintf(stderr, "decode_resize: %s\n", what);
  std::exit(1);
}

void decode_jpeg(const std::vector<std::uint8_t>& bytes, Picture& picture) {
  const tjhandle handle = tjInitDecompress();
  int subsampling = 0;
  int colorspace = 0;
  if (tjDecompressHeader3(handle, bytes.data(), bytes.size(), &picture.width, &picture.height, &subsampling,
                          &colorspace) != 0) {
    fail("not a JPEG");
  }
  picture.pixels.resize(3 * static_cast<std::size_t>(picture.width) * static_cast<std::size_t>(picture.height));
  if (tjDecompress2(handle, bytes.data(), bytes.size(), picture.pixels.data(), picture.width, 0, picture.height,
                    TJPF_BGR, TJFLAG_ACCURATEDCT) != 0) {
    fail("a broken JPEG");
  }
  tjDestroy(handle);
}

void decode_png(const std::vector<std::uint8_t>& bytes, Picture& picture) {
  spng_ctx* const context = spng_ctx_new(0);
  spng_ihdr header{};
  std::size_t size = 0;
  if (spng_set_png_buffer(context, bytes.data(), bytes.size()) != 0 || spng_get_ihdr(context, &header) != 0 ||
      spng_decoded_image_size(context, SPNG_FMT_RGB8, &size) != 0) {
    fail("not a PNG");
  }
  picture.width = static_cast<int>(header.width);
  picture.height = static_cast<int>(header.height);
  picture.pixels.resize(size);
  if (spng_decode_image(context, picture.pixels.data(), size, SPNG_FMT_RGB8, 0) != 0) fail("a broken PNG");
  spng_ctx_free(context);
}

/// Processor time of this thread: what others do on the machine does not count.
double core_seconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

double median_ms(std::vector<double>& seconds) {
  const auto middle = seconds.begin() + static_cast<std::ptrdiff_t>(seconds.size() / 2);
  std::nth_element(seconds.begin(), middle, seconds.end());
  return *middle * 1e3;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 4) fail("decode_resize PICTURE WIDTH HEIGHT [letterbox]");
  std::ifstream file(argv[1], std::ios::binary);
  const std::vector<std::uint8_t> bytes{std::istreambuf_iterator<char>(file), {}};
  cv::Size target(std::atoi(argv[2]), std::atoi(argv[3]));
  if (bytes.size() < 8 || target.width <= 0 || target.height <= 0) fail("no picture, or no size");
  const bool is_png = std::memcmp(bytes.data(), "\x89PNG", 4) == 0;
  cv::setNumThreads(1);

  const auto began = std::chrono::steady_clock::now();
  const auto too_long = [&] { return std::chrono::steady_clock::now() - began > std::chrono::milliseconds(500); };
  Picture picture;
  cv::Mat resized;
  std::vector<double> decodes;
  std::vector<double> resizes;
  while (decodes.size() < 15 || (!too_long() && decodes.size() < 2000)) {
    const double start = core_seconds();
    is_png ? decode_png(bytes, picture) : decode_jpeg(bytes, picture);
    decodes.push_back(core_seconds() - start);
    const cv::Mat whole(picture.height, picture.width, CV_8UC3, picture.pixels.data());
    if (argc > 4 && std::string_view(argv[4]) == "letterbox" && decodes.size() == 1) {
      const double scale = std::min(static_cast<double>(target.width) / picture.width,
                                    static_cast<double>(target.height) / picture.height);
      target = {static_cast<int>(picture.width * scale), static_cast<int>(picture.height * scale)};
    }
    const double decoded = core_seconds();
    cv::resize(whole, resized, target, 0, 0, cv::INTER_LINEAR);
    resizes.push_back(core_seconds() - decoded);
  }
  std::printf("%.4f %.4f\n", median_ms(decodes), median_ms(resizes));
}
