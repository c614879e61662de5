import { expect } from 'chai';
import { isDefenderError } from '../../provider/defender/errors.ts';
import { type ListQuestion, readExcerpt, readList } from '../../provider/defender/listing.ts';

interface Item {
  readonly id: string;
}
const base = 'https://api.example/api/things';
const items = (...ids: string[]) => ids.map((id) => ({ id }));

/** Answers pages in order and keeps the URLs that were asked. */
function service(pages: readonly (Record<string, unknown> | undefined)[], changes: Partial<ListQuestion<Item>> = {}) {
  const asked: URL[] = [];
  const question: ListQuestion<Item> = {
    route: 'GET things',
    url: base,
    parse: (item) => (typeof (item as Item | null)?.id === 'string' ? (item as Item) : undefined),
    idOf: (item) => item.id,
    now: () => 77,
    fetch: async (url) => {
      asked.push(new URL(url));
      const page = pages[asked.length - 1];
      return page === undefined ? undefined : { body: page, asOf: 1000 * asked.length };
    },
    ...changes,
  };
  const excerpt = (limit: number, fits: (item: Item) => boolean = () => true) => readExcerpt(question, limit, fits);
  return { asked, read: () => readList(question), excerpt };
}

const failure = async (run: () => Promise<unknown>) => {
  const error = await run().then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!isDefenderError(error)) throw new Error('it did not fail as it should');
  return error;
};

describe('a list (semantics 1.2)', () => {
  it('asks for whole pages, in order, with a count', async () => {
    const { asked, read } = service([{ '@odata.count': 1, value: items('a') }], {
      filter: "type eq 'x'",
      orderBy: 'creationDateTimeUtc',
    });
    expect(await read()).to.deep.equal({ items: items('a'), complete: true, asOf: 1000 });
    expect(Object.fromEntries(asked[0]?.searchParams ?? [])).to.deep.equal({
      $filter: "type eq 'x'",
      $orderby: 'creationDateTimeUtc',
      $top: '10000',
      $count: 'true',
    });
  });

  it('follows nextLink to the end, and is as old as its first page', async () => {
    const { asked, read } = service([
      { '@odata.count': 3, value: items('a', 'b'), '@odata.nextLink': `${base}?$skip=2` },
      { value: items('c'), '@odata.nextLink': null },
    ]);
    expect(await read()).to.deep.equal({ items: items('a', 'b', 'c'), complete: true, asOf: 1000 });
    expect(asked[1]?.href).to.equal(`${base}?$skip=2`);
  });

  it('goes on by itself where pages end without a link before the count is reached', async () => {
    const { asked, read } = service([
      { '@odata.count': 3, value: items('a', 'b') },
      { '@odata.count': 3, value: items('c') },
    ]);
    expect(await read()).to.deep.include({ items: items('a', 'b', 'c'), complete: true });
    expect(asked[1]?.searchParams.get('$skip')).to.equal('2');
  });

  it('holds each item once, the latest read', async () => {
    const { read } = service([
      { '@odata.count': 2, value: [{ id: 'a', v: 1 }, { id: 'b' }], '@odata.nextLink': `${base}?$skip=2` },
      { value: [{ id: 'a', v: 2 }] },
    ]);
    expect(await read()).to.deep.include({ items: [{ id: 'a', v: 2 }, { id: 'b' }], complete: true });
  });

  it('may hold more than was counted: things happen while it is read', async () => {
    expect(await service([{ '@odata.count': 1, value: items('a', 'b') }]).read()).to.include({ complete: true });
  });

  const incomplete: [string, (Record<string, unknown> | undefined)[]][] = [
    ['fewer items than counted', [{ '@odata.count': 3, value: items('a', 'b') }, { value: [] }]],
    ['fewer once doubles are taken out', [{ '@odata.count': 3, value: items('a', 'b', 'b') }]],
    ['an item that cannot be read', [{ '@odata.count': 1, value: [{ id: 'a' }, { id: 7 }] }]],
    ['an item that is null', [{ '@odata.count': 1, value: [{ id: 'a' }, null] }]],
    [
      'no count, and more than one page',
      [{ value: items('a'), '@odata.nextLink': `${base}?$skip=1` }, { value: items('b') }],
    ],
    [
      'a second page that is not found',
      [{ '@odata.count': 2, value: items('a'), '@odata.nextLink': `${base}?$skip=1` }, undefined],
    ],
  ];
  for (const [name, pages] of incomplete)
    it(`is incomplete with ${name}`, async () => expect(await service(pages).read()).to.include({ complete: false }));

  it('without a count is complete only as a lone page that is not full', async () => {
    expect(await service([{ value: items('a') }]).read()).to.include({ complete: true });
    expect(await service([{ value: items('a') }], { top: 1 }).read()).to.include({ complete: false });
  });

  it('is empty and whole where nothing is found', async () => {
    expect(await service([undefined]).read()).to.deep.equal({ items: [], complete: true, asOf: 77 });
    expect(await service([{ '@odata.count': 0, value: [] }]).read()).to.deep.equal({
      items: [],
      complete: true,
      asOf: 1000,
    });
  });

  it('reads nothing more once the count is above what is wanted', async () => {
    const { asked, read } = service([{ '@odata.count': 11, value: items('a') }], { atMost: 10, top: 10 });
    expect(await read()).to.equal(undefined);
    expect(asked).to.have.length(1);
    expect(await service([{ value: items('a', 'b') }], { atMost: 1, top: 1 }).read()).to.equal(undefined);
    expect(await service([{ '@odata.count': 1, value: items('a') }], { atMost: 1, top: 1 }).read()).to.include({
      complete: true,
    });
  });

  for (const value of [undefined, null, {}, 'x', 7]) {
    it(`is an error, not empty, where a page has ${JSON.stringify(value)} for its items`, async () => {
      expect((await failure(service([{ value }]).read)).kind).to.equal('server');
    });
  }

  for (const link of [
    'https://evil.example/api/things?$skip=1',
    'http://api.example/api/things?$skip=1',
    'https://api.example:444/api/things',
    'https://api.example@evil.example/',
    'https://user@api.example/api/things',
    '//evil.example/api/things',
    'file:///etc/hosts',
  ]) {
    it(`does not follow ${link}`, async () => {
      const { asked, read } = service([{ '@odata.count': 2, value: items('a'), '@odata.nextLink': link }]);
      expect((await failure(read)).kind).to.equal('untrusted');
      expect(asked).to.have.length(1);
    });
  }

  for (const link of ['', 7, 'https://[']) {
    it(`is an error with the nextLink ${JSON.stringify(link)}`, async () => {
      expect((await failure(service([{ value: items('a'), '@odata.nextLink': link }]).read)).kind).to.equal('server');
    });
  }

  it('does not go round in circles', async () => {
    const looping = { '@odata.count': 99, value: items('a'), '@odata.nextLink': `${base}?$skip=1` };
    const { asked, read } = service([looping, looping, looping, looping]);
    expect((await failure(read)).message).to.match(/already read/);
    expect(asked).to.have.length(2);
  });

  it('does not go on for ever', async () => {
    let page = 0;
    const { read } = service([], {
      fetch: async () => ({
        body: { value: items(String(page++)), '@odata.nextLink': `${base}?$skip=${page}` },
        asOf: 0,
      }),
    });
    expect((await failure(read)).message).to.match(/after 200 pages/);
  });

  it('passes a failure of a page on', async () => {
    const { read } = service([], { fetch: () => Promise.reject(new Error('gone')) });
    expect(await read().catch((error: Error) => error.message)).to.equal('gone');
  });
});

