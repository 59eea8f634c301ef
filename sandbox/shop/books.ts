/** What the shop sells. Prices in fen, as text. */
export type Book = { id: string; title: string; author: string; titleEn: string; minor: string; cover: string };

export const books: readonly Book[] = [
  {
    id: 'shiji',
    title: '史记',
    author: '司马迁',
    titleEn: 'Records of the Grand Historian',
    minor: '12800',
    cover: 'a',
  },
  {
    id: 'hongloumeng',
    title: '红楼梦',
    author: '曹雪芹',
    titleEn: 'Dream of the Red Chamber',
    minor: '5970',
    cover: 'b',
  },
  {
    id: 'suiyuan',
    title: '随园食单',
    author: '袁枚',
    titleEn: 'Recipes from the Garden of Contentment',
    minor: '3650',
    cover: 'c',
  },
  { id: 'chajing', title: '茶经', author: '陆羽', titleEn: 'The Classic of Tea', minor: '1880', cover: 'd' },
  { id: 'bookmark', title: '竹书签', author: '店里自制', titleEn: 'Bamboo bookmark', minor: '100', cover: 'e' },
];

export const findBook = (id: string): Book | undefined => books.find((book) => book.id === id);
