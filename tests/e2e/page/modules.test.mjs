// The modules of the page that need no browser, under Node's test runner.

import assert from "node:assert/strict";
import test from "node:test";

const module = (name) => import(new URL(`../../../web/js/${name}.js`, import.meta.url));
const { readAnswer, passing, itemAt, summary, percent } = await module("predictions");
const { parseMetrics, total, buckets, newCounts, quantile } = await module("metrics_text");
const { pointsBetween } = await module("readings");
const { colourOf, textOn } = await module("colours");
const { cppSnippet, curlSnippet, pythonSnippet } = await module("snippets");
const { createStore } = await module("store");
const { errorText } = await module("api");
const { readCatalog, firstModel } = await module("catalog");
const { bones } = await module("skeleton");

const image = { width: 100, height: 50 };
const choice = { origin: "http://host:9001", modelId: "a/1", task: "object-detection", confidence: 0.4, overlap: 0.3, file: "b.jpg", withKey: false };

test("boxes are told by their corner, the most confident first", () => {
  const view = readAnswer({ image, time: 0.5, predictions: [
    { x: 10, y: 10, width: 4, height: 6, confidence: 0.5, class: "cat" },
    { x: 20, y: 20, width: 4, height: 4, confidence: 0.9, class: "dog" }] });
  assert.equal(view.kind, "objects");
  assert.deepEqual(view.items.map((one) => one.name), ["dog", "cat"]);
  assert.deepEqual(view.items[1].box, { x: 8, y: 7, width: 4, height: 6 });
  assert.deepEqual(passing(view, 0.6).map((one) => one.name), ["dog"]);
});

test("an answer without anything found keeps its kind", () => {
  assert.equal(readAnswer({ image, predictions: [] }).kind, "objects");
  assert.equal(readAnswer({ image, predictions: [], top: "", confidence: 0 }).kind, "classes");
});

test("both forms of classes are read", () => {
  const single = readAnswer({ image, top: "a", confidence: 0.9, predictions: [{ class: "a", class_id: 0, confidence: 0.9 }] });
  const multi = readAnswer({ image, predictions: { a: { confidence: 0.2, class_id: 0 }, b: { confidence: 0.7, class_id: 1 } } });
  assert.deepEqual([single.kind, single.items[0].name], ["classes", "a"]);
  assert.deepEqual(multi.items.map((one) => one.name), ["b", "a"]);
});

test("of two objects under the pointer the inner one is meant", () => {
  const item = (id, x, width) => ({ id, box: { x, y: x, width, height: width } });
  assert.equal(itemAt([item(1, 0, 50), item(2, 10, 10)], 12, 12).id, 2);
  assert.equal(itemAt([item(1, 0, 50), item(2, 10, 10)], 40, 40).id, 1);
  assert.equal(itemAt([item(1, 0, 50)], 60, 1), null);
});

test("what was found is told in words", () => {
  const items = ["cat", "dog", "cat"].map((name, id) => ({ id, name, confidence: 0.5 }));
  assert.equal(summary("objects", items), "3 objects: 2 cat, 1 dog");
  assert.equal(percent(0.004), "<1 %");
  assert.equal(percent(NaN), "");
});

test("metrics are read with their labels", () => {
  const samples = parseMetrics('# HELP a b\na_total{x="1",y="q\\"}"} 3\na_total{x="2"} 4 123\nb_bucket{le="+Inf"} 9\nc NaN\n');
  assert.equal(total(samples, "a_total"), 7);
  assert.equal(total(samples, "a_total", ({ y }) => y === 'q"}'), 3);
  assert.deepEqual([...buckets(samples, "b")], [[Infinity, 9]]);
});

test("quantiles are those of Prometheus", () => {
  const counts = new Map([[0.1, 50], [0.5, 90], [1, 100], [Infinity, 100]]);
  assert.ok(Math.abs(quantile(counts, 0.5) - 0.1) < 1e-9);
  assert.ok(Math.abs(quantile(counts, 0.7) - 0.3) < 1e-9);
  assert.ok(Math.abs(quantile(counts, 0.99) - 0.95) < 1e-9);
  assert.ok(Number.isNaN(quantile(new Map(), 0.5)));
  assert.equal(quantile(new Map([[1, 0], [Infinity, 5]]), 0.5), 1);
  assert.deepEqual([...newCounts(new Map([[1, 2]]), new Map([[1, 7], [2, 9]]), 1)], [[1, 4], [2, 8]]);
});

