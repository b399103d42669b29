// `inference model list`: what is in the models folder and in the cache, and whether it can be served.
#include <algorithm>
#include <iostream>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include <CLI/CLI.hpp>

#include "base/log.hpp"
#include "cli/cached_models.hpp"
#include "cli/command_line.hpp"
#include "cli/model_command.hpp"
#include "engine/backends.hpp"
#include "registry/own_models.hpp"

namespace osprey::cli {
namespace {

constexpr const char* kFooter =
    R"(Works without a server. Exit code: 0, also where packages are broken (see inference model check).

Examples:
  inference model list --models models
  inference model list --json | python3 -m json.tool)";

struct ListedModel {
  registry::ModelSummary model;
  const char* source;  // "folder" or "cache"
};

std::string input_text(const package::Package& package) {
  return std::to_string(package.preprocess.network.width) + "x" + std::to_string(package.preprocess.network.height);
}

using Row = std::vector<std::string>;

Row row_of(const ListedModel& listed) {
  const auto& model = listed.model;
  Row row{printable(model.model_id), listed.source};
  if (const auto& package = model.package) {
    row.insert(row.end(), {std::string(vision::to_string(package->family.task)),
                           printable(package->family.architecture), input_text(*package),
                           std::to_string(package->family.class_names.size()), size_text(model.bytes), "sound"});
  } else {
    row.insert(row.end(), {"-", "-", "-", "-", size_text(model.bytes), "broken: " + printable(model.error->message)});
  }
  return row;
}

void print_table(const std::vector<Row>& rows) {
  std::vector<std::size_t> widths(rows.front().size(), 0);
  for (const auto& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  for (const auto& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      std::cout << row[i];
      if (i + 1 < row.size()) std::cout << std::string(widths[i] - row[i].size() + 2, ' ');
    }
    std::cout << '\n';
  }
}

void print_json(const std::vector<ListedModel>& models) {
  using Json = nlohmann::ordered_json;
  Json list = Json::array();
  for (const auto& [model, source] : models) {
    Json entry{{"model_id", model.model_id},
               {"source", source},
               {"folder", model.folder.string()},
               {"bytes", model.bytes},
               {"state", "sound"}};
    if (const auto& package = model.package) {
      entry["task"] = vision::to_string(package->family.task);
      entry["family"] = package->family.architecture;
      entry["input"] = {{"width", package->preprocess.network.width}, {"height", package->preprocess.network.height}};
      entry["classes"] = package->family.class_names;
    } else {
      entry["state"] = "broken";
      entry["error"] = model.error->message;
    }
    list.push_back(std::move(entry));
  }
  std::cout << Json{{"models", std::move(list)}}.dump(2, ' ', false, Json::error_handler_t::replace) << '\n';
}

class ModelList final : public Command {
 public:
  explicit ModelList(CLI::App& model)
      : Command(model.add_subcommand("list", "List the models of the models folder and the cache")) {
    command_->add_flag("--json", json_, "As JSON");
    settings_.add_flags(*command_, {"models", "cache", "backend"});
    command_->footer(kFooter);
  }

  int run() override {
    const auto settings = settings_.read();
    if (!settings) return refuse(settings.error(), kUsage);
    auto engine = engine::create_engine(settings->backend, make_null_log());
    if (!engine) return refuse(engine.error(), kFailure);
    std::vector<ListedModel> models;
    auto own = registry::OwnModels(settings->models, **engine).list();
    if (own) {
      for (auto& model : *own) models.push_back({std::move(model), "folder"});
    }
    const auto hub = open_hub(*settings);
    if (!hub) return refuse(hub.error(), kFailure);
    if (*hub) {
      for (auto& entry : (*hub)->list()) {
        auto summary = registry::summarize(entry.model_id, entry.folder, **engine);
        summary.bytes = entry.bytes;
        models.push_back({std::move(summary), "cache"});
      }
    }
    if (!own && models.empty()) return refuse(own.error(), kFailure);
    if (!own) std::cerr << "inference: " << own.error().message << '\n';
    if (json_) {
      print_json(models);
    } else if (models.empty()) {
      std::cout << "no models in " << settings->models.string() << "; inference model add puts one there\n";
    } else {
      std::vector<Row> rows{{"MODEL", "IN", "TASK", "FAMILY", "INPUT", "CLASSES", "SIZE", "STATE"}};
      for (const auto& model : models) rows.push_back(row_of(model));
      print_table(rows);
    }
    return kSuccess;
  }

 private:
  bool json_ = false;
};

}  // namespace

std::unique_ptr<Command> make_model_list(CLI::App& model) {
  return std::make_unique<ModelList>(model);
}

}  // namespace osprey::cli
