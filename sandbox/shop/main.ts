import { readShopConfig } from '../config.ts';
import { endWithInput } from '../end-with-input.ts';
import { createShop } from './create-shop.ts';

const shop = await createShop(readShopConfig());
endWithInput(shop.close);
console.log(`The shop answers at ${await shop.listen()}`);
