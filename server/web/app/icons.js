// @ts-check
/** Line icons on a 24-unit grid. Decoration only: every control says in words what it does. */
import { svg } from "./dom.js";

const PATHS = {
  camera: ["M4 6.5h9.5a2 2 0 0 1 2 2v7a2 2 0 0 1-2 2H4a2 2 0 0 1-2-2v-7a2 2 0 0 1 2-2z",
    "m15.5 10.6 4.9-2.9a1 1 0 0 1 1.6.8v7a1 1 0 0 1-1.6.8l-4.9-2.9"],
  clock: ["M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18z", "M12 7.5V12l3 2"],
  person: ["M12 4a4 4 0 1 0 0 8 4 4 0 0 0 0-8z", "M4.5 20.5a7.5 7.5 0 0 1 15 0"],
  plus: ["M12 5v14", "M5 12h14"],
  back: ["m14.5 5-7 7 7 7"],
  next: ["m9.5 5 7 7-7 7"],
  sliders: ["M4 7h9", "M17 7h3", "M15 5v4", "M4 17h3", "M11 17h9", "M9 15v4"],
  shield: ["M12 3 5 5.8v5.4c0 4.4 2.9 7.8 7 9.8 4.1-2 7-5.4 7-9.8V5.8z", "m9 11.8 2.2 2.2 4-4.2"],
  alert: ["M12 4 2.8 19.5h18.4z", "M12 10v4.5", "M12 17v.2"],
  check: ["m5 12.5 4.5 4.5L19 7.5"],
  away: ["m3 3 18 18", "M8.5 6.5h5a2 2 0 0 1 2 2v5", "M15 17a2 2 0 0 1-1.5.5H4a2 2 0 0 1-2-2v-7a2 2 0 0 1 2-2",
    "m15.5 10.6 4.9-2.9a1 1 0 0 1 1.6.8v7a1 1 0 0 1-1 1"],
  direct: ["M7 12h10", "m14 8.5 3.5 3.5-3.5 3.5", "m10 8.5L6.5 12l3.5 3.5"],
  full: ["M4 9V5a1 1 0 0 1 1-1h4", "M15 4h4a1 1 0 0 1 1 1v4", "M20 15v4a1 1 0 0 1-1 1h-4", "M9 20H5a1 1 0 0 1-1-1v-4"],
  sound: ["M4 9.5v5h3.5l4.5 4v-13l-4.5 4z", "M15.5 9a4 4 0 0 1 0 6", "M18 6.5a8 8 0 0 1 0 11"],
  quiet: ["M4 9.5v5h3.5l4.5 4v-13l-4.5 4z", "m16 9.5 5 5", "m21 9.5-5 5"],
  play: ["M8 5.5v13l10.5-6.5z"],
};

/**
 * @param {keyof typeof PATHS} name
 * @param {string} [className]
 * @returns {SVGElement}
 */
export function icon(name, className = "icon") {
  return svg(
    "svg",
    {
      class: className,
      viewBox: "0 0 24 24",
      fill: "none",
      stroke: "currentColor",
      "stroke-width": "1.7",
      "stroke-linecap": "round",
      "stroke-linejoin": "round",
      "aria-hidden": "true",
      focusable: "false",
    },
    ...PATHS[name].map((d) => svg("path", { d })),
  );
}
