// A client of the logs API, written from its contract: one method for each endpoint, nothing but Node's own fetch.

/** An answer that is no success: what the one error shape of the API says. */
export class ApiError extends Error {
  constructor(status, body, headers) {
    super(`${status} ${body?.type}/${body?.code} at ${body?.attr}: ${body?.detail}`);
    this.name = 'ApiError';
    this.status = status;
    this.body = body;
    this.headers = headers;
  }
}

export class Client {
  /**
   * @param {object} options
   * @param {string} options.address  where the instance is, without a slash at its end
   * @param {string | null} options.key  a personal API key (phx_…), or null to ask without one
   * @param {string | number} [options.project]  a number or '@current'
   * @param {'projects' | 'environments'} [options.alias]
   * @param {boolean} [options.slash]  whether paths end with a slash
   * @param {(response: object) => void} [options.inspect]  sees every response before it is used
   */
  constructor({ address, key, project = '@current', alias = 'projects', slash = true, inspect = () => {} }) {
    Object.assign(this, { address, key, project, alias, slash, inspect });
  }

  /** Return the same client with other options. */
  with(changes) {
    return new Client({ ...this, ...changes });
  }

  /** Send a request; return `{method, url, status, headers, text, data}` whatever the status is. */
  async fetch(method, path, { params = {}, json, body, headers = {} } = {}) {
    const url = new URL(this.slash ? path : path.replace(/\/$/, ''), this.address);
    for (const [name, value] of Object.entries(params)) {
      url.searchParams.set(name, typeof value === 'object' ? JSON.stringify(value) : value);
    }
    const response = await fetch(url, {
      method,
      redirect: 'error',
      headers: {
        ...(this.key && { Authorization: `Bearer ${this.key}` }),
        ...(json !== undefined && { 'Content-Type': 'application/json' }),
        ...headers,
      },
      body: json === undefined ? body : JSON.stringify(json),
    });
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.startsWith('application/json');
    const answer = {
      method,
      url: url.href,
      status: response.status,
      headers: response.headers,
      text,
      data: isJson && text ? JSON.parse(text) : null,
    };
    this.inspect(answer);
    return answer;
  }

  /** Send a request and return the body of a success, parsed. */
  async call(method, path, options) {
    const answer = await this.fetch(method, path, options);
    if (answer.status >= 400) throw new ApiError(answer.status, answer.data, answer.headers);
    return answer.data;
  }

  /** The path of something below the logs of the project. */
  logs(path) {
    return `/api/${this.alias}/${this.project}/logs/${path}`;
  }

  #ask(path, query, beside = {}) {
    return this.call('POST', this.logs(path), { json: { ...beside, query } });
  }

  // --- Account

  currentKey() {
    return this.call('GET', '/api/personal_api_keys/@current/');
  }

  me() {
    return this.call('GET', '/api/users/@me/');
  }

  projects(params) {
    return this.call('GET', '/api/projects/', { params });
  }

  projectById(id) {
    return this.call('GET', `/api/projects/${id}/`);
  }

  // --- Logs

  query(query = {}) {
    return this.#ask('query/', query);
  }

  /** Follow the cursors from page to page. */
  async *pages(query) {
    let after;
    do {
      const page = await this.query(after ? { ...query, after } : query);
      yield page;
      after = page.hasMore ? page.nextCursor : null;
    } while (after);
  }

  async count(query = {}) {
    return (await this.#ask('count/', query)).count;
  }

  countRanges(query = {}) {
    return this.#ask('count-ranges/', query);
  }

  sparkline(query = {}) {
    return this.#ask('sparkline/', query);
  }

  facetValues(query) {
    return this.#ask('facet_values/', query);
  }

  groupBy(query) {
    return this.#ask('group-by/', query);
  }

  services(query = {}) {
    return this.#ask('services/', query);
  }

  patterns(query = {}) {
    return this.#ask('patterns/', query);
  }

  attributes(params) {
    return this.call('GET', this.logs('attributes/'), { params });
  }

  values(params) {
    return this.call('GET', this.logs('values/'), { params });
  }

  async hasLogs() {
    return (await this.call('GET', this.logs('has_logs/'))).hasLogs;
  }

  // --- Views

  listViews(params) {
    return this.call('GET', this.logs('views/'), { params });
  }

  createView(view) {
    return this.call('POST', this.logs('views/'), { json: view });
  }

  getView(shortId) {
    return this.call('GET', this.logs(`views/${shortId}/`));
  }

  replaceView(shortId, view) {
    return this.call('PUT', this.logs(`views/${shortId}/`), { json: view });
  }

  changeView(shortId, changes) {
    return this.call('PATCH', this.logs(`views/${shortId}/`), { json: changes });
  }

  deleteView(shortId) {
    return this.call('DELETE', this.logs(`views/${shortId}/`));
  }
}
