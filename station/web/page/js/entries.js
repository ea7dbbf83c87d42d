// The list of what the session did, newest first: what the station has told, joined without gap or repeat.

/** Who an entry is: rows have an id, rejected scans only what happened when. */
export function keyOf(entry) {
  return entry.id ?? `${entry.at} ${entry.scanner} ${entry.reason}`;
}

/** Whether an entry is of the same scan as another: a range and a label with several numbers have many. */
export function isOfSameScan(entry, other) {
  const same = (name) => entry[name] === other[name];
  return entry.id !== null && other.id !== null && same("at") && same("scanner") && same("text");
}

/**
 * Joins the newest entries into a longer list, in the station's order.
 *
 * Returns null when they don't meet: what lies between is not known.
 */
export function joined(list, newest) {
  const all = [...list];
  const places = new Map(list.map((entry, place) => [keyOf(entry), place]));
  if (list.length > 0 && newest.length > 0 && !newest.some((entry) => places.has(keyOf(entry)))) {
    return null;
  }
  // From the oldest on: what is put in moves only what is older.
  let at = all.length;
  for (const entry of newest.toReversed()) {
    const place = places.get(keyOf(entry));
    if (place === undefined) {
      all.splice(at, 0, entry);
    } else {
      at = place;
    }
  }
  return all;
}
