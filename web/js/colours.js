// A colour for each class: the package's own, else one that its name always gets.

/**
 * @param {string} name
 * @param {Object<string, string>} [own] class name -> "#RRGGBB"
 * @returns {string} "#rrggbb"
 */
export function colourOf(name, own = {}) {
  const given = Object.hasOwn(own, name) ? own[name] : "";
  return /^#[0-9a-f]{6}$/i.test(given) ? given.toLowerCase() : hashed(name);
}

/** FNV-1a of the name chooses the hue; saturation and lightness vary a little, so that near hues still differ. */
function hashed(name) {
  let hash = 0x811c9dc5;
  for (let i = 0; i < name.length; ++i) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193) >>> 0;
  return fromHsl(hash % 360, 0.72 + ((hash >>> 9) % 3) * 0.1, 0.48 + ((hash >>> 13) % 3) * 0.06);
}

function fromHsl(hue, saturation, lightness) {
  const reach = saturation * Math.min(lightness, 1 - lightness);
  const channel = (offset) => {
    const k = (offset + hue / 30) % 12;
    const value = lightness - reach * Math.max(-1, Math.min(k - 3, 9 - k, 1));
    return Math.round(255 * value).toString(16).padStart(2, "0");
  };
  return `#${channel(0)}${channel(8)}${channel(4)}`;
}

/** @returns {[number, number, number]} 0..255 of "#rrggbb" */
export const channelsOf = (colour) => [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16));

/** Black or white, whichever contrasts more with the colour (WCAG's relative luminance). */
export function textOn(colour) {
  const [r, g, b] = channelsOf(colour).map((value) => {
    const part = value / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b > 0.179 ? "#000000" : "#ffffff";
}
