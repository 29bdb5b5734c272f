/** A number generator that the same seed always drives the same way (mulberry32, public domain, Tommy Ettinger). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const KINDS: Record<string, { nouns: string[]; from: number; to: number }> = {
  kitchen: {
    nouns: ['Kettle', 'Teapot', 'Pan', 'Knife', 'Toaster', 'Bread Tin', 'Colander', 'Grinder'],
    from: 900,
    to: 12_900,
  },
  garden: { nouns: ['Spade', 'Watering Can', 'Rake', 'Planter', 'Hose', 'Lantern', 'Bench'], from: 700, to: 24_900 },
  books: { nouns: ['Atlas', 'Cookbook', 'Novel', 'Almanac', 'Sketchbook', 'Dictionary'], from: 800, to: 4_900 },
  outdoors: { nouns: ['Tent', 'Rucksack', 'Compass', 'Flask', 'Sleeping Bag', 'Head Torch'], from: 1_500, to: 39_900 },
  office: {
    nouns: ['Desk Lamp', 'Notebook', 'Fountain Pen', 'Stapler', 'Chair Mat', 'Paper Tray'],
    from: 300,
    to: 18_900,
  },
  toys: { nouns: ['Kite', 'Puzzle', 'Wooden Train', 'Marble Run', 'Yo-yo', 'Spinning Top'], from: 500, to: 8_900 },
};
const MAKERS = [
  'Harbour',
  'Northwind',
  'Meridian',
  'Albatross',
  'Passat',
  'Monsoon',
  'Clipper',
  'Sextant',
  'Lodestar',
  'Windlass',
];
const MODELS = ['Classic', 'No. 1', 'Grande', 'Mini', 'Traveller', 'Pro', 'Heritage', 'Light', 'Duo', 'Nova'];

export interface Article {
  readonly name: string;
  readonly description: string;
  readonly category: string;
  readonly price: { amount: number; currency: 'EUR' };
  readonly stock: number;
}

/** `count` articles of a plausible shop, always the same ones for the same seed. Prices end in 9 cents, as prices do. */
export function catalogue(count: number, seed = 7): Article[] {
  const random = seededRandom(seed);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!;
  return Array.from({ length: count }, (_, index) => {
    const category = pick(Object.keys(KINDS));
    const { nouns, from, to } = KINDS[category]!;
    const noun = pick(nouns);
    const maker = pick(MAKERS);
    // Log-uniform: most things are cheap, a few are dear.
    const amount = Math.round((from * (to / from) ** random()) / 10) * 10 - 1;
    return {
      name: `${maker} ${noun} ${pick(MODELS)} ${index + 1}`,
      description: `A ${noun.toLowerCase()} by ${maker}, made to be used for years.`,
      ...{ category, price: { amount, currency: 'EUR' as const } },
      stock: 200 + Math.floor(random() * 800),
    };
  });
}

/**
 * Picks index 0 most often, after Zipf's law with exponent 1: what is second in popularity is bought half as often as what is first.
 * @returns indices in [0, count)
 */
export function zipf(count: number, random: () => number): () => number {
  const sums: number[] = [];
  let total = 0;
  for (let rank = 1; rank <= count; rank++) sums.push((total += 1 / rank));
  return () => {
    const point = random() * total;
    let low = 0;
    let high = count - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (sums[middle]! < point) low = middle + 1;
      else high = middle;
    }
    return low;
  };
}
