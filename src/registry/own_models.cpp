#include "registry/own_models.hpp"

#include <algorithm>
#include <cctype>
#include <utility>

#include "package/onnx_file.hpp"
#include "registry/model_folder.hpp"
#include "registry/package_completion.hpp"
#include "registry/package_trial.hpp"
#include "registry/staged_folder.hpp"

namespace osprey::registry {
namespace {

namespace fs = std::filesystem;

constexpr const char* kWeights = "weights.onnx";  // as it is called in a package

bool is_id_character(unsigned char c) {
  return (std::isalnum(c) != 0 && c < 0x80) || c == '.' || c == '_' || c == '-';
}

bool is_segment(std::string_view text) {
  constexpr std::size_t kMostBytes = 200;
  return !text.empty() && text.size() <= kMostBytes && text.front() != '.' && text.front() != '-' &&
         std::all_of(text.begin(), text.end(), [](unsigned char c) { return is_id_character(c); });
}

std::uint64_t bytes_in(const fs::path& folder) {
  std::uint64_t bytes = 0;
  std::error_code error;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    std::error_code ignored;
    const auto size = it->is_regular_file(ignored) ? it->file_size(ignored) : 0;
    if (!ignored) bytes += size;
  }
  return bytes;
}

/// Messages speak of the file that was given, and not of the copy that was tried.
Error of_file(Error error, const std::string& name) {
  const std::string copy = kWeights;
  if (name != copy) {
    for (auto at = error.message.find(copy); at != std::string::npos; at = error.message.find(copy, at + name.size())) {
      error.message.replace(at, copy.size(), name);
    }
  }
  std::replace(error.message.begin(), error.message.end(), '\n', ' ');
  return error;
}

Status refuse_external(const package::OnnxFile& onnx, const std::string& name) {
  if (onnx.external_files.empty()) return {};
  return Error{Code::invalid_argument, name + " keeps weights in a file beside it (" + onnx.external_files.front() +
                                           "); make one file of them: python -c \"import onnx; "
                                           "onnx.save(onnx.load('" +
                                           name + "'), 'one-file.onnx')\""};
}

/// What is there, for a message.
std::string names_of(const std::vector<std::string>& ids) {
  constexpr std::size_t kMost = 20;
  if (ids.empty()) return "there are none";
  std::string text = "there are: ";
  for (std::size_t i = 0; i < ids.size() && i < kMost; ++i) text += (i == 0 ? "" : ", ") + ids[i];
  return ids.size() > kMost ? text + ", ..." : text;
}

Error taken(const NewModel& model, const std::string& model_id) {
  return {Code::invalid_argument,
          "the model " + model_id + " is there already; " +
              (model.spelling == Spelling::flag ? "--force replaces it" : "force=true replaces it")};
}

}  // namespace

ModelSummary summarize(std::string model_id, const fs::path& folder, engine::Engine& engine) {
  ModelSummary summary{std::move(model_id), folder, bytes_in(folder), {}, {}};
  auto opened = open_package(folder, engine);
  if (opened) {
    summary.package = std::move(opened->package);
  } else {
    summary.error = std::move(opened).error();
  }
  return summary;
}

Result<AddedModel> OwnModels::add(const NewModel& model, const package::WeightsSource& weights) {
  auto model_id = checked_new_id(model.model_id);
  if (!model_id) return std::move(model_id).error();
  const auto target = root_ / *model_id;
  std::error_code error;
  // Told before seconds are spent on it; put_in_place() decides.
  if (!model.replace && fs::exists(target, error)) return taken(model, *model_id);
  if (const auto* file = std::get_if<fs::path>(&weights)) {
    const auto onnx = package::inspect_onnx(*file, model.weights_name);
    if (!onnx) return onnx.error();
    if (auto whole = refuse_external(*onnx, model.weights_name); !whole) return std::move(whole).error();
  }

  auto staged = StagedFolder::beside(target);
  if (!staged) return std::move(staged).error();
  const auto copy = staged->package() / kWeights;
  if (auto written = package::write_weights(weights, copy); !written) return std::move(written).error();
  // From here on the copy counts: the file that was given may change.
  const auto onnx = package::inspect_onnx(copy, model.weights_name);
  if (!onnx) return onnx.error();
  if (auto whole = refuse_external(*onnx, model.weights_name); !whole) return std::move(whole).error();

  auto graph = engine_.read(copy);
  if (!graph) return of_file(std::move(graph).error(), model.weights_name);
  const auto described = complete(model, (*graph)->info());
  if (!described) return described.error();
  if (auto written = package::write_package(staged->package(), *described); !written) {
    return std::move(written).error();
  }
  auto opened = open_completed(staged->package(), std::move(graph).value(), model);
  if (!opened) return std::move(opened).error();
  const auto trial = try_package(*opened);
  if (!trial) return of_file(trial.error(), model.weights_name);

  const auto replaced = staged->put_in_place(model.replace);
  if (!replaced) {
    return replaced.error().code == Code::invalid_argument ? taken(model, *model_id) : replaced.error();
  }
  auto package = std::move(opened->package);
  package.folder = target;
  package.weights = target / kWeights;
  return AddedModel{{std::move(model_id).value(), target, bytes_in(target), std::move(package), {}},
                    trial->backend,
                    trial->seconds,
                    *replaced};
}

