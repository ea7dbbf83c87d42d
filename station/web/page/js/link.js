// Requests to the station.

const ANSWER_MS = 5000;

/** An error response from the station, or from a proxy in between. */
export class Problem extends Error {
  constructor(status, detail) {
    super(detail);
    this.status = status;
  }
}

/** Send a request; throws a Problem for any response that is not successful. */
export async function request(path, options = {}) {
  const response = await fetch(path, { cache: "no-store", ...options });
  if (!response.ok) {
    throw new Problem(response.status, await detailOf(response));
  }
  return response;
}

async function detailOf(response) {
  try {
    return (await response.json()).detail || response.statusText;
  } catch {
    return `${response.status} ${response.statusText}`;
  }
}

/** The JSON of a path; throws if it takes longer than `withinMs`. */
export async function get(path, withinMs = ANSWER_MS) {
  const response = await request(path, { signal: AbortSignal.timeout(withinMs) });
  return response.json();
}

/** Post JSON; with `key`, a repeated post is booked only once. */
export async function post(path, body, key, withinMs) {
  const response = await request(path, {
    method: "POST",
    body: JSON.stringify(body),
    headers: { "Content-Type": "application/json", "Idempotency-Key": key },
    signal: AbortSignal.timeout(withinMs),
  });
  return response.json();
}
