#include "cli/benchmark/latency_picture.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "cli/formatted.hpp"

namespace osprey::cli {
namespace {

constexpr double kWidth = 900;
constexpr double kHeight = 640;
constexpr double kLeft = 70;
constexpr double kRight = 870;
constexpr std::size_t kBins = 48;

constexpr const char* kStyle =
    "<style>text{font:13px sans-serif;fill:#333}.h{font-size:17px;font-weight:bold}.q{fill:#777}"
    ".bar{fill:#2a78c2}.curve{fill:none;stroke:#2a78c2;stroke-width:2}.line{stroke:#ccc}.back{fill:#fff}"
    "@media(prefers-color-scheme:dark){text{fill:#ddd}.q{fill:#999}.line{stroke:#444}.back{fill:#1b1d20}"
    ".bar{fill:#64a8e8}.curve{stroke:#64a8e8}}</style>\n";

std::string escaped(const std::string& text) {
  std::string result;
  for (const char c : text) {
    if (c == '<') {
      result += "&lt;";
    } else if (c == '>') {
      result += "&gt;";
    } else if (c == '&') {
      result += "&amp;";
    } else {
      result += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
    }
  }
  return result;
}

std::string text_at(double x, double y, const std::string& text, const char* more = "") {
  return formatted("<text x=\"%.1f\" y=\"%.1f\" %s>", x, y, more) + escaped(text) + "</text>\n";
}

std::string line_at(double x1, double y1, double x2, double y2) {
  return formatted("<line class=\"line\" x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\"/>\n", x1, y1, x2, y2);
}

/// 1, 2 or 5 times a power of ten, so that about five steps reach `span`.
double step_for(double span) {
  const double rough = span / 5;
  const double power = std::pow(10.0, std::floor(std::log10(rough)));
  for (const double factor : {1.0, 2.0, 5.0}) {
    if (power * factor >= rough) return power * factor;
  }
  return power * 10;
}

std::string tick_text(double value, double step) {
  return formatted("%.*f", step >= 1 ? 0 : static_cast<int>(std::ceil(-std::log10(step))), value);
}

/// Latencies up to the 99.5th percentile; what is slower is counted in the last bin, so that one straggler does not
/// press all others into the first.
std::string histogram(const Statistics& statistics) {
  constexpr double kTop = 90;
  constexpr double kBottom = 310;
  const double least = statistics.least;
  const double most = std::max(quantile_of(statistics.latencies, 0.995), least + 1e-3);
  std::vector<std::size_t> counts(kBins, 0);
  for (const double value : statistics.latencies) {
    const double place = (value - least) / (most - least) * static_cast<double>(kBins);
    ++counts[std::min(static_cast<std::size_t>(std::max(place, 0.0)), kBins - 1)];
  }
  const auto highest = static_cast<double>(*std::max_element(counts.begin(), counts.end()));
  std::string svg = text_at(kLeft, kTop - 12, "Requests by latency, ms", "class=\"q\"");
  const double width = (kRight - kLeft) / static_cast<double>(kBins);
  for (std::size_t i = 0; i < kBins; ++i) {
    const double height = (kBottom - kTop) * static_cast<double>(counts[i]) / highest;
    svg += formatted("<rect class=\"bar\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\"/>\n",
                     kLeft + width * static_cast<double>(i), kBottom - height, width - 1, height);
  }
  svg += line_at(kLeft, kBottom, kRight, kBottom);
  const double step = step_for(most - least);
  for (double value = std::ceil(least / step) * step; value <= most; value += step) {
    svg += text_at(kLeft + (kRight - kLeft) * (value - least) / (most - least), kBottom + 18, tick_text(value, step),
                   "text-anchor=\"middle\"");
  }
  return svg + text_at(kLeft - 8, kTop + 10, formatted("%.0f", highest), "text-anchor=\"end\"") +
         text_at(kLeft - 8, kBottom, "0", "text-anchor=\"end\"");
}

std::string curve(const Statistics& statistics) {
  constexpr double kTop = 390;
  constexpr double kBottom = 600;
  constexpr double kLastQuantile = 0.999;
  const auto x_of = [](double quantile) {  // each nine as wide as the one before
    return kLeft + (kRight - kLeft) * std::log10(1 - quantile) / std::log10(1 - kLastQuantile);
  };
  const double most = std::max(quantile_of(statistics.latencies, kLastQuantile), 1e-3);
  const auto y_of = [&](double value) { return kBottom - (kBottom - kTop) * value / most; };
  std::string svg = text_at(kLeft, kTop - 18, "Latency below which a share of the requests lies, ms", "class=\"q\"");
  const double step = step_for(most);
  for (double value = 0; value <= most; value += step) {
    svg += line_at(kLeft, y_of(value), kRight, y_of(value));
    svg += text_at(kLeft - 8, y_of(value) + 4, tick_text(value, step), "text-anchor=\"end\"");
  }
  constexpr std::pair<double, const char*> kMarks[] = {{0.0, "0 %"},   {0.5, "50 %"},  {0.75, "75 %"},   {0.9, "90 %"},
                                                       {0.95, "95 %"}, {0.99, "99 %"}, {0.999, "99.9 %"}};
  for (const auto& [quantile, name] : kMarks) {
    svg += text_at(x_of(quantile), kBottom + 20, name, "text-anchor=\"middle\"");
  }
  std::string points;
  constexpr int kPoints = 240;
  for (int i = 0; i <= kPoints; ++i) {
    const double quantile = 1 - std::pow(1 - kLastQuantile, static_cast<double>(i) / kPoints);
    points += formatted("%.1f,%.1f ", x_of(quantile), y_of(quantile_of(statistics.latencies, quantile)));
  }
  return svg + "<polyline class=\"curve\" points=\"" + points + "\"/>\n";
}

}  // namespace

std::string latency_picture(const Statistics& statistics, const std::string& title, const std::string& subtitle) {
  std::string svg =
      formatted("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %.0f %.0f\" role=\"img\">\n", kWidth, kHeight);
  svg += kStyle;
  svg += formatted("<rect class=\"back\" width=\"%.0f\" height=\"%.0f\"/>\n", kWidth, kHeight);
  svg += text_at(kLeft, 30, title, "class=\"h\"") + text_at(kLeft, 52, subtitle, "class=\"q\"");
  if (statistics.latencies.empty()) return svg + text_at(kLeft, 120, "no request went well") + "</svg>\n";
  return svg + histogram(statistics) + curve(statistics) + "</svg>\n";
}

}  // namespace osprey::cli
