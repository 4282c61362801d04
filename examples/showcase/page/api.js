// The HTTP API. The browser sends the session's cookie along by itself.

export class Refused extends Error {
  constructor(status, problem) {
    super(problem?.detail ?? problem?.title ?? `the server said ${status}`);
    this.status = status;
  }
}

export async function call(method, path, body) {
  const answer = await fetch(`/api${path}`, {
    method,
    headers: body === undefined ? {} : { 'content-type': 'application/json' },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const content = answer.status === 204 ? undefined : await answer.json().catch(() => undefined);
  if (!answer.ok) throw new Refused(answer.status, content);
  return content;
}

// All pages of a list.
export async function all(path) {
  const items = [];
  for (let page = 1; ; page += 1) {
    const part = await call('GET', `${path}?per_page=100&page=${page}`);
    items.push(...part.items);
    if (part.items.length === 0 || items.length >= part.total) return items;
  }
}
