// Requests to this server: its key, its errors.

const KEY_NAME = "osprey-key";

/** What the server refused, in words for a person. */
export class ServerError extends Error {
  /**
   * @param {number} status 0 when there was no answer
   * @param {string} message
   */
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

/**
 * The words of an error's body: {"message"}, {"detail": text}, or {"detail": [{loc, msg}]}.
 * @param {number} status
 * @param {string} text the body
 * @param {string|null} retryAfter of the header, seconds
 */
export function errorText(status, text, retryAfter = null) {
  let said = "";
  try {
    const body = JSON.parse(text);
    if (typeof body.message === "string") said = body.message;
    else if (typeof body.detail === "string") said = body.detail;
    else if (Array.isArray(body.detail)) {
      said = body.detail.map((one) => `${(one.loc ?? []).slice(1).join(".")}: ${one.msg}`).join("; ");
    }
  } catch {
    said = ""; // no JSON: the status has to do
  }
  if (status === 503) {
    const when = retryAfter ? `Try again in ${retryAfter} s.` : "Try again in a moment.";
    return `The server has no room for another request now. ${when}`;
  }
  if (status === 401 && said === "Unauthorized api_key") return "This server answers only those who have one of its keys.";
  return said || `The server answered ${status}.`;
}

/**
 * @param {{onKeyWanted: () => void}} hooks called when the server refuses a request for want of a key
 */
export function createApi({ onKeyWanted }) {
  const key = () => sessionStorage.getItem(KEY_NAME) ?? "";

  async function send(path, options = {}) {
    const headers = { ...options.headers };
    if (key()) headers.Authorization = `Bearer ${key()}`;
    let response;
    try {
      response = await fetch(path, { ...options, headers, cache: "no-store", credentials: "omit" });
    } catch (problem) {
      if (problem.name === "AbortError") throw problem;
      throw new ServerError(0, "The server does not answer. Is it still running?");
    }
    if (response.ok) return response;
    if (response.status === 401 || response.status === 403) onKeyWanted();
    throw new ServerError(response.status,
                          errorText(response.status, await response.text(), response.headers.get("Retry-After")));
  }

  return {
    /** Whether there is a key. */
    hasKey: () => key() !== "",
    /** Keeps a key for this tab; an empty one is forgotten. */
    setKey(value) {
      if (value) sessionStorage.setItem(KEY_NAME, value);
      else sessionStorage.removeItem(KEY_NAME);
    },
    /** GET, as JSON. Throws ServerError. */
    getJson: async (path) => (await send(path)).json(),
    /** GET, as text. Throws ServerError. */
    getText: async (path) => (await send(path)).text(),
    /**
     * POST of a JSON body.
     * @returns {Promise<{answer: any, seconds: number, isCold: boolean}>} seconds: until all of it was here; isCold: the
     *     model was loaded for it
     */
    async postJson(path, body, signal) {
      const started = performance.now();
      const response = await send(path, {
        method: "POST", body: JSON.stringify(body), headers: { "Content-Type": "application/json" }, signal,
      });
      const answer = await response.json();
      const isCold = response.headers.get("X-Model-Cold-Start") === "true";
      return { answer, seconds: (performance.now() - started) / 1000, isCold };
    },
  };
}
