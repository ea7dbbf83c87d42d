// Creates and changes elements. Text is inserted as text, never as markup.

const SVG = "http://www.w3.org/2000/svg";

/** Create an element: `name` is a tag with classes ("p.reason"); attributes are set, children appended. */
export function el(name, attributes = {}, ...children) {
  const [tag, ...classes] = name.split(".");
  const element = document.createElement(tag);
  element.classList.add(...classes);
  for (const [key, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== null && value !== false) {
      element.setAttribute(key, value === true ? "" : String(value));
    }
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

/** Load the signs into the page: they must be available when the station is not. */
export async function loadIcons() {
  const response = await fetch("/page/icons.svg");
  const { documentElement } = new DOMParser().parseFromString(await response.text(), "image/svg+xml");
  documentElement.setAttribute("hidden", "");
  document.body.append(documentElement);
}

/** A sign from icons.svg; the words beside it have the same meaning. */
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
  const element = el(`button${name}`, { type: "button", ...attributes }, ...children);
  element.addEventListener("click", onPress);
  return element;
}

/** The element of the page with this id. */
export function byId(id) {
  return document.getElementById(id);
}

/** Change a text only if it differs: unchanged text is neither drawn nor read out again. */
export function setText(element, text) {
  if (element.textContent !== text) {
    element.textContent = text;
  }
}
