#include "cli/infer_command.hpp"

#include <algorithm>
#include <chrono>
#include <csignal>
#include <iostream>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <unistd.h>

#include <CLI/CLI.hpp>

#include "base/clock.hpp"
#include "cli/command_line.hpp"
#include "cli/demo_models.hpp"
#include "cli/infer_options.hpp"
#include "cli/infer_printer.hpp"
#include "cli/infer_results.hpp"
#include "cli/infer_run.hpp"
#include "cli/predictor.hpp"
#include "cli/stop_on_interrupt.hpp"
#include "cli/terminal.hpp"

namespace osprey::cli {
namespace {

constexpr const char* kFooter =
    R"(Without --output-location predictions are printed: as a table on a terminal, else one JSON object a line. With it, each
image has its IMAGE.json (and IMAGE.annotated.jpg) in that folder, and a second run goes on where the first one stopped.

Exit code: 0 all images are done, 1 none could be, or the run ended early, 2 the command line is wrong, 3 some images
failed, 130 interrupted (what is done until then is kept).

Examples:
  inference infer -m emoji-detection/1 picture.jpg
  inference infer -m emoji-detection/1 --local --output-format jsonl 'pictures/*.jpg'
  inference infer -m emoji-detection/1 -i pictures -o results --visualize
  cat picture.jpg | inference infer -m emoji-detection/1 -)";

class InferCommand final : public Command {
 public:
  explicit InferCommand(CLI::App& app)
      : Command(app.add_subcommand("infer", "Predict on images: by a server, or in this process")),
        options_(*command_) {
    // The reference's -h is --host.
    command_->set_help_flag("--help", "Print this help message and exit");
    command_
        ->add_option("images,-i,--input", inputs_, "Image files, folders, patterns, http(s) URLs; - is standard input")
        ->type_name("IMAGE ...")
        ->required();
    command_->add_option("-m,--model-id", model_id_, "Model: project/version, or an alias")
        ->type_name("ID")
        ->required();
    command_->add_option("-h,--host", host_, "Server to ask [" + host_ + "]")->type_name("URL");
    command_->add_flag("--local", local_, "Predict in this process, without a server");
    command_->add_option("-o,--output-location", output_location_, "Folder for results")->type_name("FOLDER");
    command_->add_option("--output-format", output_format_, "table, json or jsonl, on standard output")
        ->type_name("FORMAT");
    command_->add_flag("-V,--visualize,--visualise,!-v,!--no-visualize,!--no-visualise", visualize_,
                       "Write annotated pictures, too (to --output-location; on unless switched off)");
    command_->add_flag("-r,--recursive", recursive_, "Folders with what is below them");
    command_->add_option("--max-concurrent", max_concurrent_, "Images at a time, 1 to 64 [4]")
        ->type_name("N")
        ->check(CLI::Range(1, 64));
    command_->add_option("--timeout", timeout_, "Seconds for one image, with retries [120]")
        ->type_name("SECONDS")
        ->check(CLI::Range(1, 86'400));
    command_->add_option("--ca-file", ca_file_, "Certificates (PEM) to trust of an https server")->type_name("FILE");
    settings_.add_flags(*command_, {"api_key", "models", "cache", "backend", "registry_url"});
    command_->footer(kFooter);
  }

  int run() override {
    if (const auto problem = problem_of_flags(); !problem.empty()) {
      return refuse({Code::invalid_argument, problem}, kUsage);
    }
    ServerSettings defaults;
    defaults.models = models_without_setting();
    const auto settings = settings_.read(std::move(defaults));
    if (!settings) return refuse(settings.error(), kUsage);
    auto asked = options_.read();
    if (!asked) return refuse(asked.error(), kUsage);
    asked->visualize = draws();
    const auto inputs = find_inputs(inputs_, recursive_, std::cin);
    if (!inputs) return refuse(inputs.error(), kFailure);

    std::optional<ResultsFolder> folder;
    if (!output_location_.empty()) {
      auto opened = ResultsFolder::open(output_location_, description(*asked), draws());
      if (!opened) return refuse(opened.error(), kFailure);
      folder = std::move(*opened);
    }
    StopOnInterrupt interrupt;
    std::signal(SIGPIPE, SIG_IGN);  // whoever reads the output may leave: that is no reason to lose results
    auto predictor =
        local_ ? make_local_predictor(*settings, settings->api_key) : make_remote_predictor(reach(*settings));
    if (!predictor) return refuse(predictor.error(), kFailure);
    interrupt.begin();
    const bool all_kept = folder && std::all_of(inputs->begin(), inputs->end(),
                                                [&](const InferInput& input) { return folder->has(input); });
    if (!all_kept) {
      if (auto problem = (*predictor)->open(model_id_, *asked)) return refuse(told(*problem), kFailure);
    }
    return run_over(*inputs, **predictor, folder ? &*folder : nullptr, interrupt.token());
  }

 private:
  [[nodiscard]] std::string problem_of_flags() const {
    if (!output_format_.empty() && !cli::output_format(output_format_)) {
      return "--output-format: expected table, json or jsonl, not '" + output_format_ + "'";
    }
    if (command_->count("--visualize") > 0 && visualize_ && output_location_.empty()) {
      return "--visualize writes pictures: say where with --output-location FOLDER";
    }
    if (local_ && command_->count("--host") > 0) return "--local and --host exclude each other";
    return {};
  }

  [[nodiscard]] bool draws() const { return !output_location_.empty() && visualize_; }

  [[nodiscard]] client::Options reach(const ServerSettings& settings) const {
    client::Options options;
    options.url = host_;
    options.api_key = settings.api_key;
    options.timeout = std::chrono::seconds(timeout_);
    options.max_connections = static_cast<std::size_t>(max_concurrent_);
    options.ca_file = ca_file_;
    return options;
  }

  /// All that decides what a result is, but for the image.
  [[nodiscard]] std::string description(const client::InferOptions& options) const {
    const auto image = client::Image::from_url("");
    auto request = client::make_request({&image, 1}, model_id_, client::Task::object_detection, options);
    return request ? std::move(request->body) : std::string();
  }

  /// The error, with what can be done about it.
  [[nodiscard]] Error told(const client::Error& error) const {
    std::string message = error.message;
    if (error.kind == client::ErrorKind::unreachable) {
      message += "; start a server with 'inference server start', name another with --host, or use --local";
    } else if (error.kind == client::ErrorKind::unauthorized) {
      message += "; give a key with --api-key";
    }
    return {Code::unavailable, message};
  }

  int run_over(const std::vector<InferInput>& inputs, Predictor& predictor, const ResultsFolder* folder,
               const std::stop_token& stop) const {
    const bool on_terminal = ::isatty(STDOUT_FILENO) != 0;
    std::unique_ptr<InferPrinter> printer;
    if (folder == nullptr || !output_format_.empty()) {
      const auto usual = on_terminal ? OutputFormat::table : OutputFormat::json_lines;
      std::size_t longest = 0;
      for (const auto& input : inputs) longest = std::max(longest, input.shown.size());
      printer = make_printer(cli::output_format(output_format_).value_or(usual), std::cout, Terminal(), longest);
    }
    // Beside a table that grows on the same terminal a bar would be torn apart; the table shows how far it is.
    std::optional<ImageProgress> progress;
    if (inputs.size() > 1 && ::isatty(STDERR_FILENO) != 0 && !(printer && on_terminal)) {
      progress.emplace(std::cerr, inputs.size(), std::make_shared<SteadyClock>());
    }
    const InferRun run{.inputs = inputs,
                       .predictor = predictor,
                       .folder = folder,
                       .printer = printer.get(),
                       .progress = progress ? &*progress : nullptr,
                       .concurrent = static_cast<std::size_t>(max_concurrent_),
                       .on_failure = [&](const std::string& line) {
                         const std::string text = "inference: " + printable(line);
                         progress ? progress->print_above(text) : void(std::cerr << text << '\n');
                       }};
    const auto tally = run_inference(run, stop);
    progress.reset();
    if (printer) printer->finish();
    return conclude(tally, inputs.size(), folder);
  }

  int conclude(const InferTally& tally, std::size_t total, const ResultsFolder* folder) const {
    const std::string so_far = std::to_string(tally.done()) + " of " + std::to_string(total) + " images are done";
    const std::string again = folder != nullptr ? "; the same command goes on where it stopped" : "";
    if (tally.fatal) {
      const std::string rest = total > 1 ? " (" + so_far + again + ")" : "";
      const auto error = told(*tally.fatal);
      return refuse({error.code, error.message + rest}, kFailure);
    }
    if (tally.interrupted) return refuse({Code::cancelled, "interrupted: " + so_far + again}, kInterrupted);
    if (!std::cout) return refuse({Code::unavailable, "cannot write to standard output"}, kFailure);
    if (folder != nullptr) {
      std::cerr << "inference: " << so_far
                << (tally.kept > 0 ? ", " + std::to_string(tally.kept) + " by an earlier run" : "")
                << "; results are in " << folder->path().string() << '\n';
    }
    if (tally.failed == 0) return kSuccess;
    return tally.done() > 0 ? kSomeFailed : kFailure;
  }

  InferOptionFlags options_;
  std::vector<std::string> inputs_;
  std::string model_id_;
  std::string host_ = "http://localhost:9001";
  bool local_ = false;
  std::string output_location_;
  std::string output_format_;
  bool visualize_ = true;
  bool recursive_ = false;
  int max_concurrent_ = 4;
  int timeout_ = 120;
  std::string ca_file_;
};

}  // namespace

std::unique_ptr<Command> make_infer_command(CLI::App& app) {
  return std::make_unique<InferCommand>(app);
}

}  // namespace osprey::cli
