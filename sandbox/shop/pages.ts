import { books } from './books.ts';
import type { Order } from './orders.ts';

const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (letter) => `&#${letter.codePointAt(0)};`);

function yuan(minor: string): string {
  const digits = minor.padStart(3, '0');
  return `${digits.slice(0, -2).replace(/\B(?=(\d{3})+$)/g, ',')}.${digits.slice(-2)}`;
}

/** Both languages stand in the page; shop.js shows the one that the visitor reads. */
const both = (zh: string, en: string): string => `<span class="zh">${zh}</span><span class="en" lang="en">${en}</span>`;

const page = (title: string, body: string): string => `<!doctype html>
<html lang="zh-CN">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>${escapeHtml(title)}</title>
    <link rel="icon" href="data:,">
    <link rel="stylesheet" href="/font/index.css">
    <link rel="stylesheet" href="/tokens.css">
    <link rel="stylesheet" href="/shop.css">
    <script src="/shop.js" defer></script>
  </head>
  <body>
    <header><a href="/">知味书店 <span lang="en">Zhiwei Books</span></a></header>
    <main>${body}</main>
    <footer>${both('试买用的店，书和钱都不是真的。', 'A shop for trying: neither books nor money are real.')}</footer>
  </body>
</html>
`;

export const shelfPage = (): string =>
  page(
    '知味书店',
    `<h1>${both('今日在架', 'On the shelf today')}</h1>
      <ul class="shelf">${books
        .map(
          ({ id, title, author, titleEn, minor, cover }) => `
        <li>
          <span class="cover cover-${cover}" aria-hidden="true">${escapeHtml(title.slice(0, 4))}</span>
          <div>
            <h2>${escapeHtml(title)}</h2>
            <p class="note">${both(escapeHtml(author), escapeHtml(titleEn))}</p>
            <p class="price">¥ ${yuan(minor)}</p>
          </div>
          <button type="button" class="buy" data-item="${id}" aria-label="${escapeHtml(title)}: 买 / buy">${both('买', 'Buy')}</button>
        </li>`,
        )
        .join('')}
      </ul>
      <p class="wrong" id="wrong" role="status"></p>`,
  );

/** The page of one order; shop.js keeps it up to date. */
export function orderPage({ id, title, amount, state, payUrl }: Order): string {
  const link = payUrl && /^https?:/.test(payUrl) ? payUrl : undefined;
  return page(
    `${title} · 知味书店`,
    `<article class="order" id="order" data-id="${id}" data-state="${state}">
        <h1>${escapeHtml(title)}</h1>
        <p class="total">¥ ${yuan(amount.minor)}</p>
        <p class="state" id="state" role="status"></p>
        <div class="pay" id="pay"${state === 'open' ? '' : ' hidden'}>
          <img class="qr" src="/orders/${id}/qr.svg" alt="付款码，用明账扫一扫" width="240" height="240">
          ${link ? `<a class="buy wide" href="${escapeHtml(link)}">${both('用明账付款', 'Pay with Purser')}</a>` : ''}
        </div>
        <p class="note num">${both('订单', 'Order')} ${id}</p>
        <a class="back" href="/">${both('再看看别的书', 'Look at other books')}</a>
      </article>`,
  );
}