test("two readings make rates, without what the page itself asked for", () => {
  const reading = (time, own, answered) => ({ time, samples: parseMetrics([
    `http_requests_total{handler="/metrics",method="GET",status="2xx"} ${own}`,
    `http_requests_total{handler="/infer/object_detection",method="POST",status="2xx"} ${answered}`,
    `http_request_duration_highr_seconds_bucket{le="0.001"} ${own}`,
    `http_request_duration_highr_seconds_bucket{le="0.02"} ${own + answered}`,
    `http_request_duration_highr_seconds_bucket{le="+Inf"} ${own + answered}`].join("\n")) });
  const points = pointsBetween(reading(0, 100, 0), reading(2, 110, 20));
  assert.deepEqual(points.requests, [10]);
  assert.ok(points.latency[0] > 1 && points.latency[0] < 20, `${points.latency}`);
});

test("a class has its package's colour, else always the same one", () => {
  assert.equal(colourOf("cat", { cat: "#AABBCC" }), "#aabbcc");
  assert.equal(colourOf("cat", { cat: "url(x)" }), colourOf("cat"));
  assert.match(colourOf("constructor", {}), /^#[0-9a-f]{6}$/);
  assert.deepEqual([textOn("#ffff00"), textOn("#000080")], ["#000000", "#ffffff"]);
});

test("snippets hold against names that mean something to a shell", () => {
  const odd = { ...choice, modelId: "a/$(rm)`x`", file: "it's mine.jpg" };
  assert.ok(curlSnippet(odd).includes("a/\\$(rm)\\`x\\`"));
  assert.ok(curlSnippet(odd).includes("base64 -w0 'it'\\''s mine.jpg'"));
  assert.ok(pythonSnippet({ ...choice, modelId: 'a"b' }).includes('model_id="a\\"b"'));
  assert.ok(cppSnippet({ ...choice, modelId: 'a"b' }).includes('"a\\"b"'));
  assert.ok(cppSnippet({ ...choice, withKey: true }).includes('std::getenv("OSPREY_API_KEY")'));
  assert.ok(curlSnippet({ ...choice, withKey: true }).includes("$OSPREY_API_KEY"));
  assert.ok(!curlSnippet({ ...choice, task: "classification" }).includes("iou_threshold"));
});

test("a store tells of changes only", () => {
  const store = createStore({ a: 1, b: 2 });
  const seen = [];
  store.on(["a"], ({ a }) => seen.push(a));
  store.set({ a: 1 });
  store.set({ b: 3 });
  store.set({ a: 5 });
  assert.deepEqual(seen, [5]);
});

test("errors are told in words", () => {
  assert.equal(errorText(400, '{"message":"no"}'), "no");
  assert.equal(errorText(422, '{"detail":[{"loc":["body","confidence"],"msg":"too large"}]}'), "confidence: too large");
  assert.match(errorText(401, '{"status":401,"message":"Unauthorized api_key"}'), /one of its keys/);
  assert.match(errorText(503, "{}", "4"), /in 4 s/);
  assert.equal(errorText(500, "<html>"), "The server answered 500.");
});

test("a detector comes first, and broken models never", () => {
  const models = readCatalog({ models: [{ model_id: "x/1", state: "broken", error: "bad" }, { model_id: "c/1", state: "sound", task: "classification" },
                                        { model_id: "d/1", state: "sound", task: "object-detection" }] });
  assert.equal(firstModel(models).id, "d/1");
  assert.equal(models[0].error, "bad");
  assert.equal(firstModel(models.slice(0, 1)), null);
});

test("a person's keypoints are joined, others are not", () => {
  const at = (name) => ({ x: 1, y: 2, name });
  assert.equal(bones([at("left_hip"), at("Left Knee"), at("tail")]).length, 1);
});
