import { books } from './books.ts';
import type { Order } from './orders.ts';

const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (letter) => `&#${letter.codePointAt(0)};`);

function yuan(minor: string): string {
  const digits = minor.padStart(3, '0');
  return `${digits.slice(0, -2).replace(/\B(?=(\d{3})+$)/g, ',')}.${digits.slice(-2)}`;
}

const page = (title: string, body: string): string => `<!doctype html>
<html lang="zh-CN">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>${escapeHtml(title)}</title>
    <link rel="icon" href="data:,">
    <link rel="stylesheet" href="/tokens.css">
    <link rel="stylesheet" href="/shop.css">
    <script src="/shop.js" defer></script>
  </head>
  <body>
    <header><a href="/">知味书店 <span lang="en">Zhiwei Books</span></a></header>
    <main>${body}</main>
    <footer><span>试买用的店，书和钱都不是真的。</span> <span lang="en">A shop for trying: neither books nor money are real.</span></footer>
  </body>
</html>
`;

export const shelfPage = (): string =>
  page(
    '知味书店',
    `<h1>今日在架</h1>
      <ul class="shelf">${books
        .map(
          ({ id, title, author, titleEn, minor, cover }) => `
        <li>
          <span class="cover cover-${cover}" aria-hidden="true">${escapeHtml(title.slice(0, 4))}</span>
          <div>
            <h2>${escapeHtml(title)}</h2>
            <p class="note">${escapeHtml(author)} · <span lang="en">${escapeHtml(titleEn)}</span></p>
            <p class="price">¥ ${yuan(minor)}</p>
          </div>
          <button type="button" class="buy" data-item="${id}" aria-label="买 ${escapeHtml(title)}">买</button>
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
          ${link ? `<a class="buy wide" href="${escapeHtml(link)}">用明账付款 <span lang="en">Pay with Purser</span></a>` : ''}
        </div>
        <p class="note num">订单 ${id}</p>
        <a class="back" href="/">再看看别的书</a>
      </article>`,
  );
}
