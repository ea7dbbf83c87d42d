// The session's history, newest first, merged from the station's answers without gaps or duplicates.

/** The identity of an entry: rows have an id, rejected scans only time, scanner and reason. */
export function keyOf(entry) {
  return entry.id ?? `${entry.at} ${entry.scanner} ${entry.reason}`;
}

/** Whether two entries belong to the same scan: a range, or a label with several numbers, has many. */
export function isOfSameScan(entry, other) {
  const same = (name) => entry[name] === other[name];
  return entry.id !== null && other.id !== null && same("at") && same("scanner") && same("text");
}

/**
 * Merges the newest entries into a longer list, in the station's order.
 *
 * Returns null if they don't overlap: then the entries between them are unknown.
 */
export function joined(list, newest) {
  const all = [...list];
  const places = new Map(list.map((entry, place) => [keyOf(entry), place]));
  if (list.length > 0 && newest.length > 0 && !newest.some((entry) => places.has(keyOf(entry)))) {
    return null;
  }
  // Starts with the oldest: an inserted entry moves only older ones.
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
