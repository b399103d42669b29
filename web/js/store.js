// What the page knows, in one place, and who is told when it changes.

/**
 * @template T
 * @param {T} initial
 * @returns {{get: () => T, set: (change: Partial<T>) => void, on: (keys: (keyof T)[], run: (state: T) => void) => void}}
 *     `set` calls those that were registered for one of the keys whose value is another one now, once each.
 */
export function createStore(initial) {
  let state = { ...initial };
  const listeners = [];
  return {
    get: () => state,
    set(change) {
      const changed = Object.keys(change).filter((key) => !Object.is(state[key], change[key]));
      if (changed.length === 0) return;
      state = { ...state, ...change };
      for (const { keys, run } of listeners) {
        if (keys.some((key) => changed.includes(key))) run(state);
      }
    },
    on(keys, run) {
      listeners.push({ keys, run });
    },
  };
}
