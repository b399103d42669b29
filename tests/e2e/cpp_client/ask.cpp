// ask URL MODEL IMAGE...: predictions by each way of the client library, one line for each.
#include <cstdint>
#include <fstream>
#include <future>
#include <iostream>
#include <iterator>
#include <string>
#include <vector>

#include <osprey/client.hpp>

namespace client = osprey::client;

namespace {

int fail(const client::Error& error) {
  std::cerr << client::to_string(error.kind) << ": " << error.message << '\n';
  return 1;
}

void print(const char* way, const client::Prediction& found) {
  std::cout << way << ' ' << found.width << 'x' << found.height;
  for (const auto& object : found.detections) {
    std::cout << ' ' << object.class_name << '@' << object.x << ',' << object.y << ',' << object.confidence;
  }
  std::cout << '\n';
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  const std::string& model = arguments.at(1);
  auto made = client::Client::create({.url = arguments.at(0)});
  if (!made) return fail(made.error());
  client::Client& server = *made;

  const auto image = client::Image::from_file(arguments.at(2));
  const auto found = server.infer(image, model, {.confidence = 0.5});
  if (!found) return fail(found.error());
  print("file", *found);

  const auto later = server.infer_async(image, model, {.confidence = 0.5}).get();
  if (!later) return fail(later.error());
  print("async", *later);

  std::ifstream file(arguments.at(2), std::ios::binary);
  const std::string bytes(std::istreambuf_iterator<char>(file), {});
  const auto same =
      server.infer(client::Image::from_bytes(std::as_bytes(std::span(bytes))), model, {.confidence = 0.5});
  if (!same) return fail(same.error());
  print("bytes", *same);

  // A binary PPM holds RGB pixels.
  std::ifstream picture(arguments.at(3), std::ios::binary);
  std::string kind;
  client::PixelView view{.order = client::PixelOrder::rgb};
  int brightest = 0;
  picture >> kind >> view.width >> view.height >> brightest;
  picture.get();
  std::vector<std::uint8_t> pixels(static_cast<std::size_t>(view.width) * static_cast<std::size_t>(view.height) * 3);
  picture.read(reinterpret_cast<char*>(pixels.data()), static_cast<std::streamsize>(pixels.size()));
  view.data = pixels.data();
  for (const auto form : {client::PixelForm::numpy, client::PixelForm::bmp}) {
    const auto raw = server.infer(client::Image::from_pixels(view), model, {.confidence = 0.5, .pixel_form = form});
    if (!raw) return fail(raw.error());
    print("pixels", *raw);
  }

  const std::vector images{image, image};
  const auto batch = server.infer(images, model, {.confidence = 0.5});
  if (!batch) return fail(batch.error());
  for (const auto& each : *batch) print("batch", each);

  const auto missing = server.infer(image, "no-such-project/1");
  std::cout << "missing " << (missing ? "found" : client::to_string(missing.error().kind)) << '\n';
  const auto info = server.server_info();
  if (!info) return fail(info.error());
  std::cout << "info " << info->name << '\n';
  return 0;
}
