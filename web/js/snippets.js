// The request that the page just made, as others would make it.

import { requestFields, taskOf } from "./tasks.js";

/**
 * @typedef {object} Choice
 * @property {string} origin "http://host:9001", without a slash at its end
 * @property {string} modelId
 * @property {string} task
 * @property {number} confidence
 * @property {number} overlap
 * @property {string} file name of the picture
 * @property {boolean} withKey whether the server wants a key; the key itself is never shown
 */

/** In single quotes for a shell. */
const shellQuoted = (text) => (/^[\w./-]+$/.test(text) && !text.startsWith("-") ? text : `'${text.replaceAll("'", `'\\''`)}'`);

/** A string of Python or C++: JSON's escapes are theirs. */
const quoted = (text) => JSON.stringify(text);

/** What a shell would expand in a here-document. */
const inHeredoc = (text) => text.replace(/[\\$`]/g, "\\$&");

/** @param {Choice} choice */
export function curlSnippet(choice) {
  const lines = Object.entries(requestFields(choice)).map(([name, value]) => `  "${name}": ${inHeredoc(JSON.stringify(value))},`);
  return [
    `curl ${shellQuoted(`${choice.origin}/${taskOf(choice.task).path}`)} \\`,
    "  -H 'Content-Type: application/json' \\",
    ...(choice.withKey ? [`  -H "Authorization: Bearer $OSPREY_API_KEY" \\`] : []),
    "  -d @- <<END",
    "{",
    ...lines,
    `  "image": {"type": "base64", "value": "$(base64 -w0 ${shellQuoted(choice.file)})"}`,
    "}",
    "END",
  ].join("\n");
}

/** @param {Choice} choice */
export function pythonSnippet(choice) {
  const settings = [`confidence_threshold=${choice.confidence}`];
  if (taskOf(choice.task).overlap) settings.push(`iou_threshold=${choice.overlap}`);
  const key = choice.withKey ? ", api_key=os.environ[\"OSPREY_API_KEY\"]" : "";
  return [
    "# pip install inference-sdk",
    ...(choice.withKey ? ["import os", ""] : []),
    "from inference_sdk import InferenceConfiguration, InferenceHTTPClient",
    "",
    `client = InferenceHTTPClient(api_url=${quoted(choice.origin)}${key})`,
    `client.configure(InferenceConfiguration(${settings.join(", ")}))`,
    "",
    `result = client.infer(${quoted(choice.file)}, model_id=${quoted(choice.modelId)})`,
    "print(result[\"predictions\"])",
  ].join("\n");
}

/** What C++ prints of a prediction, by the model's task. */
const CPP_LOOPS = {
  "classification": ["  for (const auto& score : found->classification->scores) {", "    std::cout << score.class_name << ' ' << score.confidence << '\\n';", "  }"],
  "semantic-segmentation": ["  for (const int id : found->semantic->present_class_ids) {", "    std::cout << found->semantic->class_names.at(id) << '\\n';", "  }"],
};
const CPP_OBJECTS = [
  "  for (const auto& object : found->detections) {",
  "    std::cout << object.class_name << ' ' << object.confidence << '\\n';",
  "  }",
];

/** @param {Choice} choice */
export function cppSnippet(choice) {
  const settings = [`.confidence = ${choice.confidence}`];
  if (taskOf(choice.task).overlap) settings.push(`.iou_threshold = ${choice.overlap}`);
  const key = choice.withKey ? ", .api_key = std::getenv(\"OSPREY_API_KEY\")" : "";
  const task = choice.task === "multi-label-classification" ? "classification" : choice.task;
  return [
    "// c++ -std=c++20 ask.cpp $(pkg-config --cflags --libs osprey-client)",
    ...(choice.withKey ? ["#include <cstdlib>"] : []),
    "#include <iostream>",
    "#include <osprey/client.hpp>",
    "",
    "int main() {",
    "  using namespace osprey::client;",
    `  auto client = Client::create({.url = ${quoted(choice.origin)}${key}});`,
    "  if (!client) return 1;",
    `  auto found = client->infer(Image::from_file(${quoted(choice.file)}), ${quoted(choice.modelId)},`,
    `                             {${settings.join(", ")}});`,
    "  if (!found) {",
    "    std::cerr << found.error().message << '\\n';",
    "    return 1;",
    "  }",
    ...(CPP_LOOPS[task] ?? CPP_OBJECTS),
    "}",
  ].join("\n");
}
