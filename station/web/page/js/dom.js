// Making and changing elements. Text goes in as text, never as markup.

const SVG = "http://www.w3.org/2000/svg";

/** An element: `name` is a tag with classes ("p.reason"), `attributes` are set as they are, children appended. */
export function el(name, attributes = {}, ...children) {
  const [tag, ...classes] = name.split(".");
  const made = document.createElement(tag);
  made.classList.add(...classes);
  for (const [key, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== null && value !== false) {
      made.setAttribute(key, value === true ? "" : String(value));
    }
  }
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

/** Bring the signs into the page: they must be there when the station is not. */
export async function loadIcons() {
  const response = await fetch("/page/icons.svg");
  const { documentElement } = new DOMParser().parseFromString(await response.text(), "image/svg+xml");
  documentElement.setAttribute("hidden", "");
  document.body.append(documentElement);
}

/** A sign of icons.svg; words beside it say the same. */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("aria-hidden", "true");
  svg.setAttribute("class", "icon");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `#sign-${name}`);
  svg.append(use);
  return svg;
}

/** A button that calls `onPress`. */
export function button(name, attributes, onPress, ...children) {
  const made = el(`button${name}`, { type: "button", ...attributes }, ...children);
  made.addEventListener("click", onPress);
  return made;
}

/** The element of the page with this id. */
export function byId(id) {
  return document.getElementById(id);
}

/** Change a text only when it is another: what doesn't change is neither drawn nor read out again. */
export function setText(element, text) {
  if (element.textContent !== text) {
    element.textContent = text;
  }
}
