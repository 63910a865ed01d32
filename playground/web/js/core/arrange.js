/** Makes `elements` the children of `box`, in this order, touching only those that are new, gone or moved. */
export function arrange(box, elements) {
  const wanted = new Set(elements);
  for (const child of [...box.children]) if (!wanted.has(child)) child.remove();
  elements.forEach((element, at) => {
    if (box.children[at] !== element) box.insertBefore(element, box.children[at] ?? null);
  });
}
