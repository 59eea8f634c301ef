/* The shop's page: makes an order, and looks once a second whether it is paid. */
const inChinese = navigator.language.startsWith('zh');
document.documentElement.lang = inChinese ? 'zh-CN' : 'en';
const words = inChinese
  ? {
      making: '正在建立订单…',
      open: '用明账扫码，或点下面的按钮',
      paid: '已支付，谢谢',
      refused: '这个订单没建成',
      offline: '店里的电脑没有回答，正在重试',
    }
  : {
      making: 'Making the order…',
      open: 'Scan it with Purser, or press the button',
      paid: 'Paid, thank you',
      refused: 'This order could not be made',
      offline: 'The shop does not answer; trying again',
    };

for (const button of document.querySelectorAll('button.buy')) {
  button.addEventListener('click', async () => {
    button.disabled = true;
    const answer = await fetch('/orders', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ item: button.dataset.item }),
    }).catch(() => undefined);
    const order = answer?.ok ? await answer.json() : undefined;
    if (order) location.assign(`/o/${order.id}`);
    else {
      document.getElementById('wrong').textContent = words.offline;
      button.disabled = false;
    }
  });
}

const article = document.getElementById('order');
if (article) show({ id: article.dataset.id, state: article.dataset.state });

function show(order) {
  const known = article.dataset.state;
  article.dataset.state = order.state;
  // The code to scan was not there when the page was written.
  if (known === 'making' && order.state === 'open') {
    location.reload();
    return;
  }
  document.getElementById('state').textContent = order.reason
    ? `${words[order.state]}${inChinese ? '：' : ': '}${order.reason}`
    : words[order.state];
  document.getElementById('pay').hidden = order.state !== 'open';
  if (order.state === 'making' || order.state === 'open') setTimeout(look, 1000);
}

async function look() {
  const answer = await fetch(`/orders/${article.dataset.id}`).catch(() => undefined);
  if (answer?.ok) show(await answer.json());
  else {
    document.getElementById('state').textContent = words.offline;
    setTimeout(look, 2000);
  }
}
