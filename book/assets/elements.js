/* Elements of a page by their tag, attributes and children; 'svg:path' is one of a picture. Children that are text enter
 * as text, never as HTML.
 */
"use strict";

window.pageElements = {
  make(tag, attributes, ...children) {
    const element = tag.startsWith("svg:")
      ? document.createElementNS("http://www.w3.org/2000/svg", tag.slice(4))
      : document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    element.append(...children);
    return element;
  },
};