Result<std::vector<ModelSummary>> OwnModels::list() const {
  const auto folder = ModelFolder::open(root_);
  if (!folder) return folder.error();
  std::vector<ModelSummary> models;
  for (auto& model_id : folder->list()) {
    auto found = folder->find(model_id);
    if (found) {
      models.push_back(summarize(std::move(model_id), *found, engine_));
    } else if (found.error().code != Code::not_found) {  // which went meanwhile
      models.push_back({model_id, root_ / model_id, 0, {}, std::move(found).error()});
    }
  }
  return models;
}

Status remove_package(const fs::path& root, std::string_view model_id) {
  const auto folder = ModelFolder::open(root);
  if (!folder) return folder.error();
  auto found = folder->find(model_id);
  if (!found) {
    if (found.error().code != Code::not_found) return std::move(found).error();
    return Error{Code::not_found, "no model " + std::string(model_id) + "; " + names_of(folder->list())};
  }
  const auto ids = folder->list();
  const std::string versions = std::string(model_id) + "/";
  if (const auto version =
          std::find_if(ids.begin(), ids.end(), [&](const auto& id) { return id.starts_with(versions); });
      version != ids.end()) {
    return Error{Code::invalid_argument,
                 std::string(model_id) + " holds other models, such as " + *version + "; remove those first"};
  }
  {
    auto staged = StagedFolder::beside(*found);
    if (!staged) return std::move(staged).error();
    if (auto taken_away = staged->take_away(); !taken_away) return taken_away;
  }
  std::error_code ignored;  // a project that has other versions or files stays
  if (const auto project = found->parent_path(); project != folder->root()) fs::remove(project, ignored);
  return {};
}

Result<std::string> checked_new_id(std::string_view model_id) {
  const auto slash = model_id.find('/');
  const auto project = model_id.substr(0, slash);
  auto version = slash == std::string_view::npos ? std::string_view() : model_id.substr(slash + 1);
  if (!is_segment(project) || !is_segment(version)) {
    constexpr std::size_t kMostText = 60;
    return Error{Code::invalid_argument, "'" + std::string(model_id.substr(0, kMostText)) +
                                             "' is no model id; project/version of letters, digits, '.', '_' and '-' "
                                             "is expected, such as my-project/1"};
  }
  if (std::all_of(version.begin(), version.end(), [](unsigned char c) { return std::isdigit(c) != 0; })) {
    version.remove_prefix(std::min(version.find_first_not_of('0'), version.size() - 1));
  }
  return std::string(project) + "/" + std::string(version);
}

std::string id_from_file(const fs::path& file) {
  std::string project;
  for (const char c : file.stem().string()) {
    const bool plain = is_id_character(static_cast<unsigned char>(c));
    if (!plain && (project.empty() || project.back() == '-')) continue;
    project += plain ? c : '-';
  }
  const auto first = project.find_first_not_of(".-");
  project.erase(0, std::min(first, project.size()));
  while (!project.empty() && project.back() == '-') project.pop_back();
  constexpr std::size_t kMostBytes = 100;
  return (project.empty() ? "model" : project.substr(0, kMostBytes)) + "/1";
}

}  // namespace osprey::registry
