#include "cli/infer_printer.hpp"

#include <algorithm>
#include <vector>

#include <nlohmann/json.hpp>

#include "cli/command.hpp"
#include "cli/formatted.hpp"

namespace osprey::cli {
namespace {

using Json = nlohmann::ordered_json;

std::string quoted(const std::string& text) {
  return Json(text).dump(-1, ' ', false, Json::error_handler_t::replace);
}

/// {"input": ..., "prediction": the answer as it came} or {"input": ..., "error": {"kind", "message"}}, on one line.
std::string json_line(const std::string& input, const client::Result<client::Prediction>& outcome) {
  std::string line = R"({"input": )" + quoted(input);
  if (!outcome) {
    const auto& error = outcome.error();
    return line + R"(, "error": {"kind": )" + quoted(std::string(client::to_string(error.kind))) + R"(, "message": )" +
           quoted(error.message) + "}}";
  }
  line += R"(, "prediction": )";
  // Whoever answers may write JSON over several lines.
  const auto& json = outcome.value().json;
  const bool one_line = json.find_first_of("\r\n") == std::string::npos;
  return line + (one_line ? json : Json::parse(json, nullptr, false).dump()) + "}";
}

class JsonLinesPrinter final : public InferPrinter {
 public:
  explicit JsonLinesPrinter(std::ostream& output) : output_(output) {}
  void print(const std::string& input, const client::Result<client::Prediction>& outcome) override {
    output_ << json_line(input, outcome) << '\n' << std::flush;
  }
  bool good() const override { return output_.good(); }
  void finish() override {}

 private:
  std::ostream& output_;
};

class JsonPrinter final : public InferPrinter {
 public:
  explicit JsonPrinter(std::ostream& output) : output_(output) {}
  void print(const std::string& input, const client::Result<client::Prediction>& outcome) override {
    output_ << (any_ ? ",\n" : "[\n") << json_line(input, outcome) << std::flush;
    any_ = true;
  }
  bool good() const override { return output_.good(); }
  void finish() override { output_ << (any_ ? "\n]\n" : "[]\n") << std::flush; }

 private:
  std::ostream& output_;
  bool any_ = false;
};

/// Exactly so wide; of what is too long the end is shown, which tells more of a path.
std::string column(const std::string& text, std::size_t width) {
  if (text.size() <= width) return text + std::string(width - text.size(), ' ');
  return "..." + text.substr(text.size() - (width - 3));
}

class TablePrinter final : public InferPrinter {
 public:
  TablePrinter(std::ostream& output, Terminal terminal, std::size_t longest_input)
      : output_(output), terminal_(terminal), width_(std::clamp<std::size_t>(longest_input, 5, 40)) {}

  void print(const std::string& input, const client::Result<client::Prediction>& outcome) override {
    if (!headed_) output_ << terminal_.paint(column("IMAGE", width_) + "  " + kHead, Colour::quiet) << '\n';
    headed_ = true;
    std::vector<std::string> rows = outcome ? rows_of(outcome.value()) : std::vector<std::string>();
    if (!outcome) rows.push_back(terminal_.paint("failed: " + printable(outcome.error().message), Colour::bad));
    if (rows.empty()) rows.push_back(terminal_.paint("nothing above the threshold", Colour::quiet));
    for (std::size_t i = 0; i < rows.size(); ++i) {
      output_ << column(i == 0 ? printable(input) : "", width_) << "  " << rows[i] << '\n';
    }
    output_ << std::flush;
  }
  bool good() const override { return output_.good(); }
  void finish() override {}

 private:
  static constexpr const char* kHead = "CLASS                 CONFIDENCE       X       Y   WIDTH  HEIGHT";

  std::string row(const std::string& name, double confidence) const {
    return terminal_.paint(column(printable(name), 22), Colour::good) + formatted("%10.2f", confidence);
  }

  std::vector<std::string> rows_of(const client::Prediction& prediction) const {
    std::vector<std::string> rows;
    for (const auto& found : prediction.detections) {
      std::string text = row(found.class_name, found.confidence) +
                         formatted("%8.1f%8.1f%8.1f%8.1f", found.x, found.y, found.width, found.height);
      if (!found.points.empty()) text += formatted("  outline of %zu points", found.points.size());
      if (!found.keypoints.empty()) text += formatted("  %zu keypoints", found.keypoints.size());
      rows.push_back(std::move(text));
    }
    if (prediction.classification) add_classes(*prediction.classification, rows);
    if (prediction.semantic) {
      for (const int id : prediction.semantic->present_class_ids) {
        const auto name = prediction.semantic->class_names.find(id);
        rows.push_back(printable(name != prediction.semantic->class_names.end() ? name->second : std::to_string(id)));
      }
    }
    return rows;
  }

  void add_classes(const client::Classification& found, std::vector<std::string>& rows) const {
    for (const auto& score : found.scores) {
      const auto& labels = found.predicted_classes;
      const bool told = !found.multi_label || std::find(labels.begin(), labels.end(), score.class_name) != labels.end();
      if (told) rows.push_back(row(score.class_name, score.confidence));
    }
  }

  std::ostream& output_;
  const Terminal terminal_;
  const std::size_t width_;
  bool headed_ = false;
};

}  // namespace

std::optional<OutputFormat> output_format(std::string_view name) {
  if (name == "table") return OutputFormat::table;
  if (name == "json") return OutputFormat::json;
  if (name == "jsonl") return OutputFormat::json_lines;
  return std::nullopt;
}

std::unique_ptr<InferPrinter> make_printer(OutputFormat format, std::ostream& output, const Terminal& terminal,
                                           std::size_t longest_input) {
  switch (format) {
    case OutputFormat::json: return std::make_unique<JsonPrinter>(output);
    case OutputFormat::json_lines: return std::make_unique<JsonLinesPrinter>(output);
    case OutputFormat::table: break;
  }
  return std::make_unique<TablePrinter>(output, terminal, longest_input);
}

}  // namespace osprey::cli