describe('an excerpt of a list', () => {
  const link = (skip: number) => ({ '@odata.nextLink': `${base}?$skip=${skip}` });

  it('reads no further page once there is more than was asked for', async () => {
    const { asked, excerpt } = service([
      { '@odata.count': 9, value: items('a', 'b'), ...link(2) },
      { value: items('c', 'd'), ...link(4) },
    ]);
    expect(await excerpt(2)).to.deep.include({ items: items('a', 'b', 'c', 'd'), isTruncated: true, complete: true });
    expect(asked).to.have.length(2);
  });

  it('is not truncated where there is exactly as much as was asked for, which the last page tells', async () => {
    const { asked, excerpt } = service([{ '@odata.count': 2, value: items('a'), ...link(1) }, { value: items('b') }]);
    expect(await excerpt(2)).to.deep.include({ items: items('a', 'b'), isTruncated: false, complete: true });
    expect(asked).to.have.length(2);
  });

  it('counts only what fits, and holds the rest against the count all the same', async () => {
    const pages = [{ '@odata.count': 3, value: items('a', 'x'), ...link(2) }, { value: items('b') }];
    const { excerpt } = service(pages);
    expect(await excerpt(5, ({ id }) => id !== 'x')).to.deep.include({
      items: items('a', 'b'),
      isTruncated: false,
      complete: true,
    });
  });

  it('is incomplete where its size disagrees with its count, or where an item cannot be read', async () => {
    const short = service([{ '@odata.count': 2, value: items('a') }, { value: [] }]);
    expect(await short.excerpt(5)).to.include({ complete: false, isTruncated: false });
    const odd = service([{ '@odata.count': 9, value: [...items('a', 'b'), 7], ...link(3) }]);
    expect(await odd.excerpt(1)).to.include({ complete: false, isTruncated: true });
  });

  it('is empty where the service holds no such thing (404)', async () => {
    expect(await service([undefined]).excerpt(5)).to.deep.include({ items: [], isTruncated: false });
  });
});
