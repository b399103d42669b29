// `inference benchmark api-speed`: how fast a server answers.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <iostream>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <osprey/client.hpp>

#include "base/base64.hpp"
#include "cli/benchmark/benchmark_command.hpp"
#include "cli/command_line.hpp"
#include "cli/model_config.hpp"
#include "cli/stop_on_interrupt.hpp"

namespace osprey::cli {
namespace {

constexpr const char* kFooter =
    R"(Requests are made once and sent again and again, so that nothing of the client's work is in what is measured. A
request is never repeated. Exit code: 0; 1 when none went well, or more failed than --max-error-rate allows.

Examples:
  inference benchmark api-speed -m emoji-detection/1
  inference benchmark api-speed -m emoji-detection/1 -d photos -c 8 -br 200 -o results.json --picture latency.svg
  inference benchmark api-speed -m emoji-detection/1 --rps 20 --benchmark-requests 500 --max-error-rate 1)";

std::string escaped_for_query(std::string_view text) {
  std::string result;
  for (const unsigned char c : text) {
    const bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
                          c == '_' || c == '.' || c == '~';
    char code[4];
    (void)std::snprintf(code, sizeof code, "%%%02X", c);
    result += is_plain ? std::string(1, static_cast<char>(c)) : code;
  }
  return result;
}

/// A short name for what went wrong: the status, else the kind.
std::string name_of(const client::Error& error) {
  return error.http_status != 0 ? std::to_string(error.http_status) : std::string(client::to_string(error.kind));
}

class ApiSpeed final : public Command {
 public:
  explicit ApiSpeed(CLI::App& benchmark)
      : Command(benchmark.add_subcommand("api-speed", "Measure how fast a server answers")) {
    command_->set_help_flag("--help", "Print this help message and exit");  // -h is the host, as in the reference
    command_->add_option("--host,-h", host_, "The server's address")->type_name("URL")->capture_default_str();
    add_benchmark_options(*command_, options_, "--warm-up-requests");
    command_->add_flag("--legacy-endpoints,-L,!--no-legacy-endpoints,!-l", legacy_,
                       "Ask /{project}/{version}, the older route");
    command_->add_flag("--yes,-y,!--no,!-n", yes_, "Do not ask before a server behind https is measured");
    settings_.add_flags(*command_, {"api_key"});
    command_->footer(kFooter);
  }

  int run() override {
    const auto settings = settings_.read();
    if (!settings) return refuse(settings.error(), kUsage);
    if (legacy_ && options_.batch_size > 1) {
      return refuse({Code::invalid_argument,
                     "the older route takes one picture: leave out --batch-size or "
                     "--legacy-endpoints"},
                    kUsage);
    }
    if (!options_.model_config.empty()) {
      if (auto read = read_model_config(options_.model_config, infer_); !read) return refuse(read.error(), kUsage);
    }
    if (!may_measure())
      return refuse({Code::permission_denied, "not measured; --yes measures without asking"}, kFailure);
    const auto pictures = load_pictures(options_.dataset_reference);
    if (!pictures) return refuse(pictures.error(), kFailure);

    StopOnInterrupt interrupt;
    auto made = connect(settings->api_key);
    if (!made) return refuse({Code::invalid_argument, made.error().message}, kUsage);
    auto requests = make_requests(*made, **pictures, settings->api_key);
    if (!requests) return refuse({Code::unavailable, requests.error().message}, kFailure);
    interrupt.begin();
    const auto ask = [&](std::size_t index) {
      const auto& request = (*requests)[index % requests->size()];
      Outcome outcome;
      const auto answer = made->send(request);
      if (!answer) {
        outcome.error = name_of(answer.error());
        return outcome;
      }
      outcome.images = answer->size();
      for (const auto& prediction : *answer) outcome.server_seconds += prediction.seconds;
      return outcome;
    };
    const auto statistics = measure(options_, ask, interrupt.token());
    BenchmarkSubject subject;
    subject.where = host_;
    subject.is_server = true;
    return tell_results(options_, std::move(subject), statistics, **pictures);
  }

 private:
  /// A server behind https may be somebody else's, who counts requests.
  [[nodiscard]] bool may_measure() const {
    if (yes_ || !host_.starts_with("https://")) return true;
    if (::isatty(STDIN_FILENO) == 0) return false;
    std::cerr << "The benchmark sends many requests to " << printable(host_)
              << ", which may cost credits. Go on? [y/N] ";
    std::string answer;
    return std::getline(std::cin, answer) && (answer == "y" || answer == "Y" || answer == "yes");
  }

  [[nodiscard]] client::Result<client::Client> connect(const std::string& api_key) const {
    client::Options options;
    options.url = host_;
    options.api_key = api_key;
    options.retries.attempts = 1;
    options.max_connections = options_.rate ? LoadPlan().most_at_a_time : options_.clients;
    options.user_agent = "osprey-benchmark";
    return client::Client::create(std::move(options));
  }

  /// One request for each picture that a batch can begin with.
  client::Result<std::vector<client::Request>> make_requests(client::Client& client, const BenchmarkPictures& pictures,
                                                             const std::string& api_key) const {
    std::vector<client::Request> requests;
    std::vector<std::size_t> firsts;
    for (std::size_t i = 0; firsts.empty() || first_picture(i, pictures.size(), options_.batch_size) != firsts.front();
         ++i) {
      firsts.push_back(first_picture(i, pictures.size(), options_.batch_size));
    }
    for (const auto first : firsts) {
      if (legacy_) {
        requests.push_back(legacy_request(pictures[first], api_key));
        continue;
      }
      std::vector<client::Image> images;
      for (std::size_t i = 0; i < options_.batch_size; ++i) {
        images.push_back(client::Image::from_bytes(pictures[(first + i) % pictures.size()].bytes));
      }
      auto request = client.prepare(images, options_.model_id, infer_);
      if (!request) return request.error();
      requests.push_back(std::move(request).value());
    }
    return requests;
  }

  [[nodiscard]] client::Request legacy_request(const BenchmarkPicture& picture, const std::string& api_key) const {
    client::Request request;
    request.path = "/" + options_.model_id;
    std::string query = api_key.empty() ? "" : "&api_key=" + escaped_for_query(api_key);
    if (infer_.confidence) query += "&confidence=" + std::to_string(*infer_.confidence);
    if (infer_.iou_threshold) query += "&overlap=" + std::to_string(*infer_.iou_threshold);
    if (!query.empty()) request.path += "?" + query.substr(1);
    append_base64(picture.bytes, request.body);
    return request;
  }

  BenchmarkOptions options_;
  client::InferOptions infer_;
  std::string host_ = "http://localhost:9001";
  bool legacy_ = false;
  bool yes_ = false;
};

}  // namespace

std::unique_ptr<Command> make_api_speed(CLI::App& benchmark) {
  return std::make_unique<ApiSpeed>(benchmark);
}

}  // namespace osprey::cli
