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

/** A string of Python: JSON's escapes are its own. */
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
