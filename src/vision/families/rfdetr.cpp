#include "vision/families/rfdetr.hpp"

#include <utility>

#include "vision/families/rfdetr_queries.hpp"

namespace osprey::vision {
namespace {

constexpr float kDefaultConfidence = 0.4F;

class Rfdetr final : public Family {
 public:
  explicit Rfdetr(FamilyConfig config) : config_(std::move(config)), columns_(config_) {
    // From here on class ids, and with them recommended thresholds, are those of the remaining classes.
    config_.class_names = columns_.names();
  }

  Result<Prediction> decode(std::span<const TensorView> outputs, std::size_t index, const Geometry& geometry,
                            const DecodeOptions& options) const override {
    const auto queries = rfdetr_queries(outputs, index);
    if (!queries) return queries.error();
    const Thresholds thresholds(options.confidence, config_, kDefaultConfidence);
    const auto found = rfdetr_candidates(queries->boxes, queries->logits, columns_, thresholds, geometry.network);
    return Prediction(to_detections(found, geometry, options, config_.class_names));
  }

  Status check_outputs(std::span<const TensorSpec> outputs) const override {
    return check_rfdetr_outputs(config_.architecture, outputs, columns_, {});
  }

 private:
  FamilyConfig config_;
  ClassColumns columns_;
};

}  // namespace

Result<std::unique_ptr<const Family>> make_rfdetr(FamilyConfig config) {
  return std::unique_ptr<const Family>(std::make_unique<Rfdetr>(std::move(config)));
}

}  // namespace osprey::vision
