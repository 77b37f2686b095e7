// The page's icons as paths, so that they take the colour of the text around them and need no other file.

const paths = {
  back: "M15 5l-7 7 7 7",
  more: "M12 5.5h.01M12 12h.01M12 18.5h.01",
  send: "M4 12 20.5 4.5 14 20.5l-2.8-6.7z",
  attach: "M20 11.5 12 19.5a5 5 0 0 1-7-7l8.5-8.5a3.4 3.4 0 0 1 4.8 4.8L10 17a1.7 1.7 0 0 1-2.4-2.4L15 7.2",
  menu: "M4 7h16M4 12h16M4 17h10",
  close: "M6 6l12 12M18 6 6 18",
  reply: "M10 6 4 12l6 6v-4c5 0 8 1.5 10 5 0-6-4-9.5-10-9.5z",
  down: "M6 9l6 6 6-6",
  download: "M12 4v11m-5-4.5 5 5 5-5M5 20h14",
  copy: "M9 9h10v11H9zM5 15V4h10",
  arrow: "M8 16 16.5 7.5M9.5 7.5h7v7",
  check: "M5 12.5l4.5 4.5L19.5 7",
  plus: "M12 5v14M5 12h14",
  block: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM6 6l12 12",
  chat: "M4 5h16v12h-9l-5 4v-4H4z",
  people: "M9 11a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM2 21c0-4 3-6.5 7-6.5s7 2.5 7 6.5M16 3.5a4 4 0 0 1 0 7M18 14.8c2.5.7 4 3 4 6.2",
  globe: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM3 12h18M12 3c-5.5 5.5-5.5 12.5 0 18 5.5-5.5 5.5-12.5 0-18",
  pulse: "M2 12h4l3-8 5 16 3-8h5",
  knobs: "M5 4v6m0 4v6M12 4v2m0 4v10M19 4v9m0 4v3M2.5 12h5M9.5 8h5M16.5 15h5",
  clock: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM12 7v5.5l3.5 2",
  skip: "M4 5.5 12 12l-8 6.5zM13 5.5 21 12l-8 6.5z",
  crown: "M4 18h16l1.5-11-5.5 4-4-7-4 7-5.5-4z",
  file: "M6 3h8l5 5v13H6zM14 3v5h5",
  sync: "M20 11a8 8 0 0 0-14.5-3.5L4 9M4 4v5h5M4 13a8 8 0 0 0 14.5 3.5L20 15M20 20v-5h-5",
  star: "M12 3.2l2.7 5.6 6.1.8-4.5 4.2 1.1 6.1L12 17l-5.4 2.9 1.1-6.1-4.5-4.2 6.1-.8z",
  channel: "M4 10v4h3l8 5V5L7 10zM18.5 9a4 4 0 0 1 0 6",
  unheard: "M3 12s3.5-6 9-6c1.6 0 3 .5 4.2 1.2M21 12s-3.5 6-9 6c-1.6 0-3-.5-4.2-1.2M4 20 20 4",
  chain: "M10 14a4.5 4.5 0 0 0 6.4 0l3-3a4.5 4.5 0 0 0-6.4-6.4l-1.2 1.2M14 10a4.5 4.5 0 0 0-6.4 0l-3 3a4.5 4.5 0 0 0 6.4 6.4l1.2-1.2",
  track: "M12 4.5a7.5 7.5 0 1 0 0 15 7.5 7.5 0 0 0 0-15zM12 2v5m0 10v5M2 12h5m10 0h5",
  replace: "M4 9h13l-4-4m7 10H7l4 4",
  drop: "M5 7h14M9 7V4h6v3M7 7l1 13h8l1-13",
  move: "M6 4v10a4 4 0 0 0 4 4h9m-4-4 4 4-4 4",
  leave: "M14 4H5v16h9M10 12h11m-4-4 4 4-4 4",
  window: "M4 5h16v14H4zM4 9h16",
};

const NS = "http://www.w3.org/2000/svg";

export function icon(name, className = "icon") {
  const svg = document.createElementNS(NS, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("class", className);
  svg.setAttribute("aria-hidden", "true");
  svg.append(path(paths[name] ?? ""));
  return svg;
}

function path(d) {
  const element = document.createElementNS(NS, "path");
  element.setAttribute("d", d);
  return element;
}

/** A line of recent values, scaled to its own range. */
export function sparkline(values, className = "spark") {
  const svg = document.createElementNS(NS, "svg");
  svg.setAttribute("viewBox", "0 0 100 24");
  svg.setAttribute("preserveAspectRatio", "none");
  svg.setAttribute("class", className);
  svg.setAttribute("aria-hidden", "true");
  if (values.length > 1) svg.append(path(linePath(values)));
  return svg;
}

function linePath(values) {
  const low = Math.min(...values);
  const span = Math.max(...values) - low || 1;
  const step = 100 / (values.length - 1);
  const points = values.map((value, i) => `${(i * step).toFixed(1)} ${(21 - ((value - low) / span) * 18).toFixed(1)}`);
  return `M${points.join("L")}`;
}
